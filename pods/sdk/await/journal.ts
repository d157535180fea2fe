/**
 * The journal of a run that awaits others: what it was told, in order, as rows of the SDK's own
 * table. With it the run comes to the same place when it is run again. It ends with its run.
 *
 * @module
 */

import type { EffectBuffer } from "../effects.ts";
import type { WireCall } from "../host.ts";
import { formatJson, type Json } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import type { FieldsNote } from "../state/fields.ts";
import { packNotes } from "./rows.ts";

/** The SDK's own table of runs that wait. */
export const RUNS_TABLE = "sdk:runs";
/** Things a run may be told until it ends. */
export const MAX_NOTES = 10_000;
/**
 * Bytes of what a run was told between two waits that are kept: with its effects they are one
 * transaction. What it has read beyond that is read again, as it is then.
 */
export const MAX_TOLD_BYTES = 256 * 1024;

/** Bytes of what was read below which reading it again saves nothing. */
const SMALL_BYTES = 256;
/** Characters of a text that its hash looks at. */
const HASHED_CHARS = 120;

/** Rows that go in the transaction that ends a run; more are left to errands. */
const MAX_ERASED = 40;

/**
 * What a journal holds: the time of an answer with which the run went on, what fields of its object
 * held then that it looked at before it waited again, something it was told, something that is read
 * again, that what comes next was told in the same moment, a call it began to wait for, and that
 * everything before has happened.
 */
export type Note =
  | readonly [kind: "at", nowMs: number]
  | readonly [kind: "fields", note: FieldsNote]
  | readonly [kind: "told", step: number, hash: string, outcome: Json]
  | readonly [kind: "read", step: number, hash: string]
  | readonly [kind: "and"]
  | readonly [kind: "asked", step: number, hash: string]
  | readonly [kind: "cut"];

/** A call as a row. */
export interface HeadRow {
  readonly call: Omit<WireCall, "invocation" | "arguments"> & { readonly arguments: Json };
}

/** A run as its rows say. */
export interface Stored {
  /** None when it cannot be read, so that the run cannot go on. */
  readonly call: Omit<WireCall, "invocation"> | undefined;
  readonly notes: readonly Note[];
  /** How many rows the notes take. */
  readonly rows: number;
  /** Some of the notes cannot be read, so that the run cannot go on. */
  readonly isDamaged: boolean;
}

/** Numbers from the first to the last, both included. */
export type Span = readonly [first: number, last: number];

/** Kinds of notes that {@link MAX_NOTES} is about. */
const COUNTED: ReadonlySet<string> = new Set<Note[0]>(["told", "read", "asked"]);

/** Keys of {@link RUNS_TABLE}. */
export const keysOf = {
  head: (run: string) => `run/${run}`,
  row: (run: string, number: number) => `log/${run}/${String(number).padStart(6, "0")}`,
  rows: (run: string) => `log/${run}/`,
  /** In the index of all runs: the handle that it answers or an empty text, and who asked. */
  open: (run: string) => `open/${run}`,
} as const;

/** A note of the turn that goes on. */
interface Fresh {
  /** Of what was told. */
  readonly bytes: number;
  /** JSON text of the note; none when there is nothing to say by now. */
  text(): string | undefined;
  /** As {@link text}, when it can be read again. */
  read?(): string;
}

/** The journal of one run while it runs. */
export class Journal {
  readonly #run: string;
  readonly #call: WireCall;
  /** Of the turn that goes on; texts are made when it ends. */
  #fresh: Fresh[] = [];
  #freshBytes = 0;
  #notes = 0;
  #rows = 0;
  /** Notes of the last row while others may join them. */
  #tail: readonly string[] = [];
  /** When it was last told something. */
  #moment: number | undefined;
  #isWritten = false;

  constructor(run: string, call: WireCall) {
    this.#run = run;
    this.#call = call;
  }

  /** Whether it stands in the table. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  /** The run is as its rows say. */
  restore(rows: number, notes: readonly Note[]): void {
    this.#rows = rows;
    this.#notes = notes.filter(([kind]) => COUNTED.has(kind)).length;
    this.#isWritten = true;
  }

  /** The run goes on at this time. */
  at(nowMs: number): void {
    this.#fresh.push({ bytes: 0, text: () => formatJson(["at", nowMs]) });
  }

  /** The run has fields from here on. @param note what it has looked at, when it waits */
  fields(note: () => FieldsNote | undefined): void {
    const text = () => {
      const told = note();
      return told && formatJson(["fields", told]);
    };
    this.#fresh.push({ bytes: 0, text });
  }

  /**
   * The run was told something.
   *
   * @param outcome JSON text
   * @param moment what is told in the same one comes before the run does anything with it
   */
  told(step: number, what: string, outcome: string, moment?: number): void {
    this.#notes++;
    const isAtOnce = moment !== undefined && moment === this.#moment;
    if (isAtOnce) this.#fresh.push({ bytes: 0, text: () => '["and"]' });
    this.#moment = moment;
    const bytes = outcome.length;
    const text = () => `["told",${step},"${hashText(what)}",${outcome}]`;
    const read = () => formatJson(["read", step, hashText(what)]);
    const isRead = what.startsWith("state-") && bytes > SMALL_BYTES;
    this.#fresh.push(isRead ? { bytes, text, read } : { bytes, text });
    this.#freshBytes += bytes;
    if (this.#freshBytes > MAX_TOLD_BYTES) this.#shorten();
  }

  /** The run began to wait for an answer. */
  asked(step: number, what: string): void {
    this.#notes++;
    this.#fresh.push({ bytes: 0, text: () => formatJson(["asked", step, hashText(what)]) });
  }

  /** Writes what is new; everything until now happens with it. {@link check} comes before. */
  write(effects: EffectBuffer): void {
    const put = (key: string, value: string) => effects.write(RUNS_TABLE, key, value);
    if (!this.#isWritten) {
      const { invocation: _, arguments: args, ...call } = this.#call;
      const head: HeadRow = { call: { ...call, arguments: JSON.parse(args) } };
      put(keysOf.head(this.#run), formatJson(head));
    }
    const texts = [...this.#fresh.flatMap(({ text }) => text() ?? []), '["cut"]'];
    const { rows, tail } = packNotes(this.#tail, texts);
    const first = this.#tail.length > 0 ? this.#rows : this.#rows + 1;
    rows.forEach((row, at) => put(keysOf.row(this.#run, first + at), row));
    this.#rows = first + rows.length - 1;
    this.#tail = tail;
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#isWritten = true;
  }

  /** Takes it out of the table; gives the numbers of the rows that are left. */
  erase(effects: EffectBuffer): Span | undefined {
    if (!this.#isWritten) return undefined;
    effects.write(RUNS_TABLE, keysOf.head(this.#run), undefined);
    effects.write(RUNS_TABLE, keysOf.open(this.#run), undefined);
    const last = Math.min(this.#rows, MAX_ERASED);
    eraseRows(effects, this.#run, [1, last]);
    return this.#rows > last ? [last + 1, this.#rows] : undefined;
  }

  #shorten(): void {
    this.#fresh = this.#fresh.map(({ bytes, text, read }) =>
      read === undefined ? { bytes, text } : { bytes: 0, text: read }
    );
    this.#freshBytes = this.#fresh.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @throws {Refusal} `too-large` when the run was told too much. */
  check(): void {
    const op = "wait for another pod";
    if (this.#freshBytes > MAX_TOLD_BYTES) {
      const subject = `the run was told more than ${MAX_TOLD_BYTES} bytes since it last waited`;
      throw new Refusal("too-large", { op, subject, hint: "read less at once" });
    }
    if (this.#notes > MAX_NOTES) {
      const subject = `the run was told more than ${MAX_NOTES} things`;
      throw new Refusal("too-large", { op, subject, hint: "continue in a run of its own" });
    }
  }
}

/** Deletes these rows. */
export function eraseRows(effects: EffectBuffer, run: string, [first, last]: Span): void {
  for (let row = first; row <= last; row++) {
    effects.write(RUNS_TABLE, keysOf.row(run, row), undefined);
  }
}

/** 53 bits that tell texts apart that are not made to be taken for each other. */
export function hashText(text: string): string {
  // Products stay below 2^53, and an interpreter multiplies faster than it calls `Math.imul`.
  let high = text.length;
  let low = 5381;
  const third = HASHED_CHARS / 3;
  const last = text.length - third;
  // Of a long text its beginning, its end and what stands in equal distances.
  const stride = Math.max(1, Math.floor((last - third) / third));
  for (let at = 0; at < text.length; at += at < third || at >= last ? 1 : stride) {
    const unit = text.charCodeAt(at);
    high = (high * 65_599 + unit) | 0;
    low = (low * 33 ^ unit) | 0;
  }
  return ((high >>> 11) * 0x1_0000_0000 + (low >>> 0)).toString(36);
}
