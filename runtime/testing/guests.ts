/**
 * Pods of peripheries in memory: their classes run by the SDK's engine in this process, in the
 * sandbox in memory instead of a WebAssembly component.
 *
 * @module
 */

import { Engine, type PodClass } from "../../pods/sdk/engine.ts";
import type { Host, WireEvent } from "../../pods/sdk/host.ts";
import type { PodAbout } from "../../pods/sdk/run.ts";
import type { PodShape } from "../../pods/sdk/shape.ts";
import type { ErrorClasses } from "../../pods/sdk/typed.ts";
import { formatEvent } from "../adapters/host/events.ts";
import { readManifest } from "../adapters/jco/manifest.ts";
import { type MemoryPod, MemorySandbox } from "../adapters/memory/sandbox.ts";
import { decodeUtf8, encodeUtf8, formatHex, sha256 } from "../model/bytes.ts";
import type { Effects, Manifest, PodOutput, PodProgram } from "../model/pod.ts";
import type { BlobId } from "../model/words.ts";
import type { Compiler } from "../ports/sandbox.ts";
import type { Guests } from "./house.ts";
import { runInside } from "./globals.ts";

/** A pod as it is after its build: what the build says of it, and its class. */
export interface BuiltPod {
  /** As the build writes it into the component. */
  readonly manifest: PodAbout;
  readonly make: PodClass;
  /** What its class says; absent when its handlers are written by hand. */
  readonly shape?: PodShape;
  /** Classes of errors by the names that the shape gives them. */
  readonly errors?: ErrorClasses;
}

/** The pods of a world, each a component by a number. */
export class Shelf implements Guests, Compiler {
  readonly #pods: BuiltPod[] = [];
  readonly compiler = this;

  /** The component of a pod: its place here and its manifest. */
  put(pod: BuiltPod): Uint8Array<ArrayBuffer> {
    const before = this.#pods.findIndex(({ make, manifest }) =>
      make === pod.make && manifest === pod.manifest
    );
    const place = before === -1 ? this.#pods.push(pod) - 1 : before;
    return encodeUtf8(`${place}\n${JSON.stringify(pod.manifest)}`);
  }

  openSandbox(said: (what: string) => void): MemorySandbox {
    return new MemorySandbox(({ script }) => {
      const pod = this.#pods[Number(script)];
      return pod && playPod(pod.make, pod.manifest);
    }, said);
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async inspect(component: Uint8Array): Promise<Manifest> {
    const text = decodeUtf8(component);
    return readManifest(encodeUtf8(text.slice(text.indexOf("\n") + 1)));
  }

  compile(component: Uint8Array): Promise<PodProgram> {
    const [script = ""] = decodeUtf8(component).split("\n", 1);
    const id = formatHex(sha256(component)) as BlobId;
    return Promise.resolve({ component: id, script, modules: new Map() });
  }
}

/**
 * A class as the sandbox in memory runs it.
 *
 * @param before called before every event; what it throws ends the instance
 */
export function playPod(
  make: PodClass,
  { name, version, about }: PodAbout,
  before: () => void = () => {},
): MemoryPod {
  return (say) => {
    const host = hostOf(say);
    const engine = new Engine(make, host, { name, version, about });
    const pod = { run: () => engine.activeRun, host };
    return (event) => {
      before();
      runInside(pod, () => engine.dispatch([formatEvent(event) as unknown as WireEvent]));
    };
  };
}

/** The host of a guest as the one in a pod host speaks. */
function hostOf(say: (output: PodOutput) => void): Host {
  return {
    log: (level, line) => say({ kind: "log", level, line }),
    request: (invocation, step, operation, argument) =>
      say({ kind: "request", invocation, step, operation, argument }),
    commit: (invocation, effects) =>
      say({ kind: "commit", invocation, effects: effects as unknown as Effects }),
    suspend: (invocation, effects) =>
      say({ kind: "suspend", invocation, effects: effects as unknown as Effects }),
    finish: (invocation, effects, { tag, val }) => {
      const outcome = tag === "ok" ? { ok: val } : { error: val as never };
      say({ kind: "finish", invocation, effects: effects as unknown as Effects, outcome });
    },
  };
}
