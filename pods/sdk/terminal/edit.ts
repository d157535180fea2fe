/**
 * A line, or several, that somebody types: what each key makes of it.
 *
 * @module
 */

import { cellsOf } from "./width.ts";

/** Text that is being typed. */
export interface Typing {
  readonly text: string;
  /** Where, in UTF-16 units. */
  readonly at: number;
}

/** Nothing typed yet. */
export const EMPTY: Typing = { text: "", at: 0 };

/** Text with more of it, where the cursor is. @param most UTF-16 units */
export function insert({ text, at }: Typing, more: string, most: number): Typing {
  const added = more.slice(0, Math.max(0, most - text.length)).toWellFormed();
  return { text: text.slice(0, at) + added + text.slice(at), at: at + added.length };
}

/** What a key makes of it; undefined for a key that means nothing here. */
export function edit(typing: Typing, key: string): Typing | undefined {
  return Object.hasOwn(KEYS, key) ? KEYS[key]!(typing) : undefined;
}

const KEYS: Readonly<Record<string, (typing: Typing) => Typing>> = {
  "left": ({ text, at }) => ({ text, at: at - before(text, at) }),
  "right": ({ text, at }) => ({ text, at: at + after(text, at) }),
  "ctrl-left": ({ text, at }) => ({ text, at: wordBefore(text, at) }),
  "alt-b": ({ text, at }) => ({ text, at: wordBefore(text, at) }),
  "ctrl-right": ({ text, at }) => ({ text, at: wordAfter(text, at) }),
  "alt-f": ({ text, at }) => ({ text, at: wordAfter(text, at) }),
  "home": ({ text, at }) => ({ text, at: lineStart(text, at) }),
  "ctrl-a": ({ text, at }) => ({ text, at: lineStart(text, at) }),
  "end": ({ text, at }) => ({ text, at: lineEnd(text, at) }),
  "ctrl-e": ({ text, at }) => ({ text, at: lineEnd(text, at) }),
  "backspace": ({ text, at }) => remove(text, at - before(text, at), at),
  "delete": ({ text, at }) => remove(text, at, at + after(text, at)),
  "ctrl-w": ({ text, at }) => remove(text, wordBefore(text, at), at),
  "alt-backspace": ({ text, at }) => remove(text, wordBefore(text, at), at),
  "ctrl-u": ({ text, at }) => remove(text, lineStart(text, at), at),
  "ctrl-k": ({ text, at }) => remove(text, at, lineEnd(text, at)),
};

function remove(text: string, from: number, to: number): Typing {
  return { text: text.slice(0, from) + text.slice(to), at: from };
}

/** Length of what stands before, with all that belongs to it. */
function before(text: string, at: number): number {
  return cellsOf(text.slice(Math.max(0, at - 64), at)).at(-1)?.text.length ?? 0;
}

function after(text: string, at: number): number {
  return cellsOf(text.slice(at, at + 64))[0]?.text.length ?? 0;
}

function wordBefore(text: string, at: number): number {
  return text.slice(0, at).replace(/[^\s]*\s*$/u, "").length;
}

function wordAfter(text: string, at: number): number {
  return at + (/^\s*[^\s]*/u.exec(text.slice(at))?.[0].length ?? 0);
}

function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}
