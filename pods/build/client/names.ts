/**
 * Names in generated TypeScript: of types, classes, methods and parameters, none of them twice.
 *
 * @module
 */

import { camelOf } from "../../sdk/codec/names.ts";
import { CAPABILITY_MEMBERS, kebabOf, OF_EVERY_OBJECT, RESERVED_WORDS } from "../read/names.ts";

/** Names that generated code uses itself. */
const USED = [
  ..."Array AsyncIterable Capability Commands InterfaceShape Object Pod Promise Refusal Result Set"
    .split(" "),
  ..."TypedError Uint8Array char f32 s16 s32 s64 s8 u16 u32 u64 u8".split(" "),
];

/** `no-such-place` as a type or class is called: `NoSuchPlace`. */
export function pascalOf(name: string): string {
  return camelOf(`-${name}`);
}

/** The last part of an interface's name: `mail` of `peri:hey/mail`. */
export function lastPart(interfaceName: string): string {
  return interfaceName.replace(/^.*\//, "");
}

/** Whether a name in kebab case comes back from its form in TypeScript. */
export function isReturning(name: string): boolean {
  return kebabOf(camelOf(name)) === name;
}

/** The method of a function; one whose name the SDK or every object has ends in `_`. */
export function methodOf(name: string): string {
  const method = camelOf(name);
  return CAPABILITY_MEMBERS.has(method) || OF_EVERY_OBJECT.has(method) ? `${method}_` : method;
}

/** A parameter; one that is a word of JavaScript ends in `_`. */
export function parameterOf(name: string): string {
  const param = camelOf(name);
  return RESERVED_WORDS.has(param) ? `${param}_` : param;
}

/** Names of one module. */
export class ModuleNames {
  readonly #taken = new Set<string>(USED);

  /** Whether a name is taken. */
  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** Takes a name as it is; false when it is taken. */
  take(name: string): boolean {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** Takes a name, or the first that is free with a word or number behind it. */
  free(name: string, ending: string): string {
    let free = name;
    for (let next = 1; !this.take(free); next++) free = `${name}${ending}${next > 1 ? next : ""}`;
    return free;
  }
}
