/**
 * Reading CBOR values from outside: a shape, field by field, or the error `damaged`.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import type { Cbor } from "./cbor.ts";
import { PeriError } from "./errors.ts";

/** A map whose keys were checked. Every reader throws `damaged` when the field is not its shape. */
export interface Fields {
  /** A text of at most `maxLength` UTF-16 units. */
  text(key: string, maxLength: number): string;
  /** An integer from `min` to `max`. */
  integer(key: string, min: number, max?: number): number;
  /** As {@link integer}, or undefined for null. */
  integerOrNull(key: string, min: number, max?: number): number | undefined;
  /** Bytes of one of these lengths; of any length when none is given. */
  bytes(key: string, ...lengths: number[]): Bytes;
  boolean(key: string): boolean;
  /** An array of `min` to `max` items. */
  list(key: string, min: number, max: number): readonly Cbor[];
  /** A value as it is. */
  value(key: string): Cbor;
}

/** The error for a value that does not have its shape. */
export function misshapen(what: string, detail: string): PeriError {
  return new PeriError("damaged", { op: `read ${what}`, subject: detail });
}

/**
 * The fields of a map with exactly these keys.
 *
 * @param optional keys that may be missing
 * @throws {PeriError} `damaged` for anything else.
 */
export function readFields(
  what: string,
  value: Cbor,
  keys: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (!isMap(value)) throw misshapen(what, "not a map");
  for (const key of keys) if (!Object.hasOwn(value, key)) throw misshapen(what, `no ${key}`);
  for (const key in value) {
    if (!keys.includes(key) && !optional.includes(key)) throw misshapen(what, "an unknown key");
  }
  return new MapFields(what, value);
}

function isMap(value: Cbor): value is { readonly [key: string]: Cbor } {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}

class MapFields implements Fields {
  readonly #what: string;
  readonly #map: { readonly [key: string]: Cbor };

  constructor(what: string, map: { readonly [key: string]: Cbor }) {
    this.#what = what;
    this.#map = map;
  }

  text(key: string, maxLength: number): string {
    const value = this.value(key);
    if (typeof value === "string" && value.length <= maxLength) return value;
    throw this.#torn(key, `a text of at most ${maxLength} characters`);
  }

  integer(key: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(key);
    if (Number.isSafeInteger(value) && value as number >= min && value as number <= max) {
      return value as number;
    }
    throw this.#torn(key, `an integer from ${min} to ${max}`);
  }

  integerOrNull(key: string, min: number, max?: number): number | undefined {
    return this.value(key) === null ? undefined : this.integer(key, min, max);
  }

  bytes(key: string, ...lengths: number[]): Bytes {
    const value = this.value(key);
    const fits = value instanceof Uint8Array &&
      (lengths.length === 0 || lengths.includes(value.length));
    if (fits) return value as Bytes;
    throw this.#torn(key, lengths.length > 0 ? `${lengths.join(" or ")} bytes` : "bytes");
  }

  boolean(key: string): boolean {
    const value = this.value(key);
    if (typeof value === "boolean") return value;
    throw this.#torn(key, "true or false");
  }

  list(key: string, min: number, max: number): readonly Cbor[] {
    const value = this.value(key);
    if (Array.isArray(value) && value.length >= min && value.length <= max) return value;
    throw this.#torn(key, `a list of ${min} to ${max} items`);
  }

  value(key: string): Cbor {
    return Object.hasOwn(this.#map, key) ? this.#map[key]! : null;
  }

  #torn(key: string, wanted: string): PeriError {
    return misshapen(this.#what, `${key} is not ${wanted}`);
  }
}
