import assert from "node:assert/strict";
import { formatTable, measureRow, quantile, summarize } from "./row.ts";

Deno.test("ours and the floor are measured in pairs and take turns in going first", async () => {
  const calls: string[] = [];
  const measured = await measureRow("group", {
    row: "row",
    floor: "nothing",
    unit: "ms",
    runs: 3,
    ours: () => Promise.resolve(calls.push("ours") * 0 + 6),
    against: () => Promise.resolve(calls.push("floor") * 0 + 3),
  });
  assert.deepEqual(measured, {
    group: "group",
    row: "row",
    ours: 6,
    against: 3,
    unit: "ms",
    ratio: 2,
    runs: 3,
    spread: 0,
  });
  assert.equal(calls.length, 10, "two pairs warm up");
  assert.deepEqual(calls.slice(4), ["ours", "floor", "floor", "ours", "ours", "floor"]);
});

Deno.test("the ratio is that of pairs, so that a slow moment of the machine does not count", () => {
  const { ratio, spread } = summarize("g", { row: "r", unit: "ms" }, [[2, 1], [20, 10], [2, 1]]);
  assert.equal(ratio, 2);
  assert.equal(spread, 0);
  const wide = summarize("g", { row: "r", unit: "ms" }, [[1, 1], [2, 1], [3, 1]]);
  assert.equal(wide.ratio, 2);
  assert.equal(wide.spread, 0.25);
});

Deno.test("quantiles lie between neighbours", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.25), 2);
  assert.equal(quantile([7], 0.75), 7);
});

Deno.test("a table has one line a row with its floor", () => {
  const measured = summarize("cli", { row: "peri --help", unit: "ms" }, [[30, 20]]);
  const [head, line] = formatTable([{ ...measured, floor: "an empty program" }]).split("\n");
  assert.match(head!, /ours {2,}floor/);
  assert.match(line!, /^cli: peri --help +30 +20 +ms +1\.50 +0 % +an empty program$/);
});
