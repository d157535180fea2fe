/**
 * How long a message takes from one server to another, against two servers that only write it to
 * disk and pass it on.
 *
 * @module
 */

import type { Row } from "../../tools/bench/row.ts";
import { tempFolder } from "./floor/process.ts";
import { askPod } from "../processes/client.ts";
import { openTown, type Town } from "../processes/town.ts";

/** Longest wait for one message. */
const ARRIVAL_MS = 10_000;

/**
 * `arrival`: from when Alice's `leave-message` has returned until Bob's pod has the letter; `whole
 * way`: from when Alice asks. Bob's pod is asked again and again, which takes its time too.
 */
export default async function* message(): AsyncGenerator<Row, void, void> {
  await using town = await openTown();
  await using relays = await openRelays();
  let count = 0;
  const row = (name: string, ours: () => Promise<number>): Row => ({
    row: name,
    floor: "two Deno.serve that fsync",
    unit: "ms",
    runs: 30,
    ours,
    against: async () => {
      const startMs = performance.now();
      const reply = await fetch(relays.url, { method: "POST", body: "a message" });
      await reply.arrayBuffer();
      return performance.now() - startMs;
    },
  });
  yield row("arrival", async () => (await carry(town, ++count)).arrivalMs);
  yield row("whole way", async () => {
    const { leaveMs, arrivalMs } = await carry(town, ++count);
    return leaveMs + arrivalMs;
  });
}

async function carry({ alice, bob }: Town, number: number) {
  const text = `number ${number}.`;
  const startMs = performance.now();
  await askPod(alice, ["hey", "leave-message", "bob", text]);
  const leftMs = performance.now();
  while (!(await askPod(bob, ["hey", "list", "--json"])).includes(text)) {
    if (performance.now() - startMs > ARRIVAL_MS) throw new Error(`${text} did not arrive`);
  }
  return { leaveMs: leftMs - startMs, arrivalMs: performance.now() - leftMs };
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
