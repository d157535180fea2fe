/**
 * Programs `peri-<word>` on PATH, and running them in the place of this process.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";

const PREFIX = "peri-";
/** Signals that go on to the program. */
const SIGNALS = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;

/** Finds and runs programs `peri-<word>`. @param path the variable PATH */
export function openPrograms(path: string) {
  // A relative folder means another one wherever one stands: nothing is run from there.
  const folders = path.split(":").filter((folder) => folder.startsWith("/"));
  return {
    find: (word: string): string | undefined =>
      folders.map((folder) => `${folder}/${PREFIX}${word}`).find(isProgram),
    words: (): readonly string[] => {
      const words = folders.flatMap((folder) =>
        namesIn(folder).filter((name) => isProgram(`${folder}/${name}`))
      );
      return [...new Set(words.map((name) => name.slice(PREFIX.length)))].sort();
    },
    run: runProgram,
  };
}

/** Names of a folder that begin as programs of peri do; none when it cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return Deno.readDirSync(folder).map(({ name }) => name).filter((name) =>
      name.startsWith(PREFIX) && name.length > PREFIX.length
    ).toArray();
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}

/**
 * Runs a program with the standard streams of this process. Signals to this process go on to it.
 * Resolves to its exit code, 128 and more when a
 * signal ended it.
 *
 * @throws {PeriError} `denied` when it cannot be started.
 */
async function runProgram(path: string, args: readonly string[]): Promise<number> {
  const child = start(path, args);
  const pass = SIGNALS.map((signal) => ({ signal, listener: () => send(child, signal) }));
  // On a terminal Ctrl-C reaches the program by itself; it must not come twice.
  const interrupt = () => {
    if (!Deno.stdin.isTerminal()) send(child, "SIGINT");
  };
  Deno.addSignalListener("SIGINT", interrupt);
  for (const { signal, listener } of pass) Deno.addSignalListener(signal, listener);
  try {
    return (await child.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
    for (const { signal, listener } of pass) Deno.removeSignalListener(signal, listener);
  }
}

function start(path: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(path, {
      args: [...args],
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PeriError("denied", { op: "run program", subject: `${path}: ${reason}`, cause });
  }
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // it has just ended
  }
}
