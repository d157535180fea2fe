/**
 * Has a periphery do something: the running server, or without one the home, opened in this
 * process. Both speak the same control session.
 *
 * @module
 */

import type { Ask, Json, JsonRecord } from "../runtime/model/control.ts";
import type { Fingerprint } from "../runtime/model/words.ts";
import type { Fits } from "./asks.ts";
import type { Context } from "./context.ts";
import { hasColour, paint, printable, type Report } from "./output.ts";
import { runSession } from "./session.ts";

/** How the answers of an operation are taken. */
export interface Taking {
  readonly report: Pick<Report, "add">;
  /** The person has said yes beforehand (`--yes`). */
  readonly yes?: boolean;
  /** What they have said yes to, or may say yes to, when that is not one behalf. */
  readonly fits?: Fits;
  /** Answers what it asks of the person; without it they are asked. */
  readonly ask?: (ask: Ask) => Promise<JsonRecord>;
  /** Standard input of the operation; without it there is none. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Takes its standard output; without it that is printed. */
  readonly output?: (bytes: Uint8Array) => void | Promise<void>;
  /** Who acts; without it whoever the periphery belongs to. */
  readonly person?: Fingerprint;
}

/** Arguments of an operation; those that are undefined are left out. */
export type Wishes = Readonly<Record<string, Json | undefined>>;

/**
 * Runs an operation. Its records go to the report, its progress to standard error when that is a
 * terminal. Ctrl-C interrupts it, a second one ends `peri`. Resolves to the exit code.
 *
 * @throws {PeriError} the operation's error; `unreachable` when the server goes away.
 */
export async function control(
  context: Context,
  operation: string,
  wishes: Wishes,
  { report, yes = false, fits, ask: answer, input, output, person }: Taking,
): Promise<number> {
  const line = await context.dial(person) ?? await context.openHome();
  const { stdin, stdout } = context.streams;
  const terminal = stdin.isTerminal && stdout.isTerminal;
  const args = Object.fromEntries(
    Object.entries(wishes).filter(([, value]) => value !== undefined),
  ) as JsonRecord;
  const open = { operation, arguments: args, terminal, ...(person && { person }) };
  return await runSession(line, open, {
    item: (record) => report.add(record),
    note: (text) => showProgress(context, text),
    output: (fd, bytes) =>
      fd === 1 && output
        ? output(bytes)
        : context.streams[fd === 1 ? "stdout" : "stderr"].write(bytes),
    ask: answer ?? (async (ask) => (await import("./asks.ts")).answerAsk(context, ask, yes, fits)),
    onInterrupt: (listener) => context.onInterrupt(listener),
    ...(input && { input }),
  });
}

async function showProgress(context: Context, text: string): Promise<void> {
  const { stderr } = context.streams;
  if (!stderr.isTerminal) return;
  const shown = printable(text);
  await stderr.write(
    new TextEncoder().encode(`${hasColour(stderr, context) ? paint(shown, "dim") : shown}\n`),
  );
}
