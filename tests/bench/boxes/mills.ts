/**
 * Two people on real servers whose mills grind for each other.
 *
 * @module
 */

import { buildPod } from "../../../pods/build/build.ts";
import { readProject } from "../../../pods/build/project.ts";
import type { Person } from "../../../tools/demo/person.ts";
import { askPod } from "../../processes/client.ts";
import { openTown } from "../../processes/town.ts";
import { tempFolder } from "../floor/process.ts";

/** Posts of one turn, at most. */
const BURST = 100;
/** Asking takes time from the server, so it is not asked often. */
const POLL_MS = 200;
const LONGEST_MS = 120_000;

/** Two mills. */
export interface Mills extends AsyncDisposable {
  readonly alice: Person;
  readonly bob: Person;
  /** Milliseconds until `width` chains of `length` messages from Alice to Bob are answered. */
  chain(width: number, length: number): Promise<number>;
  /** Milliseconds until so many messages, posted at once, are answered. */
  burst(count: number): Promise<number>;
}

/** Two servers with a mill each. Takes some seconds. */
export async function openMills(bytes: number): Promise<Mills> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(tempFolder());
    const project = await readProject(new URL("mill", import.meta.url).pathname);
    const { component } = await buildPod(project, folder.path);
    const { alice, bob } = stack.use(await openTown());
    for (const person of [alice, bob]) await person.types("pod", "install", component, "--yes");
    const [key] = await bob.records<{ fingerprint: string }>("key", "list");
    const to = key!.fingerprint;
    let runs = 0;
    const mill = (...words: (string | number)[]) => askPod(alice, ["mill", ...words.map(String)]);
    return {
      alice,
      bob,
      async chain(width, length) {
        const name = `chain-${++runs}`;
        const startMs = Date.now();
        await mill("chain", name, to, width, length, bytes);
        return await ended(mill, name, width, startMs);
      },
      async burst(count) {
        const name = `burst-${++runs}`;
        const startMs = Date.now();
        for (let left = count; left > 0; left -= BURST) {
          await mill("burst", left > BURST ? "-" : name, to, Math.min(left, BURST), bytes);
        }
        return await ended(mill, name, 1, startMs);
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function ended(
  mill: (...words: string[]) => Promise<string>,
  name: string,
  count: number,
  startMs: number,
): Promise<number> {
  for (;;) {
    const [ended, lastMs] = JSON.parse(await mill("ended", name)) as [number, number];
    if (ended >= count) return lastMs - startMs;
    if (Date.now() - startMs > LONGEST_MS) throw new Error(`${name} does not end`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
