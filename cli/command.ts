/**
 * How a command describes itself: plain data with the types of what it is given. Cheap on purpose,
 * because help and completion read it without running anything.
 *
 * @module
 */

import type { Context } from "./context.ts";

/** `--name value`. */
export interface TextFlag {
  readonly kind: "text";
  readonly about: string;
  /** What stands for the value in help: `url`. */
  readonly placeholder: string;
}

/** `--name`. */
export interface SwitchFlag {
  readonly kind: "switch";
  readonly about: string;
}

/** Flags that have a letter of their own in every command: `-y`. */
export const LETTERS: Readonly<Record<string, string>> = { yes: "y", follow: "f" };

/** Flags by name, in camel case; people type kebab case. */
export type Flags = Readonly<Record<string, TextFlag | SwitchFlag>>;

/** What a command is given for its flags; `json` is false when the command does not take it. */
export type FlagValues<F extends Flags> =
  & { readonly [Name in keyof F]: F[Name] extends SwitchFlag ? boolean : string | undefined }
  & { readonly json: boolean };

/** A word after the command. */
export interface Argument {
  /** Stands for the word in help: `file|name`. */
  readonly name: string;
  readonly about: string;
  /** `many`: any number of words, the last argument only. */
  readonly count?: "one" | "optional" | "many";
  /** Words that may stand here, for completion. */
  readonly complete?: (context: Context) => Promise<readonly string[]>;
}

/** A word of `peri` and what it does. */
export interface Command<F extends Flags = Flags> {
  /** One line, an imperative without a full stop. */
  readonly about: string;
  /** More lines for `--help`. */
  readonly details?: string;
  readonly flags: F;
  readonly arguments: readonly Argument[];
  /** Whether `--json` is taken: one record a line on standard output. */
  readonly json: boolean;
  /**
   * Runs it; resolves to the exit code. `words` are the arguments in order.
   *
   * @throws {PeriError} shown to the person, with the exit code of its kind.
   */
  run(context: Context, flags: FlagValues<F>, ...words: string[]): Promise<number>;
}

/** A command with the types of its flags inferred. Without `flags`, `arguments` and `json` it has none. */
export function command<const F extends Flags = Record<never, never>>(
  parts: Pick<Command<F>, "about" | "run"> & Partial<Omit<Command<F>, "about" | "run">>,
): Command<F> {
  return { flags: {} as F, arguments: [], json: false, ...parts };
}

/** A flag with a value, always optional. */
export function text(placeholder: string, about: string): TextFlag {
  return { kind: "text", placeholder, about };
}

/** A flag that is there or not. */
export function toggle(about: string): SwitchFlag {
  return { kind: "switch", about };
}
