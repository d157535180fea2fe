/**
 * Questions on a terminal: yes or no, a line, and a passphrase that is not shown.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import type { Context, In, Streams } from "./context.ts";
import { printable } from "./output.ts";
import { Interrupted } from "./session.ts";

/** Longest answer, in characters. */
const MAX_ANSWER = 4096;
/** Takes one character back from the screen. */
const ERASE = "\b \b";

/**
 * Asks yes or no on the terminal; only `y` or `yes` is yes.
 *
 * @throws {PeriError} `denied` without a terminal, with the flag that answers beforehand.
 * @throws {Interrupted} on Ctrl-C.
 */
export async function askYes(context: Context, question: string): Promise<boolean> {
  const answer = await askLine(context, `${question} [y/N] `, "--yes answers it beforehand");
  return /^y(?:es)?$/i.test(answer.trim());
}

/**
 * Asks for a line, shown as it is typed.
 *
 * @param hint how to answer without a terminal
 * @throws {PeriError} `denied` without a terminal. @throws {Interrupted} on Ctrl-C.
 */
export function askLine(context: Context, question: string, hint: string): Promise<string> {
  return readAnswer(context.streams, question, hint, (key) => key);
}

/**
 * Asks for something secret; what is typed is not shown. The terminal is as before afterwards,
 * whatever happens.
 *
 * @param hint how to answer without a terminal
 * @throws {PeriError} `denied` without a terminal. @throws {Interrupted} on Ctrl-C.
 */
export function askSecret(context: Context, question: string, hint: string): Promise<string> {
  return readAnswer(context.streams, question, hint, () => "");
}

async function readAnswer(
  streams: Streams,
  question: string,
  hint: string,
  echo: (key: string) => string,
): Promise<string> {
  const { stdin, stderr } = streams;
  if (!stdin.isTerminal || !stderr.isTerminal) {
    const subject = `${printable(question.trim())} needs a terminal`;
    throw new PeriError("denied", { op: "ask", subject, hint });
  }
  const show = (text: string) => stderr.write(new TextEncoder().encode(text));
  stdin.setRaw(true);
  try {
    await show(question);
    return await readKeys(stdin, (seen) => show(echo(seen)));
  } finally {
    stdin.setRaw(false);
    await show("\n");
  }
}

/** What was typed ahead of the next question; a paste brings several answers in one piece. */
const ahead = new WeakMap<In, string>();

/** Keys until Enter. Bytes are gathered before they are read as text: a letter may have several. */
async function readKeys(stdin: In, show: (key: string) => Promise<void>): Promise<string> {
  const typed: string[] = [];
  for await (const keys of keysOf(stdin)) {
    let used = 0;
    for (const key of keys) {
      used += key.length;
      if (key === "\r" || key === "\n") {
        ahead.set(stdin, keys.slice(used));
        return typed.join("");
      }
      await show(edit(typed, key));
    }
  }
  throw new Interrupted("the terminal is gone");
}

async function* keysOf(stdin: In): AsyncGenerator<string> {
  yield ahead.get(stdin) ?? "";
  ahead.delete(stdin);
  const decoder = new TextDecoder();
  for await (const piece of stdin.pieces) yield decoder.decode(piece, { stream: true });
}

/** Does what a key means to a line; returns what of it is to be seen. @throws {Interrupted} */
function edit(typed: string[], key: string): string {
  if (key === "\x03" || (key === "\x04" && typed.length === 0)) throw new Interrupted("Ctrl-C");
  if (key === "\x15") return ERASE.repeat(typed.splice(0).length);
  if (key === "\x7f" || key === "\b") return typed.pop() === undefined ? "" : ERASE;
  if (key < " " || typed.length >= MAX_ANSWER) return "";
  typed.push(key);
  return key;
}
