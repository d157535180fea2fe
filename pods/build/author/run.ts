/**
 * How programs for authors end: as `peri` itself, with a line of what went wrong and an exit code.
 *
 * @module
 */

/** Exit codes of the kinds that there are here (README, "Exit codes"). */
const CODES = { invalid: 2, "not-found": 3, exists: 4 } as const;

/** Something the author can do something about. */
export class AuthorError extends Error {
  override readonly name = "AuthorError";

  /** @param hint what to type next */
  constructor(readonly kind: keyof typeof CODES, message: string, readonly hint?: string) {
    super(message);
  }
}

/** Runs a program and ends the process with its exit code; errors are shown without a stack. */
export async function run(op: string, program: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await program());
  } catch (error) {
    console.error(`peri: cannot ${op}: ${error instanceof Error ? error.message : error}`);
    const known = error instanceof AuthorError ? error : undefined;
    if (known?.hint !== undefined) console.error(`hint: ${known.hint}`);
    Deno.exit(CODES[known?.kind ?? "invalid"]);
  }
}
