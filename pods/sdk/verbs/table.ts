/**
 * Values one below the other: records as a table with titles, everything else a line each. Rows may
 * come one by one; a column never gets narrower.
 *
 * @module
 */

import { countCharacters } from "../text/clean.ts";
import type { Json } from "../text/json.ts";
import type { Type } from "../shape.ts";
import { formatCell, isNumeric, titleOf } from "./cells.ts";

/** Longest text of a last column, which pushes nothing aside. */
const MAX_LAST = 200;
/** Between the columns. */
const GAP = "  ";

/** One column. */
interface Column {
  readonly title: string;
  readonly isRight: boolean;
  cell(wire: Json): string;
}

/** Lines of values of one type. */
export class TextTable {
  readonly #columns: readonly Column[];
  readonly #widths: number[];
  readonly #hasTitles: boolean;
  #isBegun = false;

  /** @param type of each value */
  constructor(type: Type) {
    this.#columns = columnsOf(type);
    this.#hasTitles = typeof type !== "string" && "record" in type;
    this.#widths = this.#columns.map(({ title }) => this.#hasTitles ? countCharacters(title) : 0);
  }

  /** The lines of more values; titles stand above the first. */
  lines(values: readonly Json[]): string[] {
    const rows = values.map((wire) => this.#columns.map(({ cell }) => cell(wire)));
    for (const row of rows) {
      for (const [at, cell] of row.entries()) {
        this.#widths[at] = Math.max(this.#widths[at]!, countCharacters(cell));
      }
    }
    const isFirst = !this.#isBegun && rows.length > 0;
    this.#isBegun ||= isFirst;
    const titles = this.#columns.map(({ title }) => title);
    return (isFirst && this.#hasTitles ? [titles, ...rows] : rows).map((row) => this.#line(row));
  }

  #line(row: readonly string[]): string {
    return row.map((cell, at) => {
      const blanks = " ".repeat(this.#widths[at]! - countCharacters(cell));
      return this.#columns[at]!.isRight ? blanks + cell : cell + blanks;
    }).join(GAP).trimEnd();
  }
}

function columnsOf(type: Type): Column[] {
  if (typeof type !== "string" && "record" in type) {
    const last = type.record.length - 1;
    return type.record.map(([name, of], at) => ({
      title: titleOf(name).toUpperCase(),
      isRight: isNumeric(of, name),
      cell: (wire) => {
        const part = (wire as Record<string, Json>)[name]!;
        return formatCell(of, part, name, at === last && isText(of) ? MAX_LAST : undefined);
      },
    }));
  }
  if (typeof type !== "string" && "tuple" in type) {
    return type.tuple.map((of, at) => ({
      title: "",
      isRight: isNumeric(of, ""),
      cell: (wire) => formatCell(of, (wire as Json[])[at]!),
    }));
  }
  return [{ title: "", isRight: false, cell: (wire) => formatCell(type, wire, "", MAX_LAST) }];
}

function isText(type: Type): boolean {
  return type === "string" || typeof type !== "string" && "option" in type && isText(type.option);
}
