/**
 * An interface with its hashes, as manifests name it (PROTOCOL.md, "Capabilities"). Pure.
 *
 * @module
 */

import { hashFunction, hashInterface } from "./canonical.ts";
import type { WitInterface } from "./resolve.ts";
import type { FunctionType } from "./types.ts";

/** An interface by its content. */
export interface DescribedInterface {
  /** Without version: `peri:hey/mail`. */
  readonly interface: string;
  /** Fingerprint of the interface: 64 lower-case hex digits. */
  readonly capability: string;
  /** Functions in order of name. */
  readonly functions: Readonly<
    Record<string, { readonly id: string; readonly type: FunctionType }>
  >;
}

/** An interface with the hash of each function and its own. */
export function describeInterface(
  { name, functions }: Pick<WitInterface, "name" | "functions">,
): DescribedInterface {
  const ids: Record<string, string> = {};
  const described: Record<string, { id: string; type: FunctionType }> = {};
  for (const [key, type] of [...functions].sort(([a], [b]) => a < b ? -1 : 1)) {
    ids[key] = hashFunction(name, key, type);
    described[key] = { id: ids[key], type };
  }
  return { interface: name, capability: hashInterface(name, ids), functions: described };
}
