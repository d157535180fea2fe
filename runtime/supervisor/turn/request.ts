/**
 * What a running pod may ask of its periphery (PROTOCOL.md, "Pod requests"), but for input.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_STATE_KEY_BYTES } from "../../model/limits.ts";
import type { PodRef } from "../../model/words.ts";
import { MAX_TABLE_BYTES } from "./effects.ts";
import { checkJson } from "../json.ts";
import {
  checkName,
  countKeys,
  countState,
  type ListQuery,
  listState,
  MAX_LIST_ENTRIES,
  readMany,
  readState,
  type StateSource,
} from "../state/state.ts";

/**
 * Finds a person by a fingerprint or a name, as the pod's person knows them.
 *
 * @throws {PeriError} `not-found` when there is none, `conflict` when there are several.
 */
export type FindPerson = (
  pod: PodRef,
  text: string,
) => Promise<{ readonly person: string; readonly name?: string }>;

/** What requests are answered from. */
export interface RequestSources extends StateSource {
  readonly findPerson: FindPerson;
}

/** Longest argument of a request, as UTF-8. */
const MAX_ARGUMENT_BYTES = 8 * 1024;
/** Longest text a person is looked for by, in UTF-16 units. */
const MAX_PERSON_TEXT = 256;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The answer to a request, a JSON text.
 *
 * @throws {PeriError} `missing-implementation` for an unknown operation, `invalid` or `too-large`
 * for an argument of another shape, or what the operation says.
 */
export async function answerRequest(
  sources: RequestSources,
  operation: string,
  argument: string,
): Promise<string> {
  const fields = parseArgument(operation, argument);
  switch (operation) {
    case "state-get": {
      if (fields.keys !== undefined) {
        const { table, keys } = parsePlaces(fields);
        return JSON.stringify(await readMany(sources, table, keys));
      }
      const { table, key } = parsePlace(fields);
      return JSON.stringify(await readState(sources, table, key) ?? null);
    }
    case "state-list":
      return JSON.stringify(await listState(sources, parseQuery(fields, parseLimit(fields))));
    case "state-count":
      return JSON.stringify(await answerCount(sources, fields));
    case "person-find": {
      const text = textOf(fields, "text");
      if (text.length > MAX_PERSON_TEXT) throw refuse("person-find", "the text is too long");
      return JSON.stringify(await sources.findPerson(sources.place, text));
    }
    case "person-own":
      return JSON.stringify({ person: sources.place.person });
    default:
      throw new PeriError("missing-implementation", {
        op: "answer a request of a pod",
        subject: `there is no operation ${JSON.stringify(operation.slice(0, 80))}`,
      });
  }
}

function parseArgument(operation: string, argument: string): Fields {
  if (utf8Length(argument) > MAX_ARGUMENT_BYTES) {
    const subject = `an argument over ${MAX_ARGUMENT_BYTES} bytes`;
    throw new PeriError("too-large", { op: "answer a request of a pod", subject });
  }
  const value = checkJson("argument", argument);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw refuse(operation, "the argument is not an object");
}

function parsePlace(fields: Fields): { readonly table: string; readonly key: string } {
  const place = { table: textOf(fields, "table"), key: textOf(fields, "key") };
  checkName("table", place.table, MAX_TABLE_BYTES);
  checkName("key", place.key, MAX_STATE_KEY_BYTES);
  return place;
}

function parsePlaces(fields: Fields): { readonly table: string; readonly keys: string[] } {
  const table = textOf(fields, "table");
  checkName("table", table, MAX_TABLE_BYTES);
  const { keys } = fields;
  if (!Array.isArray(keys) || keys.length === 0) throw refuse("answer", "keys are no list");
  for (const key of keys) {
    if (typeof key !== "string") throw refuse("answer", "a key is not a text");
    checkName("key", key, MAX_STATE_KEY_BYTES);
  }
  return { table, keys };
}

function parseLimit({ limit }: Fields): number {
  if (typeof limit === "number" && Number.isInteger(limit) && limit >= 1) return limit;
  throw refuse("state-list", "limit is not a whole number from 1");
}

/** A range without a limit is all of a table that its bounds leave. */
function parseQuery(fields: Fields, limit = MAX_LIST_ENTRIES): ListQuery {
  const table = textOf(fields, "table");
  checkName("table", table, MAX_TABLE_BYTES);
  const bounds: { from?: string; to?: string; after?: string } = {};
  for (const name of ["from", "to", "after"] as const) {
    const text = optionalText(fields, name);
    if (text === undefined) continue;
    checkName(name, text, MAX_STATE_KEY_BYTES);
    bounds[name] = text;
  }
  const prefix = optionalText(fields, "prefix") ?? "";
  checkName("prefix", prefix, MAX_STATE_KEY_BYTES);
  const isReverse = fields.reverse === true;
  return { table, prefix, ...bounds, limit: Math.min(limit, MAX_LIST_ENTRIES), isReverse };
}

/** Of a whole table, of a range, or of keys. */
async function answerCount(
  sources: RequestSources,
  fields: Fields,
): Promise<{ readonly count: number; readonly after?: string }> {
  if (fields.keys !== undefined) {
    const { table, keys } = parsePlaces(fields);
    return { count: await countKeys(sources, table, keys) };
  }
  const query = parseQuery(fields);
  const { table, prefix, from, to, after } = query;
  const isWhole = prefix === "" && [from, to, after].every((bound) => bound === undefined);
  return isWhole ? { count: await sources.count(table) } : await countState(sources, query);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw refuse("answer", `${name} is not a text`);
}

function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : textOf(fields, name);
}

function refuse(operation: string, subject: string): PeriError {
  return new PeriError("invalid", { op: `answer a request of a pod (${operation})`, subject });
}
