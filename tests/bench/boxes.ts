/**
 * How fast messages go from one server to another: durable, sealed and signed, two processes and
 * the load on this machine. Against the same without OpenPGP, against OpenPGP without the rest, and
 * against what others have built.
 *
 * Parts: `boxes/pairs` between the boxes of two servers, `boxes/pods` with real pods,
 * `boxes/waiting` beside messages that wait and servers that are dead. `PERI_BENCH_FULL=1` measures
 * with the numbers of a large server (100,000 messages waiting, 1,000 servers known), which takes
 * long.
 *
 * @module
 */

import { quantile, type Row } from "../../tools/bench/row.ts";
import { backlogs } from "./boxes/backlogs.ts";
import {
  cryptoAlone,
  cryptoThread,
  openRelays,
  relayAtRate,
  relayMany,
  syncMany,
} from "./boxes/floors.ts";
import { openMills } from "./boxes/mills.ts";
import type { Sending } from "./boxes/orders.ts";
import { Server } from "./boxes/server.ts";
import { tempFolder } from "./floor/process.ts";
import { openFedify } from "./peers/fedify.ts";
import { openNats } from "./peers/nats.ts";

const BYTES = 1024;
const PER_SECOND = 200;
const IN_FLIGHT = 64;
const BURST = 10_000;
const SMALL_BURST = 1_000;
const LARGE_BURST = Deno.env.has("PERI_BENCH_FULL") ? 100_000 : BURST;
/** Messages of one pod that another pod's are measured beside. */
const NEIGHBOUR_BURST = 5_000;
/** Fsyncs on the way of a call and its answer: post, take, handle, take, handle. */
const ROUND_TRIP_SYNCS = 5;

const CRYPTO = "OpenPGP alone, message by message";
const RELAYS = "two Deno.serve that fsync";
const NATS = "NATS JetStream over a leaf";
const FEDIFY = "Fedify 1.10.12 on Deno KV";

/** See the module. */
export default async function* boxes(): AsyncGenerator<Row, void, void> {
  yield* pairs();
  yield* pods();
  yield* waiting();
}

const crypto = { floor: CRYPTO, against: () => cryptoAlone(300, BYTES) };

/** From boxes to boxes, without pod hosts. */
export async function* pairs(): AsyncGenerator<Row, void, void> {
  await using pair = await openPair();
  await using relays = await openRelays();
  const relay = { floor: RELAYS, against: () => relayMany(relays.url, 2_000, IN_FLIGHT, BYTES) };
  const ways = [
    { row: "one way, 64 in flight, each", ours: () => oneWay(pair, 3_000, FLIGHT) },
    { row: "one way, backlog, each", ours: () => oneWay(pair, BURST, { kind: "burst" }) },
  ];
  for (const way of ways) {
    yield { ...way, unit: "us", runs: 5, ...crypto };
    yield { ...way, unit: "us", runs: 5, ...relay };
  }
  yield* besideFedify(ways[0]!);
  yield* besideNats(ways[1]!);
  yield {
    row: `one way, backlog of ${LARGE_BURST}, each`,
    floor: `a backlog of ${SMALL_BURST}`,
    unit: "us",
    runs: 5,
    ours: () => oneWay(pair, LARGE_BURST, { kind: "burst" }),
    against: () => oneWay(pair, SMALL_BURST, { kind: "burst" }),
  };
  const round = { floor: "its crypto and its fsyncs", unit: "ms", against: alone } as const;
  yield { row: "answered, one at a time", runs: 9, ...round, ours: () => roundTrip(pair, 50) };
  yield* atRate(pair, relays.url);
  yield {
    row: "answered, longest while another pod bursts",
    floor: "longest without the burst",
    unit: "ms",
    runs: 5,
    ours: () => beside(pair, NEIGHBOUR_BURST),
    against: () => beside(pair, 0),
  };
}

const FLIGHT = { kind: "flight", width: IN_FLIGHT, until: "delivered" } as const;

async function* besideFedify(way: Pick<Row, "row" | "ours">): AsyncGenerator<Row, void, void> {
  try {
    await using fedify = await openFedify();
    const against = () => fedify.oneWay(100, BYTES);
    yield { ...way, floor: FEDIFY, unit: "us", runs: 3, against };
  } catch (error) {
    console.error(`without ${FEDIFY}: ${error instanceof Error ? error.message : error}`);
  }
}

/** What is neither sealed nor signed, in a language that is compiled. */
async function* besideNats(way: Pick<Row, "row" | "ours">): AsyncGenerator<Row, void, void> {
  try {
    await using nats = await openNats();
    const against = () => nats.oneWay(5_000, BYTES, IN_FLIGHT);
    yield { ...way, floor: NATS, unit: "us", runs: 5, against };
  } catch (error) {
    console.error(`without ${NATS}: ${error instanceof Error ? error.message : error}`);
  }
}

async function* atRate(pair: Pair, relayUrl: string): AsyncGenerator<Row, void, void> {
  const load = { count: 600, perSecond: PER_SECOND, bytes: BYTES };
  for (const part of [0.5, 0.99]) {
    yield {
      row: `${PER_SECOND} a second, p${part * 100}`,
      floor: RELAYS,
      unit: "ms",
      runs: 5,
      ours: async () => quantile(await paced(pair, load.count), part),
      against: () => relayAtRate(relayUrl, { ...load, part }),
    };
  }
}

/** With real pods, every message is answered. */
export async function* pods(): AsyncGenerator<Row, void, void> {
  await using mills = await openMills(BYTES);
  const each = async (count: number, tookMs: Promise<number>) => await tookMs * 1000 / count;
  yield {
    row: "pod to pod, backlog, each",
    unit: "us",
    runs: 5,
    ours: () => each(3_000, mills.burst(3_000)),
    ...crypto,
  };
  yield {
    row: "pod to pod, 64 in flight, each",
    unit: "us",
    runs: 5,
    ours: () => each(1_920, mills.chain(IN_FLIGHT, 30)),
    ...crypto,
  };
  yield {
    row: "pod to pod, answered, one at a time",
    floor: "its crypto and its fsyncs",
    unit: "ms",
    runs: 9,
    ours: async () => await mills.chain(1, 50) / 50,
    against: alone,
  };
}

/** Beside messages that wait and servers that are dead. */
export const waiting = () => backlogs(BYTES);

/** Two servers that know each other. */
interface Pair extends AsyncDisposable {
  readonly alice: Server;
  readonly bob: Server;
}

async function openPair(): Promise<Pair> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(tempFolder());
    const alice = stack.use(await Server.open(`${folder.path}/alice`, "alice", 2));
    const bob = stack.use(await Server.open(`${folder.path}/bob`, "bob", 2));
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
  const to = bob.ready.pods.slice(0, 1);
  const tookMs = await alice.order<number[]>({ do: "send", pod: 0, to, count, bytes: BYTES, way });
  return { tookMs, delaysMs: await handled };
}

/** Median of round trips, from before the post until the answer is handled, in ms. */
async function roundTrip(pair: Pair, count: number): Promise<number> {
  return quantile((await carry(pair, count, ONE, true)).tookMs, 0.5);
}

const ONE = { kind: "flight", width: 1, until: "answered" } as const;

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

/** The longest of a pod's round trips while another pod of its server posts a burst, in ms. */
async function beside(pair: Pair, count: number): Promise<number> {
  const { alice, bob } = pair;
  await bob.order({ do: "answer", answers: true });
  const [, to] = bob.ready.pods;
  const single = { do: "send", pod: 1, to: [to!], count: 20, bytes: BYTES, way: ONE } as const;
  const burst = { ...single, pod: 0, to: bob.ready.pods.slice(0, 1), count, way: BURSTING };
  const handled = bob.order({ do: "handled", count, pods: 1 });
  const [tookMs] = await Promise.all([alice.order<number[]>(single), alice.order(burst)]);
  await handled;
  return Math.max(...tookMs);
}

const BURSTING = { kind: "burst" } as const;
