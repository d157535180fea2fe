/**
 * The manifest a pod carries (PROTOCOL.md, "Manifest"): read, checked, never believed.
 *
 * @module
 */

import * as v from "valibot";
import { hashFunction, hashInterface } from "../../../wit/canonical.ts";
import { type FunctionType, isFunctionType } from "../../../wit/types.ts";
import { decodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_SUPERSEDED } from "../../model/limits.ts";
import type { Manifest, Offer } from "../../model/pod.ts";
import {
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  parsePodName,
} from "../../model/words.ts";
import { refuseComponent } from "./binary.ts";
import { POD_WORLD, quote, refuseWorld } from "./world.ts";

/** Longest manifest. A pod of fifty interfaces with twenty functions each stays below. */
export const MAX_MANIFEST_BYTES = 512 * 1024;

const MAX_OFFERS = 200;
const MAX_FUNCTIONS = 1_000;
/** Parts of a verb's arguments: 100 parameters, and the fields of those that are records. */
const MAX_VERB_PARAMS = 1_000;
const MAX_USAGE = 100_000;

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));

/** A text that one of the readers of `words.ts` takes. */
function word<Word extends string>(parse: (text: string) => Word) {
  return v.pipe(
    text(200),
    v.rawTransform<string, Word>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (thrown) {
        addIssue({ message: thrown instanceof PeriError ? thrown.subject : "not readable" });
        return NEVER;
      }
    }),
  );
}

function isFunctionName(name: string): boolean {
  return v.is(word(parseFunctionName), name);
}

const offeredFunction = v.strictObject({
  id: word(parseFunctionId),
  type: v.custom<FunctionType>(isFunctionType, "not the canonical form of a function"),
});

const offer = v.strictObject({
  interface: word(parseInterfaceName),
  capability: word(parseCapabilityId),
  functions: v.pipe(
    v.record(v.string(), offeredFunction),
    v.check((functions) => Object.keys(functions).length <= MAX_FUNCTIONS, "too many functions"),
    v.check((functions) => Object.keys(functions).every(isFunctionName), "not a function name"),
    v.transform((functions) => functions as Offer["functions"]),
  ),
});

const superseding = v.strictObject({
  ...offer.entries,
  supersedes: v.exactOptional(
    v.pipe(
      v.array(word(parseCapabilityId)),
      v.minLength(1),
      v.maxLength(MAX_SUPERSEDED),
      v.check((ids) => new Set(ids).size === ids.length, "a capability stands there twice"),
    ),
  ),
});

const offers = v.pipe(v.array(superseding), v.maxLength(MAX_OFFERS));
const needs = v.pipe(v.array(offer), v.maxLength(MAX_OFFERS));

const kebab = v.pipe(v.string(), v.maxLength(200), v.regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/));
const identifier = v.pipe(v.string(), v.maxLength(200), v.regex(/^[A-Za-z$_][A-Za-z0-9$_]*$/));

/** A type, or with `isResult` what a function gives. */
function typed(isResult: boolean) {
  const isFitting = (type: unknown) =>
    isFunctionType(
      isResult ? { params: [], result: type } : { params: [["x", type]], result: null },
    );
  return v.custom<unknown>(isFitting, "not the canonical form of a type");
}

const verbParam = v.strictObject({
  name: kebab,
  kind: v.picklist(["positional", "flag", "switch", "rest"]),
  type: typed(false),
  about: text(1_000),
  optional: v.boolean(),
  path: v.pipe(v.array(text(64)), v.minLength(1), v.maxLength(2)),
  complete: v.exactOptional(identifier),
});

const verb = v.strictObject({
  name: kebab,
  method: identifier,
  field: v.union([v.literal(""), identifier]),
  about: text(1_000),
  params: v.pipe(v.array(verbParam), v.maxLength(MAX_VERB_PARAMS)),
  rest: v.exactOptional(v.literal(true)),
  verbatim: v.exactOptional(v.literal(true)),
  alone: v.exactOptional(v.literal(true)),
  result: typed(true),
  remote: v.boolean(),
  usage: text(MAX_USAGE),
});

const verbs = v.pipe(
  v.array(verb),
  v.maxLength(MAX_FUNCTIONS),
  v.check((all) => new Set(all.map(({ name }) => name)).size === all.length, "a verb stands twice"),
);

const manifest = v.strictObject({
  format: v.literal(1),
  world: text(200),
  name: word(parsePodName),
  version: text(100),
  about: text(1_000),
  offers,
  needs,
  verbs: v.exactOptional(verbs),
  wit: v.exactOptional(text(MAX_MANIFEST_BYTES)),
});

/** The head of a manifest, read first: other formats and worlds may look otherwise. */
const head = v.object({ format: v.number(), world: text(200) });

/**
 * Reads the manifest section of a component; computes every hash in it again.
 *
 * @throws {PeriError} `invalid` when it is malformed or lies, `missing-implementation` when it is
 * of another format or world.
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const value = parseJson(bytes);
  const start = check(head, value);
  if (start.format !== 1) throw refuseWorld(`its manifest has format ${start.format}, not 1`);
  if (start.world !== POD_WORLD) throw refuseWorld(`it was built for ${quote(start.world)}`);
  const { format: _, world: __, ...read } = check(manifest, value);
  checkOffers("offers", read.offers);
  checkOffers("needs", read.needs);
  return read;
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    const subject = `its manifest has ${bytes.length} bytes, ${MAX_MANIFEST_BYTES} allowed`;
    throw new PeriError("too-large", { op: "read component", subject });
  }
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw refuseComponent("its manifest is not JSON", cause);
  }
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "the whole";
  throw refuseComponent(`its manifest is wrong at ${quote(where)}: ${issue.message.slice(0, 200)}`);
}

function checkOffers(side: "offers" | "needs", offers: readonly Offer[]): void {
  const seen = new Set<string>();
  for (const offer of offers) {
    if (seen.has(offer.interface)) throw lie(side, offer, "stands there twice");
    seen.add(offer.interface);
    const ids: Record<string, string> = {};
    for (const [name, { id, type }] of Object.entries(offer.functions)) {
      if (hashFunction(offer.interface, name, type as FunctionType) !== id) {
        throw lie(side, offer, `has another hash for ${name}`);
      }
      ids[name] = id;
    }
    if (hashInterface(offer.interface, ids) !== offer.capability) {
      throw lie(side, offer, "is not the capability it names");
    }
    if (offer.supersedes?.includes(offer.capability)) throw lie(side, offer, "supersedes itself");
  }
}

function lie(side: string, offer: Offer, what: string): PeriError {
  return refuseComponent(`its manifest lies: ${offer.interface} in ${side} ${what}`);
}
