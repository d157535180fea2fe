/**
 * What the first word decides. Everything else is loaded only when it is needed: `peri --help` and
 * `peri <pod> …` must start about as fast as Deno itself.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import type { Context } from "./context.ts";
import { formatHelp } from "./help.ts";
import { findWord } from "./words.ts";

/**
 * Runs a command line. Resolves to the exit code; rejects never.
 *
 * @param argv what follows `peri`
 */
export async function dispatch(argv: readonly string[], context: Context): Promise<number> {
  try {
    const { on, words } = takeOn(argv);
    // The launcher takes --on off the words.
    const isSaid = on !== undefined || context.env("PERI_ON_SAID") === "1";
    if (isSaid && !on && !context.env("PERI_ON")) throw noServer();
    const isFar = on !== undefined || Boolean(context.env("PERI_ON")) || await context.hasFar();
    if (!isFar) return await runArgv(words, context);
    const { contextAt, serverMeant } = await load("far.ts");
    const server = await serverMeant(context, on);
    if (server === undefined) return await runArgv(words, context);
    if (isSaid && HERE.has(words[0] ?? "")) throw notFar(words[0]!);
    return await runArgv(words, contextAt(context, server));
  } catch (thrown) {
    return await fail(argv, context, thrown);
  }
}

/** What is done on the computer where it is typed, and would do something else than was meant. */
const HERE: ReadonlySet<string> = new Set(["serve", "service", "ssh"]);

function notFar(word: string): PeriError {
  return new PeriError("invalid", {
    op: `run peri ${word}`,
    subject: `${word} is for this computer; --on names another one`,
    hint: `peri ${word} --help; without --on it is done here`,
  });
}

/**
 * `--on SERVER` before the first word, or anywhere behind a built-in one: what follows the name of a
 * pod is the pod's.
 */
function takeOn(
  argv: readonly string[],
): { readonly on?: string; readonly words: readonly string[] } {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const at = argv.findIndex((word) => word === "--on" || word.startsWith("--on="));
  const isOurs = at === 0 || at > 0 && at < end && findWord(argv[0]!) !== undefined &&
      argv[0] !== "ssh" && !(argv[0] === "pod" && argv[1] === "exec");
  if (!isOurs) return { words: argv };
  const [before, [flag, ...behind]] = [argv.slice(0, at), argv.slice(at) as [string, ...string[]]];
  const on = flag === "--on" ? behind.shift() : flag.slice("--on=".length);
  if (on) return { on, words: [...before, ...behind] };
  throw noServer();
}

function noServer(): PeriError {
  return new PeriError("invalid", {
    op: "run peri",
    subject: "--on names no server",
    hint: "peri --on SERVER …; peri server list shows yours",
  });
}

async function runArgv(argv: readonly string[], context: Context): Promise<number> {
  const first = argv[0] ?? "--help";
  if (first === "__complete") return await (await load("complete.ts")).complete(argv, context);
  if (first === "--version" || first === "-V") return await runArgv(["version"], context);
  if (first === "--help" || first === "-h" || first === "help") {
    if (argv.length > 1 && first === "help") {
      return await runArgv([...argv.slice(1), "--help"], context);
    }
    const help = formatHelp(context.programs.known);
    await context.streams.stdout.write(new TextEncoder().encode(help));
    return 0;
  }
  const isSsh = first === "ssh" && !["--help", "-h"].includes(argv[1] ?? "-h");
  if (isSsh) return await (await load("ssh.ts")).runSsh(argv.slice(1), context);
  const isPodExec = first === "pod" && argv[1] === "exec" && /^[^-]/.test(argv[2] ?? "-");
  if (isPodExec) return await (await load("external.ts")).runPod(argv.slice(2), context);
  if (findWord(first)) return await (await load("app.ts")).runWord(argv, context);
  return await (await load("external.ts")).runExternal(argv, context);
}

async function fail(argv: readonly string[], context: Context, thrown: unknown): Promise<number> {
  const name = thrown instanceof Error ? thrown.name : "";
  if (name === "Interrupted") return 130;
  // Whoever read what is printed has seen enough: 128 and the number of SIGPIPE.
  if (name === "BrokenPipe") return 141;
  const end = argv.indexOf("--");
  const json = (end === -1 ? argv : argv.slice(0, end)).includes("--json");
  try {
    return await (await load("failure.ts")).printError(context, thrown, json);
  } catch {
    return 1;
  }
}

/** The parts that are loaded late, with what they are. */
interface Late {
  "app.ts": typeof import("./app.ts");
  "complete.ts": typeof import("./complete.ts");
  "external.ts": typeof import("./external.ts");
  "far.ts": typeof import("./far.ts");
  "failure.ts": typeof import("./failure.ts");
  "ssh.ts": typeof import("./ssh.ts");
}

/** A path put together here is not read ahead at every start, as a literal one would be. */
function load<File extends keyof Late>(file: File): Promise<Late[File]> {
  return import(import.meta.resolve(`./${file}`));
}
