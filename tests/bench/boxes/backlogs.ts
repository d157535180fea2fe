/**
 * What waits must not slow down what goes.
 *
 * @module
 */

import type { Row } from "../../../tools/bench/row.ts";
import { tempFolder } from "../floor/process.ts";
import { Server } from "./server.ts";

const isFull = Deno.env.has("PERI_BENCH_FULL");
/** Messages that wait for a dead server. */
const WAITING = isFull ? 100_000 : 10_000;
const FEW = 100;
const LIVE = 10;
const EACH = 200;
/** Known servers, a quarter of which is dead. */
const KNOWN = isFull ? 1_000 : 100;

/** Live pods beside a long and a short backlog; live servers with and without dead ones. */
export async function* backlogs(bytes: number): AsyncGenerator<Row, void, void> {
  yield* deadBacklog(bytes);
  yield* deadServers(bytes);
}

/** Ten live pods are served while messages wait for a server that is gone. */
async function* deadBacklog(bytes: number): AsyncGenerator<Row, void, void> {
  await using stack = new AsyncDisposableStack();
  const open = opener(stack);
  const bob = await open("bob", LIVE);
  const dead = await open("dead");
  const [laden, light] = [await open("laden"), await open("light")];
  await introduce([laden, light], [bob, dead]);
  await dead.kill();
  await burst(laden, dead.ready.pods, WAITING, bytes);
  await burst(light, dead.ready.pods, FEW, bytes);
  const serve = async (from: Server) => {
    const startMs = performance.now();
    const handled = bob.order({ do: "handled", count: EACH, pods: LIVE });
    await burst(from, bob.ready.pods, EACH * LIVE, bytes);
    await handled;
    return (performance.now() - startMs) * 1000 / (EACH * LIVE);
  };
  yield {
    row: `to ${LIVE} live pods, ${WAITING} waiting for a dead server, each`,
    floor: `the same, ${FEW} waiting`,
    unit: "us",
    runs: 9,
    ours: () => serve(laden),
    against: () => serve(light),
  };
}

/**
 * A message to every live server, until they have theirs, while others wait for the dead ones and
 * more are posted to them.
 */
async function* deadServers(bytes: number): AsyncGenerator<Row, void, void> {
  await using stack = new AsyncDisposableStack();
  const open = opener(stack);
  const [dead, live] = [KNOWN / 4, KNOWN - KNOWN / 4];
  const bob = await open("bob", live, "apart");
  const gone = await open("gone", dead, "apart");
  const [many, few] = [await open("many"), await open("few")];
  await introduce([many, few], [bob, gone]);
  await gone.kill();
  const serve = async (from: Server) => {
    const startMs = performance.now();
    const handled = bob.order({ do: "handled", count: 1, pods: live });
    await burst(from, bob.ready.pods, live, bytes);
    await handled;
    return (performance.now() - startMs) * 1000 / live;
  };
  yield {
    row: `to ${live} live of ${KNOWN} servers, ${dead} dead, each`,
    floor: "the same without messages to the dead",
    unit: "us",
    runs: 9,
    ours: async () => {
      await burst(many, gone.ready.pods, dead, bytes);
      return await serve(many);
    },
    against: () => serve(few),
  };
}

type Open = (name: string, pods?: number, placing?: "together" | "apart") => Promise<Server>;

function opener(stack: AsyncDisposableStack): Open {
  const folder = stack.use(tempFolder());
  return async (name, ...how) =>
    stack.use(await Server.open(`${folder.path}/${name}`, name, ...how));
}

async function introduce(to: readonly Server[], others: readonly Server[]): Promise<void> {
  const introductions = others.flatMap((other) => other.ready.introductions);
  await Promise.all(to.map((server) => server.order({ do: "learn", introductions })));
}

function burst(from: Server, to: readonly string[], count: number, bytes: number) {
  return from.order({ do: "send", pod: 0, to, count, bytes, way: { kind: "burst" } });
}
