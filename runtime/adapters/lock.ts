/**
 * One process at a time uses a home. The lock is the kernel's (flock), so that it ends with its
 * process, however that ends; the file only says whose it is.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { isFull } from "./failures.ts";

/** What has a home open: a server for long, a command for a moment. */
export type LockHolder = "peri serve" | "peri";

/** Longest wait for a command to be done with a home. */
const COMMAND_WAIT_MS = 5_000;

/** Longest wait for the name of a holder that has just taken the lock. */
const NAME_WAIT_MS = 200;
/** Time between two looks at the lock. */
const STEP_MS = 10;

const OP = "open the home";

/** A home that is this process's alone. */
export interface Lock extends Disposable {
  /** Gives the home free. Repeating it changes nothing. */
  close(): void;
}

/**
 * Takes a home; makes the folder (mode 0700) when there is none. A command that has it is waited
 * for, a server is not.
 *
 * @param holder what others are told has it
 * @param commandWaitMs longest wait for a command
 * @throws {PeriError} `busy` when another process has it, with its pid; `denied` when the folder
 * is not writable; `over-quota` when the disk is full.
 */
export async function openLock(
  home: string,
  holder: LockHolder,
  commandWaitMs = COMMAND_WAIT_MS,
): Promise<Lock> {
  const path = `${home}/lock`;
  const file = await openFile(home, path);
  try {
    await take(file, home, commandWaitMs);
    await file.truncate(0);
    await file.write(new TextEncoder().encode(`${Deno.pid}\n${holder}\n`));
  } catch (error) {
    file.close();
    throw error instanceof PeriError ? error : toLockError(home, error);
  }
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    // A stale name would be shown while the next holder is between locking and writing.
    file.truncateSync(0);
    file.close();
  };
  return { close, [Symbol.dispose]: close };
}

async function openFile(home: string, path: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(home, { recursive: true, mode: 0o700 });
    return await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  } catch (error) {
    throw toLockError(home, error);
  }
}

/** @throws {PeriError} `busy`. */
async function take(file: Deno.FsFile, home: string, commandWaitMs: number): Promise<void> {
  const path = `${home}/lock`;
  let seen = "";
  let sameMs = 0;
  for (let waitedMs = 0; !await file.tryLock(true); waitedMs += STEP_MS) {
    const text = await Deno.readTextFile(path);
    sameMs = text === seen ? sameMs + STEP_MS : 0;
    seen = text;
    const { pid, holder } = parseHolder(text);
    // Between locking and writing its name a holder stands under none, or under that of one that
    // was killed.
    const isSure = sameMs >= (pid === undefined ? NAME_WAIT_MS : STEP_MS);
    const isLate = waitedMs >= commandWaitMs;
    if (isSure && (holder !== "peri" || isLate)) throw refuse(home, pid, holder);
    if (waitedMs >= commandWaitMs + NAME_WAIT_MS) throw refuse(home, pid, holder);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

function parseHolder(text: string): { pid?: number; holder?: string } {
  const { pid, holder } = text.match(/^(?<pid>\d+)\n(?<holder>[a-z ]+)\n$/)?.groups ?? {};
  return pid === undefined || holder === undefined ? {} : { pid: Number(pid), holder };
}

function refuse(home: string, pid: number | undefined, holder: string | undefined): PeriError {
  return new PeriError("busy", {
    op: OP,
    subject: pid === undefined
      ? `${home} is in use by another process`
      : `${home} is in use by ${holder} with pid ${pid}`,
    hint: pid === undefined
      ? `fuser ${home}/lock shows which`
      : `end it with: kill ${pid}; or give this one a home of its own with PERI_HOME`,
  });
}

function toLockError(home: string, cause: unknown): PeriError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const subject = `${home}: ${reason}`;
  if (isFull(cause)) {
    const hint = hasState(home)
      ? "make room on its disk; nothing is lost, but to read it some 100 KiB are needed too"
      : "make room on the disk, or set PERI_HOME to a folder on another one";
    return new PeriError("over-quota", { op: OP, subject, hint, cause });
  }
  const hint = "set PERI_HOME to a folder you may write";
  return new PeriError("denied", { op: OP, subject, hint, cause });
}

/** Whether there is something in the home that another one would not have. */
function hasState(home: string): boolean {
  try {
    return Deno.statSync(`${home}/state.kv`).isFile;
  } catch {
    return false;
  }
}
