/**
 * Letters on their way: taken from other pods, posted to them, and what became of them.
 *
 * @module
 */

import {
  type Addressee,
  type Outcome,
  type Pod,
  type Post,
  Refusal,
  sizeUtf8,
} from "../sdk/mod.ts";
import type { Gate } from "./gate.ts";
import { type Letter, Mail, type Receipt } from "./generated.ts";
import type { Letters, Received } from "./letters.ts";
import type { Pending } from "./pending.ts";

/** Most bytes of a letter's text as UTF-8. */
const MAX_TEXT_BYTES = 16 * 1024;

/** Longest id of a letter that is taken, in UTF-16 units. */
const MAX_ID = 100;

/** Given back with the answer to a letter: its number, and the place among its recipients. */
type Note = { readonly n: number; readonly at: number };

/** Keeps the letters that other pods leave. */
export class TakenMail extends Mail {
  constructor(
    pod: Pod,
    private readonly gate: Gate,
    private readonly letters: Letters,
    private readonly pending: Pending,
  ) {
    super(pod);
  }

  /**
   * Keeps a letter, or lets it wait until its sender is accepted.
   *
   * @throws {Refusal} `invalid`, `too-large`, `over-quota`, `denied`.
   */
  override async leave({ id, text, inReplyTo }: Letter): Promise<Receipt> {
    const op = "leave a letter";
    checkText(op, text);
    if (id.length === 0 || id.length > MAX_ID) {
      throw new Refusal("invalid", { op, subject: `its id is not 1 to ${MAX_ID} characters` });
    }
    const { caller: { person }, nowMs } = this.run;
    const answers = inReplyTo && await this.letters.numberOf(inReplyTo, person);
    const admitted = await this.gate.admitLetter(op, text, answers !== undefined);
    if (admitted.waits) {
      await this.pending.add(op, { id, text, timeMs: nowMs }, { person, ...admitted });
    } else {
      const letter = { person, id, timeMs: nowMs, ...answers && { answers } };
      await this.letters.addReceived(letter, text, admitted.strange);
    }
    return { receivedMs: nowMs };
  }
}

/** Posts letters. */
export class Outgoing {
  readonly #leave: Post<Mail["leave"], Note>;

  constructor(private readonly pod: Pod, private readonly letters: Letters) {
    this.#leave = pod.posts("told", Mail, "leave", this.#takeOutcome.bind(this));
  }

  /**
   * Keeps a letter and posts it to the pods of people, each of whom stands there once.
   *
   * @returns the letter's number
   */
  async send(people: readonly string[], text: string, answered?: Received): Promise<number> {
    const id = this.#newId();
    const letter = { id, timeMs: this.pod.run.nowMs, ...answered && { answers: answered.n } };
    const { n } = await this.letters.addSent(letter, people, text);
    const places = new Map(people.map((person, at) => [person, at]));
    const note = ({ person = "" }: Addressee): Note => ({ n, at: places.get(person) ?? 0 });
    const sent: Letter = { id, text, ...answered && { inReplyTo: answered.id } };
    await this.#leave(people, [sent], { note });
    return n;
  }

  /** Remembers what became of a letter. */
  async #takeOutcome({ n, at }: Note, outcome: Outcome<Mail["leave"]>): Promise<void> {
    if ("ok" in outcome) {
      const timeMs = outcome.ok.receivedMs;
      return await this.letters.setFate(n, at, { state: "delivered", timeMs });
    }
    const { kind, subject, hint } = outcome.error;
    const more = hint === undefined || hint === "" ? "" : `; ${hint}`;
    await this.letters.setFate(n, at, { state: "failed", why: `${subject} (${kind})${more}` });
  }

  /** Says nothing about how many letters there are, unlike a number. */
  #newId(): string {
    const { run } = this.pod;
    const part = () => Math.floor(run.random() * 0x1_0000_0000).toString(36).padStart(7, "0");
    return `${run.nowMs.toString(36)}-${part()}${part()}`;
  }
}

/** The text. @throws {Refusal} `invalid` without one, `too-large` over {@link MAX_TEXT_BYTES}. */
export function checkText(op: string, text: string): string {
  if (text.trim() === "") throw new Refusal("invalid", { op, subject: "the text is empty" });
  const bytes = sizeUtf8(text);
  if (bytes <= MAX_TEXT_BYTES) return text;
  const subject = `the text has ${bytes} bytes, ${MAX_TEXT_BYTES} allowed`;
  throw new Refusal("too-large", { op, subject, hint: "send it in parts" });
}
