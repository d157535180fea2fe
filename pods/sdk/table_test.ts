/**
 * Tables as a run sees them: what is stored, and what it has written itself.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Run } from "./run.ts";
import type { Range, Table } from "./table.ts";
import { FakePeriphery } from "./testing/fake.ts";
import { HandPod } from "./testing/hand.ts";

/** Numbers below a bound, the same for a seed. */
function chanceOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 0x8000_0000;
    return Math.floor(state / 0x8000_0000 * bound);
  };
}

/** Runs something with a table of a pod that has these rows and three in a page. */
async function inRun(
  rows: ReadonlyMap<string, number>,
  use: (table: Table<number>) => Promise<void>,
): Promise<void> {
  class Holder extends HandPod {
    readonly rows = this.table<number>("rows");

    constructor(run: Run) {
      super(run);
      this.verb("go", "", "Goes.", () => use(this.rows));
    }
  }
  const fake = new FakePeriphery(
    Holder,
    { name: "holder", version: "1.0.0", about: "" },
    "A".repeat(40),
  );
  fake.pageSize = 3;
  fake.tables.set("rows", new Map([...rows].map(([key, value]) => [key, `${value}`])));
  const { failure } = await fake.command(["go"]);
  strictEqual(failure, undefined, `${fake.logs.map(({ line }) => line)}`);
}

Deno.test("lists and counts of a run equal those of a plain model", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const below = chanceOf(seed);
    const key = () => "ab\u{10000}\uffff".charAt(below(5)) + "xyz".charAt(below(3)) + below(4);
    const well = () => key().toWellFormed();
    const model = new Map(Array.from({ length: below(14) }, (_, n) => [well(), n]));
    await inRun(model, async (table) => {
      for (let n = 0; n < below(8); n++) {
        const name = well();
        if (below(3) === 0) table.delete(name);
        else table.put(name, 100 + n);
        if (below(3) === 0) await table.count();
      }
      const written = new Map(await table.list());
      strictEqual(await table.count(), written.size);
      const range: Range = {
        ...below(2) === 0 && { from: well() },
        ...below(2) === 0 && { to: well() },
        ...below(2) === 0 && { after: well() },
        ...below(3) === 0 && { prefix: "a" },
        reverse: below(2) === 0,
      };
      const sign = range.reverse ? -1 : 1;
      const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
      const expected = [...written].filter(([key]) =>
        (range.from === undefined || order(key, range.from) >= 0) &&
        (range.to === undefined || order(key, range.to) < 0) &&
        (range.after === undefined || sign * order(key, range.after) > 0) &&
        key.startsWith(range.prefix ?? "")
      ).sort(([a], [b]) => sign * order(a, b));
      const label = `seed ${seed}: ${JSON.stringify(range)}`;
      deepStrictEqual(await table.list(range), expected, label);
      deepStrictEqual(await table.list({ ...range, limit: 2 }), expected.slice(0, 2), label);
      strictEqual(await table.count(range), expected.length, label);
      strictEqual(await table.count({ ...range, limit: 2 }), Math.min(2, expected.length), label);
    });
  }
});
