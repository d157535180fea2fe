import assert from "node:assert/strict";
import { formatFields, formatJsonLine, formatTable, formatValue, printable } from "./output.ts";

Deno.test("what others named cannot steer a terminal", () => {
  const hostile = "a\x1b[2J\x07b\r\nc\x9b31m\u202ed\u2066";
  assert.equal(printable(hostile), "a·[2J·b··c·31m·d·");
  assert.equal(formatValue(hostile), printable(hostile));
  assert.doesNotMatch(formatFields({ [hostile]: hostile }).join(""), /\p{Cc}/u);
  // A record of --json is the same value, and harmless on a terminal too.
  const line = formatJsonLine({ [hostile]: hostile });
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
  assert.deepEqual(JSON.parse(line), { [hostile]: hostile });
});

Deno.test("columns are aligned, wide letters count twice, empty columns are left out", () => {
  const records = [{ name: "水", about: "x" }, { name: "hey", about: null }];
  const columns = [{ field: "name", title: "pod" }, { field: "state" }, { field: "about" }];
  assert.deepEqual(formatTable(records, columns), ["POD  ABOUT", "水   x", "hey"]);
  const took = [{ field: "tookMs", title: "took" }];
  assert.deepEqual(formatTable([{ tookMs: 4 }], took), ["TOOK", "4 ms"]);
});

Deno.test("fields read as people say them, lists and objects below their name", () => {
  const lines = formatFields({
    name: "hey",
    stateBytes: 12,
    sliceMs: 200,
    atMs: new Date(2026, 10, 23, 7, 4).getTime(),
    gone: undefined,
    offers: ["a", "b"],
    status: { ok: true },
    pods: [{ pod: "x", serial: 1 }],
    long: ["1".repeat(40), "2".repeat(40)],
  });
  assert.deepEqual(lines, [
    "name         hey",
    "state bytes  12",
    "slice        200 ms",
    "at           2026-11-23 07:04",
    "offers       a, b",
    "status",
    "  ok  yes",
    "pods",
    "  pod x, serial 1",
    "long",
    `  ${"1".repeat(40)}`,
    `  ${"2".repeat(40)}`,
  ]);
});
