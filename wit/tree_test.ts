import assert from "node:assert/strict";
import { resolveWorld } from "./tree.ts";
import { WitError } from "./types.ts";

const wit = (functions: string) =>
  `package a:b@0.1.0;
interface c { resource thing; ${functions} }
world pod { export c; }`;

async function messageOf(source: string, world = "pod"): Promise<string> {
  try {
    await resolveWorld(source, world);
  } catch (error) {
    assert.ok(error instanceof WitError);
    return error.message;
  }
  return "taken";
}

Deno.test("interfaces keep the names of their types and the order of their functions", async () => {
  const source = wit("record r { x: u8 } type alias = r; z: func(a: alias); a: func();");
  const { imports, exports } = await resolveWorld(source, "pod");
  assert.deepEqual(imports, []);
  assert.equal(exports[0]?.name, "a:b/c");
  assert.deepEqual([...exports[0]!.types.keys()], ["r", "alias"]);
  assert.deepEqual([...exports[0]!.functions.keys()], ["z", "a"]);
});

Deno.test("imports are what the world needs", async () => {
  const source = `package a:b; interface c { f: func(); } world pod { import c; }`;
  const { imports, exports } = await resolveWorld(source, "pod");
  assert.deepEqual([imports.map(({ name }) => name), exports], [["a:b/c"], []]);
});

Deno.test("what cannot travel is refused with its place", async () => {
  const refused = {
    "f: func(x: stream<u8>);": "function f of a:b/c: a stream can only be the result of a function",
    "f: func() -> option<stream<u8>>;":
      "function f of a:b/c: a stream can only be the result of a function",
    "f: func() -> stream;": "function f of a:b/c: a stream cannot travel in messages",
    "f: func() -> future<u8>;": "function f of a:b/c: a future cannot travel in messages",
    "f: func(x: list<option<thing>>);": "function f of a:b/c: a resource cannot travel in messages",
    "f-URL: func();": "function f-URL of a:b/c: only a-z, 0-9 and - can be called",
    "f: func(x: borrow<thing>);": "function f of a:b/c: a resource cannot travel in messages",
  };
  for (const [functions, message] of Object.entries(refused)) {
    assert.equal(await messageOf(wit(functions)), message);
  }
});

Deno.test("what belongs to a resource is no function of the interface", async () => {
  const source =
    "package a:b; interface c { resource r { make: static func() -> u8; } } world pod { export c; }";
  assert.match(await messageOf(source), /^function \[static\]r\.make of a:b\/c: only a-z/);
});

Deno.test("a stream is the result of a function, named or not", async () => {
  const source = wit(
    "record r { x: u8 } type rs = stream<r>; f: func() -> stream<string>; g: func(a: u8) -> rs;",
  );
  const { exports } = await resolveWorld(source, "pod");
  const { functions, types } = exports[0]!;
  assert.deepEqual(functions.get("f")?.result, { stream: "string" });
  assert.deepEqual(functions.get("g")?.result, { stream: { record: [["x", "u8"]] } });
  assert.deepEqual([...types.keys()], ["r"], "no value has the type of a stream");
});

Deno.test("types nested too deep are refused", async () => {
  const nested = (depth: number) => `f: func(x: ${"list<".repeat(depth)}u8${">".repeat(depth)});`;
  assert.equal(await messageOf(wit(nested(31))), "taken");
  assert.match(await messageOf(wit(nested(32))), /nested deeper than 32/);
});

Deno.test("a text that is no WIT is refused, and the next one is read again", async () => {
  assert.match(await messageOf("package a:b; interface c { f }"), /expected/);
  assert.match(await messageOf(wit("f: func();"), "other"), /`other` not found/);
  assert.match(await messageOf("x".repeat(1_000_001)), /longer/);
  assert.equal(await messageOf(wit("f: func();")), "taken");
});

Deno.test("functions outside of an interface are refused", async () => {
  const source = "package a:b; world pod { export f: func(); }";
  assert.match(await messageOf(source), /function f of the world stands in no interface/);
});

Deno.test("a type that doubles at every level is refused before it is written out", async () => {
  const types = Array.from({ length: 30 }, (_, at) => `record r${at + 1} { a: r${at}, b: r${at} }`)
    .join(" ");
  const message = await messageOf(wit(`record r0 { x: u8 } ${types} f: func(r: r30);`));
  assert.match(message, /a type has more than 5000 parts/);
});
