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
  return (text) => text.length <= MAX_TEXT_LENGTH && walk(steps, fold(text));
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

/** Whether some part of the text leads to the end, all ways walked at once. */
function walk(steps: readonly Step[], text: string): boolean {
  // Where each step was seen last, so that no step is taken twice at one letter.
  const seenAt = new Int32Array(steps.length).fill(-1);
  let here: number[] = [];
  for (let at = 0; at <= text.length; at++) {
    const next: number[] = [];
    // A match may begin at any letter.
    here.push(0);
    for (let place = here.pop(); place !== undefined; place = here.pop()) {
      if (seenAt[place] === at) continue;
      seenAt[place] = at;
      const step = steps[place]!;
      if ("done" in step) return true;
      if ("fork" in step) here.push(...step.fork);
      else if ("be" in step) {
        if (at === (step.be === "start" ? 0 : text.length)) here.push(step.next);
      } else if (at < text.length && step.take(text[at]!)) next.push(step.next);
    }
    here = next;
  }
  return false;
}
