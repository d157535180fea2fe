/**
 * What `ssh host words…` sends is one text, which a server usually gives to a shell. Here it is
 * divided into words as a POSIX shell divides plain words and quotes (Shell Command Language,
 * sections 2.2 and 2.6.5), and nothing in it is ever run.
 *
 * @module
 */

import { PeriError } from "../errors.ts";

/** Longest command that is read, in UTF-16 units. */
export const MAX_COMMAND_UNITS = 64 * 1024;

/**
 * Has a meaning in a shell that words alone cannot have. Patterns are not among it: where no file
 * fits them, as here, a shell leaves them as they are.
 */
const MEANS_MORE = /[|&;<>()$`\n]/;

/**
 * The words of a command.
 *
 * @throws {PeriError} `invalid` for a quote that is not closed and, outside of quotes, for what a
 * shell would do more with than pass it on; `too-large`.
 */
export function parseWords(command: string): string[] {
  if (command.length > MAX_COMMAND_UNITS) {
    const subject = `the command is longer than ${MAX_COMMAND_UNITS} characters`;
    throw new PeriError("too-large", { op: "read the command", subject });
  }
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length;) {
    if (/[ \t]/.test(command[at]!)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
    } else {
      const { text, next } = takePart(command, at, word === undefined);
      word = (word ?? "") + text;
      at = next;
    }
  }
  return word === undefined ? words : [...words, word];
}

interface Part {
  readonly text: string;
  readonly next: number;
}

function takePart(command: string, at: number, isFirst: boolean): Part {
  const sign = command[at]!;
  if (sign === "'") return takeSingle(command, at + 1);
  if (sign === '"') return takeDouble(command, at + 1);
  if (sign === "\\") return takeEscaped(command, at);
  const isComment = sign === "#" && isFirst;
  if (!isComment && !MEANS_MORE.test(sign)) return { text: sign, next: at + 1 };
  throw new PeriError("invalid", {
    op: "read the command",
    subject: `there is no shell here that would take ${JSON.stringify(sign)}`,
    hint: "put the word in quotes, twice: once for your shell, once for here",
  });
}

function takeSingle(command: string, start: number): Part {
  const end = command.indexOf("'", start);
  if (end === -1) throw unclosed("'");
  return { text: command.slice(start, end), next: end + 1 };
}

function takeDouble(command: string, start: number): Part {
  let text = "";
  for (let at = start; at < command.length; at++) {
    const sign = command[at]!;
    if (sign === '"') return { text, next: at + 1 };
    if (sign === "\\" && /[$`"\\\n]/.test(command[at + 1] ?? "")) {
      at++;
      text += command[at] === "\n" ? "" : command[at]!;
    } else if (sign === "$" || sign === "`") {
      throw new PeriError("invalid", {
        op: "read the command",
        subject: `there is no shell here that would take ${sign} in double quotes`,
        hint: `write \\${sign}, or use single quotes`,
      });
    } else text += sign;
  }
  throw unclosed('"');
}

function takeEscaped(command: string, at: number): Part {
  const escaped = command[at + 1];
  if (escaped === undefined) throw unclosed("\\");
  return { text: escaped === "\n" ? "" : escaped, next: at + 2 };
}

function unclosed(sign: string): PeriError {
  const subject = `what ${sign} begins has no end`;
  return new PeriError("invalid", { op: "read the command", subject });
}
