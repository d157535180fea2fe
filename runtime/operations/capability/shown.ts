/**
 * Interfaces as they are shown, from manifests and from WIT. Pure.
 *
 * @module
 */

import { describeInterface } from "../../../wit/describe.ts";
import { diffInterfaces, type InterfaceChange } from "../../../wit/diff.ts";
import { type DocumentedInterface, formatFunction, formatInterface } from "../../../wit/format.ts";
import type { FunctionType } from "../../../wit/types.ts";
import type { Offer } from "../../model/pod.ts";
import type { ShownFunction, ShownInterface } from "../../model/shown.ts";

/** Interfaces that only a pod's own periphery calls, for a person who has come in. */
const FACES = "peri:face/";

/** Whether others can call an interface, so that it is worth showing. */
export function isShown(name: string): boolean {
  return !name.startsWith(FACES);
}

/** An interface with its hashes, text and documentation. */
export function showInterface(
  one: DocumentedInterface,
  supersedes: readonly string[] = [],
): ShownInterface {
  const { interface: name, capability, functions } = describeInterface(one);
  return {
    interface: name,
    capability,
    supersedes,
    about: one.docs.get("") ?? "",
    wit: formatInterface(one),
    functions: Object.entries(functions).map(([called, { id, type }]): ShownFunction => ({
      name: called,
      id,
      line: formatFunction(one, called),
      about: one.docs.get(called) ?? "",
      type,
    })),
  };
}

/** Interfaces of a manifest, which knows types without their names and without documentation. */
export function showOffers(offers: readonly Offer[]): ShownInterface[] {
  return offers.filter((offer) => isShown(offer.interface)).map((offer) => {
    const types = Object.entries(offer.functions).map(([name, { type }]) =>
      [name, type as FunctionType] as const
    );
    const one = {
      name: offer.interface,
      types: new Map(),
      functions: new Map(types),
      docs: new Map(),
    };
    return showInterface(one, offer.supersedes);
  });
}

/** What became of interfaces that are shown: see `wit/diff.ts`. */
export function diffShown(
  before: readonly ShownInterface[],
  after: readonly ShownInterface[],
): InterfaceChange[] {
  const described = (side: readonly ShownInterface[]) =>
    side.map(({ functions, ...one }) => ({
      ...one,
      functions: Object.fromEntries(
        functions.map(({ name, id, type }) => [name, { id, type: type as FunctionType }]),
      ),
    }));
  return diffInterfaces(described(before), described(after));
}
