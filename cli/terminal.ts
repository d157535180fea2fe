/**
 * A pod's screens on this terminal, through the socket of the home: what `ssh -t pod@host` shows, without
 * ssh.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import { coloursOf, formatSize, GIVE_BACK_TERMINAL } from "../runtime/model/terminal.ts";
import type { Context } from "./context.ts";
import { runSession } from "./session.ts";

/** Whether somebody sits at it. */
export function isAtTerminal({ streams: { stdin, stdout } }: Context): boolean {
  return stdin.isTerminal && stdout.isTerminal;
}

/**
 * Shows a pod's screens, or the list of pods. Resolves to the exit code; the terminal is then as it was.
 *
 * @throws {PeriError} `invalid` without a terminal; `not-found`, `missing-implementation` of the pod.
 */
export async function runTerminal(
  pod: string | undefined,
  argv: readonly string[],
  context: Context,
): Promise<number> {
  if (!isAtTerminal(context)) throw noTerminal(pod);
  const { stdin, stdout, stderr } = context.streams;
  const line = await context.dial() ?? await context.openHome();
  const colours = coloursOf(context.env("TERM") ?? "", (name) => envOf(context, name));
  const { columns = 80, rows = 24 } = stdout;
  const place = { columns, rows, colours };
  const open = {
    operation: "pod.terminal",
    arguments: { ...(pod === undefined ? {} : { pod }), argv, ...place },
    terminal: true,
  };
  const typed = new Typed(stdin.pieces);
  const tell = () => typed.push(formatSize(stdout.columns ?? columns, stdout.rows ?? rows));
  const forget = context.onResize?.(tell);
  stdin.setRaw(true);
  try {
    return await runSession(line, open, {
      item: () => {},
      note: () => {},
      output: (fd, bytes) => (fd === 1 ? stdout : stderr).write(bytes),
      ask: async (ask) => (await import("./asks.ts")).answerAsk(context, ask, false),
      input: typed,
      onInterrupt: (listener) => context.onInterrupt(listener),
    });
  } catch (thrown) {
    // A server that is gone gives nothing back.
    await stdout.write(new TextEncoder().encode(GIVE_BACK_TERMINAL));
    throw thrown;
  } finally {
    stdin.setRaw(false);
    forget?.();
  }
}

/** A launcher of before does not let everything be read. */
function envOf(context: Context, name: string): string | undefined {
  try {
    return context.env(name);
  } catch {
    return undefined;
  }
}

/** What is typed, with what the window says in between. */
class Typed implements AsyncIterable<Uint8Array> {
  readonly #said: Uint8Array[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(private readonly pieces: AsyncIterable<Uint8Array>) {}

  push(text: string): void {
    this.#said.push(new TextEncoder().encode(text));
    this.#changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const pieces = this.pieces[Symbol.asyncIterator]();
    let next = pieces.next();
    for (;;) {
      const piece = await Promise.race([next, this.#changed.promise]);
      this.#changed = Promise.withResolvers();
      yield* this.#said.splice(0);
      if (piece === undefined) continue;
      if (piece.done) return;
      yield piece.value;
      next = pieces.next();
    }
  }
}

function noTerminal(pod: string | undefined): PeriError {
  return new PeriError("invalid", {
    op: "show a terminal",
    subject: "standard input and output are none",
    hint: `peri ${pod ?? "POD"} help shows what can be done without`,
  });
}
