/**
 * From one JavaScript module to a component, and the sections of components.
 *
 * @module
 */

import { join } from "node:path";
import type { Parts } from "./bundle.ts";

const CONFIG = join(import.meta.dirname!, "../../deno.json");
const PROGRAM = join(import.meta.dirname!, "componentize.ts");
/** Its exit code when the module has not come to its end in time; that of `timeout`. */
export const LATE = 124;

/** Name of the custom section that holds the manifest. */
export const MANIFEST_SECTION = "peri:pod";

/** Most time for one component; a second is usual, ten on a busy machine. */
const MAKE_MS = 60_000;
/** Longest reason that is shown, in UTF-16 units. */
const MAX_REASON = 4_000;

/**
 * A component of the world `peri:pod/pod` that runs a module in QuickJS. The module's top level
 * runs now, in a process of its own; the component starts from the memory it leaves.
 *
 * @param limitMs most time that it takes
 * @param others where the module stands, and the folder of those that it imports
 * @throws {Error} when the module throws, does not come to its end in time, or does not export what
 * the world asks for.
 */
export async function componentizeModule(
  source: string,
  limitMs: number = MAKE_MS,
  others: readonly string[] = [],
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(source);
  const numbers = [`${bytes.length}`, `${limitMs}`, ...others];
  const child = new Deno.Command(Deno.execPath(), {
    // The packages of this checkout, wherever one stands.
    args: ["run", "-qA", "--no-check", "--frozen", `--config=${CONFIG}`, PROGRAM, ...numbers],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).spawn();
  // Left open: by its end, the process sees that nobody waits for it.
  const input = child.stdin.getWriter();
  // Whether it read everything, its exit code says.
  input.write(bytes).catch(() => {});
  const { code, success, stdout, stderr } = await child.output();
  await input.close().catch(() => {});
  if (success) return stdout;
  throw new Error(
    code === LATE ? lateText(limitMs) : reasonOf(new TextDecoder().decode(stderr)),
  );
}

/** The component of a module that imports others in a folder; as {@link componentizeModule}. */
export async function componentizeParts({ entry, root }: Parts): Promise<Uint8Array> {
  return await componentizeModule(await Deno.readTextFile(entry), MAKE_MS, [entry, root]);
}

function lateText(limitMs: number): string {
  const seconds = limitMs / 1_000;
  return `the pod is not loaded after ${seconds} s: the top level of pod.ts, and of what it imports, ` +
    "may only declare; put what takes time into a method";
}

/** Where in the bundle it happened says nothing to the author. */
function reasonOf(text: string): string {
  const whole = text.replace(/^.*module evaluation: (?:Error: )?/s, "").replace(
    /^ {4}at .*$/gm,
    "",
  );
  const why = whole.trim().slice(0, MAX_REASON);
  const [, missing] = /Error resolving module '([^']*)'/.exec(why) ?? [];
  if (missing === undefined) return `the pod breaks as it is loaded: ${why}`;
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
