/**
 * Questions on a terminal: yes or no, a line, and a passphrase that is not shown.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import type { Context, Streams } from "./context.ts";
import { printable } from "./output.ts";
import { Interrupted } from "./session.ts";

/** Longest answer, in bytes. */
const MAX_ANSWER_BYTES = 4096;

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
    return await readKeys(stdin.pieces, (key) => show(echo(key)));
  } finally {
    stdin.setRaw(false);
    await show("\n");
  }
}

/** Keys until Enter. Bytes are gathered before they are read as text: a letter may have several. */
async function readKeys(
  pieces: AsyncIterable<Uint8Array>,
  show: (key: string) => Promise<void>,
): Promise<string> {
  let typed: string[] = [];
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    for (const key of decoder.decode(piece, { stream: true })) {
      if (key === "\r" || key === "\n") return typed.join("");
      if (key === "\x03") throw new Interrupted("Ctrl-C");
      if (key === "\x04" && typed.length === 0) throw new Interrupted("Ctrl-D");
      if (key === "\x15") {
        await show("\b \b".repeat(typed.length));
        typed = [];
      } else if (key === "\x7f" || key === "\b") {
        if (typed.pop() !== undefined) await show("\b \b");
      } else if (key >= " " && typed.length < MAX_ANSWER_BYTES) {
        typed.push(key);
        await show(key);
      }
    }
  }
  throw new Interrupted("the terminal is gone");
}
