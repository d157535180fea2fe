/**
 * A pod's component run by what jco makes of it and nothing else: no host, no watch over time and
 * memory, no limits.
 *
 * @module
 */

import { $init, generate } from "@bytecodealliance/jco-transpile/component";
import { makeWasi } from "../../../runtime/adapters/host/wasi.ts";
import { formatEvent } from "../../../runtime/adapters/host/events.ts";
import type { PodEvent } from "../../../runtime/model/pod.ts";

const HOST = "peri:pod/host";
const SCRIPT = "script.mjs";

/** The shape of the script that jco writes. */
interface Script {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: Record<string, unknown>,
  ): Promise<{ readonly guest: { dispatch(events: readonly unknown[]): Promise<unknown> } }>;
}

/** A running instance. */
export interface RawPod {
  /** Gives it an event; resolves when the run that it begins has ended. */
  call(event: PodEvent): Promise<void>;
}

/** Makes a fresh instance, which has started. */
export type Join = () => Promise<RawPod>;

/** What jco makes of a component, as files in a folder. */
export async function transpileRaw(component: Uint8Array, folder: string): Promise<void> {
  await $init;
  const { files } = generate(component, {
    name: "pod",
    map: [],
    instantiation: { tag: "async" },
    noTypescript: true,
    noNodejsCompat: true,
    base64Cutoff: 0,
    noComponentErrorWrapping: false,
  });
  Deno.mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) {
    if (name.endsWith(".js")) Deno.writeFileSync(`${folder}/${SCRIPT}`, bytes);
    if (name.endsWith(".wasm")) Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
}

/** Reads and compiles what {@link transpileRaw} wrote. */
export async function loadRaw(folder: string): Promise<Join> {
  const script = await import(`file://${folder}/${SCRIPT}`) as Script;
  const modules = new Map<string, WebAssembly.Module>();
  for (const { name } of Deno.readDirSync(folder)) {
    if (!name.endsWith(".wasm")) continue;
    modules.set(name, await WebAssembly.compile(Deno.readFileSync(`${folder}/${name}`)));
  }
  return () => join(script, modules);
}

async function join(script: Script, modules: ReadonlyMap<string, WebAssembly.Module>) {
  const ended = new Map<number, () => void>();
  let idle: (() => void) | undefined;
  const { guest } = await script.instantiate((name) => modules.get(name)!, {
    ...makeWasi({ line: () => {} }),
    "peri:pod/types": {},
    [HOST]: {
      log: (_level: string, line: string) => console.error(line),
      request: (invocation: number, step: number, operation: string) => {
        if (operation !== "idle") throw new Error(`nobody answers ${operation} here`);
        const val = { invocation, step, outcome: { tag: "ok", val: "null" } };
        idle = () => void guest.dispatch([{ tag: "settled", val }]);
      },
      commit: () => {},
      suspend: () => {},
      finish: (invocation: number) => ended.get(invocation)?.(),
    },
  });
  return {
    async call(event: PodEvent & { readonly kind: "call" }) {
      const end = Promise.withResolvers<void>();
      ended.set(event.invocation, end.resolve);
      await guest.dispatch([formatEvent(event)]);
      idle?.();
      idle = undefined;
      await end.promise;
      ended.delete(event.invocation);
    },
  };
}
