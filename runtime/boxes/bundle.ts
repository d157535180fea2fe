/**
 * Bundles: the waiting messages of one lane as they are signed and sealed (PROTOCOL.md, "Bundle").
 *
 * @module
 */

import {
  type Bytes,
  concatBytes,
  formatBase64Url,
  formatHex,
  parseBase64Url,
  parseHex,
} from "../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../model/cbor.ts";
import { type Fields, misshapen, readFields } from "../model/fields.ts";
import {
  MAX_BUNDLE_BYTES,
  MAX_BUNDLE_MESSAGES,
  MAX_LINEAGE_BYTES,
  MAX_SUCCESSORS,
} from "../model/limits.ts";
import {
  type Fingerprint,
  formatPodRef,
  type LaneEpoch,
  parseFingerprint,
  parseLaneEpoch,
  parsePodRef,
  type PodRef,
} from "../model/words.ts";
import type { Introduction } from "../identity/behalf.ts";
import { introductionFromCbor, introductionToCbor } from "../identity/introduction.ts";
import { type Lettered, messageFromCbor } from "./body.ts";

/** What a bundle says besides its messages. */
export interface BundleHead {
  readonly from: PodRef;
  readonly to: PodRef;
  /** The sender's pod key, and the serial of the behalf that certifies it. */
  readonly key: Fingerprint;
  readonly serial: number;
  readonly introduction: Introduction | undefined;
  /** With the introduction: what says in whose place the sender stands. */
  readonly lineages?: readonly Bytes[];
  readonly epoch: LaneEpoch;
  /** 32 bytes only the recipient can read; authenticates the receipt. */
  readonly receiptKey: Bytes;
  readonly sentMs: number;
}

/** A bundle as its recipient reads it. */
export interface Bundle extends BundleHead {
  /** 1 to `MAX_BUNDLE_MESSAGES`, sequence rising. */
  readonly messages: readonly Lettered[];
}

const WHAT = "a bundle";
const KEYS = [
  "v",
  "to",
  "key",
  "from",
  "sent",
  "epoch",
  "serial",
  "messages",
  "receiptKey",
  "introduction",
] as const;

/** Bytes of a bundle besides its messages and its introduction, at most. */
export const BUNDLE_HEAD_BYTES = 512;

/**
 * Bytes of a bundle from messages that are CBOR already, so that none is encoded twice. The keys
 * stand in the order of deterministic CBOR.
 */
export function encodeBundle(head: BundleHead, messages: readonly Bytes[]): Bytes {
  const values: Record<(typeof KEYS)[number], Uint8Array> = {
    v: encodeCbor(1),
    to: encodeCbor(formatPodRef(head.to)),
    key: encodeCbor(parseHex(head.key)),
    from: encodeCbor(formatPodRef(head.from)),
    sent: encodeCbor(head.sentMs),
    epoch: encodeCbor(parseBase64Url(head.epoch)),
    serial: encodeCbor(head.serial),
    messages: concatBytes([arrayHead(messages.length), ...messages]),
    receiptKey: encodeCbor(head.receiptKey),
    introduction: encodeCbor(head.introduction ? introductionToCbor(head.introduction) : null),
  };
  const { lineages = [] } = head;
  // Left out when there are none; among keys of its length it is the first.
  const more = lineages.length === 0
    ? []
    : [encodeCbor("lineages"), encodeCbor(lineages as readonly Bytes[] as Cbor)];
  const mapHead = new Uint8Array([0xa0 + KEYS.length + more.length / 2]);
  const pair = (key: (typeof KEYS)[number]) => [encodeCbor(key), values[key]];
  const at = KEYS.indexOf("messages");
  return concatBytes([
    mapHead,
    ...KEYS.slice(0, at).flatMap(pair),
    ...more,
    ...KEYS.slice(at).flatMap(pair),
  ]);
}

/** @throws {PeriError} `too-large` over `MAX_BUNDLE_BYTES`, `damaged` for any other shape. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const fields = readFields(WHAT, decodeCbor(bytes, MAX_BUNDLE_BYTES, WHAT), KEYS, ["lineages"]);
  fields.integer("v", 1, 1);
  const introduction = fields.value("introduction");
  return {
    from: refFrom(fields, "from"),
    to: refFrom(fields, "to"),
    key: parseFingerprint(formatHex(fields.bytes("key", 20, 32))),
    serial: fields.integer("serial", 1),
    introduction: introduction === null ? undefined : introductionFromCbor(introduction),
    epoch: parseLaneEpoch(formatBase64Url(fields.bytes("epoch", 16))),
    receiptKey: fields.bytes("receiptKey", 32),
    sentMs: fields.integer("sent", 0),
    messages: messagesFrom(fields.list("messages", 1, MAX_BUNDLE_MESSAGES)),
    ...lineagesFrom(fields),
  };
}

function lineagesFrom(fields: Fields): Pick<BundleHead, "lineages"> {
  if (fields.value("lineages") === null) return {};
  return {
    lineages: fields.list("lineages", 1, MAX_SUCCESSORS + 1).map((one) => {
      if (one instanceof Uint8Array && one.length <= MAX_LINEAGE_BYTES) return one as Bytes;
      throw misshapen(WHAT, "a lineage is none");
    }),
  };
}

function messagesFrom(items: readonly Cbor[]): Lettered[] {
  const messages = items.map((item) => messageFromCbor(item));
  let last = 0;
  for (const { sequence } of messages) {
    if (sequence <= last) throw misshapen(WHAT, "its messages are not in order");
    last = sequence;
  }
  return messages;
}

function refFrom(fields: Fields, key: string): PodRef {
  const text = fields.text(key, 100);
  try {
    const ref = parsePodRef(text);
    if (formatPodRef(ref) === text) return ref;
  } catch {
    // Said below.
  }
  throw misshapen(WHAT, `${key} is not a pod's address`);
}

function arrayHead(length: number): Uint8Array {
  return length < 24 ? new Uint8Array([0x80 + length]) : new Uint8Array([0x98, length]);
}
