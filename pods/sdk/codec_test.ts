import { deepStrictEqual, equal, ok, strictEqual, throws } from "node:assert/strict";
import { checkValue } from "../../wit/values.ts";
import { codecOf, decodeValue, encodeValue } from "./codec.ts";
import { decoderOf } from "./codec/decode.ts";
import { camelOf, kebabOf } from "./codec/names.ts";
import { Refusal } from "./refusal.ts";
import type { Type } from "./shape.ts";
import { sketchFunction } from "./testing/sketch.ts";

const PLACE: Type = { record: [["name", "string"], ["is-wet", { option: "bool" }]] };

/** Each type with a native value and the JSON value that it travels as. */
const PAIRS: readonly [Type, unknown, unknown][] = [
  ["bool", true, true],
  ["u32", 4_294_967_295, 4_294_967_295],
  ["s8", -128, -128],
  ["u64", 18_446_744_073_709_551_615n, "18446744073709551615"],
  ["s64", -9_223_372_036_854_775_808n, "-9223372036854775808"],
  ["f32", 0.5, 0.5],
  ["f64", -1e300, -1e300],
  ["char", "🦫", "🦫"],
  ["string", "hé", "hé"],
  [{ list: "u8" }, new Uint8Array([255, 254, 0]), "__4A"],
  [{ list: "u8" }, new Uint8Array(), ""],
  [{ list: "u64" }, [1n, 2n], ["1", "2"]],
  [{ option: "string" }, undefined, null],
  [{ option: "u64" }, 0n, "0"],
  [{ option: { option: "bool" } }, { some: undefined }, { some: null }],
  [{ option: { option: "bool" } }, undefined, null],
  [{ tuple: ["string", { list: "u8" }] }, ["a", new Uint8Array([1])], ["a", "AQ"]],
  [PLACE, { name: "pond" }, { name: "pond", "is-wet": null }],
  [PLACE, { name: "pond", isWet: false }, { name: "pond", "is-wet": false }],
  [{ variant: [["at", PLACE], ["nowhere", null]] }, { tag: "nowhere" }, { tag: "nowhere" }],
  [
    { variant: [["at", PLACE], ["nowhere", null]] },
    { tag: "at", val: { name: "x" } },
    { tag: "at", val: { name: "x", "is-wet": null } },
  ],
  [{ enum: ["newest-first", "oldest"] }, "newest-first", "newest-first"],
  [{ flags: ["mon", "tue", "wed"] }, new Set(["wed", "mon"]), ["mon", "wed"]],
  [{ result: ["u64", "string"] }, { ok: 1n }, { ok: "1" }],
  [{ result: ["u64", "string"] }, { err: "no" }, { err: "no" }],
  [{ result: [null, null] }, { ok: undefined }, { ok: null }],
];

Deno.test("a value of every type goes out as it travels and comes back as it was", () => {
  for (const [type, native, wire] of PAIRS) {
    const encoded = encodeValue(type, native, "try", "value");
    deepStrictEqual(encoded, wire);
    equal(checkValue(type, encoded), undefined);
    deepStrictEqual(decodeValue(type, wire as never), native);
  }
});

Deno.test("types whose values are the same on both sides are not walked", () => {
  const same: Type = { record: [["names", { list: "string" }], ["at", { tuple: ["f64", "u8"] }]] };
  const value = { names: ["a"], at: [1, 2] };
  strictEqual(decoderOf({ list: same }), undefined);
  strictEqual(decodeValue(same, value as never), value);
  ok(decoderOf({ list: PLACE }) !== undefined);
});

Deno.test("null is taken for what may be absent, and what is more than the type is left", () => {
  deepStrictEqual(encodeValue(PLACE, { name: "a", isWet: null, deep: 1 }, "try", "at"), {
    name: "a",
    "is-wet": null,
  });
});

Deno.test("what cannot travel is refused with its function, its place and why", () => {
  const sighting: Type = {
    record: [["place", "string"], ["count", "u32"], ["days", { flags: ["a"] }]],
  };
  const codec = codecOf(sketchFunction("report", [["sighting", sighting]], { list: "char" }));
  const sound = { place: "pond", count: 1, days: new Set() };
  const refusal = (sighting: unknown) => {
    try {
      codec.encodeArguments([sighting]);
    } catch (error) {
      ok(error instanceof Refusal);
      strictEqual(error.kind, "invalid");
      return error.message.replace("cannot call report: ", "");
    }
  };
  strictEqual(refusal(sound), undefined);
  const cases: readonly [unknown, string][] = [
    [{ ...sound, count: 4_294_967_296 }, "sighting.count is 4294967296, more than u32 takes"],
    [{ ...sound, count: -1 }, "sighting.count is -1, less than u32 takes"],
    [{ ...sound, count: 1.5 }, "sighting.count is 1.5, not a whole number"],
    [{ ...sound, count: NaN }, "sighting.count is NaN, not a whole number"],
    [{ ...sound, count: 1n }, "sighting.count is 1n, not a number"],
    [{ ...sound, place: undefined }, "sighting.place is missing"],
    [{ ...sound, place: "\ud800" }, "sighting.place is a string with half of a character"],
    [{ ...sound, days: ["a"] }, "sighting.days is an array of 1, not a Set"],
    [{ ...sound, days: new Set(["b"]) }, "sighting.days has b, none of a"],
    [undefined, "sighting is missing"],
    [[], "sighting is an array of 0, not an object"],
  ];
  for (const [value, said] of cases) strictEqual(refusal(value), said);
  throws(
    () => codec.encodeResult(["a", "bc"]),
    /^Refusal: cannot answer report: result\[1\] is "bc", not one character$/,
  );
});

Deno.test("big integers, bytes, variants and results say what they are not", () => {
  const refusals: readonly [Type, unknown, RegExp][] = [
    ["u64", 1, /value is 1, not a bigint as u64 is/],
    ["u64", 2n ** 64n, /more than u64 takes/],
    ["s64", -(2n ** 63n) - 1n, /less than s64 takes/],
    ["f32", 1e39, /more than f32 takes/],
    ["f64", Infinity, /value is Infinity, which cannot travel/],
    [{ list: "u8" }, [1], /not a Uint8Array/],
    [{ list: "bool" }, [true, , true], /value\[1\] is missing/],
    [{ tuple: ["bool"] }, [], /not an array of 1/],
    [{ variant: [["a", null]] }, { tag: "b" }, /value\.tag is "b", none of a/],
    [{ variant: [["a", "u8"]] }, { tag: "a" }, /value\.val is missing/],
    [{ enum: ["a", "b"] }, "c", /value is "c", none of a, b/],
    [{ result: ["bool", null] }, { ok: true, err: 1 }, /neither/],
    [{ result: ["bool", null] }, {}, /neither/],
  ];
  for (const [type, native, said] of refusals) {
    throws(() => encodeValue(type, native, "try", "value"), said);
  }
});

Deno.test("further arguments travel as one list; what is not said as nothing", () => {
  const codec = codecOf(
    sketchFunction("say", [["to", { option: "string" }], ["words", { list: "u64" }]], null, {
      rest: true,
    }),
  );
  deepStrictEqual(codec.encodeArguments([undefined, 1n, 2n]), [null, ["1", "2"]]);
  deepStrictEqual(codec.encodeArguments([]), [null, []]);
  deepStrictEqual(codec.decodeArguments([null, ["1", "2"]]), [undefined, 1n, 2n]);
  strictEqual(codec.encodeResult("ignored"), null);
  strictEqual(codec.decodeResult(null), undefined);
});

Deno.test("names go to kebab case and come back", () => {
  for (const name of ["a", "find-all", "x2-y", "is-wet-now"]) {
    strictEqual(kebabOf(camelOf(name)), name);
  }
});
