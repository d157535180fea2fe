/**
 * What people and scripts read when something went wrong.
 *
 * @module
 */

import { EXIT_CODES, PeriError, toPeriError } from "../runtime/model/errors.ts";
import type { Context } from "./context.ts";
import { formatJsonLine, hasColour, paint, printable, printLine } from "./output.ts";

/**
 * Says what went wrong on standard error and gives the exit code: text for people, with `--json`
 * one record `{"error": …}`. Never a stack; `PERI_DEBUG=1` shows the cause of what is internal.
 */
export async function printError(
  context: Pick<Context, "streams" | "env">,
  thrown: unknown,
  json: boolean,
): Promise<number> {
  const error = explained(thrown) ?? toPeriError(thrown, "do that");
  const { stderr } = context.streams;
  if (json) await printLine(stderr, formatJsonLine({ error: error.toRecord() }));
  else await printLine(stderr, formatError(error, hasColour(stderr, context)));
  if (context.env("PERI_DEBUG") === "1") await printLine(stderr, causeOf(error));
  return EXIT_CODES[error.kind];
}

/** What Deno itself throws, in the words of this house; undefined for anything else. */
function explained(thrown: unknown): PeriError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if (thrown.name === "NotCapable") return notAllowed(thrown);
  return /--cached-only is specified/.test(thrown.message) ? notFetched(thrown) : undefined;
}

function notAllowed(cause: Error): PeriError {
  const wanted = cause.message.replace(/, run again.*$/s, "");
  return new PeriError("denied", {
    op: "do that",
    subject: `the launcher does not allow it: ${wanted}`,
    hint: "is peri serve running? If not, start it; else deno task install writes a new launcher",
    cause,
  });
}

/** Packages lie in a folder of Deno's, which may have been emptied, or be another person's. */
function notFetched(cause: Error): PeriError {
  const root = decodeURIComponent(new URL("..", import.meta.url).pathname);
  return new PeriError("damaged", {
    op: "start",
    subject: "packages that peri is made of are not in Deno's cache on this computer any more",
    hint: `cd ${root} && deno task install fetches them`,
    cause,
  });
}

function formatError(error: PeriError, colour: boolean): string {
  const line = `${colour ? paint("peri:", "red") : "peri:"} ${printable(error.message)}`;
  const hint = error.hint ??
    (error.kind === "internal" ? "PERI_DEBUG=1 shows more; please report it" : undefined);
  return hint === undefined ? line : `${line}\nhint: ${printable(hint)}`;
}

function causeOf(error: PeriError): string {
  const chain: string[] = [];
  for (let at: unknown = error; at !== undefined && chain.length < 8;) {
    chain.push(at instanceof Error ? at.stack ?? at.message : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain.join("\ncause: ");
}
