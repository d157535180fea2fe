import assert from "node:assert/strict";
import { formatColumns } from "./columns.ts";

Deno.test("columns stand below each other, counted in characters", () => {
  assert.deepEqual(formatColumns([["a", "b"], ["\u{1f600}é", "c"]]), ["a   b", "\u{1f600}é  c"]);
  assert.deepEqual(formatColumns([]), []);
});
