import assert from "node:assert/strict";
import { formatFunctionType, hashFunction, hashInterface } from "./canonical.ts";
import { resolveWorld } from "./tree.ts";
import { type CanonicalType, isFunctionType } from "./types.ts";
import { checkArguments, checkResult } from "./values.ts";

const GOLDEN = new URL("../tests/golden/capability/", import.meta.url);

interface CapabilityVector {
  wit: string[];
  world: string;
  interfaces: {
    interface: string;
    capability: string;
    functions: Record<string, { canonical: string; id: string }>;
  }[];
}

async function readGolden<Vector>(name: string): Promise<Vector> {
  return JSON.parse(await Deno.readTextFile(new URL(name, GOLDEN)));
}

for (
  const name of ["mail.json", "mail_same.json", "mail_other.json", "every_type.json", "stream.json"]
) {
  Deno.test(`capabilities are named as in ${name}`, async () => {
    const vector = await readGolden<CapabilityVector>(name);
    const { exports } = await resolveWorld(vector.wit.join("\n"), vector.world);
    const found = exports.map((one) => {
      const functions = [...one.functions].map(([name, type]) =>
        [name, {
          canonical: formatFunctionType(type),
          id: hashFunction(one.name, name, type),
        }] as const
      );
      const ids = Object.fromEntries(functions.map(([name, { id }]) => [name, id]));
      return {
        interface: one.name,
        capability: hashInterface(one.name, ids),
        functions: Object.fromEntries(functions),
      };
    });
    assert.deepEqual(found, vector.interfaces);
  });

  Deno.test(`canonical forms of ${name} are taken back from their text`, async () => {
    const { interfaces } = await readGolden<CapabilityVector>(name);
    for (const { interface: interfaceName, functions } of interfaces) {
      for (const [name, { canonical, id }] of Object.entries(functions)) {
        const type: unknown = JSON.parse(canonical);
        assert.ok(isFunctionType(type), canonical);
        assert.equal(hashFunction(interfaceName, name, type), id);
      }
    }
  });
}

Deno.test("spelling, order and documentation do not make another capability, a field's name does", async () => {
  const [mail, same, other] = await Promise.all(
    ["mail.json", "mail_same.json", "mail_other.json"].map((name) =>
      readGolden<CapabilityVector>(name)
    ),
  );
  assert.equal(mail?.interfaces[0]?.capability, same?.interfaces[0]?.capability);
  assert.notEqual(mail?.interfaces[0]?.capability, other?.interfaces[0]?.capability);
});

Deno.test("values are taken and refused as in values.json", async () => {
  const { cases } = await readGolden<
    { cases: { type: CanonicalType; valid: string[]; invalid: string[] }[] }
  >("values.json");
  assert.ok(cases.length > 20);
  for (const { type, valid, invalid } of cases) {
    const called = { params: [["it", type]] as const, result: null };
    const shown = JSON.stringify(type);
    for (const text of valid) {
      assert.equal(checkArguments(called, `[${text}]`), undefined, `${text} as ${shown}`);
      assert.equal(checkResult({ params: [], result: type }, text), undefined, text);
    }
    for (const text of invalid) {
      assert.equal(typeof checkArguments(called, `[${text}]`), "string", `${text} as ${shown}`);
      assert.equal(typeof checkResult({ params: [], result: type }, text), "string", text);
    }
  }
});
