/**
 * Built-in words: finds the command, reads its flags, runs it. The one owner of @stricli/core.
 *
 * To add a command:
 *
 * 1. Write `cli/commands/<noun>/<verb>.ts` with `export default command({ about, flags, arguments,
 *    json, run })`, or `cli/commands/<word>.ts` for a word without verbs. Describing must stay cheap:
 *    whatever is heavy (`runtime/mod.ts`, OpenPGP) is imported inside `run`.
 * 2. Name it in the table of `cli/words.ts`.
 *
 * `run` gets the context, the flags and the words, and resolves to the exit code. It throws
 * `PeriError`, and writes through `cli/output.ts`: `Report` shows records as a table or, with
 * `--json`, one a line. It asks through `cli/prompt.ts`. To have a periphery do something:
 * `control(context, "pod.install", {...}, …)` of `cli/control.ts`. `cli/commands/pod/list.ts` is a
 * small example.
 *
 * @module
 */

import {
  type Application,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command as Route,
  type CommandContext,
  proposeCompletions,
  type RouteMap,
  run,
  text_en,
} from "@stricli/core";
import { PeriError } from "../runtime/model/errors.ts";
import {
  type Argument,
  type Command,
  type Flags,
  LETTERS,
  type SwitchFlag,
  type TextFlag,
} from "./command.ts";
import type { Context } from "./context.ts";
import { formatWordHelp, formatWords } from "./help.ts";
import { WORDS } from "./words.ts";

/** What stricli needs, and where the outcome of a run goes. */
interface Run extends CommandContext {
  readonly context: Context;
  exitCode: number;
  error?: unknown;
}

/**
 * Runs a built-in word. Resolves to the exit code.
 *
 * @param argv the whole command line after `peri`; its first word is in the table
 * @throws {PeriError} `invalid` for flags and words the command does not take; what it throws.
 */
export async function runWord(argv: readonly string[], context: Context): Promise<number> {
  const wanted = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  const word = WORDS[argv[0]!]!;
  // Without a verb there is nothing to run; with help there is nothing to read the flags for.
  if (wanted.includes("--help") || wanted.includes("-h") || (argv.length === 1 && word.verbs)) {
    const verb = wanted.slice(1).find((part) => word.verbs && Object.hasOwn(word.verbs, part));
    const help = await formatWordHelp(argv[0]!, word, verb);
    await context.streams.stdout.write(new TextEncoder().encode(help));
    return 0;
  }
  const failure: { message?: string } = {};
  const app = await buildApp(argv[0]!, failure);
  const state = startRun(context);
  await run(app, argv, state);
  if (failure.message !== undefined) throw misread(argv, failure.message);
  if (state.error !== undefined) throw state.error;
  return state.exitCode;
}

/** Words that may follow `argv` and start with its last element; its first word is in the table. */
export async function completeWord(
  argv: readonly string[],
  context: Context,
): Promise<readonly string[]> {
  const app = await buildApp(argv[0]!, {});
  const proposals = await proposeCompletions(app, argv, startRun(context));
  const words = proposals.map(({ completion }) => completion);
  // Flags come when a dash asks for them; before it they would only be in the way.
  const wantsFlag = argv.at(-1)?.startsWith("-") ?? false;
  const fitting = words.filter((word) => word !== "--" && word.startsWith("-") === wantsFlag);
  return wantsFlag ? [...fitting, "--help"] : fitting;
}

/** Stricli prints nothing: help and errors are ours. */
function startRun(context: Context): Run {
  const silent = { write: () => {} };
  return { context, exitCode: 0, process: { stdout: silent, stderr: silent } };
}

/** An application that knows one word: loading the others would cost time. */
async function buildApp(
  word: string,
  failure: { message?: string },
): Promise<Application<Run>> {
  const { about, load, verbs } = WORDS[word]!;
  const target = load ? buildRoute(await load()) : await buildNoun(about, verbs ?? {});
  const root = buildRouteMap<string, Run>({ routes: { [word]: target }, docs: { brief: about } });
  const note = (message: string) => failure.message = message;
  return buildApplication(root, {
    name: "peri",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          note(unknownVerb(input, corrections)),
        exceptionWhileParsingArguments: (thrown) => note(messageOf(thrown)),
      },
    },
  });
}

async function buildNoun(
  about: string,
  verbs: Readonly<Record<string, () => Promise<Command>>>,
): Promise<RouteMap<Run>> {
  const loaded = await Promise.all(
    Object.entries(verbs).map(async ([verb, load]) => [verb, buildRoute(await load())] as const),
  );
  return buildRouteMap<string, Run>({
    routes: Object.fromEntries(loaded),
    docs: { brief: about },
  });
}

function buildRoute(command: Command): Route<Run> {
  const flags = Object.entries(command.flags).map(([name, flag]) => [name, buildFlag(flag)]);
  const json = { kind: "boolean", brief: "One JSON record a line", default: false } as const;
  const all = command.json ? [...flags, ["json", { ...json, withNegated: false }]] : flags;
  return buildCommand<Record<string, unknown>, string[], Run>({
    docs: {
      brief: command.about,
      ...(command.details === undefined ? {} : { fullDescription: command.details }),
    },
    parameters: {
      flags: Object.fromEntries(all),
      aliases: aliasesOf(command.flags),
      positional: buildArguments(command.arguments) as never,
    },
    async func(flags, ...words) {
      try {
        // Which flags there are is known to the command alone; `buildFlag` made them of its kinds.
        const given = { json: false, ...flags } as never;
        this.exitCode = await command.run(this.context, given, ...words);
      } catch (thrown) {
        this.error = thrown ?? new Error("nothing was thrown");
      }
    },
  });
}

/** The flags of a command that have a letter, by it. */
function aliasesOf(flags: Flags): Readonly<Record<string, string>> {
  const named = Object.entries(LETTERS).filter(([name]) => Object.hasOwn(flags, name));
  return Object.fromEntries(named.map(([name, letter]) => [letter, name]));
}

function buildFlag(flag: TextFlag | SwitchFlag) {
  const brief = flag.about;
  if (flag.kind === "switch") {
    return { kind: "boolean", brief, default: false, withNegated: false } as const;
  }
  const { placeholder } = flag;
  return { kind: "parsed", parse: String, brief, placeholder, optional: true } as const;
}

function buildArguments(args: readonly Argument[]) {
  const parameters = args.map(({ name, about, count, complete }) => ({
    brief: about,
    placeholder: name,
    parse: String,
    ...(count === "optional" ? { optional: true } : {}),
    ...(complete === undefined ? {} : {
      async proposeCompletions(this: Run, partial: string) {
        const words = await complete(this.context);
        return words.filter((word) => word.startsWith(partial));
      },
    }),
  }));
  const last = args.at(-1);
  if (last?.count === "many") return { kind: "array", parameter: parameters.at(-1) };
  return { kind: "tuple", parameters };
}

function unknownVerb(input: string, corrections: readonly string[]): string {
  const plain = corrections.map((word) => word.replaceAll("`", ""));
  const near = corrections.length > 0 ? `; did you mean ${formatWords(plain)}?` : "";
  return `there is no ${JSON.stringify(input)} here${near}`;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function misread(argv: readonly string[], message: string): PeriError {
  const known = argv.slice(0, WORDS[argv[0]!]?.verbs ? 2 : 1).filter((word) =>
    !word.startsWith("-")
  );
  const verbs = WORDS[argv[0]!]?.verbs;
  const path = verbs && !Object.hasOwn(verbs, argv[1] ?? "") ? argv.slice(0, 1) : known;
  return new PeriError("invalid", {
    op: `run peri ${path.join(" ")}`,
    subject: message.charAt(0).toLowerCase() + message.slice(1),
    hint: `peri ${path.join(" ")} --help shows what it takes`,
  });
}
