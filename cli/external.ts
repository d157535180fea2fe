/**
 * First words that are not built in: a pod of yours, then a program `peri-<word>` on PATH, then a
 * refusal that names the nearest word. The hot way of `peri hey …`: imports nothing heavy.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import { nearestWord } from "../runtime/model/nearest.ts";
import type { Context } from "./context.ts";
import { podNames } from "./lookup.ts";
import { runSession } from "./session.ts";
import { WORDS } from "./words.ts";

const POD_NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** Most of an unknown word that is shown, in UTF-16 units. */
const MAX_SHOWN = 64;

/**
 * Runs `peri <word> …`. Resolves to the exit code.
 *
 * @throws {PeriError} `invalid` when there is no such word; what the pod's run throws.
 */
export async function runExternal(argv: readonly string[], context: Context): Promise<number> {
  const word = argv[0]!;
  const program = context.programs.find(word);
  // A program's standard input must not be touched before it is known that no pod wants it.
  if (program !== undefined && !(await podNames(context)).includes(word)) {
    return await context.programs.run(program, argv.slice(1));
  }
  if (!POD_NAME.test(word)) throw await unknownWord(word, context);
  try {
    return await runPod(argv, context);
  } catch (thrown) {
    const isMissing = thrown instanceof PeriError && thrown.kind === "not-found" &&
      !(await podNames(context)).includes(word);
    throw isMissing ? await unknownWord(word, context) : thrown;
  }
}

/**
 * Runs a command of a pod, with standard streams and Ctrl-C passed through. Resolves to its exit
 * code.
 *
 * @param argv the pod's name and what follows it
 * @throws {PeriError} `not-found` without such a pod.
 */
export async function runPod(argv: readonly string[], context: Context): Promise<number> {
  const { stdin, stdout, stderr } = context.streams;
  const line = await context.dial() ?? await context.openHome();
  const [pod, ...rest] = argv;
  const open = {
    operation: "pod.run",
    arguments: { pod: pod!, argv: rest },
    terminal: stdin.isTerminal && stdout.isTerminal,
  };
  return await runSession(line, open, {
    item: () => {},
    note: () => {},
    output: (fd, bytes) => (fd === 1 ? stdout : stderr).write(bytes),
    ask: async (ask) => (await import("./asks.ts")).answerAsk(context, ask, false),
    input: stdin.pieces,
    onInterrupt: (listener) => context.onInterrupt(listener),
  });
}

async function unknownWord(word: string, context: Context): Promise<PeriError> {
  return new PeriError("invalid", {
    op: `run peri ${word.length > MAX_SHOWN ? `${word.slice(0, MAX_SHOWN)}…` : word}`,
    subject: "it is no built-in word, no pod of yours and no program peri-… on your PATH",
    hint: await hintFor(word, context),
  });
}

/** Somebody who types the name of a pod that comes with peri does not mean another word. */
async function hintFor(word: string, context: Context): Promise<string> {
  const comesAlong = POD_NAME.test(word) &&
    await context.files.exists(`${context.root}/dist/${word}.wasm`);
  if (comesAlong) return `peri pod install ${word}`;
  const pods = await podNames(context);
  const nearest = nearestWord(word, [...Object.keys(WORDS), ...pods, ...context.programs.words()]);
  return nearest === undefined
    ? "peri --help lists the words, peri pod list your pods"
    : `did you mean peri ${nearest}?`;
}
