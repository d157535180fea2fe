/**
 * Words of somebody who has come in by SSH: the same words, from the outside. What belongs to a
 * person's own computer (keys, files, programs, questions of trust) is not here, whatever is typed.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import { nearestWord } from "../runtime/model/nearest.ts";
import type { Context, Out } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { gather } from "./lookup.ts";
import { printError } from "./failure.ts";
import { formatTable } from "./output.ts";
import type { Line } from "./session.ts";
import { WORDS } from "./words.ts";

/** The other end of an SSH session. */
export interface Visitor {
  /** Standard input. One reader. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Standard output (1) and error (2). Rejects when they are gone. */
  write(fd: 1 | 2, bytes: Uint8Array): Promise<void>;
  /** Aborts when they interrupt what runs, or are gone. */
  readonly interrupted: AbortSignal;
  /** The terminal that they have, if they have one. */
  readonly terminal: { readonly columns: number; setRaw(raw: boolean): void } | undefined;
  /** A line to the periphery, in their name. */
  dial(): {
    readonly incoming: AsyncIterable<Uint8Array>;
    send(piece: Uint8Array): Promise<void>;
    close(): void;
  };
}

/** Where the words are run. */
export interface Place {
  /** The folder of the checkout. */
  readonly root: string;
  version(): Promise<string>;
  nowMs(): number;
}

/** Built-in words that ask the periphery and nothing else: the others are for the own computer. */
const ALLOWED: Readonly<Record<string, ReadonlySet<string> | true>> = {
  status: true,
  doctor: true,
  who: true,
  profile: true,
  trace: true,
  version: true,
  pod: new Set(["list", "info", "limit", "stop", "start", "confirm", "remove", "logs", "exec"]),
  capability: new Set(["list"]),
  friend: new Set(["list"]),
  person: new Set(["list", "limit"]),
  outbox: new Set(["list", "show", "retry", "drop"]),
  inbox: new Set(["list"]),
};

/** Runs words for a visitor. Resolves to the exit code; what fails is said to them. */
export async function runVisit(
  argv: readonly string[],
  visitor: Visitor,
  place: Place,
): Promise<number> {
  const context = contextOf(visitor, place);
  const [first = "--help", second] = argv;
  try {
    if (argv.length === 0) return await welcome(context);
    if (first === "--help" || first === "-h" || first === "help" && second === undefined) {
      await write(context.streams.stdout, formatWords());
      return 0;
    }
    if (first === "--version" || first === "-V") return await runVisit(["version"], visitor, place);
    if (first === "version") {
      const version = await place.version();
      const json = argv.includes("--json");
      await write(context.streams.stdout, json ? JSON.stringify({ version }) : `peri ${version}`);
      return 0;
    }
    refuse(argv[0] === "help" ? argv.slice(1) : argv);
  } catch (thrown) {
    return await printError(context, thrown, argv.includes("--json"));
  }
  return await dispatch(argv, context);
}

/** @throws {PeriError} `denied` for a built-in word that is not for visitors. */
function refuse([first = "", second = ""]: readonly string[]): void {
  if (!Object.hasOwn(WORDS, first)) {
    if (/^[a-z]/.test(first)) return;
    throw new PeriError("invalid", {
      op: "run a command",
      subject: `${JSON.stringify(first.slice(0, 40))} is no word`,
      hint: "--help shows the words",
    });
  }
  const allowed = Object.hasOwn(ALLOWED, first) ? ALLOWED[first]! : new Set<string>();
  const isNoun = WORDS[first]!.verbs !== undefined;
  const asksHelp = second === "" || second === "--help" || second === "-h";
  if (allowed === true || allowed.has(second) || isNoun && asksHelp && allowed.size > 0) return;
  const verbs = Object.keys(WORDS[first]!.verbs ?? {});
  const words = isNoun && verbs.includes(second) ? `${first} ${second}` : first;
  const nearest = isNoun && !verbs.includes(second) ? nearestWord(second, [...allowed]) : undefined;
  throw new PeriError("denied", {
    op: `run ${words}`,
    subject: "by SSH you can do only what asks the periphery alone",
    hint: nearest === undefined
      ? `on your own computer: peri --on SERVER ${words}`
      : `did you mean ${first} ${nearest}?`,
  });
}

/** What `ssh host` shows: the pods of whoever has come in, and what can be typed. */
async function welcome(context: Context): Promise<number> {
  const pods = await gather((await context.dial())!, "pod.list", {});
  const table = formatTable(pods, [{ field: "name", title: "pod" }, { field: "state" }, {
    field: "about",
  }]);
  const shown = pods.length === 0 ? ["You have no pods here yet."] : table;
  await write(context.streams.stdout, [...shown, "", formatWords()].join("\n"));
  return 0;
}

function formatWords(): string {
  const words = Object.entries(ALLOWED).map(([word, verbs]) =>
    `  ssh HOST ${verbs === true ? word : `${word} ${[...verbs].join("|")}`}`
  );
  return [
    "  ssh HOST POD …           a command of a pod; ssh POD@HOST … is the same",
    "  ssh -t POD@HOST          its screens, if it has any; ssh HOST alone: your pods",
    ...words,
    "Every word takes --help, and most take --json.",
  ].join("\n");
}

function write(out: Out, text: string): Promise<void> {
  return out.write(new TextEncoder().encode(`${text}\n`));
}

function contextOf(visitor: Visitor, place: Place): Context {
  const { terminal, interrupted } = visitor;
  const isTerminal = terminal !== undefined;
  const out = (fd: 1 | 2): Out => ({
    isTerminal,
    columns: terminal?.columns,
    write: (bytes) => visitor.write(fd, bytes),
  });
  return {
    streams: {
      stdin: { isTerminal, pieces: visitor.input, setRaw: (raw) => terminal?.setRaw(raw) },
      stdout: out(1),
      stderr: out(2),
    },
    env: () => undefined,
    nowMs: () => place.nowMs(),
    home: "",
    root: place.root,
    files: { read: notHere, write: notHere, exists: () => Promise.resolve(false) },
    programs: { find: () => undefined, known: [], words: () => [], run: notHere },
    workshop: notHere,
    signer: notHere,
    inspector: notHere,
    keys: notHere,
    network: notHere,
    machine: notHere,
    hasFar: () => Promise.resolve(false),
    far: notHere,
    dial: () => Promise.resolve(lineOf(visitor)),
    openHome: notHere,
    serve: notHere,
    onInterrupt(listener) {
      if (interrupted.aborted) queueMicrotask(listener);
      interrupted.addEventListener("abort", listener);
      return () => interrupted.removeEventListener("abort", listener);
    },
  };
}

function lineOf(visitor: Visitor): Line {
  const { incoming, send, close } = visitor.dial();
  return { incoming, send, close: () => Promise.resolve(close()) };
}

function notHere(): Promise<never> {
  return Promise.reject(
    new PeriError("denied", {
      op: "do that",
      subject: "it needs files, programs or keys of your own computer",
      hint: "on your own computer: peri --on SERVER …",
    }),
  );
}
