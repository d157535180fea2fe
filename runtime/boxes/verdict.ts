/**
 * What a reply to an envelope means for its messages. Pure.
 *
 * @module
 */

import type { Introduction } from "../identity/behalf.ts";
import type { Bytes } from "../model/bytes.ts";
import type { EnvelopeReply } from "../model/envelope.ts";
import { type ErrorRecord, toPeriError } from "../model/errors.ts";
import type { Waiting } from "./lane.ts";
import { openReceipt, type Receipt } from "./receipt.ts";
import type { Load } from "./seal.ts";

/** What to do with the messages of an envelope. */
export interface Verdict {
  /** On disk at the recipient. */
  readonly delivered: readonly Waiting[];
  /** Refused for good, and why. */
  readonly refused: readonly Waiting[];
  readonly error?: ErrorRecord;
  /** The recipient wants the introduction. */
  readonly introduce: boolean;
  readonly moved?: Introduction;
  /** The recipient knows numbers up to `through`, behind those of the messages that are the test. */
  readonly outdated?: { readonly through: number; readonly messages: readonly Waiting[] };
  /** What keeps the rest from going on at once. */
  readonly delay?: Delay;
}

/** Why messages wait, and how long if the other side said so. */
export interface Delay {
  readonly reason: string;
  readonly retryAfterMs?: number;
  /** The server can take nothing just now, from nobody; of a recipient that has its fill it is not said. */
  readonly isUnable?: boolean;
  /** The recipient's word on what their sender has to put right before they go on. */
  readonly error?: ErrorRecord;
}

/** What is known of an envelope that was replied to. */
export interface Sent {
  readonly load: Pick<Load, "messages" | "introduces" | "isTest">;
  readonly receiptKey: Bytes;
}

const NOTHING = { delivered: [], refused: [], introduce: false } as const;

/** Only a receipt by the recipient itself ends or takes anything; all else delays. */
export function judgeReply(
  { load, receiptKey }: Sent,
  reply: EnvelopeReply,
): Verdict {
  if ("hint" in reply) {
    const { hint, retryAfterMs } = reply;
    const isUnable = hint === "busy";
    return { ...NOTHING, delay: { reason: hint, isUnable, ...waitOf(retryAfterMs) } };
  }
  try {
    const receipt = openReceipt(receiptKey, reply);
    const last = load.messages.at(-1)?.sequence ?? Infinity;
    const { messages } = load;
    const { through } = receipt;
    if (load.isTest && through > last) return { ...NOTHING, outdated: { through, messages } };
    return judgeReceipt(messages, load.introduces, receipt);
  } catch (error) {
    return { ...NOTHING, delay: { reason: toPeriError(error, "read a receipt").message } };
  }
}

function judgeReceipt(
  messages: readonly Waiting[],
  introduced: boolean,
  receipt: Receipt,
): Verdict {
  const { through, refused: error, introduce = false, moved, retryAfterMs } = receipt;
  const delivered = messages.filter(({ sequence }) => sequence <= through);
  const rest = messages.slice(delivered.length);
  // Once the sender's behalf or key is renewed, they are welcome.
  if (error?.kind === "expired") {
    const delay = { reason: `${error.subject}, says the recipient`, error };
    return { delivered, refused: [], introduce, ...(rest.length > 0 ? { delay } : {}) };
  }
  const verdict = { delivered, refused: error ? rest : [], introduce };
  const stays = rest.length > 0 && !error;
  // Asked for an introduction that was there, or nothing said at all: not at once again.
  const isStuck = stays && delivered.length === 0 && !moved && (!introduce || introduced);
  const reason = retryAfterMs !== undefined ? "busy" : introduce ? "not known there" : "not taken";
  const isLate = stays && retryAfterMs !== undefined;
  return {
    ...verdict,
    ...(error ? { error } : {}),
    ...(moved ? { moved } : {}),
    ...(isStuck || isLate ? { delay: { reason, ...waitOf(retryAfterMs) } } : {}),
  };
}

function waitOf(retryAfterMs: number | undefined): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
