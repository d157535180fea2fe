import assert from "node:assert/strict";
import { formatCanonical } from "./canonical.ts";
import { findLacks } from "./subset.ts";
import { WitError } from "./types.ts";

Deno.test("canonical JSON sorts keys by UTF-16 units and writes no blanks", () => {
  const value = {
    "\u20ac": 1,
    "\r": 2,
    "\u{1f600}": 3,
    "1": 4,
    "\ufb33": 5,
    a: [null, true, "x\n"],
  };
  assert.equal(
    formatCanonical(value),
    '{"\\r":2,"1":4,"a":[null,true,"x\\n"],"\u20ac":1,"\u{1f600}":3,"\ufb33":5}',
  );
});

Deno.test("canonical JSON writes numbers as RFC 8785 shows them", () => {
  const shown = [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0].map(formatCanonical);
  assert.deepEqual(shown, ["333333333.3333333", "1e+30", "4.5", "0.002", "1e-27", "0"]);
});

Deno.test("what has no canonical form is refused", () => {
  assert.throws(() => formatCanonical(NaN), WitError);
  assert.throws(() => formatCanonical(["\ud800"]), WitError);
  assert.throws(() => formatCanonical({ "\ud800": 1 }), WitError);
});

Deno.test("a lack names the function and both hashes", () => {
  const needs = [
    { interface: "a:b/c", functions: { one: { id: "1" }, two: { id: "2" }, three: { id: "3" } } },
    { interface: "a:b/d", functions: { one: { id: "1" } } },
  ];
  const offers = [{ interface: "a:b/c", functions: { one: { id: "1" }, two: { id: "9" } } }];
  assert.deepEqual(findLacks(needs, offers), [
    { interface: "a:b/c", function: "two", needed: "2", offered: "9" },
    { interface: "a:b/c", function: "three", needed: "3" },
    { interface: "a:b/d", function: "one", needed: "1" },
  ]);
  assert.deepEqual(findLacks(needs, needs), []);
  assert.equal(
    findLacks([{ interface: "a:b/c", functions: { toString: { id: "1" } } }], offers).length,
    1,
  );
});
