/**
 * Seal: waiting messages of a routed lane become one envelope, signed and encrypted.
 *
 * @module
 */

import { encodeIntroduction } from "../identity/introduction.ts";
import type { Bytes } from "../model/bytes.ts";
import type { Envelope } from "../model/envelope.ts";
import { MAX_BUNDLE_BYTES } from "../model/limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Pgp } from "../ports/pgp.ts";
import { BUNDLE_HEAD_BYTES, type BundleHead, encodeBundle } from "./bundle.ts";
import type { Waiting } from "./lane.ts";
import { isOffered, type Routed } from "./route.ts";

/** CBOR's own bytes around a lineage, and those of the list. */
const LINEAGE_HEAD_BYTES = 16;

/** Messages chosen for one bundle. Only {@link planLoad} makes one. */
export interface Load {
  readonly routed: Routed;
  /** At least one, sequence rising, none expired. */
  readonly messages: readonly Waiting[];
  readonly introduces: boolean;
  /** Its reply shows whether the lane's numbers are new to the recipient. */
  readonly isTest?: boolean;
}

/** An envelope with what is needed to understand the reply to it. */
export interface Sealed {
  readonly load: Load;
  readonly envelope: Envelope;
  readonly receiptKey: Bytes;
}

/** What of the front of a lane goes together now. Pure. */
export function planLoad(
  routed: Routed,
  options: {
    readonly maxMessages: number;
    readonly maxBytes: number;
    readonly introduce: boolean;
    readonly nowMs: number;
    /** Messages at the front that are under way. */
    readonly skip?: number;
  },
): Load | undefined {
  const { lane, sender } = routed;
  const introduces = options.introduce || lane.row.introduced !== sender.serial;
  const around = BUNDLE_HEAD_BYTES + (introduces ? introductionBytes(routed) : 0);
  const room = Math.min(options.maxBytes, MAX_BUNDLE_BYTES - around);
  // What comes next depends on the reply to the test.
  if (options.skip && lane.isUnproven) return undefined;
  const front = lane.front(options.maxMessages, room, options.skip);
  const messages = lane.together(fitOf(routed, front, options.nowMs));
  if (messages.length === 0) return undefined;
  return { routed, messages, introduces, isTest: lane.isTest(messages[0]?.sequence) };
}

/**
 * Messages up to the first that has expired or that the recipient does not offer. What follows it
 * goes when that one has been given up: the recipient's mark would pass over it, as over one that
 * has arrived.
 */
function fitOf(routed: Routed, messages: readonly Waiting[], nowMs: number): readonly Waiting[] {
  const end = messages.findIndex((message) =>
    message.expiresMs <= nowMs || !isOffered(routed, message)
  );
  return end === -1 ? messages : messages.slice(0, end);
}

/** A bundle that was sealed while the one before it was under way. */
export interface Ahead {
  readonly load: Load;
  /** Undefined when it could not be sealed. */
  readonly sealed: Promise<Sealed | undefined>;
}

/** Whether what was sealed ahead is what would be sealed now. Pure. */
export function isStillGood({ load }: Ahead, planned: Load): boolean {
  const { routed: then, introduces, messages } = load;
  const { routed: now } = planned;
  // Some of them may have been taken back meanwhile.
  const waiting = new Set(now.lane.front(messages.length, Infinity));
  return messages[0] === planned.messages[0] && introduces === planned.introduces &&
    then.sender === now.sender && then.podKey === now.podKey &&
    messages.every((message) => waiting.has(message));
}

function introductionBytes({ sender, lineages }: Routed): number {
  const beside = lineages.reduce((sum, one) => sum + one.length + LINEAGE_HEAD_BYTES, 0);
  return encodeIntroduction(sender.introduction).length + beside;
}

/** Signs a load with the sender's pod key and encrypts it to the recipient's. @throws {PeriError} */
export async function sealLoad(
  load: Load,
  { pgp, clock, entropy }: { readonly pgp: Pgp; readonly clock: Clock; readonly entropy: Entropy },
): Promise<Sealed> {
  const { lane, sender, podKey, certificate } = load.routed;
  const receiptKey = entropy.bytes(32);
  const head: BundleHead = {
    from: lane.from,
    to: lane.to,
    key: sender.podKey,
    serial: sender.serial,
    introduction: load.introduces ? sender.introduction : undefined,
    ...(load.introduces ? { lineages: load.routed.lineages } : {}),
    epoch: lane.row.epoch,
    receiptKey,
    sentMs: clock.nowMs(),
  };
  const content = encodeBundle(head, load.messages.map(({ bytes }) => bytes));
  const sealed = await pgp.seal(sender.secretKey, certificate, content);
  return { load, envelope: { to: podKey, sealed }, receiptKey };
}
