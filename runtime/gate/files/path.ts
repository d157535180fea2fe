/**
 * Paths that clients say, as paths of a pod's tree.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";

/** Folders in folders. */
const MAX_DEPTH = 64;
/** Longest name, as in most file systems. */
const MAX_NAME_BYTES = 255;
// deno-lint-ignore no-control-regex -- what is looked for: no program shows a name with these as it is
const UNSAFE = /[\0-\x1f\x7f]/;

/**
 * Absolute, without empty parts, `.` and `..`; nothing is above the root.
 *
 * @throws {PeriError} `invalid` for names that no file here can have.
 */
export function parsePath(text: string): string {
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  if (parts.length > MAX_DEPTH) throw invalid(`it is more than ${MAX_DEPTH} folders deep`);
  if (!parts.every(isName)) throw invalid("a name in it is longer than 255 bytes, or no text");
  return `/${parts.join("/")}`;
}

/** Whether a file may be called so: what a pod says is not believed, for clients make files of it. */
export function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/") &&
    !UNSAFE.test(name) && name.isWellFormed() && utf8Length(name) <= MAX_NAME_BYTES;
}

/** The folder of a path; that of the root is the root. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last part of a path; empty for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of a name in a folder. */
export function pathIn(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

function invalid(subject: string): PeriError {
  return new PeriError("invalid", { op: "find a file", subject });
}
