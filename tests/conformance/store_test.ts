/**
 * The contract of `ports/store.ts`, held against every store.
 *
 * @module
 */

import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openDenoKv } from "../../runtime/adapters/deno_kv.ts";
import { MemoryStore } from "../../runtime/adapters/memory/store.ts";
import type { Change, Key, Store } from "../../runtime/ports/store.ts";

interface Kind {
  readonly name: string;
  use(test: (store: Store) => Promise<void>): Promise<void>;
}

const KINDS: readonly Kind[] = [
  {
    name: "memory",
    async use(test) {
      const store = new MemoryStore();
      await test(store);
      await store.close();
    },
  },
  {
    name: "Deno KV",
    async use(test) {
      const folder = await Deno.makeTempDir();
      const store = await openDenoKv(join(folder, "store.kv"));
      try {
        await test(store);
      } finally {
        await store.close();
        await Deno.remove(folder, { recursive: true });
      }
    },
  },
];

function conforms(promise: string, test: (store: Store) => Promise<void>): void {
  for (const { name, use } of KINDS) Deno.test(`${name}: ${promise}`, () => use(test));
}

const put = (key: Key, value: unknown): Change => ({ puts: [{ key, value }] });

async function keysOf(store: Store, prefix: Key, more: Partial<Parameters<Store["list"]>[0]> = {}) {
  return (await store.list({ prefix, limit: 1000, ...more })).map(({ key }) => key);
}

conforms("what was committed is read, what was deleted is gone", async (store) => {
  strictEqual(await store.get(["a"]), undefined);
  strictEqual(await store.commit(put(["a"], { n: 1, bytes: new Uint8Array([1, 2]) })), true);
  deepStrictEqual((await store.get(["a"]))?.value, { n: 1, bytes: new Uint8Array([1, 2]) });
  strictEqual(await store.commit({ deletes: [["a"]] }), true);
  strictEqual(await store.get(["a"]), undefined);
});

conforms(
  "what is changed after a commit or after reading stays as it was written",
  async (store) => {
    const bytes = new Uint8Array([1]);
    const value = { list: [1] };
    await store.commit({ puts: [{ key: ["b"], value: bytes }, { key: ["v"], value }] });
    bytes[0] = 9;
    value.list.push(9);
    const read = await store.get<{ list: number[] }>(["v"]);
    read!.value.list.push(8);
    deepStrictEqual((await store.get(["v"]))?.value, { list: [1] });
    deepStrictEqual((await store.get(["b"]))?.value, new Uint8Array([1]));
  },
);

conforms("every write gives a key another version", async (store) => {
  await store.commit(put(["a"], 1));
  const first = (await store.get(["a"]))!.version;
  await store.commit(put(["a"], 1));
  notStrictEqual((await store.get(["a"]))!.version, first);
});

conforms("a change whose check fails writes nothing", async (store) => {
  await store.commit(put(["a"], 1));
  const { version } = (await store.get(["a"]))!;
  await store.commit(put(["a"], 2));
  const late = { checks: [{ key: ["a"], version }], ...put(["b"], 1), deletes: [["a"]] };
  strictEqual(await store.commit(late), false);
  strictEqual((await store.get(["a"]))?.value, 2);
  strictEqual(await store.get(["b"]), undefined);
  strictEqual(await store.commit({ checks: [{ key: ["b"], version: null }] }), true);
  strictEqual(await store.commit({ checks: [{ key: ["a"], version: null }] }), false);
});

conforms("of two changes that wait together and check the same key one fails", async (store) => {
  await store.commit(put(["n"], 0));
  const { version } = (await store.get(["n"]))!;
  const take = (value: number): Change => ({
    checks: [{ key: ["n"], version }],
    ...put(["n"], value),
  });
  const warm = store.commit(put(["other"], 1));
  deepStrictEqual(await Promise.all([store.commit(take(1)), store.commit(take(2))]), [true, false]);
  await warm;
  strictEqual((await store.get(["n"]))?.value, 1);
});

conforms("changes that wait together happen in the order of the calls", async (store) => {
  const changes = [
    put(["a"], 1),
    { deletes: [["a"]] },
    put(["a"], 2),
    put(["b"], 1),
    { deletes: [["b"]] },
    put(["c"], 1),
  ];
  ok((await Promise.all(changes.map((change) => store.commit(change)))).every((done) => done));
  strictEqual((await store.get(["a"]))?.value, 2);
  strictEqual(await store.get(["b"]), undefined);
  strictEqual((await store.get(["c"]))?.value, 1);
});

conforms("a change that cannot be does not take its neighbours with it", async (store) => {
  const outcomes = await Promise.allSettled([
    store.commit(put(["a"], 1)),
    store.commit(put(["big"], new Uint8Array(70_000))),
    store.commit({ checks: [{ key: ["a"], version: null }], ...put(["c"], 1) }),
    store.commit(put(["d"], 1)),
  ]);
  const shown = outcomes.map((outcome) =>
    outcome.status === "fulfilled" ? outcome.value : outcome.reason.kind
  );
  deepStrictEqual(shown, [true, "too-large", false, true]);
  deepStrictEqual(await keysOf(store, []), [["a"], ["d"]]);
});

conforms("a range that begins or ends outside of its prefix is refused", async (store) => {
  await store.commit(put(["a", 1], 1));
  for (const wrong of [{ start: ["a"] }, { start: ["b"] }, { end: ["a"] }, { end: ["b", 1] }]) {
    const reading = store.list({ prefix: ["a"], ...wrong, limit: 10 });
    await rejects(reading, { kind: "internal" }, JSON.stringify(wrong));
  }
});

conforms("a thousand changes at once are all there", async (store) => {
  const value = new Uint8Array(2_000);
  const all = Array.from({ length: 1000 }, (_, at) => store.commit(put(["row", at], value)));
  ok((await Promise.all(all)).every((done) => done));
  strictEqual((await keysOf(store, ["row"])).length, 1000);
});

conforms("changes over a bound are too large and write nothing", async (store) => {
  const many = (count: number) => Array.from({ length: count }, (_, at): Key => ["x", at]);
  const tooLarge: Change[] = [
    put(["a"], new Uint8Array(70_000)),
    { puts: many(1001).map((key) => ({ key, value: 1 })) },
    { puts: many(14).map((key) => ({ key, value: new Uint8Array(60_000) })) },
    { checks: many(101).map((key) => ({ key, version: null })), ...put(["a"], 1) },
  ];
  for (const change of tooLarge) await rejects(store.commit(change), { kind: "too-large" });
  deepStrictEqual(await keysOf(store, []), []);
});

conforms("a long text counts as UTF-8", async (store) => {
  const text = `${"a".repeat(59_000)}\u{1F600}`;
  strictEqual(await store.commit(put(["text"], text)), true);
  strictEqual((await store.get(["text"]))?.value, text);
  const torn = `${"a".repeat(2_000)}\uD83D`;
  await store.commit(put(["torn"], torn));
  strictEqual((await store.get(["torn"]))?.value, torn);
});

conforms("keys order by their parts: bytes, texts, numbers, truth values", async (store) => {
  const keys: Key[] = [
    ["k", new Uint8Array([0])],
    ["k", new Uint8Array([0, 1])],
    ["k", new Uint8Array([1])],
    ["k", ""],
    ["k", "a"],
    ["k", "a", 0],
    ["k", "a", 1],
    ["k", "a\0"],
    ["k", "a-"],
    ["k", "ab"],
    ["k", "\uFFFD"],
    ["k", "\u{1F600}"],
    ["k", -Infinity],
    ["k", -1.5],
    ["k", 0],
    ["k", 1],
    ["k", 2],
    ["k", 10],
    ["k", 2 ** 53],
    ["k", Infinity],
    ["k", false],
    ["k", true],
  ];
  await store.commit({ puts: [...keys].reverse().map((key) => ({ key, value: 1 })) });
  deepStrictEqual(await keysOf(store, ["k"]), keys);
  deepStrictEqual(await keysOf(store, ["k"], { reverse: true }), [...keys].reverse());
});

conforms("a range is below its prefix, from its start to before its end", async (store) => {
  const puts = [0, 1, 2, 3, 4].map((at) => ({ key: ["p", at], value: at }));
  const others = [["p"], ["o", 9], ["q", 0], ["pp", 0]].map((key) => ({ key, value: "other" }));
  await store.commit({ puts: [...puts, ...others] });
  const at = (...numbers: number[]) => numbers.map((number) => ["p", number]);
  deepStrictEqual(await keysOf(store, ["p"]), at(0, 1, 2, 3, 4));
  deepStrictEqual(await keysOf(store, ["p"], { start: ["p", 2] }), at(2, 3, 4));
  deepStrictEqual(await keysOf(store, ["p"], { end: ["p", 2] }), at(0, 1));
  deepStrictEqual(await keysOf(store, ["p"], { start: ["p", 1], end: ["p", 3] }), at(1, 2));
  deepStrictEqual(await keysOf(store, ["p"], { start: ["p", 3], end: ["p", 3] }), []);
  deepStrictEqual(await keysOf(store, ["p"], { limit: 2 }), at(0, 1));
  deepStrictEqual(await keysOf(store, ["p"], { limit: 2, reverse: true }), at(4, 3));
  deepStrictEqual(await keysOf(store, ["p"], { end: ["p", 3], limit: 1, reverse: true }), at(2));
});

conforms("a list of more than a thousand is refused", async (store) => {
  await rejects(store.list({ prefix: ["p"], limit: 1001 }), { kind: "too-large" });
  await rejects(store.list({ prefix: ["p"], limit: 0 }), { kind: "too-large" });
});

conforms("closing waits for what was committed; afterwards nothing is taken", async (store) => {
  const late = Array.from({ length: 20 }, (_, at) => store.commit(put(["z", at], at)));
  await store.close();
  ok((await Promise.all(late)).every((done) => done));
  await rejects(store.commit(put(["z"], 1)), { kind: "internal" });
});

Deno.test("Deno KV: what was committed is there after the file is opened again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "store.kv");
    const store = await openDenoKv(path);
    await store.commit(put(["a"], "kept"));
    await store.close();
    const again = await openDenoKv(path);
    strictEqual((await again.get(["a"]))?.value, "kept");
    await again.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Deno KV: a file that cannot be opened is an error that names it", async () => {
  await rejects(openDenoKv("/proc/none/store.kv"), /\/proc\/none\/store\.kv/);
});
