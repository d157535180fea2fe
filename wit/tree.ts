/**
 * WIT text to resolved interfaces; the one owner of jco-transpile's wasm-tools.
 *
 * wasm-tools is a WebAssembly component itself: a syntax error is an ordinary error, but a panic
 * leaves its one instance of this process unusable, so every later call fails too. Feed it WIT of
 * people one trusts, or from a process of its own.
 *
 * @module
 */

import { componentEmbed, print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { readWorld, type WitWorld } from "./resolve.ts";
import { parseLists } from "./sexpr.ts";
import { WitError } from "./types.ts";

export type { WitInterface, WitWorld } from "./resolve.ts";

/** Longest WIT text, in UTF-16 units. */
const MAX_WIT = 1_000_000;

/**
 * Resolves a world of a WIT text.
 *
 * @param source one package, further packages nested as `package name { … }`
 * @throws {WitError} when the text is no WIT, has no such world, or a function of an interface has
 * a type that cannot travel in messages (`resource`, `future`, a `stream` that is not its result) or
 * is nested too deep.
 */
export async function resolveWorld(source: string, world: string): Promise<WitWorld> {
  if (source.length > MAX_WIT) throw new WitError(`WIT text is longer than ${MAX_WIT}`);
  return readWorld(parseLists(await printWorld(source, world)));
}

/** The world's type as WebAssembly text. */
async function printWorld(source: string, world: string): Promise<string> {
  try {
    const options = { dummy: true, witSource: source, world };
    const core = await componentEmbed(options as Parameters<typeof componentEmbed>[0]);
    const module = new WebAssembly.Module(new Uint8Array(core));
    const names = ["component-type", `component-type:${world}`];
    const section = names.flatMap((name) => WebAssembly.Module.customSections(module, name))[0];
    if (section === undefined) throw new WitError(`no type of world ${world} was made`);
    return await print(new Uint8Array(section));
  } catch (cause) {
    throw cause instanceof WitError ? cause : new WitError(messageOf(cause), { cause });
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
