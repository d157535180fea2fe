/**
 * Components that are ready at once, for authors who save and look. Making a component of a module
 * takes most of a build, so it is done once, for a module that has nothing but room in it; the code
 * of a version is put into that room, and is evaluated when the pod starts instead of when it is
 * built. What others install is always built whole.
 *
 * @module
 */

import { join } from "node:path";
import { bundlePod } from "../bundle.ts";
import { appendSection, componentizeModule, MANIFEST_SECTION } from "../component.ts";
import { generatePod } from "../generate.ts";
import { encodeManifest, type Manifest } from "../manifest.ts";
import type { Project } from "../project.ts";

/** Most code of a pod, in bytes; hey has 120,000. */
const ROOM_BYTES = 1024 * 1024;
/** Bytes at the start of the room by which it is found in a component. */
const MARK_BYTES = 64;
/** Of the length of the code, behind the mark. */
const HEAD_BYTES = MARK_BYTES + 4;

/** A component with room for a pod's code. */
export interface Draft {
  readonly component: Uint8Array;
  /** Where the room begins. */
  readonly at: number;
}

/** Makes a component with room. Takes as long as building one. */
export async function openDraft(): Promise<Draft> {
  const component = await componentizeModule(roomText());
  const at = findMark(component);
  if (at !== undefined) return { component, at };
  throw new Error("a component with room for code came out without it");
}

/**
 * A pod's component from a draft; undefined when its code does not fit.
 *
 * @throws {Error} as building it does, except for what its code does when it is evaluated.
 */
export async function draftPod(
  { component, at }: Draft,
  project: Project,
  dist: string,
): Promise<{ readonly manifest: Manifest; readonly component: Uint8Array } | undefined> {
  const joint = await generatePod(project);
  const code = asciiOf(await bundlePod(project, joint, join(dist, `.${project.name}.build`)));
  const text = code && functionOf(code);
  if (text === undefined || text.length > ROOM_BYTES - HEAD_BYTES) return undefined;
  const filled = component.slice();
  new DataView(filled.buffer).setUint32(at + MARK_BYTES, text.length);
  filled.set(new TextEncoder().encode(text), at + HEAD_BYTES);
  const section = encodeManifest(joint.manifest);
  const { manifest } = joint;
  return { manifest, component: appendSection(filled, MANIFEST_SECTION, section) };
}

/** The n-th byte of the mark. Never 0, which a snapshot leaves out. */
function markAt(n: number): number {
  return 1 + (n * n * 7 + n * 31 + 113) % 251;
}

/** The module that has room; it says the same of the mark as {@link markAt}. */
function roomText(): string {
  return `
import * as host from "peri:pod/host@0.1.0";
const room = new Uint8Array(${ROOM_BYTES}).fill(1);
for (let n = 0; n < ${MARK_BYTES}; n++) room[n] = 1 + (n * n * 7 + n * 31 + 113) % 251;
let made;
function make() {
  const size = new DataView(room.buffer).getUint32(${MARK_BYTES});
  const parts = [];
  for (let at = ${HEAD_BYTES}; at < ${HEAD_BYTES} + size; at += 4096) {
    const end = Math.min(at + 4096, ${HEAD_BYTES} + size);
    parts.push(String.fromCharCode.apply(null, room.subarray(at, end)));
  }
  return (0, eval)(parts.join(""))(host);
}
export const guest = { dispatch: async (events) => (made ??= make()).dispatch(events) };
`;
}

/** Where the mark stands, if it does once. */
function findMark(bytes: Uint8Array): number | undefined {
  let found: number | undefined;
  for (let at = bytes.indexOf(markAt(0)); at !== -1; at = bytes.indexOf(markAt(0), at + 1)) {
    let n = 1;
    while (n < MARK_BYTES && bytes[at + n] === markAt(n)) n++;
    if (n < MARK_BYTES) continue;
    if (found !== undefined) return undefined;
    found = at;
  }
  return found;
}

/** The same code in ASCII: what QuickJS makes of bytes needs no decoder then. */
function asciiOf(code: string): string {
  return code.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A bundle as a function from its host to its guest; undefined when it looks otherwise. */
function functionOf(code: string): string | undefined {
  const host = /^import \* as (\w+) from "peri:pod\/host@0\.1\.0";$/m.exec(code);
  const guest = /^export \{\n {2}(\w+)(?: as guest)?\n\};\s*$/m.exec(code);
  if (host === null || guest === null || /^(?:im|ex)port\b/m.test(without(code, host, guest))) {
    return undefined;
  }
  return `((${host[1]}) => { "use strict";\n${without(code, host, guest)}\nreturn ${guest[1]};\n})`;
}

function without(code: string, ...found: readonly RegExpExecArray[]): string {
  return found.reduce((text, [part]) => text.replace(part, () => ""), code);
}
