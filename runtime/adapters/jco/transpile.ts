/**
 * From component to program; the one owner of jco-transpile. Runs only in the disposable process of
 * `main.ts`: a panic inside jco poisons the process it runs in.
 *
 * @module
 */

import { $init, generate } from "@bytecodealliance/jco-transpile/component";
import { decodeUtf8 } from "../../model/bytes.ts";
import { refuseComponent } from "./binary.ts";
import { instrument } from "./instrument.ts";
import { patchScript } from "./patches.ts";
import { isKnownImport, quote, refuseWorld } from "./world.ts";

/** What transpiling gives. */
export interface Transpiled {
  readonly script: string;
  /** Guarded core modules by the name the script asks for. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

/** Most core modules of one component. componentize-qjs makes nine. */
const MAX_MODULES = 64;

/** Parts of jco's output that pods have no use for and that keep tables without bounds. */
const REFUSED = ["function streamNew", "function futureNew", "function errorContextNew"];

/**
 * @throws {PeriError} `invalid` when jco or peri refuse the component, `missing-implementation`
 * when it imports what pods do not get.
 */
export async function transpile(component: Uint8Array): Promise<Transpiled> {
  const files = await runJco(component);
  let script: string | undefined;
  const modules = new Map<string, Uint8Array>();
  for (const [name, bytes] of files) {
    if (name.endsWith(".js")) script = decodeUtf8(bytes);
    if (name.endsWith(".wasm")) modules.set(name, guard(bytes));
  }
  if (script === undefined) throw refuseComponent("jco wrote no script for it");
  if (modules.size > MAX_MODULES) throw refuseComponent("it is made of too many modules");
  const refused = REFUSED.find((text) => script.includes(text));
  if (refused !== undefined) throw refuseComponent(`it uses ${refused.slice(9)}`);
  return { script: patchScript(script), modules };
}

async function runJco(component: Uint8Array): Promise<readonly [string, Uint8Array][]> {
  await $init;
  const generated = attempt(() =>
    generate(component, {
      name: "pod",
      map: [],
      instantiation: { tag: "async" },
      noTypescript: true,
      noNodejsCompat: true,
      base64Cutoff: 0,
      noComponentErrorWrapping: false,
    })
  );
  const unknown = generated.imports.find((name) => !isKnownImport(withVersion(name)));
  if (unknown !== undefined) throw refuseWorld(`it needs ${quote(unknown)}`);
  return generated.files;
}

/** jco leaves versions away; `inspect` has checked them on the component itself. */
function withVersion(name: string): string {
  return name.startsWith("wasi:") ? `${name}@0.2.0` : `${name}@0.1.0`;
}

function guard(module: Uint8Array): Uint8Array {
  const guarded = instrument(module);
  if (!WebAssembly.validate(guarded)) throw refuseComponent("a module in it is not valid");
  return guarded;
}

function attempt<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refuseComponent(`jco refuses it: ${reason.split("\n")[0]!.slice(0, 300)}`, cause);
  }
}
