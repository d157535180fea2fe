/**
 * Regular expressions of certifications (RFC 9580 section 8, after Henry Spencer): alternatives,
 * `*`, `+`, `?`, groups, ranges, `.`, `^`, `$` and `\`. Written by others, so they are matched by
 * walking all ways at once: the time is the length of the text times that of the expression, whatever
 * it says. Letters match in either case, as in GnuPG.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { MAX_REGEX_LENGTH } from "../../model/limits.ts";

/** Longest text that is matched, in UTF-16 units; a longer one does not match. */
const MAX_TEXT_LENGTH = 512;
/** Groups within groups. */
const MAX_NESTING = 32;

/** Whether a text has a part that fits an expression. */
export type Matcher = (text: string) => boolean;

/** One step of the way: take a letter, be somewhere, go on in two ways, or be done. */
type Step =
  | { readonly take: (letter: string) => boolean; next: number }
  | { readonly be: "start" | "end"; next: number }
  | { fork: [number, number] }
  | { readonly done: true };

/**
 * Reads an expression.
 *
 * @throws {PeriError} `too-large` over `MAX_REGEX_LENGTH`, `invalid` for anything that is none.
 */
export function parseRegex(source: string): Matcher {
  if (source.length > MAX_REGEX_LENGTH) {
    const subject = `${source.length} characters, ${MAX_REGEX_LENGTH} allowed`;
    throw new PeriError("too-large", { op: "read a regular expression", subject });
  }
  const steps: Step[] = [];
  const end = new Parser(fold(source), steps).parse();
  steps[end] = { done: true };
  const walker = new Walker(steps);
  return (text) => text.length <= MAX_TEXT_LENGTH && walker.fits(fold(text));
}

/** The expression that takes mail addresses of a domain and those below it, as GnuPG writes it. */
export function domainRegex(domain: string): string {
  return `<[^>]+[@.]${domain.replace(/[^a-zA-Z0-9-]/g, "\\$&")}>$`;
}

/** Letters in one case; those of other alphabets stay apart where their number would change. */
function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Reads by descent. Every part is given the step it begins at and leaves the next one free, to which
 * all its ways lead.
 */
class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly source: string, private readonly steps: Step[]) {}

  /** The step behind the whole expression. */
  parse(): number {
    const end = this.#alternatives();
    if (this.#at === this.source.length) return end;
    throw this.#refusal("it has a ) too many");
  }

  #alternatives(): number {
    const exits: number[] = [];
    for (;;) {
      const start = this.steps.length;
      this.#branch();
      if (this.source[this.#at] !== "|") break;
      this.#at++;
      // A fork in front of this branch, and a way out behind it.
      this.#insert(start, { fork: [start + 1, NaN] });
      exits.push(this.steps.length);
      this.steps.push({ fork: [NaN, NaN] });
      (this.steps[start] as { fork: [number, number] }).fork[1] = this.steps.length;
    }
    const end = this.steps.length;
    for (const exit of exits) this.steps[exit] = { fork: [end, end] };
    return end;
  }

  #branch(): void {
    while (this.#at < this.source.length && !"|)".includes(this.source[this.#at]!)) this.#piece();
  }

  #piece(): void {
    const start = this.steps.length;
    this.#atom();
    const sign = this.source[this.#at];
    if (sign === undefined || !"*+?".includes(sign)) return;
    this.#at++;
    if (sign !== "+") this.#insert(start, { fork: [start + 1, NaN] });
    if (sign !== "?") this.steps.push({ fork: [start, this.steps.length + 1] });
    if (sign !== "+") (this.steps[start] as { fork: [number, number] }).fork[1] = this.steps.length;
    const next = this.source[this.#at];
    if (next !== undefined && "*+?".includes(next)) throw this.#refusal("two signs of repetition");
  }

  #atom(): void {
    const letter = this.source[this.#at++]!;
    if (letter === "(") return this.#group();
    if (letter === "[") return this.#push(this.#range());
    if (letter === ".") return this.#push(() => true);
    if (letter === "^" || letter === "$") {
      const next = this.steps.length + 1;
      this.steps.push({ be: letter === "^" ? "start" : "end", next });
      return;
    }
    if ("*+?".includes(letter)) throw this.#refusal(`nothing stands before ${letter}`);
    if (letter !== "\\") return this.#push((one) => one === letter);
    const meant = this.source[this.#at++];
    if (meant === undefined) throw this.#refusal("it ends in \\");
    this.#push((one) => one === meant);
  }

  #group(): void {
    if (++this.#depth > MAX_NESTING) throw this.#refusal(`groups are over ${MAX_NESTING} deep`);
    this.#alternatives();
    if (this.source[this.#at] !== ")") throw this.#refusal("a ( is left open");
    this.#at++;
    this.#depth--;
  }

  /** `]` stands for itself when it is first, `-` when it is first or last. */
  #range(): (letter: string) => boolean {
    const isNot = this.source[this.#at] === "^";
    if (isNot) this.#at++;
    const close = this.source.indexOf("]", this.#at + 1);
    if (close < 0) throw this.#refusal("a [ is left open");
    const inside = this.source.slice(this.#at, close);
    this.#at = close + 1;
    const spans: [string, string][] = [];
    for (let at = 0; at < inside.length; at++) {
      const isSpan = inside[at + 1] === "-" && at + 2 < inside.length;
      spans.push([inside[at]!, inside[isSpan ? at + 2 : at]!]);
      if (isSpan) at += 2;
    }
    if (spans.some(([from, to]) => to < from)) throw this.#refusal("a range runs backwards");
    return (letter) => spans.some(([from, to]) => from <= letter && letter <= to) !== isNot;
  }

  #push(take: (letter: string) => boolean): void {
    this.steps.push({ take, next: this.steps.length + 1 });
  }

  /** Puts a step in front of others; ways between those move along. */
  #insert(at: number, step: Step): void {
    const moved = (place: number) => place >= at ? place + 1 : place;
    for (const each of this.steps.slice(at)) {
      if ("fork" in each) each.fork = [moved(each.fork[0]), moved(each.fork[1])];
      else if ("next" in each) each.next = moved(each.next);
    }
    this.steps.splice(at, 0, step);
  }

  #refusal(why: string): PeriError {
    const subject = `${JSON.stringify(this.source)}: ${why}`;
    return new PeriError("invalid", { op: "read a regular expression", subject });
  }
}

/** Where one may be after some letters: all ways together. */
interface Place {
  /** Steps that wait for a letter. */
  readonly waiting: readonly number[];
  /** Whether the end is reached, here or if the text ends here. */
  readonly isDone: boolean;
  readonly isDoneAtEnd: boolean;
  readonly next: Map<string, Place>;
}

/** Letters that are remembered for each place, and places in all: enough for what people write. */
const MAX_REMEMBERED = 1_000;

/**
 * Walks all ways at once. Where they lead is remembered, so that the next text is quicker; a text
 * takes at most its length times the length of the expression.
 */
class Walker {
  #places = new Map<string, Place>();
  #letters = 0;

  constructor(private readonly steps: readonly Step[]) {}

  /** Whether some part of the text leads to the end. */
  fits(text: string): boolean {
    let place = this.#placeOf([0], true);
    for (let at = 0; at < text.length && !place.isDone; at++) {
      place = place.next.get(text[at]!) ?? this.#take(place, text[at]!);
    }
    return place.isDone || place.isDoneAtEnd;
  }

  #take(place: Place, letter: string): Place {
    const next = place.waiting.flatMap((at) => {
      const step = this.steps[at]!;
      return "take" in step && step.take(letter) ? [step.next] : [];
    });
    // A match may begin at any letter.
    const found = this.#placeOf([...next, 0], false);
    if (++this.#letters > MAX_REMEMBERED) {
      this.#letters = 0;
      this.#places = new Map();
    } else place.next.set(letter, found);
    return found;
  }

  #placeOf(begin: readonly number[], isStart: boolean): Place {
    const here = this.#reach(begin, isStart, false);
    const id = `${isStart} ${[...here].sort((a, b) => a - b).join(" ")}`;
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const isDone = (places: ReadonlySet<number>) =>
      [...places].some((at) => "done" in this.steps[at]!);
    const place: Place = {
      waiting: [...here].filter((at) => "take" in this.steps[at]!),
      isDone: isDone(here),
      isDoneAtEnd: isDone(this.#reach(begin, isStart, true)),
      next: new Map(),
    };
    this.#places.set(id, place);
    return place;
  }

  /** Every step that is reached without a letter. */
  #reach(begin: readonly number[], isStart: boolean, isEnd: boolean): Set<number> {
    const seen = new Set<number>();
    const waiting = [...begin];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const step = this.steps[at]!;
      if ("fork" in step) waiting.push(...step.fork);
      else if ("be" in step && (step.be === "start" ? isStart : isEnd)) waiting.push(step.next);
    }
    return seen;
  }
}
