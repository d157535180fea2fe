/**
 * Giving a message up: it is kept as a dead letter, and its poster is told, in one commit.
 *
 * @module
 */

import type { ErrorRecord } from "../model/errors.ts";
import { formatStreamHandle, type PodRef, type ResponseToken } from "../model/words.ts";
import type { Log } from "../ports/log.ts";
import type { Residents } from "../ports/mailbox.ts";
import { type Change, mergeChanges, type Store } from "../ports/store.ts";
import type { Clock } from "../ports/clock.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Lettered } from "./body.ts";
import type { Calls, Claim } from "./calls.ts";
import type { DeadLetters } from "./dead.ts";
import { answerForOther } from "./respond.ts";
import { deletesOfOpen, encodeDead, encodeEvent, keys } from "./rows.ts";
import { type Trace, tracedOf } from "./trace.ts";
import type { Traces } from "./traces.ts";

/**
 * Losses in one commit: each may take a full message, a note and an error twice, some 80 KiB, of
 * the 800 KiB of a commit.
 */
export const MAX_LOSSES = 8;

/** A message that will not be delivered, or a call that will not be answered. */
export interface Lost {
  readonly to: PodRef;
  /** The message, when it still stands in the outbox. */
  readonly message?: Lettered;
  /** The version its row must still have: it may just have been delivered, or given up. */
  readonly version?: string;
  /** Its sender does not want it any more: it is not kept as a dead letter. */
  readonly discard?: true;
  /** The claimed call whose poster is to be told. */
  readonly claim?: Claim;
  /** The stream whose pod is to be told that it is over, and when it was due. */
  readonly stream?: { readonly token: ResponseToken; readonly dueMs?: number };
  readonly error: ErrorRecord;
}

/** What {@link GiveUp} works with. */
export interface GiveUpOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly calls: Calls;
  readonly arrivals: Arrivals;
  readonly traces: Traces;
  readonly dead: DeadLetters;
  readonly residents: Pick<Residents, "wake">;
}

/** The rows that a lost message leaves: the dead letter and the answer to its poster. Pure. */
export function planLoss(from: PodRef, lost: Lost, arrival: number, nowMs: number): Change {
  const { claim, error } = lost;
  const parts: Change[] = [planGone(from, lost, nowMs)];
  if (claim) {
    const { token, call } = claim;
    const answer = answerForOther(from, token, call, error, nowMs);
    const value = encodeEvent({
      arrival,
      receivedMs: nowMs,
      attempts: 0,
      message: answer,
      ...(call.continuation ? { continuation: call.continuation } : {}),
    });
    parts.push({
      puts: [{ key: keys.inbox(from, arrival), value }],
      deletes: deletesOfOpen(from, token, call),
    });
  }
  const stream = streamOf(lost);
  if (stream) parts.push(planEnded(from, lost.to, stream, arrival, nowMs));
  return mergeChanges(parts);
}

function planGone(from: PodRef, lost: Lost, nowMs: number): Change {
  const { to, message, version, claim, error } = lost;
  if (!message) return {};
  const key = keys.outbox(from, to, message.sequence);
  const checks = version === undefined ? [] : [{ key, version }];
  if (!isLetter(lost)) return { checks, deletes: [key] };
  const continuation = claim?.call.continuation;
  const letter = { atMs: nowMs, error, message, ...(continuation ? { continuation } : {}) };
  const dead = { key: keys.dead(from, to, message.sequence), value: encodeDead(letter) };
  return { checks, puts: [dead], deletes: [key] };
}

/**
 * Whether it becomes a dead letter. A part of a stream that is over says nothing to anybody, and
 * who opens streams and goes away must not push out letters that somebody may want.
 */
function isLetter({ message, discard }: Lost): boolean {
  if (!message || discard) return false;
  const { body } = message;
  return body.kind === "call" || body.kind === "answer" && body.index === 0 && body.end;
}

/** What the poster's traces say of it. */
function traceOf({ to, message, claim, error, discard }: Lost, atMs: number): Trace {
  const open = claim && {
    token: claim.token,
    sequence: claim.call.sequence,
    postedMs: 0,
    what: "",
  };
  const call = (message && tracedOf(message)) ?? open;
  return { kind: discard ? "dropped" : "lost", atMs, to, error, calls: call ? [call] : [] };
}

/** Whether the pod gets an event of it. */
function isTold(lost: Lost): boolean {
  return (lost.claim ?? streamOf(lost)) !== undefined;
}

/** The stream that is over: a stream that lost one of its answers is. */
function streamOf({ stream, message }: Lost): Lost["stream"] {
  const body = message?.body;
  return body?.kind === "answer" && !body.end ? { token: body.token } : stream;
}

/** The pod is told as if its caller had cancelled. */
function planEnded(
  pod: PodRef,
  caller: PodRef,
  { token, dueMs }: NonNullable<Lost["stream"]>,
  arrival: number,
  nowMs: number,
): Change {
  const value = encodeEvent({
    arrival,
    receivedMs: nowMs,
    attempts: 0,
    message: {
      from: caller,
      to: pod,
      sequence: 0,
      createdMs: nowMs,
      expiresMs: nowMs,
      body: { kind: "cancel", token },
    },
  });
  const deletes = dueMs === undefined
    ? []
    : [keys.due(pod, dueMs, formatStreamHandle({ caller, token }))];
  return { puts: [{ key: keys.inbox(pod, arrival), value }], deletes };
}

/** Gives messages up. */
export class GiveUp {
  readonly #options: GiveUpOptions;

  constructor(options: GiveUpOptions) {
    this.#options = options;
  }

  /**
   * Gives up those messages of one lane that still wait, in their order.
   *
   * @throws {PeriError} of the store; those that were committed until then stay given up.
   */
  async messages(
    from: PodRef,
    to: PodRef,
    messages: readonly Lettered[],
    error: ErrorRecord,
  ): Promise<void> {
    for (let at = 0; at < messages.length; at += MAX_LOSSES) {
      const part = messages.slice(at, at + MAX_LOSSES);
      // A deadline may be giving up the same ones, and knows what their posters left to be done.
      while (!await this.commit(from, await this.#lossesOf(from, to, part, error)));
    }
  }

  async #lossesOf(
    from: PodRef,
    to: PodRef,
    messages: readonly Lettered[],
    error: ErrorRecord,
  ): Promise<Lost[]> {
    const lost: Lost[] = [];
    try {
      for (const message of messages) {
        const row = await this.#options.store.get(keys.outbox(from, to, message.sequence));
        if (!row) continue;
        const { version } = row;
        lost.push({ to, message, version, error, ...await this.#claimOf(from, message) });
      }
      return lost;
    } catch (cause) {
      for (const { claim } of lost) claim?.settle(false);
      throw cause;
    }
  }

  /**
   * One commit for at most `MAX_LOSSES` losses of one pod; settles their claims. False when the row
   * of one of them is no longer as it was; nothing is changed then.
   *
   * @throws {PeriError} of the store; nothing is changed then.
   */
  async commit(from: PodRef, lost: readonly Lost[]): Promise<boolean> {
    if (lost.length === 0) return true;
    const told = lost.filter(isTold);
    let committed = false;
    try {
      committed = await this.#commit(from, lost, told.map(({ to }) => to));
    } finally {
      for (const { claim } of lost) claim?.settle(committed);
      // Committed or not: events that came meanwhile were held back behind these.
      if (told.length > 0) this.#options.residents.wake(from);
    }
    if (!committed) return false;
    const [first] = lost as [Lost];
    const fields = { from: from.pod, count: lost.length, kind: first.error.kind };
    this.#options.log.warn("gave up", { ...fields, why: first.error.subject });
    await this.#options.dead.added(from, lost.filter(isLetter).length);
    return true;
  }

  async #commit(from: PodRef, lost: readonly Lost[], senders: PodRef[]): Promise<boolean> {
    const { store, clock, arrivals, traces } = this.#options;
    const nowMs = clock.nowMs();
    const places = await arrivals.take(from, senders, nowMs);
    let arrival = places.first;
    let committed = false;
    try {
      const parts = lost.map((one) => planLoss(from, one, isTold(one) ? arrival++ : 0, nowMs));
      const known = lost.filter(({ message, claim }) => message ?? claim);
      for (const one of known) parts.push(await traces.plan(from, traceOf(one, nowMs)));
      return committed = await store.commit(mergeChanges(parts));
    } finally {
      places.settle(committed);
    }
  }

  async #claimOf(from: PodRef, { body }: Lettered): Promise<{ claim?: Claim }> {
    if (body.kind !== "call") return {};
    const claim = await this.#options.calls.claim(from, body.token);
    return claim ? { claim } : {};
  }
}
