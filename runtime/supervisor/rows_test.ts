import assert from "node:assert/strict";
import { joinChanges } from "./rows.ts";

Deno.test("of several writes of a key the last stands, of several checks the first", () => {
  const joined = joinChanges([
    { checks: [{ key: ["a"], version: "1" }], puts: [{ key: ["a"], value: 1 }] },
    { checks: [{ key: ["a"], version: "2" }], deletes: [["a"], ["b"]] },
    { puts: [{ key: ["b"], value: 2 }], checks: [{ key: ["c"], version: null }] },
  ]);
  assert.deepEqual(joined, {
    checks: [{ key: ["a"], version: "1" }, { key: ["c"], version: null }],
    puts: [{ key: ["b"], value: 2 }],
    deletes: [["a"]],
  });
});

Deno.test("a check of what an earlier part writes would never hold and is dropped", () => {
  const joined = joinChanges([
    { puts: [{ key: ["lane", 1], value: 1 }] },
    { checks: [{ key: ["lane", 1], version: "0" }], puts: [{ key: ["lane", 1], value: 2 }] },
  ]);
  assert.deepEqual(joined.checks, []);
  assert.deepEqual(joined.puts, [{ key: ["lane", 1], value: 2 }]);
});

Deno.test("keys of other types or other lengths are other keys", () => {
  const keys = [["a", 1], ["a", "1"], ["a"], [new Uint8Array([1])], [true]];
  const joined = joinChanges(keys.map((key) => ({ puts: [{ key, value: 0 }] })));
  assert.deepEqual(joined.puts?.map(({ key }) => key), keys);
});
