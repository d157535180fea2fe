/**
 * How long a message takes from one server to another, against two servers that only write it to
 * disk and pass it on.
 *
 * @module
 */

import type { Row } from "../../tools/bench/row.ts";
import { tempFolder } from "./floor/process.ts";
import { askPod, openTown, type Town } from "./floor/town.ts";

/** Longest wait for one message. */
const ARRIVAL_MS = 10_000;

/** From asking Alice's hey pod until Bob's hey pod has the letter. */
export default async function* message(): AsyncGenerator<Row, void, void> {
  await using town = await openTown();
  await using relays = await openRelays();
  let count = 0;
  yield {
    row: "to another server",
    floor: "two Deno.serve that fsync",
    unit: "ms",
    runs: 40,
    ours: () => carry(town, ++count),
    against: async () => {
      const startMs = performance.now();
      const reply = await fetch(relays.url, { method: "POST", body: "a message" });
      await reply.arrayBuffer();
      return performance.now() - startMs;
    },
  };
}

async function carry({ alice, bob }: Town, number: number): Promise<number> {
  const text = `number ${number}.`;
  const startMs = performance.now();
  await askPod(alice, ["hey", "leave-message", "bob", text]);
  while (!(await askPod(bob, ["hey", "list", "--json"])).includes(text)) {
    if (performance.now() - startMs > ARRIVAL_MS) throw new Error(`${text} did not arrive`);
  }
  return performance.now() - startMs;
}

/** Two processes: what is sent to `url` is on the disk of both when it is answered. */
async function openRelays(): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = tempFolder();
  const script = new URL("floor/relay.ts", import.meta.url).pathname;
  const processes: Deno.ChildProcess[] = [];
  const start = async (...args: string[]) => {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, ...args],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    processes.push(process);
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return new TextDecoder().decode(value).trim();
  };
  const last = await start(`${folder.path}/last`);
  const url = await start(`${folder.path}/first`, last);
  return {
    url,
    async [Symbol.asyncDispose]() {
      for (const process of processes) process.kill("SIGKILL");
      await Promise.all(processes.map(({ status }) => status));
      folder[Symbol.dispose]();
    },
  };
}
