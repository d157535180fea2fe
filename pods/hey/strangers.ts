/**
 * What people without a petname may leave that is taken at once: together they have a part of the
 * pod's store, and each of them a few letters that wait to be read.
 *
 * @module
 */

import { Refusal, sizeUtf8, type Table } from "../sdk/mod.ts";

/** Letters of people without a petname that are kept. */
export const MAX_STRANGERS_LETTERS = 500;
/** Bytes of their texts as UTF-8. */
export const MAX_STRANGERS_BYTES = 4 * 1024 * 1024;
/** Unread letters of one of them, where no rule says fewer. */
export const MAX_STRANGER_UNREAD = 50;

/** A letter as it stands on the strangers' account. */
interface Counted {
  readonly person: string;
  readonly unread: boolean;
  /** Bytes on the account; absent for a letter of somebody who had a petname when it came. */
  readonly strange?: number;
}

/** Keeps the account. */
export class Strangers {
  /** @param counts `letters`, `bytes`, and unread letters by fingerprint */
  constructor(private readonly counts: Table<number>) {}

  /**
   * Counts a letter that has come.
   *
   * @param most unread letters of this person
   * @returns what it takes of the strangers' part, `strange`
   * @throws {Refusal} `over-quota` when that part is full.
   */
  async admit(
    op: string,
    person: string,
    text: string,
    most = MAX_STRANGER_UNREAD,
  ): Promise<{ readonly waits: false; readonly strange: number }> {
    const size = sizeUtf8(text);
    const unread = await this.#count(person);
    const letters = await this.#count("letters");
    const bytes = await this.#count("bytes");
    if (unread >= Math.min(most, MAX_STRANGERS_LETTERS)) {
      throw refuse(op, `${unread} letters of yours have not been read`);
    }
    if (letters >= MAX_STRANGERS_LETTERS || bytes + size > MAX_STRANGERS_BYTES) {
      throw refuse(op, "there is no room for letters of people without a petname here");
    }
    this.#set(person, unread + 1);
    this.#set("letters", letters + 1);
    this.#set("bytes", bytes + size);
    return { waits: false, strange: size };
  }

  /** An unread letter is about to be read. */
  async read({ person, unread, strange }: Counted): Promise<void> {
    if (strange !== undefined && unread) this.#set(person, await this.#count(person) - 1);
  }

  /** A letter is about to be deleted. */
  async forget(letter: Counted): Promise<void> {
    if (letter.strange === undefined) return;
    await this.read(letter);
    this.#set("letters", await this.#count("letters") - 1);
    this.#set("bytes", await this.#count("bytes") - letter.strange);
  }

  async #count(key: string): Promise<number> {
    return await this.counts.get(key) ?? 0;
  }

  #set(key: string, count: number): void {
    if (count > 0) this.counts.put(key, count);
    else this.counts.delete(key);
  }
}

function refuse(op: string, subject: string): Refusal {
  const hint = "try again later, or ask them another way to give you a petname";
  return new Refusal("over-quota", { op, subject, hint });
}
