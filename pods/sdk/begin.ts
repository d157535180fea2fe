/**
 * How a version of a pod begins: the call `installed` (PROTOCOL.md, "Versions"). Nobody sees what
 * it writes before it has ended well, so it may be more than one turn holds.
 *
 * @module
 */

import { NO_EFFECTS } from "./effects.ts";
import type { Host, WireCall, WireEffects, WireWrite } from "./host.ts";
import { sizeUtf8 } from "./text/utf8.ts";

/** The function, in no interface, with which a version begins. */
export const INSTALLED = "installed";

/** Writes and bytes of one part; a turn holds 500 and 600 KiB. */
const PART_WRITES = 400;
const PART_BYTES = 400 * 1024;

/** What the periphery says when a version begins. */
export interface Beginning {
  readonly version: string;
  /** The version whose state it is; null when there is nothing to be brought up to date. */
  readonly from: string | null;
}

/** Whether a call is the one with which a version begins. */
export function isBeginning({ interface: name, function: called }: WireCall): boolean {
  return name === "" && called === INSTALLED;
}

/** Hands over writes in parts; what is left of the effects fits one turn. */
export function spill(host: Host, invocation: number, effects: WireEffects): WireEffects {
  for (const writes of partsOf(effects.writes)) {
    host.commit(invocation, { ...NO_EFFECTS, writes });
  }
  return { ...effects, writes: [] };
}

/** Whether so much has been written that a part of it is to be handed over. */
export function isMuch(writes: number, bytes: number): boolean {
  return writes >= PART_WRITES || bytes >= PART_BYTES;
}

function* partsOf(writes: readonly WireWrite[]): Generator<WireWrite[]> {
  let part: WireWrite[] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = sizeUtf8(write.table) + sizeUtf8(write.key) + sizeUtf8(write.value ?? "");
    if (part.length > 0 && isMuch(part.length, bytes + size)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(write);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
