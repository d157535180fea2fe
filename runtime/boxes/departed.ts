/**
 * Envelopes that left as files: what is kept of each until its receipt comes.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { encodeCbor } from "../model/cbor.ts";
import { MAX_BUNDLE_MESSAGES, MAX_CARRIED_WAITING } from "../model/limits.ts";
import { formatPodRef, parsePodRef, type PodRef } from "../model/words.ts";
import type { Key, Store } from "../ports/store.ts";
import { pagesOf } from "./pages.ts";
import { keys, rowFields } from "./rows.ts";

/** An envelope that left as a file. */
export interface Departed {
  readonly to: PodRef;
  /** Authenticates the receipt; 32 bytes. */
  readonly receiptKey: Bytes;
  /** The messages in it, rising. */
  readonly sequences: readonly number[];
  readonly sentMs: number;
  /** The last of its messages is given up then. */
  readonly expiresMs: number;
  /** Serial of the behalf that was introduced with it. */
  readonly serial: number;
}

const WHAT = "an envelope that left";
const NAMES = ["to", "receiptKey", "sequences", "sentMs", "expiresMs", "serial"];

/** Row of `keys.carried`. */
export function encodeDeparted({ to, sequences, ...rest }: Departed): Bytes {
  return encodeCbor({ ...rest, to: formatPodRef(to), sequences: [...sequences] });
}

/** @throws {PeriError} `damaged`. */
export function decodeDeparted(row: Uint8Array): Departed {
  const fields = rowFields(WHAT, row, NAMES);
  const sequences = fields.list("sequences", 1, MAX_BUNDLE_MESSAGES).map(Number);
  return {
    to: parsePodRef(fields.text("to", 100)),
    receiptKey: fields.bytes("receiptKey", 32),
    sequences,
    sentMs: fields.integer("sentMs", 0),
    expiresMs: fields.integer("expiresMs", 0),
    serial: fields.integer("serial", 1),
  };
}

/** Removes what nobody waits for any more, and of too many the oldest. */
export async function sweepDeparted(
  store: Store,
  from: PodRef,
  nowMs: number,
  most = MAX_CARRIED_WAITING,
): Promise<void> {
  const kept: { readonly key: Key; readonly sentMs: number }[] = [];
  const gone: Key[] = [];
  for await (const { key, value } of pagesOf<Bytes>(store, keys.carrieds(from))) {
    const { expiresMs, sentMs } = decodeDeparted(value);
    if (expiresMs <= nowMs) gone.push(key);
    else kept.push({ key, sentMs });
  }
  kept.sort((a, b) => a.sentMs - b.sentMs);
  gone.push(...kept.slice(0, Math.max(0, kept.length - most)).map(({ key }) => key));
  for (let at = 0; at < gone.length; at += 1000) {
    await store.commit({ deletes: gone.slice(at, at + 1000) });
  }
}
