/**
 * Introductions on their way: taken from other people, and posted to them.
 *
 * @module
 */

import {
  type Outcome,
  type Pod,
  type Post,
  readFingerprint,
  Refusal,
  type Run,
} from "../sdk/mod.ts";
import type { Gate } from "./gate.ts";
import { notTaken } from "./gate.ts";
import { type Introduction, Introductions } from "./generated.ts";
import {
  checkNote,
  checkSuggestion,
  type IntroductionBook,
  MAX_BEHALF_BYTES,
} from "./introduced.ts";
import type { Names } from "./names.ts";

/** Given back with the answer. */
type Note = { readonly to: string; readonly person: string };

/** Keeps what other people say of others. Whoever calls has said it: nobody speaks for another. */
export class TakenIntroductions extends Introductions {
  constructor(
    pod: Pod,
    private readonly gate: Gate,
    private readonly book: IntroductionBook,
    private readonly names: Names,
  ) {
    super(pod);
  }

  /** Keeps an introduction. @throws {Refusal} `denied`, `invalid`, `too-large`, `over-quota`. */
  override async introduce({ person, name, note, behalf }: Introduction): Promise<void> {
    const op = "introduce somebody";
    const { rule } = await this.gate.ask(op);
    if (!rule.introductions) throw notTaken(op);
    const fingerprint = readFingerprint(person);
    const by = this.caller.person;
    if (fingerprint === undefined || fingerprint !== person || person === by) {
      throw new Refusal("invalid", { op, subject: "it does not say who somebody else is" });
    }
    if ((behalf?.length ?? 0) > MAX_BEHALF_BYTES) {
      const subject = `the behalf has more than ${MAX_BEHALF_BYTES} bytes`;
      throw new Refusal("too-large", { op, subject });
    }
    const suggestion = checkSuggestion(op, name);
    const said = checkNote(op, note);
    // Who is known already needs no introduction, and who is introduced here is not told so.
    if (person === await this.run.owner() || await this.names.nameOf(person) !== undefined) return;
    await this.book.add(op, {
      person,
      by,
      name: suggestion,
      timeMs: this.run.nowMs,
      ...said !== undefined && { note: said },
      ...behalf !== undefined && { behalf: behalf.toBase64() },
    });
  }
}

/** Posts introductions. */
export class OutgoingIntroductions {
  readonly #introduce: Post<Introductions["introduce"], Note>;

  constructor(private readonly pod: Pod, private readonly book: IntroductionBook) {
    const take = this.#takeOutcome.bind(this);
    this.#introduce = pod.posts("introduced", Introductions, "introduce", take);
  }

  /** Tells somebody of somebody else. */
  async send(to: string, person: string, name: string, note: string | undefined): Promise<void> {
    const { run } = this.pod;
    const behalf = await behalfOf(run, person);
    this.book.noteSent({ to, person, timeMs: run.nowMs, fate: "waiting" });
    const said = { person, name, note, behalf };
    await this.#introduce([to], [said], { note: { to, person } });
  }

  async #takeOutcome(note: Note, outcome: Outcome<Introductions["introduce"]>): Promise<void> {
    const sent = await this.book.sentTo(note.to, note.person);
    if (sent === undefined) return;
    const fate = "ok" in outcome
      ? "delivered"
      : `failed: ${outcome.error.subject} (${outcome.error.kind})`.slice(0, 300);
    this.book.noteSent({ ...sent, fate });
  }
}

/** The introduction of a person's hey pod as the periphery knows it; none when it knows none. */
async function behalfOf(run: Run, person: string): Promise<Uint8Array | undefined> {
  const { introduction } = await run.request("introduction", { person }) as {
    readonly introduction: string | null;
  };
  if (introduction === null) return undefined;
  const bytes = Uint8Array.fromBase64(introduction);
  return bytes.length <= MAX_BEHALF_BYTES ? bytes : undefined;
}

/**
 * Gives the periphery what came with an introduction, so that the person can be reached.
 *
 * @returns why it was not taken; nothing when it was
 */
export async function learnBehalf(run: Run, person: string, behalf: string) {
  try {
    await run.request("introduce", { person, introduction: behalf });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.subject;
    throw error;
  }
}
