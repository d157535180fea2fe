/**
 * The counter: where a person sees what lies in the boxes of their pods, has dead letters driven
 * again, and takes messages back.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { MAX_DEADLINE_MS } from "../model/limits.ts";
import type { Answer, Post, Reply } from "../model/message.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import { mergeChanges, type Store } from "../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { DeadLetters } from "./dead.ts";
import type { LaneState } from "./passage.ts";
import type { GiveUp } from "./giveup.ts";
import { waitingOf } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { type InboxEntry, listInbox, listOutbox, type OutboxEntry } from "./listing.ts";
import type { Outbox } from "./outbox.ts";
import { type DeadLetter, decodeDead, decodeWaiting, keys } from "./rows.ts";
import { tracedOf } from "./trace.ts";
import type { Traces } from "./traces.ts";

/** What {@link Counter} works with. */
export interface CounterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly lanes: Lanes;
  readonly calls: Calls;
  readonly outbox: Outbox;
  readonly giveUp: GiveUp;
  readonly dead: DeadLetters;
  readonly traces: Traces;
  /** How a lane gets on. */
  state(from: PodRef, to: PodRef): LaneState;
  /** What waits in a lane is tried at once; false when nothing is being delivered from here. */
  hurry(from: PodRef, to: PodRef): boolean;
}

/** See the module. */
export class Counter {
  readonly #options: CounterOptions;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  /** Messages of one pod: those that wait in the order of their lanes, then the dead. */
  outbox(from: PodRef): AsyncGenerator<OutboxEntry> {
    return listOutbox(this.#options.store, from, this.#options.state);
  }

  /** What waits for a pod, in the order in which it is given to it. */
  inbox(pod: PodRef): AsyncGenerator<InboxEntry> {
    return listInbox(this.#options.store, pod);
  }

  /** Has a lane tried at once; false when nothing is being delivered from here. */
  hurry({ from, to }: OutboxEntry): boolean {
    return this.#options.hurry(from, to);
  }

  /**
   * Drives a dead letter again: it leaves the dead, gets a new place at the end of its lane with as
   * much time as it had, and its call is open again, in one commit. What nobody waits for any more,
   * such as one answer of a stream, is `over`: it stays where it is. `gone` when somebody else has
   * just taken it, or its call is open.
   *
   * @throws {PeriError} of the store; nothing is changed then.
   */
  async revive({ from, to, sequence }: OutboxEntry): Promise<"again" | "over" | "gone"> {
    const { store, clock, outbox, dead, traces } = this.#options;
    const key = keys.dead(from, to, sequence);
    const row = await store.get<Bytes>(key);
    if (!row) return "gone";
    const letter = decodeDead(row.value);
    const { posts, replies } = againOf(to, letter);
    if (posts.length + replies.length === 0) return "over";
    const traced = tracedOf(letter.message);
    const calls = traced ? [traced] : [];
    const trace = await traces.plan(from, { kind: "again", atMs: clock.nowMs(), to, calls });
    const opens = posts.map(({ token }) => ({ key: keys.open(from, token), version: null }));
    const leaves = { checks: [{ key, version: row.version }, ...opens], deletes: [key] };
    const mail = await outbox.plan(from, posts, replies);
    let committed = false;
    try {
      committed = await store.commit(mergeChanges([leaves, trace, mail.change]));
    } finally {
      mail.settle(committed);
    }
    if (!committed) return "gone";
    dead.drop(from);
    return "again";
  }

  /** Removes a dead letter. Its poster was told when it was given up. */
  async bury({ from, to, sequence }: OutboxEntry): Promise<void> {
    await this.#options.store.commit({ deletes: [keys.dead(from, to, sequence)] });
    this.#options.dead.drop(from);
  }

  /**
   * Takes a waiting message back: its poster is answered with the error `denied`. One that is under
   * way may still arrive. False when it has gone meanwhile, or is just being answered.
   *
   * @throws {PeriError} of the store; nothing is changed then.
   */
  async withdraw({ from, to, sequence }: OutboxEntry): Promise<boolean> {
    const { store, calls, giveUp } = this.#options;
    const row = await store.get<Bytes>(keys.outbox(from, to, sequence));
    if (!row) return false;
    const message = decodeWaiting(row.value);
    const { body } = message;
    const claim = body.kind === "call" ? await calls.claim(from, body.token) : undefined;
    const error = {
      kind: "denied",
      op: "deliver a message",
      subject: `${formatPodRef(to)}: it was taken back from the outbox`,
    } as const;
    const { version } = row;
    const lost = { to, message, version, error, ...(claim ? { claim } : {}) };
    if (!await giveUp.commit(from, [{ ...lost, discard: true }])) return false;
    await this.#forget(from, to, row.value);
    return true;
  }

  /** What is gone from the store is not sent from memory. */
  async #forget(from: PodRef, to: PodRef, row: Bytes): Promise<void> {
    const lane = await this.#options.lanes.pin(from, to);
    lane.drop([waitingOf(row)]);
    lane.pins--;
  }
}

/** A dead letter as it was first posted, with as much time as it had. */
function againOf(
  to: PodRef,
  { message, continuation }: DeadLetter,
): { posts: Post[]; replies: Reply[] } {
  const { body, createdMs, expiresMs } = message;
  // A stream that lost one of its answers is over, and so is a call that was to be cancelled.
  const isOver = body.kind === "cancel" || body.kind === "answer" && !isOnlyAnswer(body);
  if (isOver) return { posts: [], replies: [] };
  if (body.kind === "answer") {
    return { posts: [], replies: [{ to, token: body.token, outcome: body.outcome }] };
  }
  const deadlineMs = Math.min(MAX_DEADLINE_MS, Math.max(1, expiresMs - createdMs));
  const { kind: _, ...call } = body;
  return {
    posts: [{ to, ...call, deadlineMs, ...(continuation ? { continuation } : {}) }],
    replies: [],
  };
}

function isOnlyAnswer({ index, end }: Answer): boolean {
  return index === 0 && end;
}
