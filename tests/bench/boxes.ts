/**
 * How fast messages go from the boxes of one server to those of another: durable, sealed and
 * signed, two processes and the load on this machine. Against the same without OpenPGP, and
 * against OpenPGP without the rest.
 *
 * `PERI_BENCH_FULL=1` measures with the numbers of the issue (100,000 waiting), which takes long.
 *
 * @module
 */

import { quantile, type Row } from "../../tools/bench/row.ts";
import {
  cryptoAlone,
  cryptoThread,
  openRelays,
  relayAtRate,
  relayMany,
  syncMany,
} from "./boxes/floors.ts";
import type { Sending } from "./boxes/orders.ts";
import { Server } from "./boxes/server.ts";
import { backlogs } from "./boxes/backlogs.ts";
import { tempFolder } from "./floor/process.ts";

const BYTES = 1024;
const PER_SECOND = 200;
const IN_FLIGHT = 64;
/** Fsyncs on the way of a call and its answer: post, take, handle, take, handle. */
const ROUND_TRIP_SYNCS = 5;

const CRYPTO = "OpenPGP alone, message by message";
const RELAYS = "two Deno.serve that fsync";

/** See the module. */
export default async function* boxes(): AsyncGenerator<Row, void, void> {
  await using pair = await openPair();
  await using relays = await openRelays();
  const crypto = { floor: CRYPTO, against: () => cryptoAlone(300, BYTES) };
  const relay = {
    floor: RELAYS,
    against: () => relayMany(relays.url, 2_000, IN_FLIGHT, BYTES),
  };
  const flight = () =>
    oneWay(pair, 3_000, { kind: "flight", width: IN_FLIGHT, until: "delivered" });
  const burst = () => oneWay(pair, 10_000, { kind: "burst" });
  yield { row: "one way, 64 in flight, each", unit: "us", runs: 5, ours: flight, ...crypto };
  yield { row: "one way, 64 in flight, each", unit: "us", runs: 5, ours: flight, ...relay };
  yield { row: "one way, backlog, each", unit: "us", runs: 5, ours: burst, ...crypto };
  yield { row: "one way, backlog, each", unit: "us", runs: 5, ours: burst, ...relay };
  yield {
    row: "answered, one at a time",
    floor: "its crypto and its fsyncs",
    unit: "ms",
    runs: 9,
    ours: () => roundTrip(pair, 50),
    against: alone,
  };
  for (const part of [0.5, 0.99]) {
    yield {
      row: `${PER_SECOND} a second, p${part * 100}`,
      floor: RELAYS,
      unit: "ms",
      runs: 5,
      ours: async () => quantile(await paced(pair, 600), part),
      against: () =>
        relayAtRate(relays.url, { count: 600, perSecond: PER_SECOND, bytes: BYTES, part }),
    };
  }
  yield* backlogs(BYTES);
}

/** Two servers that know each other. */
interface Pair extends AsyncDisposable {
  readonly alice: Server;
  readonly bob: Server;
}

async function openPair(): Promise<Pair> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(tempFolder());
    const alice = stack.use(await Server.open(`${folder.path}/alice`, "alice"));
    const bob = stack.use(await Server.open(`${folder.path}/bob`, "bob"));
    await alice.order({ do: "learn", introductions: bob.ready.introductions });
    return { alice, bob, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Microseconds per message until Bob has handled all of them. */
async function oneWay(pair: Pair, count: number, way: Sending["way"]): Promise<number> {
  const startMs = performance.now();
  await carry(pair, count, way, false);
  return (performance.now() - startMs) * 1000 / count;
}

async function carry({ alice, bob }: Pair, count: number, way: Sending["way"], answers: boolean) {
  await bob.order({ do: "answer", answers });
  const handled = bob.order<number[]>({ do: "handled", count, pods: 1 });
  const to = bob.ready.pods;
  const tookMs = await alice.order<number[]>({ do: "send", pod: 0, to, count, bytes: BYTES, way });
  return { tookMs, delaysMs: await handled };
}

/** Median of round trips, from before the post until the answer is handled, in ms. */
async function roundTrip(pair: Pair, count: number): Promise<number> {
  const way = { kind: "flight", width: 1, until: "answered" } as const;
  return quantile((await carry(pair, count, way, true)).tookMs, 0.5);
}

/** What a call and its answer cannot do without, one after the other, in ms. */
async function alone(): Promise<number> {
  const times = 30;
  const cryptoMs = 2 * await cryptoThread(times, BYTES);
  return (cryptoMs + await syncMany(ROUND_TRIP_SYNCS * times, BYTES)) / times;
}

/** What messages take from post to handled at a fixed rate, in ms. */
async function paced(pair: Pair, count: number): Promise<number[]> {
  const way = { kind: "rate", perSecond: PER_SECOND } as const;
  return (await carry(pair, count, way, false)).delaysMs;
}
