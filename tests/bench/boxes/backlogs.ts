/**
 * What waits must not slow down what goes.
 *
 * @module
 */

import type { Row } from "../../../tools/bench/row.ts";
import { tempFolder } from "../floor/process.ts";
import { Server } from "./server.ts";
import type { Sending } from "./orders.ts";

const isFull = Deno.env.has("PERI_BENCH_FULL");
/** Messages that wait for a dead server. */
const WAITING = isFull ? 100_000 : 10_000;
const LIVE = 10;
const EACH = 200;

/** A server with a backlog for a dead one against one without; and one of many servers dead. */
export async function* backlogs(bytes: number): AsyncGenerator<Row, void, void> {
  yield* deadBacklog(bytes);
}

/** Ten live pods are served while so many messages wait for a server that is gone. */
async function* deadBacklog(bytes: number): AsyncGenerator<Row, void, void> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder());
  const open = async (name: string, pods = 1) =>
    stack.use(await Server.open(`${folder.path}/${name}`, name, pods));
  const bob = await open("bob", LIVE);
  const laden = await open("laden");
  const free = await open("free");
  const dead = await open("dead");
  for (const server of [laden, free]) {
    await server.order({ do: "learn", introductions: bob.ready.introductions });
  }
  await laden.order({ do: "learn", introductions: dead.ready.introductions });
  await dead.kill();
  const burst = { kind: "burst" } as const;
  await send(laden, dead.ready.pods, WAITING, bytes, burst);
  const serve = async (from: Server) => {
    const startMs = performance.now();
    const handled = bob.order({ do: "handled", count: EACH, pods: LIVE });
    await send(from, bob.ready.pods, EACH * LIVE, bytes, burst);
    await handled;
    return (performance.now() - startMs) * 1000 / (EACH * LIVE);
  };
  yield {
    row: `10 live pods beside ${WAITING} messages to a dead server, each`,
    floor: "the same without the dead server",
    unit: "us",
    runs: 7,
    ours: () => serve(laden),
    against: () => serve(free),
  };
}

function send(
  from: Server,
  to: readonly string[],
  count: number,
  bytes: number,
  way: Sending["way"],
): Promise<unknown> {
  return from.order({ do: "send", pod: 0, to, count, bytes, way });
}
