/**
 * Programs `peri-<word>` on PATH, and running them in the place of this process.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";

const PREFIX = "peri-";
/** Signals that go on to the program. */
const SIGNALS = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;

/**
 * Finds and runs programs `peri-<word>`.
 *
 * @param path the variable PATH
 * @param found their paths with colons between, when the launcher has looked already: reading
 * the folders of PATH takes longer than the rest of `peri --help`
 */
export function openPrograms(path: string, found?: string) {
  // A relative folder means another one wherever one stands: nothing is run from there.
  const folders = splitPaths(path);
  const known = found === undefined ? undefined : splitPaths(found);
  return {
    find: (word: string): string | undefined =>
      known === undefined
        ? folders.map((folder) => `${folder}/${PREFIX}${word}`).find(isProgram)
        : known.find((program) => wordOf(program) === word),
    known: wordsOf(known ?? []),
    words: (): readonly string[] => wordsOf(known ?? folders.flatMap(programsIn)),
    run: runProgram,
  };
}

function wordsOf(programs: readonly string[]): readonly string[] {
  return [...new Set(programs.map(wordOf))].sort();
}

function splitPaths(list: string): readonly string[] {
  return list.split(":").filter((path) => path.startsWith("/"));
}

function wordOf(program: string): string {
  return program.slice(program.lastIndexOf("/") + 1 + PREFIX.length);
}

/** Programs of a folder whose names begin as those of peri do; none when it cannot be read. */
function programsIn(folder: string): string[] {
  try {
    const names = Deno.readDirSync(folder).map(({ name }) => name).toArray();
    const ours = names.filter((name) => name.startsWith(PREFIX) && name.length > PREFIX.length);
    return ours.map((name) => `${folder}/${name}`).filter(isProgram);
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
 * Resolves to its exit code, 128 and more when a signal ended it.
 *
 * @param env variables besides those of this process
 * @throws {PeriError} `denied` when it cannot be started.
 */
export async function runProgram(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  // Listened for before it runs: a signal that comes as soon as it says something must not end this
  // process and leave the program behind.
  let child: Deno.ChildProcess | undefined;
  const send = (signal: Deno.Signal) => () => child && pass(child, signal);
  // On a terminal Ctrl-C reaches the program by itself; it must not come twice.
  const interrupt = () => Deno.stdin.isTerminal() || send("SIGINT")();
  const listeners: readonly [Deno.Signal, () => void][] = [
    ["SIGINT", interrupt],
    ...SIGNALS.map((signal) => [signal, send(signal)] as [Deno.Signal, () => void]),
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    child = start(path, args, env);
    return (await child.status).code;
  } finally {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
}

function start(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  try {
    return new Deno.Command(path, {
      args: [...args],
      env: { ...env },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PeriError("denied", { op: "run program", subject: `${path}: ${reason}`, cause });
  }
}

function pass(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // it has just ended
  }
}
