/**
 * What one message to 1, 10 and 100 pods of one server takes until all of them have handled it:
 * durable, sealed and signed for each, two processes on this machine. Against OpenPGP alone as often
 * as there are recipients.
 *
 * @module
 */

import type { Row } from "../../tools/bench/row.ts";
import { cryptoThread } from "./boxes/floors.ts";
import { Server } from "./boxes/server.ts";
import { tempFolder } from "./floor/process.ts";

const BYTES = 1024;
const RECIPIENTS = [1, 10, 100];
/** Messages the floor is measured with, so that it is steady. */
const FLOOR_MESSAGES = 50;

/** See the module. */
export default async function* fanout(): AsyncGenerator<Row, void, void> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder());
  const alice = stack.use(await Server.open(`${folder.path}/alice`, "alice"));
  const bob = stack.use(await Server.open(`${folder.path}/bob`, "bob", Math.max(...RECIPIENTS)));
  await alice.order({ do: "learn", introductions: bob.ready.introductions });
  await bob.order({ do: "answer", answers: false });
  for (const count of RECIPIENTS) {
    yield {
      row: `one message to ${count}`,
      floor: "its OpenPGP alone, one thread",
      unit: "ms",
      runs: 11,
      ours: () => carry(alice, bob, count),
      against: async () => await cryptoThread(FLOOR_MESSAGES, BYTES) * count / FLOOR_MESSAGES,
    };
  }
}

/** Milliseconds from the post until the last pod has handled it. */
async function carry(alice: Server, bob: Server, count: number): Promise<number> {
  const to = bob.ready.pods.slice(0, count);
  const handled = bob.order({ do: "handled", count: 1, pods: count });
  const startMs = performance.now();
  await alice.order({ do: "send", pod: 0, to, count, bytes: BYTES, way: { kind: "burst" } });
  await handled;
  return performance.now() - startMs;
}
