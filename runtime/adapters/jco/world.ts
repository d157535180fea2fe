/**
 * The world a component may live in: what the pod host gives it and what it must give back.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { refuseComponent } from "./binary.ts";
import type { ComponentOutside } from "./component.ts";

/** The world of pods, `wit/actor.wit`. */
export const POD_WORLD = "peri:pod/pod@0.1.0";
/** What a pod exports. */
const GUEST = "peri:pod/guest@0.1.0";
/** What a pod may import from peri. */
const PERI = new Set(["peri:pod/host@0.1.0", "peri:pod/types@0.1.0"]);

/**
 * WASI 0.2 interfaces that the runtimes of guest languages import. The pod host answers all of
 * them (`host/wasi.ts`): clocks and chance work, the rest is empty or refuses.
 */
const WASI = new Set([
  "wasi:cli/environment",
  "wasi:cli/exit",
  "wasi:cli/stderr",
  "wasi:cli/stdin",
  "wasi:cli/stdout",
  "wasi:cli/terminal-input",
  "wasi:cli/terminal-output",
  "wasi:cli/terminal-stderr",
  "wasi:cli/terminal-stdin",
  "wasi:cli/terminal-stdout",
  "wasi:clocks/monotonic-clock",
  "wasi:clocks/wall-clock",
  "wasi:filesystem/preopens",
  "wasi:filesystem/types",
  "wasi:io/error",
  "wasi:io/poll",
  "wasi:io/streams",
  "wasi:random/insecure",
  "wasi:random/insecure-seed",
  "wasi:random/random",
]);

/** Whether the pod host has what this import names. */
export function isKnownImport(name: string): boolean {
  const [path, version] = splitVersion(name);
  return PERI.has(name) || (WASI.has(path) && /^0\.2\.\d{1,3}$/.test(version));
}

/**
 * Checks that a component fits the world of pods.
 *
 * @throws {PeriError} `missing-implementation` when it needs something that is not there or speaks
 * another version, `invalid` when it is no pod at all.
 */
export function checkWorld(outside: ComponentOutside): void {
  const unknown = outside.imports.find((name) => !isKnownImport(name));
  if (unknown !== undefined) throw refuseWorld(`it needs ${quote(unknown)}`);
  if (outside.exports.includes(GUEST)) return;
  const other = outside.exports.find((name) => name.startsWith("peri:pod/guest"));
  if (other === undefined) throw refuseComponent(`it does not export ${GUEST}, so it is no pod`);
  throw refuseWorld(`it was built as ${quote(other)}, this periphery runs ${GUEST}`);
}

/** A component made for a world that this periphery does not have. */
export function refuseWorld(subject: string): PeriError {
  return new PeriError("missing-implementation", {
    op: "read component",
    subject,
    hint: `build the pod for the world ${POD_WORLD}, or update peri`,
  });
}

/** A name from outside, safe to show. */
export function quote(name: string): string {
  return JSON.stringify(name.slice(0, 120));
}

function splitVersion(name: string): [path: string, version: string] {
  const at = name.indexOf("@");
  return at < 0 ? [name, ""] : [name.slice(0, at), name.slice(at + 1)];
}
