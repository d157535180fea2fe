/**
 * What an author says of a screen: what it loads, what it shows of that, and what its keys do.
 *
 * ```ts
 * const birds: Screen<null, Bird[]> = {
 *   title: () => "Birds",
 *   load: () => table.list(),
 *   view: (birds) => [list(birds.map((bird) => [bird.name, [bird.place, { faint: true }]]))],
 *   keys: () => [{ keys: ["enter"], about: "look", does: (turn) => turn.go("bird", turn.at) }],
 * };
 * ```
 *
 * @module
 */

import type { Json } from "../text/json.ts";
import { type Line, textOf } from "./look.ts";
import { fit, widthOf } from "./width.ts";

/** What there is to paint on. */
export interface Seat {
  readonly columns: number;
  readonly rows: number;
  /** 0, 16, 256 or 16777216. */
  readonly colours: number;
}

/** A part of a screen; they stand below each other. One of a screen takes the room that is left. */
export type Part =
  /** Lines, broken where they are too long. */
  | { readonly kind: "text"; readonly lines: readonly Line[] }
  /** Lines of which one is chosen; takes the room. */
  | { readonly kind: "list"; readonly rows: readonly Line[]; readonly empty: string }
  /** Lines to read, broken, from their start or their end; takes the room. */
  | { readonly kind: "scroll"; readonly lines: readonly Line[]; readonly isFromEnd: boolean }
  /** Where text is typed, over several lines if need be. */
  | { readonly kind: "input"; readonly label: string; readonly ghost: string };

/** What a key of a screen does. */
export interface Key<State extends Json = Json, Data = unknown> {
  /** `enter`, `w`, `ctrl-s`; the first is shown. A letter is none where text is typed. */
  readonly keys: readonly string[];
  /** In a word or two. */
  readonly about: string;
  /** Asked before it is done, to be answered with y. */
  readonly asks?: string;
  /** @throws {Refusal} which is shown, and nothing has happened. */
  does(turn: Turn<State, Data>): void | Promise<void>;
}

/** A screen. What it loads is JSON; while that is small it is kept until something has changed. */
export interface Screen<State extends Json = Json, Data = unknown> {
  title(data: Data, state: State): string;
  /** What it shows. @throws {Refusal} which is shown in its place. */
  load(state: State, seat: Seat): Promise<Data>;
  /** @param typed what has been typed */
  view(data: Data, state: State, seat: Seat, typed: string): readonly Part[];
  keys(data: Data, state: State): readonly Key<State, Data>[];
  /** Done when it is shown for the first time, and when what it shows has changed; the state after. */
  seen?(data: Data, state: State): Promise<State | void>;
}

/** What a key finds, and what it can do besides what its pod does. */
export interface Turn<State extends Json = Json, Data = unknown> {
  readonly data: Data;
  readonly state: State;
  /** The row that is chosen, from 0. */
  readonly at: number;
  /** What has been typed. */
  readonly text: string;
  /** To another screen, from which the way leads back. @param text already typed there */
  go(screen: string, state: Json, text?: string): void;
  /** To another screen in place of this one. */
  become(screen: string, state: Json): void;
  /** To the screen before; from the first one, out. */
  back(): void;
  /** Stays, with another state and nothing typed. */
  stay(state: State): void;
  /** Says something below, until the next key. */
  say(text: string): void;
  /** Out. */
  leave(code?: number): void;
}

/** Lines, broken where they are too long. */
export function text(...lines: readonly (Line | string)[]): Part {
  return { kind: "text", lines: lines.map(lineOf) };
}

/** Lines of which one is chosen. @param empty what is said when there is none */
export function list(rows: readonly (Line | string)[], empty = "nothing here"): Part {
  return { kind: "list", rows: rows.map(lineOf), empty };
}

/** Lines to read. */
export function scroll(
  lines: readonly (Line | string)[],
  { isFromEnd = false }: { readonly isFromEnd?: boolean } = {},
): Part {
  return { kind: "scroll", lines: lines.map(lineOf), isFromEnd };
}

/** Where text is typed. @param ghost shown while there is none */
export function input(label: string, ghost = ""): Part {
  return { kind: "input", label, ghost };
}

/**
 * A list in columns, each as wide as the widest of its cells and at most `most` wide; the last one
 * takes what is left.
 */
export function table(
  rows: readonly (readonly (Line | string)[])[],
  { gap = 2, most = 24, empty }: {
    readonly gap?: number;
    readonly most?: number;
    readonly empty?: string;
  } = {},
): Part {
  const cells = rows.map((row) => row.map(lineOf));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, Math.min(most, widthOf(textOf(cell))));
    });
  }
  const aligned = cells.map((row) =>
    row.flatMap((cell, at) => at === row.length - 1 ? cell : pad(cell, widths[at]!, gap))
  );
  return list(aligned, empty);
}

function pad(cell: Line, width: number, gap: number): Line {
  const [only] = cell;
  if (cell.length === 1 && only !== undefined) {
    const [text, look] = typeof only === "string" ? [only] : only;
    const filled = fit(text, width) + " ".repeat(gap);
    return [look === undefined ? filled : [filled, look]];
  }
  return [...cell, " ".repeat(Math.max(1, width + gap - widthOf(textOf(cell))))];
}

function lineOf(line: Line | string): Line {
  return typeof line === "string" ? [line] : line;
}
