/**
 * What an instance has last read and written of its tables. Reading it again needs no way to the
 * periphery and back: the answer comes from here, and the periphery is told of it in its place among
 * all that the instance says. Nothing but the runs of the instance changes its tables while it
 * lives, so what is known stays true until one of them writes.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import type { PodOutput, TableWrite } from "../../model/pod.ts";

/** Characters of keys and values of one instance. */
const MAX_CHARS = 32 * 1024;
/** Longest value, in characters: one that may be in a file is read where that is. */
const MAX_VALUE = 3 * 1024;
/** Rows of one instance. */
const MAX_ROWS = 256;
/** Questions on their way whose answers are kept. */
const MAX_ASKED = 64;
/** Longest question that is looked at, in characters. */
const MAX_ARGUMENT = 2 * 1024;
/**
 * Characters of answers in a row after which the periphery is to speak: an instance must not run
 * away from it, nor have more to be told of in one frame than a frame holds.
 */
const MAX_ALONE = 256 * 1024;
/** What an answer counts of these, at least. */
const LEAST_ALONE = 512;

/** JSON text, or null where there is no row. */
type Value = string | null;

/** Something asked of rows by their keys. */
interface Question {
  readonly table: string;
  readonly keys: readonly string[];
  /** Whether the answer is a list. */
  readonly isMany: boolean;
}

type Request = PodOutput & { readonly kind: "request" };

/** Rows of one instance; what it says and is told passes here in its order. */
export class Recall {
  /** Least lately used first. */
  readonly #rows = new Map<string, Value>();
  /** On their way, by run and step, with the writes that there had been. */
  readonly #asked = new Map<string, Question & { readonly writes: number }>();
  #chars = 0;
  #writes = 0;
  #alone = 0;

  /** The answer to a request, a JSON text; undefined: the periphery knows. */
  answer(request: Request): string | undefined {
    const question = readQuestion(request);
    if (question === undefined) return undefined;
    const texts = this.#alone < MAX_ALONE ? this.#find(question) : undefined;
    if (texts !== undefined) {
      const answer = JSON.stringify(question.isMany ? texts : texts[0]);
      this.#alone += Math.max(LEAST_ALONE, answer.length);
      return answer;
    }
    this.#asked.set(nameOfStep(request), { ...question, writes: this.#writes });
    // A run that has ended is told of nothing, so the oldest may never be answered.
    if (this.#asked.size > MAX_ASKED) this.#asked.delete(this.#asked.keys().next().value!);
    return undefined;
  }

  /** The instance has said this; effects of a run that failed do not happen. */
  said(output: PodOutput): void {
    if (!("effects" in output) || "outcome" in output && "error" in output.outcome) return;
    const { writes } = output.effects;
    this.#writes += writes.length;
    for (const write of writes) this.#wrote(write);
  }

  /** The periphery has said this, in the shape of `wit/actor.wit`. */
  told(event: Cbor): void {
    this.#alone = 0;
    const { tag, val } = event as unknown as ToldEvent;
    if (tag !== "settled") return;
    const name = nameOfStep(val);
    const asked = this.#asked.get(name);
    if (asked === undefined) return;
    this.#asked.delete(name);
    // A write of another run may have come between.
    const isTrue = asked.writes === this.#writes && val.outcome.tag === "ok";
    if (isTrue && val.outcome.val.length <= MAX_CHARS) this.#learn(asked, val.outcome.val);
  }

  #find({ table, keys }: Question): Value[] | undefined {
    const texts: Value[] = [];
    for (const key of keys) {
      const name = nameOf(table, key);
      const text = this.#rows.get(name);
      if (text === undefined) return undefined;
      // Used last.
      this.#rows.delete(name);
      this.#rows.set(name, text);
      texts.push(text);
    }
    return texts;
  }

  /** Of many the periphery may have answered the first only. */
  #learn({ table, keys, isMany }: Question, answer: string): void {
    const told = JSON.parse(answer) as Value | Value[];
    const texts = isMany ? told as Value[] : [told as Value];
    for (const [at, text] of texts.entries()) this.#keep(nameOf(table, keys[at]!), text);
  }

  #wrote({ table, key, value }: TableWrite): void {
    this.#keep(nameOf(table, key), value ?? null);
  }

  #keep(name: string, text: Value): void {
    this.#forget(name);
    if (text !== null && text.length > MAX_VALUE) return;
    this.#rows.set(name, text);
    this.#chars += sizeOf(name, text);
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= MAX_ROWS && this.#chars <= MAX_CHARS) return;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    const text = this.#rows.get(name);
    if (text === undefined) return;
    this.#rows.delete(name);
    this.#chars -= sizeOf(name, text);
  }
}

/** The part of an event that is looked at. */
interface ToldEvent {
  readonly tag: string;
  readonly val: {
    readonly invocation: number;
    readonly step: number;
    readonly outcome: { readonly tag: string; readonly val: string };
  };
}

/** What of a request is about rows by their keys, if all of it is as it should be. */
function readQuestion({ operation, argument }: Request): Question | undefined {
  if (operation !== "state-get" || argument.length > MAX_ARGUMENT) return undefined;
  const { table, key, keys } = parseObject(argument);
  if (typeof table !== "string") return undefined;
  if (keys === undefined) {
    return typeof key === "string" ? { table, keys: [key], isMany: false } : undefined;
  }
  const isList = Array.isArray(keys) && keys.length > 0;
  return isList && keys.every((one) => typeof one === "string")
    ? { table, keys, isMany: true }
    : undefined;
}

function parseObject(text: string): { table?: unknown; key?: unknown; keys?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** Two rows have two names, whatever their tables and keys hold. */
function nameOf(table: string, key: string): string {
  return `${table.length} ${table}${key}`;
}

function nameOfStep({ invocation, step }: Pick<Request, "invocation" | "step">): string {
  return `${invocation} ${step}`;
}

function sizeOf(name: string, text: Value): number {
  return name.length + (text?.length ?? 0);
}
