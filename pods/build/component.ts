/**
 * From one JavaScript module to a component; the one owner of componentize-qjs.
 *
 * @module
 */

import { join } from "node:path";
import { componentize } from "componentize-qjs";
import { CONTRACTS } from "./world.ts";

/** Name of the custom section that holds the manifest. */
export const MANIFEST_SECTION = "peri:pod";

/**
 * A component of the world `peri:pod/pod` that runs a module in QuickJS. The module's top level
 * runs now; the component starts from the memory it leaves.
 *
 * @throws {Error} when the module throws, or does not export what the world asks for.
 */
export async function componentizeModule(source: string): Promise<Uint8Array> {
  try {
    const { component } = await componentize({
      witPath: join(CONTRACTS, "actor.wit"),
      jsSource: source,
      world: "pod",
      optSize: false,
    });
    return new Uint8Array(component);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(reasonOf(text), { cause });
  }
}

/** Where in the bundle it happened says nothing to the author. */
function reasonOf(text: string): string {
  const why = text.replace(/^.*module evaluation: (?:Error: )?/s, "").replace(/^ {4}at .*$/gm, "");
  const [, missing] = /Error resolving module '([^']*)'/.exec(why) ?? [];
  if (missing === undefined) return `the pod breaks as it is loaded: ${why.trim()}`;
  return `a pod cannot import ${missing}: it has what @peri/sdk gives it, and modules that need no ` +
    "more than JavaScript";
}

/** A component with one more custom section at its end (Core Specification, section 5.5.3). */
export function appendSection(
  component: Uint8Array,
  name: string,
  content: Uint8Array,
): Uint8Array {
  const label = new TextEncoder().encode(name);
  const body = [encodeLeb(label.length), label, content];
  const size = body.reduce((sum, part) => sum + part.length, 0);
  const parts = [component, new Uint8Array([0]), encodeLeb(size), ...body];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The content of a component's last custom section of a name; undefined without one. */
export function readSection(component: Uint8Array, name: string): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (let at = 8; at < component.length;) {
    const id = component[at];
    const size = decodeLeb(component, at + 1);
    const end = size.end + size.value;
    if (end > component.length) throw new Error("it is no WebAssembly component, or torn");
    if (id === 0) {
      const label = decodeLeb(component, size.end);
      const start = label.end + label.value;
      const text = new TextDecoder().decode(component.subarray(label.end, start));
      if (text === name && start <= end) found = component.subarray(start, end);
    }
    at = end;
  }
  return found;
}

/** Unsigned LEB128 of at most five bytes, and where it ends. */
function decodeLeb(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[at + index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new Error("it is no WebAssembly component, or torn");
}

/** Unsigned LEB128. */
function encodeLeb(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; bytes.length === 0 || left > 0; left = Math.floor(left / 128)) {
    bytes.push(left % 128 + (left >= 128 ? 128 : 0));
  }
  return new Uint8Array(bytes);
}
