/**
 * Accept: what a checked bundle does to its recipient (PROTOCOL.md, "What a recipient checks", 8
 * to 10). Pure.
 *
 * @module
 */

import { utf8Length } from "../model/bytes.ts";
import type { ErrorRecord } from "../model/errors.ts";
import { MAX_ACCEPT_BYTES, MAX_CARRIED_AGE_MS, MAX_LANE_EPOCHS } from "../model/limits.ts";
import type { Answer, Call, Continuation, Message, Reply } from "../model/message.ts";
import { type Fingerprint, formatPodRef, type LaneEpoch } from "../model/words.ts";
import type { Bundle } from "./bundle.ts";
import { matchAnswer, refuse } from "./respond.ts";
import type { Mark, OpenCall } from "./rows.ts";

/** What is known when a bundle is accepted. */
export interface Circumstances {
  /** The lane's mark in the bundle's epoch. */
  readonly through: number;
  /** How many more messages the inbox takes. */
  readonly room: number;
  readonly nowMs: number;
  /** Keys in whose place the sender stands. */
  readonly formers?: readonly Fingerprint[];
  /** Open calls by the tokens that the bundle answers. */
  readonly open: ReadonlyMap<string, OpenCall>;
  /** Tokens of calls that somebody else is just ending or answering. */
  readonly busy: ReadonlySet<string>;
  /** Why a call cannot be taken. */
  refusal(call: Call): ErrorRecord | undefined;
}

/** A message that goes to its pod. */
export interface AcceptedMessage {
  readonly message: Message;
  readonly continuation?: Continuation;
}

/** What a bundle does. */
export interface Acceptance {
  /** The lane's mark afterwards. */
  readonly through: number;
  readonly events: readonly AcceptedMessage[];
  /** Answers for which nothing was left to be done: they end their calls and wake nobody. */
  readonly silent: readonly Answer[];
  /** Errors that the recipient's periphery answers. */
  readonly replies: readonly Reply[];
  /** Answered calls by token, with what stays open of them. */
  readonly answered: ReadonlyMap<string, OpenCall | undefined>;
  /** Answers that no call was waiting for, and why. */
  readonly dropped: readonly string[];
  /** Something was left for later. */
  readonly isFull: boolean;
  /** It was left because of a call that somebody else is just ending. */
  readonly isBusy: boolean;
}

/** What of a bundle is taken, in order, and what it does. */
export function planAcceptance(bundle: Bundle, circumstances: Circumstances): Acceptance {
  const plan = new Taking(circumstances);
  for (const lettered of bundle.messages) {
    if (lettered.sequence <= plan.through) continue;
    if (!plan.take({ from: bundle.from, to: bundle.to, ...lettered })) break;
  }
  return plan;
}

/**
 * The lane's marks after a bundle, newest epoch first. An epoch is remembered until its last
 * envelope is too old to be taken again; none when there are too many such epochs for another.
 */
export function planMarks(
  marks: readonly Mark[],
  { epoch, sentMs }: { readonly epoch: LaneEpoch; readonly sentMs: number },
  through: number,
  nowMs: number,
): Mark[] | undefined {
  const known = marks.find((mark) => mark.epoch === epoch);
  const others = marks.filter((mark) => mark.epoch !== epoch);
  const room = MAX_LANE_EPOCHS - 1;
  const kept = others.length <= room
    ? others
    : others.filter((mark) => mark.sentMs >= nowMs - MAX_CARRIED_AGE_MS);
  if (kept.length > room) return undefined;
  return [{ epoch, through, sentMs: Math.max(sentMs, known?.sentMs ?? 0) }, ...kept];
}

/** Rows of an event besides its texts. */
const ROW_BYTES = 1_024;

class Taking implements Acceptance {
  readonly events: AcceptedMessage[] = [];
  readonly silent: Answer[] = [];
  readonly replies: Reply[] = [];
  readonly answered = new Map<string, OpenCall | undefined>();
  readonly dropped: string[] = [];
  isFull = false;
  isBusy = false;
  through: number;
  readonly #circumstances: Circumstances;
  #bytes = 0;

  constructor(circumstances: Circumstances) {
    this.#circumstances = circumstances;
    this.through = circumstances.through;
  }

  take(message: Message): boolean {
    const { body } = message;
    if (body.kind === "answer" && this.#circumstances.busy.has(body.token)) {
      this.isBusy = this.isFull = true;
      return false;
    }
    const step = this.#stepOf(message);
    const bytes = this.#bytes + step.bytes;
    const isOver = step.event && this.events.length >= this.#circumstances.room;
    if (isOver || (bytes > MAX_ACCEPT_BYTES && this.#bytes > 0)) {
      this.isFull = true;
      return false;
    }
    this.#bytes = bytes;
    this.through = message.sequence;
    if (step.event) this.events.push(step.event);
    step.apply?.();
    return true;
  }

  #stepOf(message: Message): Step {
    const { body } = message;
    if (body.kind === "call") return this.#planCall(message, body);
    if (body.kind === "answer") return this.#planAnswer(message, body);
    // Whether there is such a stream is known when the pod has handled what came before.
    return { event: { message }, bytes: ROW_BYTES };
  }

  #planCall(message: Message, call: Call): Step {
    const error = message.expiresMs <= this.#circumstances.nowMs
      ? late(message)
      : this.#circumstances.refusal(call);
    if (!error) return { event: { message }, bytes: ROW_BYTES + utf8Length(call.payload) };
    const bytes = ROW_BYTES + sizeOfError(error);
    return { bytes, apply: () => this.replies.push(refuse(message, error)) };
  }

  #planAnswer(message: Message, body: Answer): Step {
    const { from } = message;
    const { token } = body;
    const open = this.answered.has(token)
      ? this.answered.get(token)
      : this.#circumstances.open.get(token);
    const match = matchAnswer(from, body, open, this.#circumstances.formers);
    if (match.kind === "dropped") {
      return { bytes: 0, apply: () => this.dropped.push(match.reason) };
    }
    const { continuation } = open!;
    const outcome = match.outcome ?? body.outcome;
    const answer = { ...body, outcome };
    const apply = () => this.answered.set(token, match.left);
    if (!continuation) {
      return { bytes: ROW_BYTES, apply: () => (this.silent.push(answer), apply()) };
    }
    const payload = "ok" in outcome ? utf8Length(outcome.ok) : sizeOfError(outcome.error);
    return {
      event: { message: { ...message, body: answer }, continuation },
      bytes: 2 * ROW_BYTES + utf8Length(continuation.note) + payload,
      apply,
    };
  }
}

interface Step {
  readonly event?: AcceptedMessage;
  readonly bytes: number;
  readonly apply?: () => unknown;
}

function sizeOfError({ op, subject, hint = "" }: ErrorRecord): number {
  return utf8Length(op) + utf8Length(subject) + utf8Length(hint);
}

function late({ to, expiresMs }: Message): ErrorRecord {
  const when = new Date(expiresMs).toISOString();
  const subject = `${formatPodRef(to)}: the call was good until ${when}`;
  return { kind: "expired", op: "take a call", subject };
}
