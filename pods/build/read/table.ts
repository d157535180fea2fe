/**
 * The named types of one interface, as they are found.
 *
 * @module
 */

import type ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import { MAX_TYPE_DEPTH, MAX_TYPE_PARTS } from "../../../wit/types.ts";
import type { Refusals } from "./refusals.ts";

/** Most named types of an interface. */
export const MAX_TYPES = 1_000;

/** Named types of an interface. A type has its name as an object: see `WitInterface.types`. */
export class TypeTable {
  readonly types = new Map<string, CanonicalType>();
  /** `letter` and `letter.id`. */
  readonly docs = new Map<string, string>();
  /** By the names of functions, which a type may have too. */
  readonly functionDocs = new Map<string, string>();
  readonly #names = new Map<CanonicalType, string>();
  readonly #taken = new Set<string>();
  /** Whether it was said that there are too many. */
  #isFull = false;
  readonly #sizes = new Map<CanonicalType, readonly [depth: number, parts: number]>();

  constructor(private readonly refusals: Refusals) {}

  /** A name that no other type has: the wanted one, or one with a number. It is taken then. */
  reserve(wanted: string): string {
    const start = wanted.slice(0, 56).replace(/-$/, "");
    let free = start;
    for (let next = 2; this.#taken.has(free); next++) free = `${start}${next}`;
    this.#taken.add(free);
    return free;
  }

  /**
   * Gives a type a reserved name. Primitives and what has a name already keep what they have.
   *
   * @returns the type, or undefined when it is refused.
   */
  name(name: string, type: CanonicalType, at: ts.Node): CanonicalType | undefined {
    if (typeof type === "string" || this.#names.has(type)) return type;
    if (this.types.size >= MAX_TYPES) {
      if (this.#isFull) return undefined;
      this.#isFull = true;
      const what = `the interface has more than ${MAX_TYPES} types`;
      return this.refusals.at(at, what, "give what belongs together a Capability class of its own");
    }
    this.types.set(name, type);
    this.#names.set(type, name);
    return type;
  }

  /** The name of a type; undefined when it has none. */
  nameOf(type: CanonicalType): string | undefined {
    return this.#names.get(type);
  }

  /** Refuses a type that is too deep or too long; gives it otherwise. */
  bounded(type: CanonicalType, at: ts.Node): CanonicalType | undefined {
    const [depth, parts] = this.#sizeOf(type);
    if (depth > MAX_TYPE_DEPTH) {
      const what = `the type is nested deeper than ${MAX_TYPE_DEPTH}`;
      return this.refusals.at(at, what, "make it flatter: refer to parts by their ids");
    }
    if (parts > MAX_TYPE_PARTS) {
      const what = `the type has more than ${MAX_TYPE_PARTS} parts when it is written out`;
      return this.refusals.at(at, what, "make it smaller: refer to parts by their ids");
    }
    return type;
  }

  #sizeOf(type: CanonicalType): readonly [number, number] {
    if (typeof type === "string") return [1, 1];
    const known = this.#sizes.get(type);
    if (known !== undefined) return known;
    let depth = 0;
    let parts = 1;
    for (const part of partsOf(type)) {
      const [deep, many] = this.#sizeOf(part);
      depth = Math.max(depth, deep);
      parts += many;
    }
    const size = [depth + 1, parts] as const;
    this.#sizes.set(type, size);
    return size;
  }
}

/** The types inside of a type; a name without a type counts as one. */
function partsOf(type: Exclude<CanonicalType, string>): readonly CanonicalType[] {
  const orNone = (part: CanonicalType | null) => part ?? "bool";
  if ("list" in type) return [type.list];
  if ("option" in type) return [type.option];
  if ("tuple" in type) return type.tuple;
  if ("result" in type) return type.result.map(orNone);
  if ("record" in type) return type.record.map(([, part]) => part);
  if ("variant" in type) return type.variant.map(([, part]) => orNone(part));
  return ("enum" in type ? type.enum : type.flags).map(() => "bool" as const);
}
