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

/** Introductions that wait, and those that were sent. */
export class IntroductionBook {
  /**
   * @param came by `<who introduces>/<who is introduced>`
   * @param sent by `<to whom>/<who is introduced>`
   */
  constructor(private readonly came: Table<Introduced>, private readonly sent: Table<Sent>) {}

  /** Keeps one; a later one of the same people takes its place. @throws {Refusal} `over-quota`. */
  async add(op: string, one: Introduced): Promise<void> {
    const key = keyOf(one.by, one.person);
    if (!await this.came.has(key)) {
      const own = await this.came.count({ prefix: `${one.by}/` });
      if (own >= MAX_BY_ONE || await this.came.count() >= MAX_INTRODUCED) {
        const subject = `${own} introductions of yours wait to be looked at`;
        throw new Refusal("over-quota", { op, subject, hint: "try again later" });
      }
    }
    this.came.put(key, one);
  }

  /** All that wait, the newest first. */
  async list(): Promise<Introduced[]> {
    return (await this.came.list()).map(([, one]) => one).sort((a, b) => b.timeMs - a.timeMs);
  }

  /** How many wait. */
  async count(): Promise<number> {
    return await this.came.count();
  }

  /** Those of one person, the newest first. */
  async of(person: string): Promise<Introduced[]> {
    return (await this.list()).filter((one) => one.person === person);
  }

  /** Forgets what waits of one person; what there was. */
  async take(person: string): Promise<Introduced[]> {
    const found = await this.of(person);
    for (const one of found) this.came.delete(keyOf(one.by, one.person));
    return found;
  }

  /** Forgets what somebody has said of others. */
  async forgetBy(by: string): Promise<void> {
    for (const [key] of await this.came.list({ prefix: `${by}/` })) this.came.delete(key);
  }

  /** Notes one that was sent, or what became of it. */
  noteSent(one: Sent): void {
    this.sent.put(keyOf(one.to, one.person), one);
  }

  /** One that was sent. */
  async sentTo(to: string, person: string): Promise<Sent | undefined> {
    return await this.sent.get(keyOf(to, person));
  }

  /** Those that were sent, the newest first. */
  async listSent(): Promise<Sent[]> {
    return (await this.sent.list()).map(([, one]) => one).sort((a, b) => b.timeMs - a.timeMs);
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

function keyOf(one: string, other: string): string {
  return `${one}/${other}`;
}
