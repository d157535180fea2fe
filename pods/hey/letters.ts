/**
 * The letters of a person: received and sent in one numbering that never changes.
 *
 * @module
 */

import { cleanLine, Refusal, type Table } from "../sdk/mod.ts";
import {
  countFate,
  type Fate,
  type Fates,
  type Recipient,
  stateOf,
  type Tally,
  tallyOf,
} from "./fates.ts";
import type { Strangers } from "./strangers.ts";

/** What is kept of every letter beside its text. */
interface Head {
  readonly n: number;
  /** The other one: sender or (first) recipient. */
  readonly person: string;
  /** The sender's name for the letter. */
  readonly id: string;
  readonly timeMs: number;
  /** First words on one line, safe to show. */
  readonly start: string;
  /** Number of the letter this one answers, where it is here. */
  readonly answers?: number;
}

/** A letter that came. */
export interface Received extends Head {
  readonly unread: boolean;
  /** Bytes on the strangers' account; absent for somebody who had a petname when it came. */
  readonly strange?: number;
}

/** A letter that was written here. */
export interface Sent extends Head {
  /** What became of it; of a letter to several, see `tally`. */
  readonly fate: Fate;
  /** Present for a letter to several people. */
  readonly tally?: Tally;
}

/** What is given for a new letter. */
export type NewLetter = Omit<Head, "n" | "start">;

/** The tables letters stand in. */
export interface LetterTables {
  readonly received: Table<Received>;
  readonly sent: Table<Sent>;
  readonly texts: Table<string>;
  /** Numbers of sent letters by their id. */
  readonly ids: Table<number>;
  /** Who a letter to several went to, and what became of it at each. */
  readonly fates: Fates;
  /** `next`: the number of the next letter. */
  readonly counters: Table<number>;
}

const START_CHARACTERS = 60;
/** Letters read at once. */
const PAGE_LETTERS = 50;

/** The letters of the pod's owner. */
export class Letters {
  constructor(private readonly tables: LetterTables, private readonly strangers: Strangers) {}

  /** Keeps a letter that came. @param strange bytes of it on the strangers' account */
  async addReceived(letter: NewLetter, text: string, strange?: number): Promise<Received> {
    const head = await this.#add(letter, text);
    const received = { ...head, unread: true, ...strange !== undefined && { strange } };
    this.tables.received.put(keyOf(head.n), received);
    return received;
  }

  /** Keeps a letter that is about to be sent to these people, at least one. */
  async addSent(
    letter: Omit<NewLetter, "person">,
    people: readonly string[],
    text: string,
  ): Promise<Sent> {
    const head = await this.#add({ ...letter, person: people[0]! }, text);
    const isToSeveral = people.length > 1;
    const tally = isToSeveral ? { tally: tallyOf(people) } : {};
    const sent: Sent = { ...head, fate: { state: "waiting" }, ...tally };
    if (isToSeveral) this.tables.fates.add(keyOf(head.n), people);
    this.tables.sent.put(keyOf(head.n), sent);
    this.tables.ids.put(sent.id, head.n);
    return sent;
  }

  /** Letters that came, newest first, a few at a time. */
  received(limit: number): AsyncGenerator<readonly Received[]> {
    return pages(this.tables.received, limit);
  }

  /** Letters that were written, newest first, a few at a time. */
  sent(limit: number): AsyncGenerator<readonly Sent[]> {
    return pages(this.tables.sent, limit);
  }

  /** The letter of a number, if there is one. */
  async byNumber(n: number): Promise<Received | Sent | undefined> {
    return await this.tables.received.get(keyOf(n)) ?? await this.tables.sent.get(keyOf(n));
  }

  /** @throws {Refusal} `not-found`, or `invalid` when the text is no number. */
  async find(op: string, text: string): Promise<Received | Sent> {
    const letter = await this.byNumber(readNumber(op, text));
    if (letter !== undefined) return letter;
    const hint = "peri hey list --all shows the letters that came, --sent those you wrote";
    throw new Refusal("not-found", { op, subject: `there is no letter ${text}`, hint });
  }

  /** Text of a letter as it was written; nothing in it is safe to show. */
  async textOf(letter: { readonly n: number }): Promise<string> {
    return await this.tables.texts.get(keyOf(letter.n)) ?? "";
  }

  /** The texts of letters, in their order. */
  async textsOf(letters: readonly { readonly n: number }[]): Promise<string[]> {
    const texts = await this.tables.texts.getMany(letters.map(({ n }) => keyOf(n)));
    return texts.map((text) => text ?? "");
  }

  /** Remembers that a letter has been read; one that was written here stays as it is. */
  async markRead(letter: Received | Sent): Promise<void> {
    if ("unread" in letter && letter.unread) {
      await this.strangers.read(letter);
      this.tables.received.put(keyOf(letter.n), { ...letter, unread: false });
    }
  }

  /**
   * Remembers what became of a sent letter, unless it has been forgotten.
   *
   * @param at place among its recipients
   */
  async setFate(n: number, at: number, fate: Fate): Promise<void> {
    const key = keyOf(n);
    const sent = await this.tables.sent.get(key);
    if (sent === undefined) return;
    if (sent.tally === undefined) return this.tables.sent.put(key, { ...sent, fate });
    const before = await this.tables.fates.set(key, at, fate);
    if (before === undefined) return;
    this.tables.sent.put(key, { ...sent, tally: countFate(sent.tally, before, fate) });
  }

  /** Who a letter that was written here went to, and what became of it at each; a few at a time. */
  async *recipientsOf(letter: Received | Sent): AsyncGenerator<readonly Recipient[]> {
    if (!("fate" in letter)) return;
    const { n, person, fate, tally } = letter;
    if (tally === undefined) yield [{ person, fate }];
    else yield* this.tables.fates.pages(keyOf(n));
  }

  /** Number of the letter with an id that was sent to a person. */
  async numberOf(id: string, person: string): Promise<number | undefined> {
    const n = await this.tables.ids.get(id);
    const sent = n === undefined ? undefined : await this.tables.sent.get(keyOf(n));
    if (n === undefined || sent === undefined) return undefined;
    if (sent.person === person) return n;
    const isAmong = sent.tally !== undefined && await this.tables.fates.has(keyOf(n), person);
    return isAmong ? n : undefined;
  }

  /** Deletes a letter; its number is not used again. */
  async forget(letter: Received | Sent): Promise<void> {
    const key = keyOf(letter.n);
    if ("unread" in letter) await this.strangers.forget(letter);
    this.tables.received.delete(key);
    this.tables.sent.delete(key);
    this.tables.texts.delete(key);
    if (!("fate" in letter)) return;
    this.tables.ids.delete(letter.id);
    if (letter.tally !== undefined) this.tables.fates.forget(key, letter.tally);
  }

  async #add(letter: NewLetter, text: string): Promise<Head> {
    const n = await this.tables.counters.get("next") ?? 1;
    this.tables.counters.put("next", n + 1);
    this.tables.texts.put(keyOf(n), text);
    return { ...letter, n, start: cleanLine(text.slice(0, 500), START_CHARACTERS) };
  }
}

/** Every page is asked for anew, so that no slice of computing gets long however many there are. */
async function* pages<Letter>(
  table: Table<Letter>,
  limit: number,
): AsyncGenerator<readonly Letter[]> {
  let after: string | undefined;
  for (let left = limit; left > 0; left -= PAGE_LETTERS) {
    const range = { reverse: true, limit: Math.min(left, PAGE_LETTERS) };
    const rows = await table.list({ ...range, ...after !== undefined && { after } });
    if (rows.length > 0) yield rows.map(([, letter]) => letter);
    if (rows.length < range.limit) return;
    after = rows.at(-1)![0];
  }
}

/** What became of a letter as a whole. */
export function stateOfSent({ fate, tally }: Sent): Fate["state"] {
  return tally === undefined ? fate.state : stateOf(tally);
}

function readNumber(op: string, text: string): number {
  if (/^#?[1-9][0-9]{0,9}$/.test(text)) return Number(text.replace("#", ""));
  const subject = `${JSON.stringify(cleanLine(text, 40))} is no number of a letter`;
  throw new Refusal("invalid", { op, subject, hint: "peri hey list shows the numbers" });
}

/** Keys sort as numbers do. */
function keyOf(n: number): string {
  return String(n).padStart(10, "0");
}
