/**
 * How many entries tables have, whatever happened to them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MemoryBlobs } from "../../adapters/memory/blobs.ts";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import { MemoryStore } from "../../adapters/memory/store.ts";
import type { Key } from "../../ports/store.ts";
import { copyState } from "../version/copy.ts";
import { partitionKey } from "../rows.ts";
import { Tables } from "../../../tests/helpers/tables.ts";

/** A store that says how often it was asked for a list below a part of a partition. */
class Watched extends MemoryStore {
  readonly lists: string[] = [];

  override list<Value>(range: Parameters<MemoryStore["list"]>[0]) {
    this.lists.push(String((range.prefix as Key)[3]));
    return super.list<Value>(range);
  }
}

const key = (n: number) => String(n).padStart(5, "0");
const put = (n: number) => ({ table: "t", key: key(n), value: "1" });

Deno.test("counts follow writes, restarts and copies as a plain model does", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const chance = new SeededEntropy(seed);
    const options = { store: new MemoryStore(), blobs: new MemoryBlobs() };
    const model = new Set<number>();
    let tables = await Tables.open(options);
    let generation = 0;
    for (let round = 0; round < 30; round++) {
      const keys = new Set(Array.from({ length: chance.below(60) }, () => chance.below(400)));
      const isGone = chance.happens(0.35);
      const writes = [...keys].map((n) => isGone ? { table: "t", key: key(n) } : put(n));
      for (const n of keys) isGone ? model.delete(n) : model.add(n);
      const written = tables.write(...writes);
      if (chance.happens(0.5)) {
        assert.equal(await tables.commits.count("t"), model.size, `seed ${seed}, round ${round}`);
      }
      if (chance.happens(0.7)) await written;
      if (chance.happens(0.1)) {
        await tables.commits.drained();
        if (chance.happens(0.5)) {
          await copyState(options.store, tables.ref, generation, generation + 1, {});
          generation++;
        }
        tables = await Tables.open({ ...options, generation });
      }
    }
    assert.equal(await tables.commits.count("t"), model.size, `seed ${seed}`);
    assert.equal(await tables.commits.count("none"), 0);
  }
});

Deno.test("a long table is walked once, then its number is known", async () => {
  const store = new Watched();
  const options = { store, blobs: new MemoryBlobs() };
  let tables = await Tables.open(options);
  await tables.write(...Array.from({ length: 300 }, (_, n) => put(n)));
  assert.equal(await tables.commits.count("t"), 300);
  store.lists.length = 0;
  await tables.write(put(300), { table: "t", key: key(7) }, { table: "t", key: key(8) });
  assert.equal(await tables.commits.count("t"), 299);
  tables = await Tables.open(options);
  assert.equal(await tables.commits.count("t"), 299);
  assert.ok(!store.lists.includes("state"), store.lists.join());
});

Deno.test("a table nobody counts, a short one and an empty one have no number", async () => {
  const store = new MemoryStore();
  const tables = await Tables.open({ store, blobs: new MemoryBlobs() });
  const numbers = async () =>
    (await store.list({ prefix: partitionKey(tables.ref, "count"), limit: 9 }))
      .map(({ key, value }) => [key.at(-1), value]);
  await tables.write(...Array.from({ length: 200 }, (_, n) => put(n)));
  await tables.write({ table: "short", key: "k", value: "1" });
  assert.equal(await tables.commits.count("short"), 1);
  await store.commit({ deletes: [["nothing"]] });
  assert.deepEqual(await numbers(), []);
  assert.equal(await tables.commits.count("t"), 200);
  await tables.commits.drained();
  assert.deepEqual(await numbers(), [["t", 200]]);
  await tables.write(...Array.from({ length: 200 }, (_, n) => ({ table: "t", key: key(n) })));
  assert.deepEqual(await numbers(), []);
  assert.equal(await tables.commits.count("t"), 0);
});
