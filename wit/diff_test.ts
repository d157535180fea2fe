import assert from "node:assert/strict";
import { hashInterface } from "./canonical.ts";
import { describeInterface } from "./describe.ts";
import { diffInterfaces, isBreaking } from "./diff.ts";
import { joinSources } from "./source.ts";
import { resolveWorld } from "./tree.ts";

const BIRDS = new URL("../tests/golden/capability/birds/", import.meta.url);
const read = async (path: string) => {
  const source = joinSources(await Deno.readTextFile(new URL(path, BIRDS)), []);
  return (await resolveWorld(source, "pod")).exports.map(describeInterface);
};
const base = await read("base.wit");

/** What is said of the one function that changed, or of all. */
async function reasons(name: string): Promise<string[]> {
  const [change, ...more] = diffInterfaces(base, await read(`differ/${name}.wit`));
  assert.deepEqual(more, []);
  assert.ok(isBreaking(change!));
  return change!.functions.flatMap(({ reasons }) => reasons);
}

const SAID: Readonly<Record<string, readonly string[]>> = {
  width: ["field count of parameter sighting was u32, is u64"],
  field_order: [
    "fields of parameter sighting were in the order where, count, note, picture, are where, note, " +
    "count, picture",
  ],
  field_name: [
    "field count of parameter sighting is gone",
    "field number of parameter sighting is new",
  ],
  float_width: [
    "field at of field where of parameter sighting, number 1, was f64, is f32",
  ],
  bytes: ["each of field picture of parameter sighting was u8, is u16"],
  option_option: [
    "field note of parameter sighting, when it is there, was string, is option<string>",
  ],
  tuple_longer: [
    "field at of field where of parameter sighting was tuple<f64, f64>, is tuple<f64, f64, f64>",
  ],
  enum_added: ["name sea of parameter habitat is new"],
  enum_order: [
    "names of parameter habitat were in the order pond, wood, sky, are wood, pond, sky",
  ],
  enum_variant: [
    "parameter habitat was enum { pond, wood, sky }, is variant { pond, wood, sky }",
  ],
  flags_added: ["flag big of parameter traits is new"],
  case_payload: ["case more of the result was u32, is u16"],
  case_bare: ["case more of the result was u32, is nothing"],
  param_name: ["parameter id is called number now"],
  param_order: ["parameters were in the order sighting, urgent, are urgent, sighting"],
  param_added: ["parameter why is new"],
  param_removed: ["parameter urgent is gone"],
  result_added: ["the result was nothing, is bool"],
  result_plain: ["the result was result<u32, string>, is u32"],
  result_error: ["the result when it fails was string, is u32"],
  result_swapped: [
    "the result when it succeeds was u32, is string",
    "the result when it fails was string, is u32",
  ],
  function_removed: ["it is gone"],
};

for (const [name, said] of Object.entries(SAID)) {
  Deno.test(`what breaks is said in words: ${name}`, async () => {
    assert.deepEqual((await reasons(name)).filter((one) => !REPEATED.test(one)), said);
  });
}

/** The record of a sighting stands in other functions too. */
const REPEATED = /each item of the result|case one of the result|parameter place/;

Deno.test("every vector that differs has a reason, and names what changed", async () => {
  const { differ } = JSON.parse(await Deno.readTextFile(new URL("vectors.json", BIRDS)));
  for (const { wit: [path], interface: name, changed } of differ) {
    const changes = diffInterfaces(base, await read(path));
    if (name !== undefined) {
      const [gone, added] = ["removed", "added"].map((kind) =>
        changes.filter(({ functions }) => functions.every((one) => one.kind === kind)).length
      );
      assert.deepEqual([gone, added, changes.length], [1, 1, 2], path);
      continue;
    }
    const [{ functions }] = changes as [typeof changes[number]];
    const found = functions.filter(({ kind }) => kind !== "removed").map((one) => one.function);
    assert.deepEqual(found, Object.keys(changed), path);
    assert.ok(
      functions.every(({ kind, reasons }) => (kind === "added") === (reasons.length === 0)),
    );
  }
});

Deno.test("a function more breaks nobody, and the same interface has no changes", async () => {
  const [change] = diffInterfaces(base, await read("differ/function_added.wit"));
  assert.deepEqual(change!.functions, [{ function: "total", kind: "added", reasons: [] }]);
  assert.ok(!isBreaking(change!));
  const [same] = diffInterfaces(base, await read("equal/alias.wit"));
  assert.deepEqual([same!.functions, same!.before], [[], same!.after]);
});

Deno.test("a long list of reasons is cut, and says so", () => {
  const of = (suffix: string) => {
    const fields = Array.from({ length: 30 }, (_, at) => [`f${at}${suffix}`, "u8"] as const);
    const type = { params: fields, result: null };
    const functions = { f: { id: suffix, type } };
    return [{ interface: "a:b/c", capability: hashInterface("a:b/c", { f: suffix }), functions }];
  };
  const [{ functions: [f] }] = diffInterfaces(of("a"), of("b")) as never as [
    { functions: [{ reasons: string[] }] },
  ];
  assert.equal(f.reasons.length, 21);
  assert.equal(f.reasons.at(-1), "and 10 more");
});
