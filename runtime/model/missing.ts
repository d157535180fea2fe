/**
 * What a caller is told whose function a pod does not have (PROTOCOL.md, "Matching"). Pure.
 *
 * @module
 */

import type { ErrorRecord } from "./errors.ts";
import type { Call } from "./message.ts";
import type { CapabilityId, InterfaceName, PodName } from "./words.ts";

/** An interface that a pod offers, as far as it is known. */
export interface KnownOffer {
  readonly interface: InterfaceName;
  readonly capability: CapabilityId;
  /** Capabilities in whose place it stands. */
  readonly supersedes?: readonly CapabilityId[];
  /** Function hashes by name; absent when only a behalf is known. */
  readonly functions?: Readonly<Record<string, { readonly id: string }>>;
}

/** What a call asks for. */
export type Wanted = Pick<Call, "interface" | "function" | "functionId" | "capability">;

/** The offer that stands in the place of a capability, when one says so. */
export function findSuperseding<Offer extends KnownOffer>(
  offers: readonly Offer[],
  capability: CapabilityId,
): Offer | undefined {
  return offers.find(({ supersedes }) => supersedes?.includes(capability));
}

/** The error for a function that a pod does not have. Bounded, as all its parts are. */
export function missingFunction(
  pod: PodName,
  wanted: Wanted,
  offers: readonly KnownOffer[],
): ErrorRecord {
  const { functionId, capability } = wanted;
  const name = `${wanted.interface}#${wanted.function}`;
  const subject = `the pod ${pod} has no ${name} with hash ${functionId} ` +
    `(capability ${capability}): ${describeOffer(wanted, offers)}`;
  const newer = findSuperseding(offers, capability);
  const hint = newer === undefined
    ? "ask its person for a version that offers it, or build the caller for the one that is there"
    : `${newer.interface} (capability ${newer.capability}) supersedes what was asked for`;
  return { kind: "missing-implementation", op: `call ${name}`, subject, hint };
}

function describeOffer(wanted: Wanted, offers: readonly KnownOffer[]): string {
  const offer = offers.find((one) => one.interface === wanted.interface);
  if (offer === undefined) return "it does not offer this interface";
  const { functions = {}, capability } = offer;
  if (!Object.hasOwn(functions, wanted.function)) {
    return `it offers the interface without this function (capability ${capability})`;
  }
  const { id } = functions[wanted.function]!;
  return `it offers the function with hash ${id} (capability ${capability})`;
}
