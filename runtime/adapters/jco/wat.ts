/**
 * WebAssembly from text, for tests that put together what no compiler would.
 *
 * @module
 */

import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";

/** The binary of a module or component in the text format. @throws for text that is wrong. */
export async function assemble(text: string): Promise<Uint8Array> {
  return new Uint8Array(await parse(text));
}

/**
 * A component of a world around a core module that speaks the canonical ABI itself.
 *
 * @param wit text of the package with the world
 */
export async function componentOf(module: string, wit: string, world: string): Promise<Uint8Array> {
  const options = { binary: await parse(module), witSource: wit, world, stringEncoding: "utf8" };
  const embedded = await componentEmbed(options as Parameters<typeof componentEmbed>[0]);
  return new Uint8Array(await componentNew(embedded, []));
}
