/**
 * Outbox: posts and replies of a pod get their places in their lanes. Each row it plans is a
 * {@link Message} on its way; nothing is sealed that did not come through here.
 *
 * @module
 */

import { utf8Length } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import {
  DEFAULT_DEADLINE_MS,
  MAX_DEADLINE_MS,
  MAX_NOTE_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_TURN_POSTS,
} from "../model/limits.ts";
import type { Call, Message, Post, Reply, StreamWork } from "../model/message.ts";
import { formatPodRef, type PodRef, type ResponseToken } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { PlannedMail } from "../ports/mailbox.ts";
import { type Change, type Key, mergeChanges } from "../ports/store.ts";
import type { Calls } from "./calls.ts";
import { type Lane, type Place, type Waiting, waitingFrom } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { answerOf } from "./respond.ts";
import { encodeOpen, encodeWaiting, keys, type OpenCall } from "./rows.ts";
import type { Streams } from "./streams.ts";
import {
  encodeKeyed,
  type PlannedWithdrawals,
  type Withdrawal,
  type Withdrawals,
} from "./withdraw.ts";

/** What {@link Outbox} works with. */
export interface OutboxOptions {
  readonly lanes: Lanes;
  readonly calls: Calls;
  readonly clock: Clock;
  /** Something waits in a lane. */
  wake(lane: Lane): void;
  readonly streams: Streams;
  readonly withdrawals: Withdrawals;
  /** A call of this pod is due then. */
  due(pod: PodRef, dueMs: number): void;
}

/** What makes a message. */
type Item = Post | Reply | Withdrawal;

/** Messages that go into one lane together. */
interface Share {
  readonly to: PodRef;
  readonly items: Item[];
}

/** What else a run's mail does, beside its messages. */
interface Company {
  readonly items: readonly Item[];
  readonly changes: readonly Change[];
  readonly withdrawn?: PlannedWithdrawals;
  settle(committed: boolean): void;
}

const ALONE: Company = { items: [], changes: [], settle: () => {} };

/** Gives messages their places. */
export class Outbox {
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * See {@link import("../ports/mailbox.ts").Mailbox.plan}; here plans without streams and keys may
   * be committed in any order.
   */
  async plan(
    from: PodRef,
    posts: readonly Post[],
    replies: readonly Reply[],
    streams?: StreamWork,
  ): Promise<PlannedMail> {
    posts.forEach(checkPost);
    checkCount(posts.length);
    const isAlone = !streams && posts.every(({ key }) => key === undefined);
    const company = isAlone ? ALONE : await this.#gather(from, posts, streams);
    const shares = shareOut([...company.items, ...posts, ...replies]);
    let lanes: readonly Lane[] = [];
    try {
      lanes = await this.#pin(from, shares);
      await this.#reserve(lanes, shares);
      return this.#place(from, lanes, shares, company);
    } catch (error) {
      for (const lane of lanes) lane.pins--;
      company.settle(false);
      throw error;
    }
  }

  /** Answers to streams and calls that are withdrawn; most runs have none of them. */
  async #gather(
    from: PodRef,
    posts: readonly Post[],
    work: StreamWork | undefined,
  ): Promise<Company> {
    const { streams, withdrawals, clock } = this.#options;
    const keyed = posts.flatMap(({ key }) => key === undefined ? [] : [key]);
    const names = [...work?.cancels ?? [], ...keyed];
    const withdrawn = names.length > 0 ? await withdrawals.plan(from, names) : undefined;
    try {
      const nowMs = clock.nowMs();
      const planned = work && await streams.plan(from, work, nowMs);
      // Who is past its time needs no word of its end.
      const items = withdrawn?.items.filter(({ dueMs }) => dueMs > nowMs) ?? [];
      return {
        items: [...items, ...planned?.replies ?? []],
        changes: planned ? [planned.change] : [],
        ...(withdrawn ? { withdrawn } : {}),
        settle(committed) {
          withdrawn?.settle(committed);
          planned?.settle(committed);
        },
      };
    } catch (error) {
      withdrawn?.settle(false);
      throw error;
    }
  }

  /** All lanes at once: a hundred new ones are one commit of the store, not a hundred. */
  async #pin(from: PodRef, shares: readonly Share[]): Promise<Lane[]> {
    const pinning = shares.map(({ to }) => this.#options.lanes.pin(from, to));
    try {
      return await allOf(pinning);
    } catch (error) {
      for (const one of await Promise.allSettled(pinning)) {
        if (one.status === "fulfilled") one.value.pins--;
      }
      throw error;
    }
  }

  /** Another plan may take what was reserved meanwhile, so it ends only when all lanes have enough. */
  async #reserve(lanes: readonly Lane[], shares: readonly Share[]): Promise<void> {
    const needs = lanes.map((lane, index) => ({ lane, count: shares[index]!.items.length }));
    for (;;) {
      const short = needs.filter(({ lane, count }) => !lane.hasNumbers(count));
      if (short.length === 0) return;
      await allOf(short.map(({ lane, count }) => this.#options.lanes.reserve(lane, count)));
    }
  }

  #place(
    from: PodRef,
    lanes: readonly Lane[],
    shares: readonly Share[],
    company: Company,
  ): PlannedMail {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const plan = new Plan(from, nowMs, company.withdrawn);
    const places = lanes.map((lane, index) => ({
      lane,
      place: lane.place(shares[index]!.items, (item, sequence) => plan.add(item, sequence)),
    }));
    return {
      change: mergeChanges([{ puts: plan.puts, deletes: plan.deletes }, ...company.changes]),
      settle: (committed) => {
        company.settle(committed);
        this.#settle(from, places, plan.opened, committed);
      },
    };
  }

  #settle(
    from: PodRef,
    places: readonly { lane: Lane; place: Place }[],
    opened: readonly { post: Post; call: OpenCall }[],
    committed: boolean,
  ): void {
    const { calls, wake, due } = this.#options;
    for (const { post, call } of committed ? opened : []) {
      calls.opened(from, post.token, call);
      due(from, call.dueMs);
    }
    for (const { lane, place } of places) {
      lane.settle(place, committed);
      lane.pins--;
      if (lane.isWaiting) wake(lane);
    }
  }
}

/** Rows of messages that are being placed. */
class Plan {
  readonly puts: NonNullable<Change["puts"]>[number][] = [];
  readonly opened: { post: Post; call: OpenCall }[] = [];
  readonly #from: PodRef;
  readonly #nowMs: number;
  readonly #withdrawn: PlannedWithdrawals | undefined;
  /** Keys that a post of this plan takes. */
  readonly #taken = new Set<string>();

  constructor(from: PodRef, nowMs: number, withdrawn: PlannedWithdrawals | undefined) {
    this.#from = from;
    this.#nowMs = nowMs;
    this.#withdrawn = withdrawn;
  }

  /** Rows of calls that end; a key that is taken again stays. */
  get deletes(): Key[] {
    const deletes = this.#withdrawn?.deletes ?? [];
    return deletes.filter((key) => !(key[3] === "key" && this.#taken.has(String(key[4]))));
  }

  add(item: Item, sequence: number): Waiting {
    const message = messageOf(this.#from, item, sequence, this.#nowMs);
    const bytes = encodeWaiting(message);
    this.puts.push({ key: keys.outbox(this.#from, item.to, sequence), value: bytes });
    if ("payload" in item) this.#open(item, message);
    return waitingFrom(message, bytes);
  }

  #open(post: Post, { sequence, expiresMs: dueMs }: Message): void {
    const { to, token, continuation, key } = post;
    const call = {
      to,
      sequence,
      dueMs,
      next: 0,
      ...(continuation ? { continuation } : {}),
      ...(key === undefined ? {} : { key }),
    };
    this.opened.push({ post, call });
    if (key !== undefined) this.#name(key, token, call);
    this.puts.push({ key: keys.open(this.#from, token), value: encodeOpen(call) });
    this.puts.push({ key: keys.due(this.#from, dueMs, token), value: true });
  }

  #name(key: string, token: ResponseToken, call: OpenCall): void {
    this.#taken.add(key);
    this.#withdrawn?.opened(key, token, call);
    this.puts.push({ key: keys.key(this.#from, key), value: encodeKeyed(token) });
  }
}

/** The message of a post, a reply or a withdrawal. */
export function messageOf(
  from: PodRef,
  item: Post | Reply | Withdrawal,
  sequence: number,
  nowMs: number,
): Message {
  return { from, to: item.to, sequence, createdMs: nowMs, ...contentOf(item, nowMs) };
}

function contentOf(item: Item, nowMs: number): Pick<Message, "body" | "expiresMs"> {
  if ("payload" in item) return { body: callOf(item), expiresMs: nowMs + item.deadlineMs };
  if ("outcome" in item) {
    const expiresMs = item.place?.expiresMs ?? nowMs + DEFAULT_DEADLINE_MS;
    return { body: answerOf(item), expiresMs };
  }
  return { body: { kind: "cancel", token: item.token }, expiresMs: item.dueMs };
}

function callOf(post: Post): Call {
  const { token, capability, interface: name, function: called, functionId, payload } = post;
  return {
    kind: "call",
    token,
    capability,
    interface: name,
    function: called,
    functionId,
    payload,
  };
}

/** As `Promise.all`, and when it rejects, all have ended. */
async function allOf<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

/** One share per lane, in the order of the first message to each; order within a lane is kept. */
function shareOut(items: readonly Item[]): Share[] {
  const shares = new Map<string, Share>();
  for (const item of items) {
    const name = formatPodRef(item.to);
    const share = shares.get(name) ?? { to: item.to, items: [] };
    shares.set(name, share);
    share.items.push(item);
  }
  return [...shares.values()];
}

function checkCount(count: number): void {
  if (count <= MAX_TURN_POSTS) return;
  const subject = `${count} messages at once, ${MAX_TURN_POSTS} allowed`;
  throw new PeriError("too-large", { op: "post messages", subject });
}

function checkPost({ payload, deadlineMs, continuation, to }: Post): void {
  const op = `post a message to ${formatPodRef(to)}`;
  const note = continuation ? utf8Length(continuation.note) : 0;
  const sizes = [
    ["a payload", utf8Length(payload), MAX_PAYLOAD_BYTES],
    ["a note", note, MAX_NOTE_BYTES],
  ] as const;
  for (const [what, size, limit] of sizes) {
    if (size <= limit) continue;
    const subject = `${what} of ${size} bytes, ${limit} allowed`;
    throw new PeriError("too-large", { op, subject });
  }
  if (!Number.isSafeInteger(deadlineMs) || deadlineMs < 1) {
    throw new PeriError("invalid", { op, subject: `a deadline in ${deadlineMs} ms` });
  }
  if (deadlineMs > MAX_DEADLINE_MS) {
    const subject = `a deadline in ${deadlineMs} ms, ${MAX_DEADLINE_MS} allowed`;
    throw new PeriError("too-large", { op, subject });
  }
}
