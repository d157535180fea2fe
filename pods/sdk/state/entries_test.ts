import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { compareKeys } from "../order.ts";
import { entriesOf, entryPrefix, entryRange, type IndexValue, keyOfEntry } from "./entries.ts";

const VALUES: readonly IndexValue[] = [
  false,
  true,
  -Infinity,
  -1e300,
  -2,
  -1.5,
  -5e-324,
  0,
  5e-324,
  0.5,
  1,
  2,
  10,
  2 ** 53,
  Infinity,
  "",
  "\0",
  "\0\0",
  "\0a",
  "\x01",
  "a",
  "a\0",
  "a\0b",
  "a\x01",
  "ab",
  "b",
  "ä",
  "\uffff",
  "\u{10000}",
];

Deno.test("entries stand in the order of values, then of keys", () => {
  const entries = VALUES.flatMap((value) => ["", "\0", "a", "b"].map((key) => ({ value, key })))
    .map(({ value, key }) => [...entriesOf({ of: () => value }, key, null)][0]!);
  deepStrictEqual(entries.toSorted(compareKeys), entries);
  strictEqual(new Set(entries).size, entries.length);
});

Deno.test("an entry tells the key of its row, whatever is in it", () => {
  for (const value of VALUES) {
    for (const key of ["", "\0", "\0\0", "a\0\0b", "key"]) {
      const [entry] = entriesOf({ of: () => value, other: () => "x" }, key, null);
      strictEqual(keyOfEntry("of", entry!), key);
      strictEqual(entry!.startsWith(entryPrefix("of", value)), true);
    }
  }
});

Deno.test("a range has the values from its first up to its end", () => {
  for (const from of VALUES) {
    for (const to of VALUES) {
      const { prefix, from: start, to: end } = entryRange("of", { from, to });
      const found = VALUES.filter((value) => {
        const [entry] = entriesOf({ of: () => value }, "key", null);
        return entry!.startsWith(prefix) && compareKeys(entry!, start!) >= 0 &&
          compareKeys(entry!, end!) < 0;
      });
      deepStrictEqual(found, VALUES.slice(VALUES.indexOf(from), VALUES.indexOf(to)));
    }
  }
});

Deno.test("of one row there are as many entries as it has values, and zero is one", () => {
  const by = { label: (labels: string[]) => labels, none: () => undefined, zero: () => -0 };
  strictEqual(entriesOf(by, "k", ["a", "b", "a"]).size, 3);
  deepStrictEqual(
    entriesOf({ zero: () => 0 }, "k", null),
    entriesOf({ zero: () => -0 }, "k", null),
  );
});

Deno.test("what cannot be found by is refused with what to do", () => {
  const refused = (value: unknown) => () => entriesOf({ of: () => value as string }, "k", null);
  for (const value of [NaN, { a: 1 }, "\ud800", [["a"]]]) {
    throws(refused(value), { kind: "invalid" });
  }
  throws(refused("x".repeat(600)), { kind: "too-large", hint: /index how a long text begins/ });
});
