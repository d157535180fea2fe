/**
 * What reads the types of one interface.
 *
 * @module
 */

import type ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import type { Context } from "./symbols.ts";
import type { TypeTable } from "./table.ts";

/**
 * What a class is: the author's own, whose comments are free to change; one of the build's, whose
 * comments say the order of the errors; or `Commands`, which may give what `shown` makes.
 */
export type ClassKind = "own" | "generated" | "commands";

/** Reads types. One for each interface, which has names of its own. */
export interface TypeReader {
  readonly context: Context;
  readonly table: TypeTable;
  /** Types by their declarations; undefined was refused. */
  readonly known: Map<ts.Declaration, CanonicalType | undefined>;
  /** Declarations that are being read: one that comes again contains itself. */
  readonly open: Set<ts.Declaration>;
  /**
   * The type of a value.
   *
   * @param path words to name it with when its author gave it no name
   * @returns undefined when it cannot travel; then it is refused.
   */
  read(node: ts.TypeNode, path: string): CanonicalType | undefined;
}
