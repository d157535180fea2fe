/**
 * The keys of a screen as they are shown: the most useful at its foot, all of them on a screen of
 * their own.
 *
 * @module
 */

import type { Line } from "./look.ts";
import type { Key } from "./screen.ts";

/** How keys are written. */
const SIGNS: Readonly<Record<string, string>> = {
  "up": "↑",
  "down": "↓",
  "left": "←",
  "right": "→",
  "enter": "↵",
  "escape": "esc",
  "page-up": "PgUp",
  "page-down": "PgDn",
};

/** Keys that mean the same everywhere. */
const GENERAL = new Set(["ctrl-c", "ctrl-d", "escape", "f1"]);

/** Whether a key leads away wherever somebody is. */
export function isGeneral(key: string): boolean {
  return GENERAL.has(key);
}

/** The last line of a screen. */
export function footOf(keys: readonly Key[], takesText: boolean, hasBefore: boolean): Line {
  const back = hasBefore ? "back" : "leave";
  const all = [
    ...keys.map(({ keys, about }) => [signOf(keys[0]!), about]),
    [takesText ? "esc" : "q", back],
    [takesText ? "F1" : "?", "help"],
  ];
  return all.flatMap(([sign, about]): Line => [[` ${sign}`, { bold: true }], [` ${about} `, {
    faint: true,
  }]]);
}

/** All keys of a screen, and those of every screen. */
export function helpLines(keys: readonly Key[], takesText: boolean): Line[] {
  const row = (signs: string, about: string): Line => [
    [`   ${signs.padEnd(22)}`, { bold: true }],
    about,
  ];
  const head = (title: string): Line => [[` ${title}`, { underline: true }]];
  const own = keys.map(({ keys, about }) => row(keys.map(signOf).join("  "), about));
  const move = takesText
    ? [row("↑  ↓  PgUp  PgDn", "read"), row("Alt-↵", "a new line")]
    : [row("↑  ↓  k  j", "up and down"), row("PgUp  PgDn  b  space", "by a page")];
  const typed = takesText
    ? [
      row("Ctrl-A  Ctrl-E", "start and end of the line"),
      row("Ctrl-W  Ctrl-U", "rub out a word, all"),
    ]
    : [row("g  G", "to the start, to the end")];
  const out = row(takesText ? "esc" : "q  esc  ←", "back");
  return [
    [],
    ...(own.length > 0 ? [head("Here"), ...own, [] as Line] : []),
    head("Everywhere"),
    ...move,
    ...typed,
    out,
    row("Ctrl-C", "leave"),
    [],
    [["   any key closes this", { faint: true }]],
  ];
}

function signOf(key: string): string {
  const named = Object.hasOwn(SIGNS, key) ? SIGNS[key] : undefined;
  return named ??
    key.replace(
      /^(ctrl|alt|shift)-(.)/,
      (_, held: string, letter: string) =>
        `${held[0]!.toUpperCase()}${held.slice(1)}-${letter.toUpperCase()}`,
    );
}
