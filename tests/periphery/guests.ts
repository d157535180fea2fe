/**
 * Pods for peripheries in memory: their real classes run by the SDK's real engine, in the sandbox
 * in memory instead of a WebAssembly component.
 *
 * @module
 */

import { join } from "node:path";
import { type StagedPod, stagePod } from "../../pods/build/stage.ts";
import Hey from "../../pods/hey/pod.ts";
import type { PodClass } from "../../pods/sdk/engine.ts";
import { type Run } from "../../pods/sdk/mod.ts";
import { readManifest } from "../../runtime/adapters/jco/manifest.ts";
import { MemorySandbox, PodOver } from "../../runtime/adapters/memory/sandbox.ts";
import { encodeUtf8, formatHex, sha256 } from "../../runtime/model/bytes.ts";
import type { Manifest, PodProgram } from "../../runtime/model/pod.ts";
import type { BlobId } from "../../runtime/model/words.ts";
import type { Compiler } from "../../runtime/ports/sandbox.ts";
import { playPod } from "../../runtime/testing/guests.ts";
import Photos from "../pods/photos/pod.ts";
import Relay from "../pods/relay/pod.ts";
import Tally from "../pods/tally/pod.ts";
import Ticker from "../pods/ticker/pod.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";

/** A pod for what hey does not do; it sends nothing. */
class Probe extends HandPod {
  constructor(run: Run) {
    super(run);
    const counts = this.table<number>("counts");
    this.verb("echo", "", "Standard input to standard output.", async () => {
      for (let line = await run.readLine(); line !== undefined; line = await run.readLine()) {
        run.print(line);
      }
    });
    this.verb("exit", "<n>", "Ends with a code.", ([code]) => Number(code));
    this.verb("wait", "", "Waits for input that may never come.", async () => {
      run.print("waiting");
      await run.readLine();
    });
    this.verb("say", "<text>", "Writes into the log.", ([text]) => run.log("info", text ?? ""));
    this.verb("count", "", "Counts one up.", async () => {
      const count = await counts.get("all") ?? 0;
      counts.put("all", count + 1);
      run.print(`${count + 1}`);
    });
    this.verb("throw", "", "Has a bug.", () => {
      throw new TypeError("a bug");
    });
  }
}

/** A pod whose answers are of no promised type. */
export class Odd extends HandPod {
  override handlerOf() {
    return () => 300;
  }
}

const CLASSES: Readonly<Record<string, PodClass>> = {
  hey: Hey,
  photos: Photos,
  probe: Probe,
  relay: Relay,
  tally: Tally,
  ticker: Ticker,
};

/** Pods that these peripheries can install. */
export type GuestName = "hey" | "photos" | "probe" | "relay" | "tally" | "ticker";

const FOLDERS = {
  hey: "../../pods/hey",
  photos: "../pods/photos",
  relay: "../pods/relay",
  tally: "../pods/tally",
  ticker: "../pods/ticker",
} as const;

const staged = new Map<keyof typeof FOLDERS, Promise<StagedPod>>();

/** A pod as after its build; worked out once per process. */
function stage(name: keyof typeof FOLDERS): Promise<StagedPod> {
  const staging = staged.get(name) ?? stagePod(join(import.meta.dirname!, FOLDERS[name]));
  staged.set(name, staging);
  return staging;
}

/** A component as these peripheries read it: the manifest alone. */
export async function componentOf(
  name: GuestName,
  version = "0.1.0",
): Promise<Uint8Array<ArrayBuffer>> {
  const { manifest: real } = await stage(name === "probe" ? "hey" : name);
  const offers = real.offers.filter((offer) => offer.interface === "peri:face/command");
  const probe = { ...real, name, offers, needs: [], about: "Probes." };
  const manifest = name === "probe" ? probe : real;
  return encodeUtf8(JSON.stringify({ ...manifest, version }));
}

/** Reads and checks manifests as the real compiler does, and compiles nothing. */
export class ManifestCompiler implements Compiler {
  // deno-lint-ignore require-await -- a refusal is a rejection
  async inspect(component: Uint8Array): Promise<Manifest> {
    return readManifest(component);
  }

  // deno-lint-ignore require-await -- a refusal is a rejection
  async compile(component: Uint8Array): Promise<PodProgram> {
    const { name, version } = readManifest(component);
    const script = JSON.stringify({ name, version });
    return { component: formatHex(sha256(component)) as BlobId, script, modules: new Map() };
  }
}

/**
 * Pods that are not as their components say, by the names those give them, or by name and version:
 * `probe 0.2.0`.
 */
export interface Oddities {
  /** These break at whatever they are given. */
  readonly broken: Set<string>;
  /** These have another class. */
  readonly classes: Map<string, PodClass>;
}

/** Runs the classes of this file. */
export function openGuests(
  { broken, classes }: Oddities,
  said: (what: string) => void,
): MemorySandbox {
  return new MemorySandbox(({ script }) => {
    const about = JSON.parse(script) as { name: string; version: string };
    const { name, version } = about;
    const make = classes.get(`${name} ${version}`) ?? classes.get(name) ?? CLASSES[name];
    return make && playPod(make, { ...about, about: "A pod in memory." }, () => {
      if (broken.has(name) || broken.has(`${name} ${version}`)) throw new PodOver("trap");
    });
  }, said);
}
