/**
 * What a terminal sends, as keys: the sequences of xterm (ctlseqs, "PC-Style Function Keys") and of
 * those that followed it. The size of a window comes the same way, as terminals report it.
 *
 * @module
 */

import type { TerminalInput } from "../../model/terminal.ts";

/** What was pressed, or how large the window is now. */
export type Typed =
  | Extract<TerminalInput, { readonly val: string }>
  | { readonly tag: "size"; readonly columns: number; readonly rows: number };

const ESCAPE = "\x1b";
/** Longest sequence that is waited for, and longest piece of a paste, in UTF-16 units. */
const [MAX_SEQUENCE, MAX_PASTE] = [64, 16_384];

/** `ESC [ parameters final`, `ESC O final`, and Alt with a letter. */
// deno-lint-ignore no-control-regex -- these are what is looked for
const CSI = /^\x1b\[([0-?]*)[ -/]*([@-~])/;
// deno-lint-ignore no-control-regex -- these are what is looked for
const CSI_BEGUN = /^\x1b\[[0-?]*[ -/]*$/;
// deno-lint-ignore no-control-regex -- these are what is looked for
const CONTROLS = /[\0-\x1f\x7f-\x9f]/;

const LETTERS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  M: "enter",
};
const NUMBERS: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "page-up",
  6: "page-down",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};
const CONTROL: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\x7f": "backspace",
  "\0": "ctrl-space",
  "\x1c": "ctrl-\\",
  "\x1d": "ctrl-]",
  "\x1e": "ctrl-^",
  "\x1f": "ctrl-_",
};

/** Reads what a terminal sends, piece by piece. */
export class Keys {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #isPasting = false;

  /** Whether an Escape has come that may be the key, or the beginning of another one. */
  get isUndecided(): boolean {
    return this.#rest !== "";
  }

  /** Takes a piece; what has been pressed by then. */
  push(piece: Uint8Array): Typed[] {
    this.#rest += this.#decoder.decode(piece, { stream: true });
    const typed: Typed[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) typed.push(...next);
    return typed;
  }

  /** Nothing has followed: what was undecided is the key alone. */
  settle(): Typed[] {
    if (this.#rest === "" || this.#isPasting) return [];
    const isKey = this.#rest === ESCAPE;
    this.#rest = "";
    return isKey ? [{ tag: "key", val: "escape" }] : [];
  }

  /** What comes next, and takes it; undefined when more must come first. */
  #next(): Typed[] | undefined {
    const rest = this.#rest;
    if (rest === "") return undefined;
    if (this.#isPasting) return this.#paste(rest);
    if (rest.startsWith(ESCAPE)) return this.#sequence(rest);
    const at = rest.search(CONTROLS);
    if (at !== 0) return this.#take(at < 0 ? rest.length : at, (text) => typedText(text));
    return this.#take(1, (control) => typedKey(nameOfControl(control)));
  }

  #take(length: number, make: (taken: string) => Typed[]): Typed[] {
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return make(taken);
  }

  #paste(rest: string): Typed[] | undefined {
    const end = rest.indexOf("\x1b[201~");
    if (end < 0) {
      // The end may be on its way.
      const safe = rest.length - 6;
      return safe < MAX_PASTE ? undefined : this.#take(safe, pasted);
    }
    this.#isPasting = false;
    const text = this.#take(end, pasted);
    this.#rest = this.#rest.slice(6);
    return text;
  }

  #sequence(rest: string): Typed[] | undefined {
    const found = CSI.exec(rest);
    if (found !== null) {
      return this.#take(found[0].length, () => this.#meaning(found[1]!, found[2]!));
    }
    if (rest.length > MAX_SEQUENCE) return this.#take(1, () => []);
    if (rest === ESCAPE || rest === "\x1bO" || CSI_BEGUN.test(rest)) return undefined;
    const [, second, third] = rest;
    if (second === "O") return this.#take(3, () => typedKey(LETTERS[third!]));
    if (second === ESCAPE) return this.#take(1, () => typedKey("escape"));
    if (second === "[") return this.#take(2, () => []);
    const point = String.fromCodePoint(rest.codePointAt(1)!);
    return this.#take(1 + point.length, () => typedKey(`alt-${nameOfControl(point) ?? point}`));
  }

  #meaning(parameters: string, final: string): Typed[] {
    const [first = "", second = "", third = ""] = parameters.split(";");
    if (final === "t" && first === "8") return sizeOf(third, second);
    if (final === "~" && first === "200") {
      this.#isPasting = true;
      return [];
    }
    if (final === "Z") return typedKey("shift-tab");
    const name = final === "~" ? NUMBERS[first] : LETTERS[final];
    return name === undefined ? [] : typedKey(`${modifiers(second)}${name}`);
  }
}

function sizeOf(columns: string, rows: string): Typed[] {
  const isSize = /^[1-9]\d{0,4}$/.test(columns) && /^[1-9]\d{0,4}$/.test(rows);
  return isSize ? [{ tag: "size", columns: Number(columns), rows: Number(rows) }] : [];
}

/** 1 and the sum of Shift 1, Alt 2, Ctrl 4. */
function modifiers(parameter: string): string {
  const held = (Number.parseInt(parameter) || 1) - 1;
  return `${held & 4 ? "ctrl-" : ""}${held & 2 ? "alt-" : ""}${held & 1 ? "shift-" : ""}`;
}

function nameOfControl(character: string): string | undefined {
  const code = character.charCodeAt(0);
  if (Object.hasOwn(CONTROL, character)) return CONTROL[character];
  return code > 0 && code < 27 ? `ctrl-${String.fromCharCode(code + 96)}` : undefined;
}

function typedKey(name: string | undefined): Typed[] {
  return name === undefined ? [] : [{ tag: "key", val: name }];
}

function typedText(text: string): Typed[] {
  return [{ tag: "text", val: text.toWellFormed() }];
}

function pasted(text: string): Typed[] {
  const lines = text.replace(/\r\n?/g, "\n").toWellFormed();
  // deno-lint-ignore no-control-regex -- these are what is looked for
  const clean = lines.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
  return clean === "" ? [] : [{ tag: "paste", val: clean }];
}
