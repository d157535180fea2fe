/**
 * What a running pod may ask of its periphery (PROTOCOL.md, "Pod requests"), but for input.
 *
 * @module
 */

import { type Bytes, parseBase64, utf8Length } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_STATE_KEY_BYTES } from "../../model/limits.ts";
import { type Fingerprint, parseFingerprint, type PodRef } from "../../model/words.ts";
import { MAX_TABLE_BYTES } from "./effects.ts";
import { checkJson } from "../json.ts";
import { answerPeople, type AskPeople, MAX_INTRODUCE_ARGUMENT_BYTES } from "./people.ts";
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

/** What a pod may ask of the web of trust of its person. */
export interface AskTrust {
  /** How far from the pod's person somebody is; null when nobody on the way is trusted enough. */
  standing(pod: PodRef, person: Fingerprint): Promise<{ readonly distance: number | null }>;
  /**
   * By which ways somebody is certified to the pod's person; of each at most so many.
   *
   * @throws {PeriError} `denied` for a pod that does not carry certifications.
   */
  ways(pod: PodRef, person: Fingerprint): Promise<unknown>;
  /**
   * What the pod's person has signed and what was signed over them, behind a place.
   *
   * @throws {PeriError} `denied` for a pod that does not carry certifications.
   */
  certifications(pod: PodRef, after: string | undefined): Promise<unknown>;
  /** The pod's person's own, without their bytes, behind a place. @throws {PeriError} as above. */
  signed(pod: PodRef, after: string | undefined): Promise<unknown>;
  /** One of the pod's person's own, by its place. @throws {PeriError} as above. */
  certification(pod: PodRef, place: string): Promise<unknown>;
  /** Takes a keyring of certifications. @throws {PeriError} as `certifications`, `damaged`, … */
  certified(pod: PodRef, keyring: Bytes): Promise<{ readonly taken: number }>;
  /**
   * Checks what friends are asked to sign, or have signed.
   *
   * @throws {PeriError} `denied` for a pod that does not carry it or what does not hold, `damaged`,
   * `not-found` when it asks nobody.
   */
  petition(pod: PodRef, lineage: Bytes): Promise<unknown>;
}

/** What requests are answered from. */
export interface RequestSources extends StateSource {
  readonly findPerson: FindPerson;
  /** Absent: nobody is asked, and the requests are not known. */
  readonly trust?: AskTrust;
  /** Absent: nobody is known. */
  readonly people?: AskPeople;
}

/** Longest argument of a request, as UTF-8. */
const MAX_ARGUMENT_BYTES = 8 * 1024;
/** Longest keyring that a pod hands over, in base64: two certificates of the largest keys. */
const MAX_RING_ARGUMENT_BYTES = 128 * 1024;
/** Longest lineage that a pod hands over, in base64 with what stands around it. */
const MAX_LINEAGE_ARGUMENT_BYTES = 96 * 1024;
/** Operations whose arguments may be longer. */
const LONG_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ["certifications", MAX_RING_ARGUMENT_BYTES],
  ["petition", MAX_LINEAGE_ARGUMENT_BYTES],
  ["introduce", MAX_INTRODUCE_ARGUMENT_BYTES],
]);
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
    case "standing": {
      const person = parseFingerprint(textOf(fields, "person"));
      return JSON.stringify(await trustOf(sources).standing(sources.place, person));
    }
    case "ways": {
      const person = parseFingerprint(textOf(fields, "person"));
      return JSON.stringify(await trustOf(sources).ways(sources.place, person));
    }
    case "certifications":
      return JSON.stringify(await answerCertifications(sources, fields));
    case "petition": {
      const lineage = parseBase64(textOf(fields, "lineage"));
      return JSON.stringify(await trustOf(sources).petition(sources.place, lineage));
    }
    case "friend":
    case "introduction":
    case "introduce": {
      if (sources.people === undefined) throw noOperation(operation);
      const person = parseFingerprint(textOf(fields, "person"));
      const given = optionalText(fields, "introduction");
      const { people, place } = sources;
      return JSON.stringify(await answerPeople(people, place, operation, person, given));
    }
    case "person-own":
      return JSON.stringify({ person: sources.place.person });
    default:
      throw noOperation(operation);
  }
}

function noOperation(operation: string): PeriError {
  return new PeriError("missing-implementation", {
    op: "answer a request of a pod",
    subject: `there is no operation ${JSON.stringify(operation.slice(0, 80))}`,
  });
}

function trustOf({ trust }: RequestSources): AskTrust {
  if (trust === undefined) throw noOperation("standing");
  return trust;
}

/** One is taken or given, or those that are there are listed. */
async function answerCertifications(sources: RequestSources, fields: Fields): Promise<unknown> {
  const { place } = sources;
  const trust = trustOf(sources);
  const taken = optionalText(fields, "take");
  if (taken !== undefined) return await trust.certified(place, parseBase64(taken));
  const at = optionalText(fields, "at");
  if (at !== undefined) return await trust.certification(place, at);
  const after = optionalText(fields, "after");
  if (fields.own === true) return await trust.signed(place, after);
  return await trust.certifications(place, after);
}

function parseArgument(operation: string, argument: string): Fields {
  const limit = LONG_ARGUMENTS.get(operation) ?? MAX_ARGUMENT_BYTES;
  if (utf8Length(argument) > limit) {
    const subject = `an argument over ${limit} bytes`;
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
