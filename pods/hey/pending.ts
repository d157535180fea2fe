/**
 * People who wait to be accepted, with the greetings that they have left. Those whom nobody vouches
 * for have a part of their own, so that a crowd of them is in nobody's way.
 *
 * @module
 */

import { cleanLine, Refusal, type Table } from "../sdk/mod.ts";
import { notTaken } from "./gate.ts";
import type { Distance, Rule } from "./rules/rule.ts";

/** Most people who wait: of those whom nobody knows, and of the others. */
export const MAX_WAITING = 500;
/** A greeting that nobody has looked at is kept so long when others want its place. */
export const KEEP_GREETING_MS = 30 * 24 * 60 * 60_000;
/** People taken out in one run, which has few writes. */
const LEAVE_AT_ONCE = 200;
/** People who were refused and are remembered, and for how long. */
const MAX_REFUSED = 1_000;

/** A letter that waits with its sender. */
export interface Greeting {
  /** The sender's name for it. */
  readonly id: string;
  readonly text: string;
  readonly timeMs: number;
}

/** Somebody who waits. */
export interface Waiting {
  /** OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
  readonly distance: Distance;
  readonly sinceMs: number;
  readonly greetings: readonly Greeting[];
}

/** The tables of those who wait. */
export interface PendingTables {
  /** By fingerprint. */
  readonly pending: Table<Waiting>;
  /** Times by fingerprint. */
  readonly refused: Table<number>;
  /** `unknown`, `known`: how many wait; `oldest-unknown`, `oldest-known`: since when, at least. */
  readonly counts: Table<number>;
  /**
   * `full`: until when nobody unknown finds room. The periphery reads it, too, and refuses them then
   * without waking the pod (PROTOCOL.md, "The door").
   */
  readonly door: Table<number>;
}

const FULL = "full";

/** Those who wait. */
export class Pending {
  constructor(private readonly tables: PendingTables) {}

  /**
   * Keeps a letter of somebody who is not accepted.
   *
   * @param most letters of theirs that may wait
   * @throws {Refusal} `over-quota` when theirs or those of all are too many, `denied` for who was
   * refused lately.
   */
  async add(
    op: string,
    greeting: Greeting,
    { person, distance, most }: {
      readonly person: string;
      readonly distance: Distance;
      readonly most: number;
    },
  ): Promise<void> {
    const { timeMs } = greeting;
    const before = await this.tables.pending.get(person);
    if (before === undefined) await this.#enter(op, person, distance, timeMs);
    const { greetings = [], sinceMs = timeMs } = before ?? {};
    if (greetings.length >= most) throw waitsAlready(op, greetings.length);
    // A row keeps the part that it was counted in.
    const kept = before?.distance ?? distance;
    const all = [...greetings, greeting];
    this.tables.pending.put(person, { person, distance: kept, sinceMs, greetings: all });
  }

  /** Somebody who waits. */
  async get(person: string): Promise<Waiting | undefined> {
    return await this.tables.pending.get(person);
  }

  /** Takes somebody out of those who wait. */
  async take(person: string): Promise<Waiting | undefined> {
    const found = await this.get(person);
    if (found !== undefined) await this.#leave([found]);
    return found;
  }

  /** Takes somebody out, and remembers for a while that they were refused. */
  async refuse(person: string, nowMs: number): Promise<Waiting | undefined> {
    const found = await this.take(person);
    if (found === undefined) return undefined;
    if (await this.tables.refused.count() >= MAX_REFUSED) await this.#forgetRefused(nowMs);
    this.tables.refused.put(person, nowMs);
    return found;
  }

  /** They may leave greetings again. */
  readmit(person: string): void {
    this.tables.refused.delete(person);
  }

  /** The rule for people whom nobody knows has changed: who need not wait needs no place. */
  async changeRule({ pending }: Pick<Rule, "pending">, nowMs: number): Promise<void> {
    if (!pending) this.tables.door.delete(FULL);
    else if (await this.#count("unknown") >= MAX_WAITING) await this.#close(nowMs);
  }

  /** How many wait, at most so many of each part. */
  async count(): Promise<{ readonly known: number; readonly unknown: number }> {
    return { known: await this.#count("known"), unknown: await this.#count("unknown") };
  }

  /** All who wait: the nearest first, then the longest waiting. */
  async list(): Promise<Waiting[]> {
    const rows = (await this.tables.pending.list()).map(([, one]) => one);
    return rows.sort((a, b) => rankOf(a) - rankOf(b) || a.sinceMs - b.sinceMs);
  }

  /**
   * Takes some of those out whom nobody knows, as many as fit a run; how many. They may come again.
   */
  async clearUnknown(): Promise<number> {
    const unknown = (await this.list()).filter((one) => partOf(one.distance) === "unknown");
    const gone = unknown.slice(0, LEAVE_AT_ONCE);
    await this.#leave(gone);
    return gone.length;
  }

  async #enter(op: string, person: string, distance: Distance, nowMs: number): Promise<void> {
    const refusedMs = await this.tables.refused.get(person);
    if (refusedMs !== undefined && nowMs - refusedMs < KEEP_GREETING_MS) throw notTaken(op);
    const part = partOf(distance);
    if (await this.#count(part) >= MAX_WAITING) await this.#makeRoom(op, part, nowMs);
    const count = await this.#count(part);
    if (count === 0) this.tables.counts.put(`oldest-${part}`, nowMs);
    this.tables.counts.put(part, count + 1);
    if (part === "unknown" && count + 1 >= MAX_WAITING) await this.#close(nowMs);
  }

  /** The last place is taken: until the oldest greeting makes room nobody unknown needs to ask. */
  async #close(nowMs: number): Promise<void> {
    const times = (await this.tables.pending.list()).map(([, { sinceMs }]) => sinceMs);
    const oldestMs = Math.min(nowMs, ...times);
    this.tables.counts.put("oldest-unknown", oldestMs);
    this.tables.door.put(FULL, oldestMs + KEEP_GREETING_MS);
  }

  /** Greetings that have waited long make room; looked for only when there may be some. */
  async #makeRoom(op: string, part: Part, nowMs: number): Promise<void> {
    const oldestMs = await this.tables.counts.get(`oldest-${part}`) ?? 0;
    if (nowMs - oldestMs < KEEP_GREETING_MS) throw isFull(op);
    const all = (await this.list()).filter(({ distance }) => partOf(distance) === part);
    const isOld = ({ sinceMs }: Waiting) => nowMs - sinceMs >= KEEP_GREETING_MS;
    const gone = all.filter(isOld).slice(0, LEAVE_AT_ONCE);
    if (gone.length === 0) throw isFull(op);
    await this.#leave(gone);
    const left = all.filter((one) => !gone.includes(one)).map(({ sinceMs }) => sinceMs);
    this.tables.counts.put(`oldest-${part}`, Math.min(nowMs, ...left));
  }

  async #leave(gone: readonly Waiting[]): Promise<void> {
    for (const { person, distance } of gone) {
      this.tables.pending.delete(person);
      const part = partOf(distance);
      this.tables.counts.put(part, Math.max(0, await this.#count(part) - 1));
      if (part === "unknown") this.tables.door.delete(FULL);
    }
  }

  /** Those of long ago, else the longest ago. */
  async #forgetRefused(nowMs: number): Promise<void> {
    const rows = await this.tables.refused.list();
    const old = rows.filter(([, atMs]) => nowMs - atMs >= KEEP_GREETING_MS);
    const [first] = rows.sort(([, a], [, b]) => a - b);
    for (const [person] of old.length > 0 ? old : first ? [first] : []) {
      this.tables.refused.delete(person);
    }
  }

  async #count(part: Part): Promise<number> {
    return await this.tables.counts.get(part) ?? 0;
  }
}

type Part = "known" | "unknown";

function partOf(distance: Distance): Part {
  return distance === "unknown" ? "unknown" : "known";
}

function rankOf({ distance }: Waiting): number {
  return distance === "unknown" ? 9 : Number(distance) || 1;
}

function waitsAlready(op: string, count: number): Refusal {
  const subject = count === 1
    ? "a greeting of yours waits to be accepted"
    : `${count} letters of yours wait to be accepted`;
  const hint = "wait, or ask somebody whom both of you know to introduce you";
  return new Refusal("over-quota", { op, subject, hint });
}

function isFull(op: string): Refusal {
  const subject = "too many people wait to be accepted here";
  const hint = "ask somebody whom both of you know to introduce you, or try again later";
  return new Refusal("over-quota", { op, subject, hint });
}

/** The start of a greeting on one line, safe to show. */
export function startOf({ greetings }: Waiting, characters: number): string {
  return cleanLine(greetings[0]?.text.slice(0, 2_000) ?? "", characters);
}
