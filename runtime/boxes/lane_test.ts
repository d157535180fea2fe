import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { MAX_BUFFER_BYTES, MAX_LANE_BUFFER } from "../model/limits.ts";
import { epochFromBytes, parseFingerprint, parsePodName, tokenFromBytes } from "../model/words.ts";
import type { Bytes } from "../model/bytes.ts";
import type { Entry, Range } from "../ports/store.ts";
import { Lane, type Waiting } from "./lane.ts";
import { encodeWaiting } from "./rows.ts";

const FROM = { person: parseFingerprint("A".repeat(40)), pod: parsePodName("hey") };
const TO = { person: parseFingerprint("B".repeat(40)), pod: parsePodName("hey") };
const EPOCH = epochFromBytes(new Uint8Array(16));
const TOKEN = tokenFromBytes(new Uint8Array(16));

/** A lane with numbers to give from 1 on. */
function makeLane(reserved = 10_000, known = false, room = { bytes: 0 }): Lane {
  const row = { epoch: EPOCH, sequence: 0, introduced: 0 };
  const lane = new Lane(FROM, TO, row, known, room);
  lane.reserved(lane.reserving(reserved));
  return lane;
}

/** A lane of a new life: the store may hold messages up to a number. */
function knownLane(sequence: number): Lane {
  const lane = new Lane(FROM, TO, { epoch: EPOCH, sequence, introduced: 0 }, true, { bytes: 0 });
  lane.reserved(lane.reserving(1000));
  return lane;
}

function waiting(sequence: number): Waiting {
  const outcome = { ok: "1" };
  const body = { kind: "answer", token: TOKEN, index: 0, end: true, outcome } as const;
  const bytes = encodeWaiting({ sequence, createdMs: 1, expiresMs: 2, body });
  return { sequence, expiresMs: 2, bytes };
}

const place = (lane: Lane, count: number) =>
  lane.place(Array(count).fill(0), (_, sequence) => waiting(sequence));
const front = (lane: Lane) => lane.front(1000, Infinity).map(({ sequence }) => sequence);

/** A store that holds these messages of the lane. */
function storeOf(...sequences: number[]) {
  return (range: Range): Promise<Entry<Bytes>[]> => {
    const start = range.start!.at(-1) as number;
    const end = range.end!.at(-1) as number;
    const found = sequences.filter((sequence) => sequence >= start && sequence < end);
    const entries = found.slice(0, range.limit).map((sequence) => waiting(sequence).bytes);
    return Promise.resolve(entries.map((value) => ({ key: [], value, version: "" })));
  };
}

Deno.test("messages wait when their commit has ended, and never when it failed", () => {
  const lane = makeLane();
  const [first, second] = [place(lane, 2), place(lane, 1)];
  deepStrictEqual(front(lane), []);
  lane.settle(first, false);
  lane.settle(second, true);
  deepStrictEqual(front(lane), [3]);
});

Deno.test("a later number does not go before an earlier one whose commit is still under way", () => {
  const lane = makeLane();
  const [first, second, third] = [place(lane, 1), place(lane, 1), place(lane, 1)];
  lane.settle(third, true);
  lane.settle(second, true);
  deepStrictEqual(front(lane), []);
  lane.settle(first, true);
  deepStrictEqual(front(lane), [1, 2, 3]);
});

Deno.test("numbers run out where they were reserved, and go on behind what was on disk", () => {
  const lane = makeLane(5);
  strictEqual(lane.hasNumbers(5), true);
  strictEqual(lane.hasNumbers(6), false);
  place(lane, 3);
  strictEqual(lane.hasNumbers(3), false);
  const row = lane.reserving(100);
  strictEqual(lane.hasNumbers(3), false, "not before it is on disk");
  lane.reserved(row);
  strictEqual(lane.hasNumbers(3), true);
  const restarted = new Lane(FROM, TO, row, true, { bytes: 0 });
  strictEqual(restarted.hasNumbers(1), false, "what another life reserved is not used again");
});

Deno.test("a row that says who is known never says fewer numbers than one under way", () => {
  const lane = makeLane(0);
  const reserving = lane.reserving(100);
  strictEqual(lane.introducing(7).sequence, reserving.sequence);
  strictEqual(lane.reserving(100).introduced, 7);
});

Deno.test("a backlog is read in parts, in order, and only to its end", async () => {
  const sequences = Array.from({ length: 450 }, (_, at) => at + 1);
  const lane = knownLane(500);
  const seen: number[] = [];
  for (let round = 0; lane.isWaiting; round++) {
    await lane.fill(storeOf(...sequences));
    const taken = lane.front(1000, Infinity);
    seen.push(...taken.map(({ sequence }) => sequence));
    lane.drop(taken);
    strictEqual(round < 4, true);
  }
  deepStrictEqual(seen, sequences);
});

Deno.test("what comes while the store is being read comes after it, once", async () => {
  const lane = knownLane(3);
  const early = place(lane, 1);
  let list = storeOf(1, 2, 3);
  const filling = lane.fill(async (range) => {
    const rows = await list(range);
    lane.settle(early, true);
    return rows;
  });
  await filling;
  deepStrictEqual(front(lane), [1, 2, 3]);
  lane.drop(lane.front(3, Infinity));
  list = storeOf(4);
  await lane.fill(list);
  deepStrictEqual(front(lane), [4]);
  lane.drop(lane.front(9, Infinity));
  await lane.fill(list);
  strictEqual(lane.isWaiting, false);
});

Deno.test("a failed reading is done again", async () => {
  const lane = knownLane(1);
  await lane.fill(() => Promise.reject(new Error("disk"))).catch(() => undefined);
  strictEqual(lane.isWaiting, true);
  await lane.fill(storeOf(1));
  deepStrictEqual(front(lane), [1]);
});

Deno.test("memory is bounded per lane and over all; the rest is read from the store", async () => {
  const lane = makeLane();
  for (let round = 0; round < 3; round++) lane.settle(place(lane, MAX_LANE_BUFFER / 2), true);
  strictEqual(front(lane).length, MAX_LANE_BUFFER);
  const full = makeLane(10_000, false, { bytes: MAX_BUFFER_BYTES });
  full.settle(place(full, 1), true);
  deepStrictEqual(front(full), []);
  strictEqual(full.isWaiting, true);
  await full.fill(storeOf(1));
  deepStrictEqual(front(full), [1]);
});

Deno.test("what is forgotten is counted out and read again", async () => {
  const room = { bytes: 0 };
  const lane = makeLane(10_000, false, room);
  lane.settle(place(lane, 5), true);
  lane.drop(lane.front(2, Infinity));
  lane.forget();
  strictEqual(room.bytes, 0);
  strictEqual(lane.isWaiting, true);
  await lane.fill(storeOf(3, 4, 5));
  deepStrictEqual(front(lane), [3, 4, 5]);
});

Deno.test("the front is cut at a number of messages and of bytes, but never empty", () => {
  const lane = makeLane();
  lane.settle(place(lane, 5), true);
  const { length } = waiting(1).bytes;
  strictEqual(lane.front(3, Infinity).length, 3);
  strictEqual(lane.front(9, 2 * length).length, 2);
  strictEqual(lane.front(9, 1).length, 1);
});

Deno.test("who asks while the store is being read waits for what is read", async () => {
  const lane = knownLane(3);
  let answer: (() => void) | undefined;
  const slow = async (range: Range) => {
    await new Promise<void>((resolve) => answer = resolve);
    return await storeOf(1, 2, 3)(range);
  };
  const first = lane.fill(slow);
  let hasMore = false;
  const second = lane.fill(slow).then(() => hasMore = front(lane).length > 0);
  await Promise.resolve();
  answer!();
  await Promise.all([first, second]);
  strictEqual(hasMore, true);
  deepStrictEqual(front(lane), [1, 2, 3]);
});
