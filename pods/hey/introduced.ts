/**
 * People who were introduced, by whom, and whom the pod's person has introduced to others.
 *
 * @module
 */

import { cleanText, countCharacters, Refusal, type Table } from "../sdk/mod.ts";
import { checkName } from "./names.ts";

/** Most introductions that wait, of all and by one person. */
const MAX_INTRODUCED = 500;
const MAX_BY_ONE = 20;
/** Most characters of a note. */
export const MAX_NOTE = 500;
/** Most bytes of the behalf that comes with an introduction. */
export const MAX_BEHALF_BYTES = 24 * 1024;

/** Somebody who was introduced. */
export interface Introduced {
  /** Whom the pod's person is to meet; OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
  /** Who says so. */
  readonly by: string;
  /** What they call the person. */
  readonly name: string;
  readonly note?: string;
  /** The introduction of the person's hey pod, in base64. */
  readonly behalf?: string;
  readonly timeMs: number;
}

/** An introduction that was sent. */
export interface Sent {
  readonly to: string;
  readonly person: string;
  readonly timeMs: number;
  /** Waiting, delivered, or why it failed. */
  readonly fate: string;
}

/** An introduction without the behalf that came with it. */
export type Listed = Omit<Introduced, "behalf">;

/** Where introductions are kept. */
export interface IntroductionTables {
  /** By `<who introduces>/<who is introduced>`; those of an earlier version have their behalf. */
  readonly came: Table<Introduced>;
  /** Their behalfs, which are much to read when only names are wanted; by the same. */
  readonly behalfs: Table<string>;
  /** By `<to whom>/<who is introduced>`. */
  readonly sent: Table<Sent>;
}

/** Introductions that wait, and those that were sent. */
export class IntroductionBook {
  constructor(private readonly tables: IntroductionTables) {}

  /** Keeps one; a later one of the same people takes its place. @throws {Refusal} `over-quota`. */
  async add(op: string, one: Introduced): Promise<void> {
    const { came, behalfs } = this.tables;
    const { behalf, ...listed } = one;
    const key = keyOf(one.by, one.person);
    if (!await came.has(key)) {
      const own = await came.count({ prefix: `${one.by}/` });
      if (own >= MAX_BY_ONE || await came.count() >= MAX_INTRODUCED) {
        const subject = `${own} introductions of yours wait to be looked at`;
        throw new Refusal("over-quota", { op, subject, hint: "try again later" });
      }
    }
    came.put(key, listed);
    if (behalf === undefined) behalfs.delete(key);
    else behalfs.put(key, behalf);
  }

  /** All that wait, the newest first. */
  async list(): Promise<Listed[]> {
    const all: Listed[] = [];
    for await (const [, { behalf: _, ...one }] of this.tables.came.walk()) all.push(one);
    return all.sort(newestFirst);
  }

  /** How many wait. */
  async count(): Promise<number> {
    return await this.tables.came.count();
  }

  /** Those of one person, the newest first. */
  async of(person: string): Promise<Introduced[]> {
    const { came, behalfs } = this.tables;
    const found: Introduced[] = [];
    for await (const [key, one] of came.walk()) {
      if (one.person !== person) continue;
      const behalf = one.behalf ?? await behalfs.get(key);
      found.push(behalf === undefined ? one : { ...one, behalf });
    }
    return found.sort(newestFirst);
  }

  /** Forgets what waits of one person; how many there were. */
  async forget(person: string): Promise<number> {
    let count = 0;
    for await (const [key, one] of this.tables.came.walk()) {
      if (one.person !== person) continue;
      this.#delete(key);
      count++;
    }
    return count;
  }

  /** Forgets what somebody has said of others. */
  async forgetBy(by: string): Promise<void> {
    for await (const [key] of this.tables.came.walk({ prefix: `${by}/` })) this.#delete(key);
  }

  #delete(key: string): void {
    this.tables.came.delete(key);
    this.tables.behalfs.delete(key);
  }

  /** Notes one that was sent, or what became of it. */
  noteSent(one: Sent): void {
    this.tables.sent.put(keyOf(one.to, one.person), one);
  }

  /** One that was sent. */
  async sentTo(to: string, person: string): Promise<Sent | undefined> {
    return await this.tables.sent.get(keyOf(to, person));
  }

  /** Those that were sent, the newest first. */
  async listSent(): Promise<Sent[]> {
    return (await this.tables.sent.list()).map(([, one]) => one).sort(newestFirst);
  }
}

/** What an introduction says, held against its bounds. @throws {Refusal} `invalid`, `too-large`. */
export function checkNote(op: string, note: string | undefined): string | undefined {
  const text = note === undefined ? "" : cleanText(note).trim();
  if (text === "") return undefined;
  if (countCharacters(text) <= MAX_NOTE) return text;
  const subject = `the note has ${countCharacters(text)} characters, ${MAX_NOTE} allowed`;
  throw new Refusal("too-large", { op, subject });
}

/** @throws {Refusal} `invalid` for a suggestion that is no name. */
export function checkSuggestion(op: string, name: string): string {
  checkName(name, op);
  return name.normalize("NFC");
}

function newestFirst(a: { readonly timeMs: number }, b: { readonly timeMs: number }): number {
  return b.timeMs - a.timeMs;
}

function keyOf(one: string, other: string): string {
  return `${one}/${other}`;
}
