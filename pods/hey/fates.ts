/**
 * What became of a letter at each of its recipients. Recipients of one letter stand fifty in a
 * row, so that a letter to a thousand people is kept and forgotten in one run.
 *
 * @module
 */

import type { Table } from "../sdk/mod.ts";

/** What became of a letter that was sent to one person. */
export type Fate =
  | { readonly state: "waiting" }
  | { readonly state: "delivered"; readonly timeMs: number }
  | { readonly state: "failed"; readonly why: string };

/** One recipient of a letter. */
export interface Recipient {
  /** OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
  readonly fate: Fate;
}

/** The recipients of a letter to several people, counted. */
export interface Tally {
  readonly all: number;
  readonly delivered: number;
  readonly failed: number;
  /** The first few of them. */
  readonly people: readonly string[];
}

/** Recipients in one row. */
const ROW_RECIPIENTS = 50;
/** Rows read at once: what is done with them fits a pod's slice of computing. */
const PAGE_ROWS = 4;
/** Longest reason that is kept; a row holds fifty. */
const MAX_WHY = 300;
/** Recipients named in a list. */
const SHOWN = 3;

/** The counts of a letter that is about to be sent. */
export function tallyOf(people: readonly string[]): Tally {
  return { all: people.length, delivered: 0, failed: 0, people: people.slice(0, SHOWN) };
}

/** Counts after one recipient's fate has changed. */
export function countFate(tally: Tally, before: Fate, after: Fate): Tally {
  const change = (state: Fate["state"]) =>
    Number(after.state === state) - Number(before.state === state);
  const delivered = tally.delivered + change("delivered");
  return { ...tally, delivered, failed: tally.failed + change("failed") };
}

/** The fate of a letter to several as one: it waits while anybody's does, and fails for anybody. */
export function stateOf({ all, delivered, failed }: Tally): Fate["state"] {
  if (delivered + failed < all) return "waiting";
  return failed > 0 ? "failed" : "delivered";
}

/** Fates of letters to several people, by letter and place among its recipients. */
export class Fates {
  /** @param table lists of recipients by letter and row */
  constructor(private readonly table: Table<readonly Recipient[]>) {}

  /** Keeps the recipients of a new letter. */
  add(letter: string, people: readonly string[]): void {
    for (let at = 0; at < people.length; at += ROW_RECIPIENTS) {
      const row = people.slice(at, at + ROW_RECIPIENTS);
      const fate: Fate = { state: "waiting" };
      this.table.put(keyOf(letter, at), row.map((person) => ({ person, fate })));
    }
  }

  /** Remembers the fate at one place; the one before, or nothing when nobody stands there. */
  async set(letter: string, at: number, fate: Fate): Promise<Fate | undefined> {
    const key = keyOf(letter, at);
    const row = await this.table.get(key);
    const before = row?.[at % ROW_RECIPIENTS];
    if (row === undefined || before === undefined) return undefined;
    const kept = fate.state === "failed" ? { ...fate, why: fate.why.slice(0, MAX_WHY) } : fate;
    this.table.put(key, row.with(at % ROW_RECIPIENTS, { ...before, fate: kept }));
    return before.fate;
  }

  /** The recipients of a letter in order, a few at a time. */
  async *pages(letter: string): AsyncGenerator<readonly Recipient[]> {
    const range = { prefix: `${letter}/`, limit: PAGE_ROWS };
    let after: string | undefined;
    for (;;) {
      const rows = await this.table.list({ ...range, ...after !== undefined && { after } });
      if (rows.length > 0) yield rows.flatMap(([, row]) => [...row]);
      if (rows.length < range.limit) return;
      after = rows.at(-1)![0];
    }
  }

  /** Whether a person is among the recipients of a letter. */
  async has(letter: string, person: string): Promise<boolean> {
    for await (const page of this.pages(letter)) {
      if (page.some((one) => one.person === person)) return true;
    }
    return false;
  }

  /** Forgets the recipients of a letter. */
  forget(letter: string, { all }: Tally): void {
    for (let at = 0; at < all; at += ROW_RECIPIENTS) this.table.delete(keyOf(letter, at));
  }
}

function keyOf(letter: string, at: number): string {
  return `${letter}/${String(Math.floor(at / ROW_RECIPIENTS)).padStart(4, "0")}`;
}
