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

const manifest = v.strictObject({
  format: v.literal(1),
  world: text(200),
  name: word(parsePodName),
  version: text(100),
  about: text(1_000),
  offers,
  needs,
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
  const { name, version, about, offers, needs } = check(manifest, value);
  checkOffers("offers", offers);
  checkOffers("needs", needs);
  return { name, version, about, offers, needs };
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
