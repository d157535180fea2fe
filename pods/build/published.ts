/**
 * What was published stays as it is: `published.json` in a pod's folder remembers it, and a build
 * that would change it is refused.
 *
 * @module
 */

import type { DescribedInterface } from "../../wit/describe.ts";
import { diffInterfaces } from "../../wit/diff.ts";
import { isFunctionType } from "../../wit/types.ts";
import { camelOf } from "../sdk/codec/names.ts";
import { kebabOf } from "./read/names.ts";

/** Published interfaces by name. */
export type Published = Readonly<Record<string, PublishedInterface>>;

/** An interface as it was published. */
export interface PublishedInterface {
  readonly capability: string;
  readonly functions: DescribedInterface["functions"];
}

/** What was published of a pod; empty without the file. @throws {Error} when it is damaged. */
export async function readPublished(path: string): Promise<Published> {
  const text = await Deno.readTextFile(path).catch((thrown) => {
    if (thrown instanceof Deno.errors.NotFound) return "{}";
    throw thrown;
  });
  try {
    const published: unknown = JSON.parse(text);
    if (isPublished(published)) return published;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is damaged: take it back from where it was published`);
}

/** Writes down that interfaces are published now; what was published before stays. */
export async function writePublished(
  path: string,
  before: Published,
  offers: readonly DescribedInterface[],
): Promise<void> {
  const all = new Map(Object.entries(before));
  for (const { interface: name, capability, functions } of offers) {
    all.set(name, { capability, functions });
  }
  const sorted = Object.fromEntries([...all].sort(([a], [b]) => a < b ? -1 : 1));
  const unfinished = `${path}.tmp`;
  await Deno.writeTextFile(unfinished, `${JSON.stringify(sorted, null, 2)}\n`);
  await Deno.rename(unfinished, path);
}

/**
 * Refuses to change what was published. What is no longer offered at all is no change.
 *
 * @throws {Error} that says which function changed how, and how to offer more beside it.
 */
export function checkPublished(published: Published, offers: readonly DescribedInterface[]): void {
  const refused = offers.flatMap((offer) => {
    const before = Object.hasOwn(published, offer.interface)
      ? published[offer.interface]
      : undefined;
    return before === undefined || before.capability === offer.capability
      ? []
      : [refusalOf(offer, before)];
  });
  if (refused.length > 0) throw new Error(refused.join("\n"));
}

function refusalOf(offer: DescribedInterface, before: PublishedInterface): string {
  const name = offer.interface;
  const word = name.replace(/^.*\//, "");
  const next = camelOf(`-${word}`) + "2";
  return [
    `${name} is published as ${before.capability.slice(0, 12)}… and must not change:`,
    ...changesOf(offer, before).map((change) => `    ${change}`),
    `  Take that back, and offer what is new beside it: a class of its own in the pod's module,`,
    `    export class ${next} extends Capability { … }`,
    `  and a field of the pod, readonly ${camelOf(kebabOf(next))} = new ${next}(this);`,
  ].join("\n");
}

/** What changed, one line for each reason. */
function changesOf(offer: DescribedInterface, before: PublishedInterface): string[] {
  const [change] = diffInterfaces([{ interface: offer.interface, ...before }], [offer]);
  return change!.functions.flatMap(({ function: name, kind, reasons }) => {
    if (kind === "changed") return reasons.map((reason) => `${name}: ${reason}`);
    return [kind === "added" ? `${name} is new` : `${name} is gone`];
  });
}

function isPublished(value: unknown): value is Published {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((one) =>
      typeof one?.capability === "string" && typeof one.functions === "object" &&
      one.functions !== null && Object.values(one.functions).every((of) => isFunction(of))
    );
}

function isFunction(value: unknown): boolean {
  const { id, type } = (value ?? {}) as { id?: unknown; type?: unknown };
  return typeof id === "string" && isFunctionType(type);
}
