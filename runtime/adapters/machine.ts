/**
 * Files and programs of this machine, as `peri service` needs them.
 *
 * @module
 */

import { dirname } from "node:path";
import { PeriError } from "../model/errors.ts";

/** Longest unit or other text that is read. */
const MAX_TEXT_BYTES = 256 * 1024;

/** A text file; undefined when there is none. @throws {PeriError} `denied`, `too-large`. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await Deno.stat(path);
    if (size <= MAX_TEXT_BYTES) return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw denied("read", path, error);
  }
  const subject = `${path} is larger than ${MAX_TEXT_BYTES} bytes`;
  throw new PeriError("too-large", { op: "read a file", subject });
}

/** Replaces a file as a whole (write beside it, then rename); makes its folder. @throws {PeriError} `denied`. */
export async function writeText(path: string, text: string): Promise<void> {
  const beside = `${path}.${Deno.pid}.tmp`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(beside, text, { mode: 0o644 });
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => undefined);
    throw denied("write", path, error);
  }
}

/** Removes a file; nothing happens when there is none. @throws {PeriError} `denied`. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw denied("remove", path, error);
  }
}

/** Runs a program to its end without input; both streams as one text. @throws {PeriError} `not-found`. */
export async function runProgram(
  program: string,
  args: readonly string[],
): Promise<{ exitCode: number; output: string }> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { exitCode: code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw denied("run", program, cause);
    const subject = `there is no ${program} on this machine`;
    throw new PeriError("not-found", { op: `run ${program}`, subject, cause });
  }
}

function denied(verb: string, path: string, cause: unknown): PeriError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = "look at its owner and mode, or run this as the user who may";
  return new PeriError("denied", { op: `${verb} ${path}`, subject: reason, hint, cause });
}
