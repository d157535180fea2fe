/**
 * Running a handler again up to where it waits: it is told what it was told before, one thing after
 * the other, and must ask for the same.
 *
 * @module
 */

import type { Settlement } from "./calls.ts";
import type { Failure, WireOutcome } from "../host.ts";
import { hashText, type Note, type Span } from "./journal.ts";
import { formatJson } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import type { EffectBuffer } from "../effects.ts";
import type { Fields } from "../state/fields.ts";

/** The run that is repeated. */
export interface Repeated {
  readonly run: {
    nowMs: number;
    readonly effects: EffectBuffer;
    readonly fields?: Pick<Fields, "retell" | "keep"> | undefined;
  };
  /** Answers it waits for. */
  readonly waits: ReadonlyMap<number, { readonly what: string }>;
  /** Gives it such an answer. */
  take(step: number, settlement: Settlement): void;
  /** What it has posted so far is on its way. */
  posted(): void;
  /** It has been told something. */
  stir(): void;
  /** Asks the periphery now. */
  ask(operation: string, argument: string, sink: (outcome: WireOutcome) => void): void;
}

interface Asked {
  readonly what: string;
  readonly sink: (outcome: WireOutcome) => void;
}

/** A note of something it was told. */
type Answered = Note & readonly [kind: "told" | "read", ...rest: unknown[]];

/** Something that it is to be told. */
interface Answer {
  give(): void;
  /** Of what was too much to be kept: asks for it. @param come called when it may be given */
  read?(come: () => void): void;
}

/** One repetition. */
export class Replay {
  readonly #notes: readonly Note[];
  #next = 0;
  /** What the handler has asked the periphery for. */
  readonly #asked = new Map<number, Asked>();
  /** Calls it began to wait for since the last note. */
  readonly #began: { readonly step: number; readonly what: string }[] = [];

  constructor(notes: readonly Note[]) {
    this.#notes = notes;
  }

  /** Tells the object's fields what they held at the beginning. */
  begin(fields: Pick<Fields, "retell">): void {
    const [first] = this.#notes;
    if (first?.[0] !== "fields") return;
    this.#next++;
    fields.retell(first[1]);
  }

  /** The handler asks the periphery for something. */
  asked(step: number, what: string, sink: (outcome: WireOutcome) => void): void {
    this.#asked.set(step, { what, sink });
  }

  /** The handler begins to wait for an answer. */
  began(step: number, what: string): void {
    this.#began.push({ step, what });
  }

  /**
   * Tells a task that has come to rest the next thing; false when there is nothing more.
   *
   * @throws {Refusal} `internal` when the handler does not do what it did before.
   */
  tell(task: Repeated): boolean {
    for (;;) {
      const note = this.#notes[this.#next++];
      if (note === undefined) return false;
      if (note[0] === "at") task.run.nowMs = note[1];
      else if (note[0] === "fields") task.run.fields?.retell(note[1]);
      else if (note[0] === "asked") this.#checkBegun(note[1], note[2]);
      else if (note[0] === "cut") this.#cut(task);
      else if (note[0] !== "and") {
        this.#checkNothingBegun();
        this.#tellAtOnce(task, [note, ...this.#more()]);
        return true;
      }
    }
  }

  /** Steps among which are those of all calls that stand in the journal. */
  get calls(): Span | undefined {
    const last = this.#notes.reduce((last, note) => note[0] === "asked" ? note[1] : last, 0);
    return last > 0 ? [1, last] : undefined;
  }

  /** @throws {Refusal} `internal`: the handler has ended, and had not before. */
  checkEnd(): void {
    if (this.#next < this.#notes.length) throw new Divergence("it ended earlier than before");
  }

  /** What was told in the moment of the last note. */
  #more(): Answered[] {
    const more: Answered[] = [];
    for (; this.#notes[this.#next]?.[0] === "and"; this.#next += 2) {
      const note = this.#notes[this.#next + 1];
      if (note?.[0] !== "told" && note?.[0] !== "read") break;
      more.push(note);
    }
    return more;
  }

  /** All of it comes before the handler does anything with it: what is read again is waited for. */
  #tellAtOnce(task: Repeated, notes: readonly Answered[]): void {
    const answers = notes.map((note) => this.#answerOf(task, note));
    let missing = notes.filter(([kind]) => kind === "read").length;
    const tell = () => {
      if (missing > 0) return;
      for (const { give } of answers) give();
      task.stir();
    };
    const come = () => {
      missing--;
      tell();
    };
    for (const { read } of answers) read?.(come);
    tell();
  }

  /** @throws {Refusal} `internal` when the handler has not asked for it. */
  #answerOf(task: Repeated, note: Answered): Answer {
    const [kind, step, hash] = note;
    const asked = this.#asked.get(step);
    const what = asked?.what ?? (kind === "told" ? task.waits.get(step)?.what : undefined);
    if (what === undefined) throw new Divergence(`step ${step} is missing`);
    if (hashText(what) !== hash) throw new Divergence(`step ${step} is another one`, cut(what));
    this.#asked.delete(step);
    const outcome: unknown = note[3];
    if (asked === undefined) return { give: () => task.take(step, outcome as Settlement) };
    const { sink } = asked;
    return kind === "told" ? { give: () => sink(outcomeOf(outcome)) } : readAgain(task, asked);
  }

  /** Everything up to here has happened before. */
  #cut(task: Repeated): void {
    this.#checkNothingBegun();
    for (const [step, { what }] of this.#asked) {
      throw new Divergence(`step ${step} is new`, cut(what));
    }
    task.run.fields?.keep();
    task.run.effects.take();
    task.posted();
  }

  #checkBegun(step: number, hash: string): void {
    const began = this.#began.shift() ?? this.#request(step);
    if (began === undefined) throw new Divergence(`step ${step} is missing`);
    const isSame = began.step === step && hashText(began.what) === hash;
    if (!isSame) throw new Divergence(`step ${step} is another one`, cut(began.what));
  }

  #request(step: number): { readonly step: number; readonly what: string } | undefined {
    const asked = this.#asked.get(step);
    return asked && { step, what: asked.what };
  }

  #checkNothingBegun(): void {
    for (const { step, what } of this.#began) {
      throw new Divergence(`step ${step} is new`, cut(what));
    }
  }
}

/** What was too much to be kept. */
function readAgain(task: Repeated, { what, sink }: Asked): Answer {
  let found: WireOutcome | undefined;
  const blank = what.indexOf(" ");
  const read = (come: () => void) =>
    task.ask(what.slice(0, blank), what.slice(blank + 1), (outcome) => {
      found = outcome;
      come();
    });
  return { give: () => sink(found!), read };
}

function outcomeOf(outcome: unknown): WireOutcome {
  const { ok, error } = outcome as { ok?: unknown; error?: Failure };
  if (error !== undefined) return { tag: "err", val: error };
  return { tag: "ok", val: formatJson(ok) };
}

/**
 * A handler does not do what it did before. Its caller is told the step; what it asked for may name
 * others and what they hold, and is for the pod's own log.
 */
export class Divergence extends Refusal {
  constructor(subject: string, readonly detail?: string) {
    const hint = "a handler that awaits must do the same when it is told the same";
    super("internal", { op: "run a handler again", subject, hint });
  }
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
