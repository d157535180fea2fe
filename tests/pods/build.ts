/**
 * Components for tests: the trial pod, and components put together by hand.
 *
 * @module
 */

import { appendSection, componentizeModule } from "../../pods/build/component.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";

let trial: Promise<Uint8Array> | undefined;

/** The trial pod (`trial.js`) as a component without manifest; built once per process. */
export function buildTrial(): Promise<Uint8Array> {
  trial ??= (async () => {
    const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
    return await componentizeModule(await read("trial.js") + await read("joint.js"));
  })();
  return trial;
}

/** A component with this JSON as its manifest. */
export function stampManifest(component: Uint8Array, manifest: unknown): Uint8Array {
  return appendSection(component, "peri:pod", encodeUtf8(JSON.stringify(manifest)));
}

/**
 * How long a pod may have to wait for a neighbour that loops. A slice of 200 ms counts processor
 * time, so where others want the cores too it takes longer by the clock; here it only must end.
 */
export function patienceMs(): number {
  return 1_000 * Math.max(2, Deno.loadavg()[0]!);
}
