import assert from "node:assert/strict";
import { type CanonicalType, isFunctionType, PRIMITIVES } from "./types.ts";
import { checkArguments, checkItem, checkResult, checkValue } from "./values.ts";

/** A seeded source of choices; a failing seed is in the name of the assertion. */
function openChance(seed: number) {
  let state = seed >>> 0;
  const next = (below: number) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return ((state ^ state >>> 13) >>> 0) % below;
  };
  return { next, pick: <Item>(items: readonly Item[]): Item => items[next(items.length)]! };
}

type Chance = ReturnType<typeof openChance>;

function randomType(chance: Chance, depth: number): CanonicalType {
  const inner = () => randomType(chance, depth - 1);
  const orNull = () => chance.next(3) === 0 ? null : inner();
  const names = Array.from({ length: 1 + chance.next(4) }, (_, at) => `name-${at}`);
  switch (depth === 0 ? 0 : chance.next(9)) {
    case 1:
      return { list: inner() };
    case 2:
      return { option: inner() };
    case 3:
      return { tuple: names.map(inner) };
    case 4:
      return { result: [orNull(), orNull()] };
    case 5:
      return { record: names.map((name) => [name, inner()]) };
    case 6:
      return { variant: names.map((name) => [name, orNull()]) };
    case 7:
      return { enum: names };
    case 8:
      return { flags: names };
    default:
      return chance.pick(PRIMITIVES);
  }
}

const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  bool: [true, false],
  u8: [0, 255],
  s8: [-128, 127],
  u16: [0, 65535],
  s16: [-32768, 32767],
  u32: [0, 4294967295],
  s32: [-2147483648, 2147483647],
  u64: ["0", "18446744073709551615"],
  s64: ["-9223372036854775808", "9"],
  f32: [0.5, -3e38],
  f64: [0, -1e308, 5e-324],
  char: ["a", "\u{1f600}", ":"],
  string: ["", ":", '"', "\\", '{"a":1}', "\u2028é\u{1f600}"],
};

function randomValue(chance: Chance, type: CanonicalType): unknown {
  const inner = (of: CanonicalType) => randomValue(chance, of);
  if (typeof type === "string") return chance.pick(SAMPLES[type]!);
  if ("list" in type) {
    if (type.list === "u8") return chance.pick(["", "AA", "AAA", "_-9h"]);
    return Array.from({ length: chance.next(4) }, () => inner(type.list));
  }
  if ("option" in type) {
    if (chance.next(3) === 0) return null;
    const isNested = typeof type.option === "object" && "option" in type.option;
    return isNested ? { some: inner(type.option) } : inner(type.option);
  }
  if ("tuple" in type) return type.tuple.map(inner);
  if ("result" in type) {
    const side = chance.next(2);
    const of = type.result[side];
    return { [side === 0 ? "ok" : "err"]: of ? inner(of) : null };
  }
  if ("record" in type) {
    return Object.fromEntries(type.record.map(([name, of]) => [name, inner(of)]));
  }
  if ("variant" in type) {
    const [tag, of] = chance.pick(type.variant);
    return of === null ? { tag } : { tag, val: inner(of) };
  }
  return "enum" in type ? chance.pick(type.enum) : type.flags.filter(() => chance.next(2) === 0);
}

/** A value no type has, put in some place of a JSON value. */
function spoil(chance: Chance, value: unknown): unknown {
  const isDeep = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isDeep || chance.next(4) === 0) return { "no type has this": [] };
  const key = chance.pick(Object.keys(value));
  const changed = spoil(chance, (value as Record<string, unknown>)[key]);
  if (Array.isArray(value)) return value.with(Number(key), changed);
  return { ...value, [key]: changed };
}

Deno.test("every value made for a type is taken, and refused with one part spoilt", () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const chance = openChance(seed);
    const type = randomType(chance, chance.next(5));
    const value = randomValue(chance, type);
    const called = { params: [["it", type]] as const, result: type };
    assert.ok(isFunctionType(JSON.parse(JSON.stringify(called))), `seed ${seed}`);
    assert.equal(checkArguments(called, JSON.stringify([value])), undefined, `seed ${seed}`);
    assert.equal(checkResult(called, JSON.stringify(value)), undefined, `seed ${seed}`);
    const spoilt = JSON.stringify([spoil(chance, value)]);
    assert.match(checkArguments(called, spoilt) ?? "taken", /^it\b.+/, `seed ${seed} ${spoilt}`);
  }
});

Deno.test("garbage is refused and never thrown about", () => {
  const pieces = ["[", "]", "{", "}", '"', ":", ",", "\\", "1", "null", "a", "\ud800", "\0", "é"];
  const type = { params: [["a", { list: "string" }]], result: "u8" } as const;
  for (let seed = 1; seed <= 3_000; seed++) {
    const chance = openChance(seed);
    const text = Array.from({ length: chance.next(30) }, () => chance.pick(pieces)).join("");
    assert.equal(typeof checkArguments(type, `${text}]]`), "string", `seed ${seed}`);
    assert.ok(!isFunctionType(text), `seed ${seed}`);
  }
});

Deno.test("deep and long payloads are refused without overflowing", () => {
  const type = { params: [["a", "u8"]], result: null } as const;
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  assert.match(checkArguments(type, deep)!, /^a must be a whole number/);
  const long = `[${JSON.stringify("x".repeat(100_000))}]`;
  assert.ok(checkArguments(type, long)!.length < 200);
});

Deno.test("an error says where and what", () => {
  const type: CanonicalType = { list: { record: [["to", { option: { tuple: ["u8", "s8"] } }]] } };
  assert.equal(
    checkValue(type, [{ to: null }, { to: [1, 300] }]),
    "value[1].to[1] must be a whole number from -128 to 127, not 300",
  );
  assert.equal(checkValue(type, [{}], "letters"), "letters[0].to is missing");
  assert.equal(checkValue({ variant: [["a", "u8"]] }, { tag: "a" }), "value.val is missing");
});

Deno.test("arguments must be as many as the parameters", () => {
  const type = { params: [["a", "u8"], ["b", "u8"]], result: null } as const;
  assert.equal(checkArguments(type, "[1]"), "arguments must be 2, not 1");
  assert.equal(checkArguments(type, "{}"), "arguments must be an array, not an object");
  assert.equal(checkResult(type, "1"), "result must be null, not 1");
});

Deno.test("types from outside are held to closed shapes", () => {
  const nested = (depth: number): unknown => depth === 0 ? "u8" : { list: nested(depth - 1) };
  const wrong: unknown[] = [
    null,
    { params: [], result: undefined },
    { params: [] },
    { params: [], result: null, more: 1 },
    { params: [["a"]], result: null },
    { params: [["a", "u8"], ["a", "u8"]], result: null },
    { params: [["not kebab", "u8"]], result: null },
    { params: [], result: "u7" },
    { params: [], result: { list: "u8", option: "u8" } },
    { params: [], result: { list: ["u8"] } },
    { params: [], result: { record: [] } },
    { params: [], result: { record: { a: "u8" } } },
    { params: [], result: { result: ["u8"] } },
    { params: [], result: { enum: ["a", "a"] } },
    { params: [], result: { toString: "u8" } },
    { params: [], result: nested(40) },
    { params: [], result: { enum: Array.from({ length: 2_000 }, (_, at) => `a${at}`) } },
  ];
  for (const type of wrong) assert.ok(!isFunctionType(type), JSON.stringify(type)?.slice(0, 80));
  assert.ok(isFunctionType({ params: [], result: nested(30) }));
});

Deno.test("a stream gives items of its type and no result of its own", () => {
  const type = { params: [], result: { stream: { option: "u8" } } } as const;
  assert.ok(isFunctionType(type));
  assert.equal(checkItem(type, "7"), undefined);
  assert.equal(checkItem(type, "null"), undefined);
  assert.match(checkItem(type, "256")!, /item must be/);
  assert.match(checkItem(type, "{")!, /not JSON/);
  assert.match(checkItem({ params: [], result: "u8" }, "7")!, /no stream/);
  assert.equal(checkResult(type, "null"), undefined);
  assert.match(checkResult(type, "7")!, /result must be null/);
});

Deno.test("a stream stands nowhere but as a result", () => {
  const of = (result: unknown, params: unknown = []) => isFunctionType({ params, result });
  assert.ok(of({ stream: "u8" }));
  assert.ok(!of({ stream: null }));
  assert.ok(!of({ stream: { stream: "u8" } }));
  assert.ok(!of({ list: { stream: "u8" } }));
  assert.ok(!of(null, [["a", { stream: "u8" }]]));
  assert.ok(!of({ stream: "u8", list: "u8" }));
});
