import assert from "node:assert/strict";
import { MemoryBlobs } from "../../adapters/memory/blobs.ts";
import { MemoryStore } from "../../adapters/memory/store.ts";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import { MAX_LIST_BYTES } from "../../model/limits.ts";
import { readLarge } from "./large.ts";
import { partitionKey } from "../rows.ts";
import {
  compareUtf8,
  countKeys,
  countState,
  type ListQuery,
  listState,
  Overlay,
  readMany,
  readState,
  type StateSource,
} from "./state.ts";
import { ALICE } from "../../../tests/helpers/world.ts";
import { parsePodName } from "../../model/words.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };
const PLACE = { ...REF, generation: 0 };

function query(more: Partial<ListQuery>): ListQuery {
  return { table: "t", prefix: "", limit: 1000, isReverse: false, ...more };
}

function sourceOf(store: MemoryStore, overlay = new Overlay()): StateSource {
  const blobs = new MemoryBlobs();
  const count = () => Promise.resolve(0);
  return { place: PLACE, store, overlay, readLarge: (large) => readLarge(blobs, large), count };
}

async function stored(entries: Record<string, string>, table = "t"): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const [key, value] of Object.entries(entries)) {
    await store.commit({ puts: [{ key: partitionKey(REF, "state", table, key), value }] });
  }
  return store;
}

Deno.test("a key reads as it was last written, on disk or on its way", async () => {
  const store = await stored({ a: "1", b: "2" });
  const overlay = new Overlay();
  overlay.put(1, [{ table: "t", key: "a", value: "9" }, { table: "t", key: "b" }]);
  const read = (key: string) => readState(sourceOf(store, overlay), "t", key);
  assert.deepEqual(await Promise.all(["a", "b", "c"].map(read)), ["9", undefined, undefined]);
  overlay.put(2, [{ table: "t", key: "a", value: "10" }]);
  overlay.settle(1, [{ table: "t", key: "a" }, { table: "t", key: "b" }]);
  assert.equal(await read("a"), "10", "a later write outlives an earlier one's settlement");
  assert.equal(await read("b"), "2", "what is on disk is read from there");
});

Deno.test("lists merge what is on disk with what is on its way, in both directions", async () => {
  const store = await stored({ a: "1", c: "3", e: "5" });
  const overlay = new Overlay();
  overlay.put(1, [
    { table: "t", key: "b", value: "2" },
    { table: "t", key: "c" },
    { table: "t", key: "e", value: "50" },
    { table: "t", key: "f", value: "6" },
    { table: "other", key: "d", value: "4" },
  ]);
  const keys = async (more: Partial<ListQuery>) =>
    (await listState(sourceOf(store, overlay), query(more))).map(([key, value]) => key + value);
  assert.deepEqual(await keys({}), ["a1", "b2", "e50", "f6"]);
  assert.deepEqual(await keys({ isReverse: true }), ["f6", "e50", "b2", "a1"]);
  assert.deepEqual(await keys({ limit: 2 }), ["a1", "b2"]);
  assert.deepEqual(await keys({ after: "b" }), ["e50", "f6"]);
  assert.deepEqual(await keys({ after: "e", isReverse: true }), ["b2", "a1"]);
  assert.deepEqual(await keys({ after: "z" }), []);
  assert.deepEqual(await keys({ after: "", isReverse: true }), []);
});

Deno.test("a list stays below one answer's size but always gives one entry", async () => {
  const big = "x".repeat(60_000);
  const entries = Array.from({ length: 30 }, (_, n) => [`k${String(n).padStart(2, "0")}`, big]);
  const store = await stored(Object.fromEntries(entries));
  const found: string[] = [];
  for (let parts = 0;; parts++) {
    const after = found.at(-1);
    const more = after === undefined ? {} : { after };
    const part = await listState(sourceOf(store), query(more));
    assert.ok(part.reduce((sum, [, value]) => sum + value.length, 0) <= MAX_LIST_BYTES);
    if (part.length === 0) {
      assert.equal(parts, 2);
      break;
    }
    found.push(...part.map(([key]) => key));
  }
  assert.deepEqual(found, entries.map(([key]) => key));
});

Deno.test("texts are ordered as their UTF-8 is", () => {
  const texts = ["", "a", "a\0", "ab", "b", "ä", "\uffff", "\u{10000}", "\u{10ffff}", "\ue000"];
  const byBytes = texts.toSorted((a, b) => {
    const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      if (left[at] !== right[at]) return left[at]! - right[at]!;
    }
    return left.length - right.length;
  });
  assert.deepEqual(texts.toSorted(compareUtf8), byBytes);
});

Deno.test("a list equals a plain model, whatever is on disk and whatever on its way", async () => {
  const pieces = ["", "a", "b", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}", "\0"];
  for (let seed = 0; seed < 150; seed++) {
    const chance = new SeededEntropy(seed);
    const text = () =>
      pieces[chance.below(9)]! + pieces[chance.below(9)]! + pieces[chance.below(9)]!;
    const model = new Map<string, string>();
    const store = new MemoryStore();
    for (let n = 0; n < 12; n++) model.set(text(), String(n));
    for (const [key, value] of model) {
      await store.commit({ puts: [{ key: partitionKey(REF, "state", "t", key), value }] });
    }
    const overlay = new Overlay();
    for (let n = 0; n < 6; n++) {
      const key = text();
      const isDeleted = chance.happens(0.4);
      overlay.put(n, [{ table: "t", key, ...isDeleted ? {} : { value: `w${n}` } }]);
      if (isDeleted) model.delete(key);
      else model.set(key, `w${n}`);
    }
    const isReverse = chance.happens(0.5);
    const asked = {
      prefix: chance.happens(0.5) ? text() : "",
      limit: 1 + chance.below(8),
      isReverse,
      ...chance.happens(0.5) ? { after: text() } : {},
      ...chance.happens(0.3) ? { from: text() } : {},
      ...chance.happens(0.3) ? { to: text() } : {},
    };
    const order = (a: string, b: string) => compareUtf8(a, b) * (isReverse ? -1 : 1);
    const expected = [...model].sort(([a], [b]) => order(a, b)).filter(([key]) =>
      key.startsWith(asked.prefix) && (asked.after === undefined || order(key, asked.after) > 0) &&
      (asked.from === undefined || compareUtf8(key, asked.from) >= 0) &&
      (asked.to === undefined || compareUtf8(key, asked.to) < 0)
    );
    const label = `seed ${seed}: ${JSON.stringify(asked)}`;
    const source = sourceOf(store, overlay);
    const listed = await listState(source, query(asked));
    assert.deepEqual(listed, expected.slice(0, asked.limit), label);
    assert.deepEqual(await countState(source, query(asked)), { count: expected.length }, label);
    const keys = [...model.keys(), text(), text()];
    const values = keys.map((key) => model.get(key) ?? null);
    assert.deepEqual(await readMany(source, "t", keys), values, label);
    const there = values.filter((value) => value !== null).length;
    assert.equal(await countKeys(source, "t", keys), there, label);
  }
});

Deno.test("a long range is counted in parts", async () => {
  const store = new MemoryStore();
  for (let n = 0; n < 25_000; n += 500) {
    const puts = Array.from({ length: 500 }, (_, at) => ({
      key: partitionKey(REF, "state", "t", String(n + at).padStart(5, "0")),
      value: "1",
    }));
    await store.commit({ puts });
  }
  const counts: number[] = [];
  let after: string | undefined;
  do {
    const asked = query({ from: "00010", ...after === undefined ? {} : { after } });
    const part = await countState(sourceOf(store), asked);
    counts.push(part.count);
    after = part.after;
  } while (after !== undefined);
  assert.deepEqual(counts, [10_000, 10_000, 4_990]);
});
