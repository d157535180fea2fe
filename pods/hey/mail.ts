/**
 * Letters on their way: taken from other pods, posted to them, and what became of them.
 *
 * @module
 */

import {
  type Addressee,
  type Answer,
  type Continuation,
  Refusal,
  type Run,
  sizeUtf8,
} from "../sdk/mod.ts";
import { type Letter, mail, type Receipt } from "./generated.ts";
import type { Letters, Received } from "./letters.ts";

/** Most bytes of a letter's text as UTF-8. */
export const MAX_TEXT_BYTES = 16 * 1024;

/** Longest id of a letter that is taken, in UTF-16 units. */
const MAX_ID = 100;

/** Given back with the answer to a letter: its number, and the place among its recipients. */
export type Note = { readonly n: number; readonly at: number };

/** Takes and posts letters. */
export class Mail {
  /** @param told the continuation that calls {@link Mail.takeAnswer} */
  constructor(
    private readonly run: Run,
    private readonly letters: Letters,
    private readonly told: Continuation<Note, Receipt>,
  ) {}

  /** Keeps a letter another pod leaves. @throws {Refusal} `invalid`, `too-large`, `over-quota`. */
  async take({ id, text, "in-reply-to": reply }: Letter): Promise<Receipt> {
    const op = "leave a letter";
    checkText(op, text);
    if (id.length === 0 || id.length > MAX_ID) {
      throw new Refusal("invalid", { op, subject: `its id is not 1 to ${MAX_ID} characters` });
    }
    const { caller: { person }, nowMs } = this.run;
    const answers = reply === null ? undefined : await this.letters.numberOf(reply, person);
    const letter = { person, id, timeMs: nowMs, ...answers !== undefined && { answers } };
    await this.letters.addReceived(op, letter, text);
    return { "received-ms": nowMs };
  }

  /** Remembers what became of a letter. */
  async takeAnswer({ n, at }: Note, answer: Answer<Receipt>): Promise<void> {
    if ("error" in answer) {
      const { kind, subject } = answer.error;
      return await this.letters.setFate(n, at, { state: "failed", why: `${subject} (${kind})` });
    }
    // Nobody has held the other pod's answer against the type.
    const claimed: unknown = answer.ok?.["received-ms"];
    const timeMs = typeof claimed === "number" ? claimed : this.run.nowMs;
    await this.letters.setFate(n, at, { state: "delivered", timeMs });
  }

  /**
   * Keeps a letter and posts it to the pods of people, each of whom stands there once. The text has
   * been checked.
   *
   * @returns the letter's number
   */
  async send(people: readonly string[], text: string, answered?: Received): Promise<number> {
    const id = this.#newId();
    const letter = { id, timeMs: this.run.nowMs };
    const answers = answered && { answers: answered.n };
    const { n } = await this.letters.addSent({ ...letter, ...answers }, people, text);
    const wire: Letter = { id, text, "in-reply-to": answered?.id ?? null };
    const places = new Map(people.map((person, at) => [person, at]));
    const note = ({ person = "" }: Addressee): Note => ({ n, at: places.get(person) ?? 0 });
    await this.run.post(mail.leave, people, [wire], { then: this.told, note });
    return n;
  }

  /** Says nothing about how many letters there are, unlike a number. */
  #newId(): string {
    const part = () => Math.floor(this.run.random() * 0x1_0000_0000).toString(36).padStart(7, "0");
    return `${this.run.nowMs.toString(36)}-${part()}${part()}`;
  }
}

/** @throws {Refusal} `invalid` without text, `too-large` over {@link MAX_TEXT_BYTES}. */
export function checkText(op: string, text: string): void {
  if (text.trim() === "") throw new Refusal("invalid", { op, subject: "the text is empty" });
  const bytes = sizeUtf8(text);
  if (bytes <= MAX_TEXT_BYTES) return;
  const subject = `the text has ${bytes} bytes, ${MAX_TEXT_BYTES} allowed`;
  throw new Refusal("too-large", { op, subject, hint: "send it in parts" });
}
