import assert from "node:assert/strict";
import { shareText } from "./share.ts";

/** What the JavaScript gives. */
function evaluate(value: unknown): unknown {
  const { constants, expression } = shareText(value, "part");
  return new Function(`${constants.join("\n")}\nreturn ${expression};`)();
}

Deno.test("a shared value is the same value, and equal parts are one object", () => {
  const inner = { record: [["name", "string"], ["count", "u32"], ["__proto__x", null]] };
  const value = { a: inner, b: [{ list: { ...inner } }, "x\u2028y"], c: { option: inner }, d: [] };
  const made = evaluate(value) as typeof value;
  assert.deepEqual(made, value);
  assert.equal(made.a, (made.b[0] as { list: unknown }).list);
  assert.equal(made.a, made.c.option);
});

Deno.test("what stands once is written where it stands", () => {
  const { constants, expression } = shareText({ a: [1, 2], b: [1, 2], c: undefined }, "part");
  assert.deepEqual([constants, expression], [[], '{"a":[1,2],"b":[1,2]}']);
});

Deno.test("a type that doubles at every level stays small", () => {
  let type: unknown = "u8";
  for (let level = 0; level < 12; level++) type = { record: [["left", type], ["right", type]] };
  const { constants, expression } = shareText(type, "part");
  assert.ok(constants.join("").length + expression.length < 2_000);
  assert.deepEqual(evaluate(type), type);
});
