/**
 * What makes another capability and what does not: `tests/golden/capability/birds/`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describeInterface } from "./describe.ts";
import { joinSources } from "./source.ts";
import { resolveWorld } from "./tree.ts";
import { isFunctionType } from "./types.ts";

const BIRDS = new URL("../tests/golden/capability/birds/", import.meta.url);

interface Vector {
  readonly wit: readonly [string, ...string[]];
  readonly world?: string;
  readonly about: string;
}

interface Functions {
  readonly [name: string]: { readonly canonical: string; readonly id: string };
}

interface Base extends Vector {
  readonly interface: string;
  readonly capability: string;
  readonly functions: Functions;
}

interface Other extends Vector {
  readonly interface?: string;
  readonly capability: string;
  readonly kept: readonly string[];
  readonly changed: Functions;
}

const { base, equal, differ }: {
  readonly base: Base;
  readonly equal: readonly Vector[];
  readonly differ: readonly Other[];
} = JSON.parse(await Deno.readTextFile(new URL("vectors.json", BIRDS)));

/** The one interface with functions of a vector. */
async function read({ wit, world = "pod" }: Vector) {
  const [main, ...others] = await Promise.all(
    wit.map((path) => Deno.readTextFile(new URL(path, BIRDS))),
  );
  const { exports, imports } = await resolveWorld(joinSources(main!, others), world);
  const [found, ...more] = [...exports, ...imports].filter(({ functions }) => functions.size > 0);
  assert.deepEqual(more, []);
  return describeInterface(found!);
}

/** SHA-256 as anybody has it, so that the files are held against PROTOCOL.md and not our code. */
async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

Deno.test("every file of the vectors is named there, and there are enough of them", async () => {
  assert.ok(equal.length >= 20 && differ.length >= 50);
  const named = [base, ...equal, ...differ].flatMap(({ wit }) => wit);
  assert.equal(new Set(named).size, named.length);
  const found: string[] = [];
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, BIRDS))) {
      if (isDirectory) await look(`${folder}${name}/`);
      else if (name.endsWith(".wit")) found.push(`${folder}${name}`);
    }
  };
  await look("./");
  assert.deepEqual(found.map((path) => path.slice(2)).sort(), named.sort());
});

Deno.test("the base has the canonical forms and hashes that are written down", async () => {
  const { functions, ...found } = await read(base);
  assert.deepEqual(found, { interface: base.interface, capability: base.capability });
  for (const [name, { id, type }] of Object.entries(functions)) {
    const { canonical } = base.functions[name]!;
    assert.equal(id, base.functions[name]!.id);
    assert.deepEqual(JSON.parse(canonical), type);
  }
  assert.deepEqual(Object.keys(functions), Object.keys(base.functions));
});

for (const vector of equal) {
  Deno.test(`the same capability: ${vector.about}`, async () => {
    const texts = await Promise.all(
      [base, vector].map(({ wit }) => Deno.readTextFile(new URL(wit[0], BIRDS))),
    );
    assert.notEqual(texts[0], texts[1]);
    const { capability, functions } = await read(vector);
    assert.equal(capability, base.capability);
    const ids = Object.entries(functions).map(([name, { id }]) => [name, id]);
    assert.deepEqual(ids, Object.entries(base.functions).map(([name, { id }]) => [name, id]));
  });
}

for (const vector of differ) {
  Deno.test(`another capability: ${vector.about}`, async () => {
    const { functions, ...found } = await read(vector);
    const { interface: name = base.interface, capability } = vector;
    assert.deepEqual(found, { interface: name, capability });
    assert.notEqual(capability, base.capability);
    const { kept, changed } = vector;
    assert.deepEqual(Object.keys(functions), [...kept, ...Object.keys(changed)].sort());
    for (const one of kept) assert.equal(functions[one]!.id, base.functions[one]!.id, one);
    for (const [one, { id }] of Object.entries(changed)) {
      assert.equal(functions[one]!.id, id);
      assert.notEqual(id, base.functions[one]?.id, `${one} has the hash it had`);
    }
  });
}

Deno.test("no two capabilities of the vectors are the same", () => {
  const all = [base, ...differ].map(({ capability }) => capability);
  assert.equal(new Set(all).size, all.length);
});

Deno.test("the hashes of the vectors are those of PROTOCOL.md, computed from the text alone", async () => {
  for (const vector of [base, ...differ]) {
    const { interface: name = base.interface } = vector;
    const functions = "changed" in vector ? vector.changed : vector.functions;
    for (const [called, { canonical, id }] of Object.entries(functions)) {
      assert.ok(isFunctionType(JSON.parse(canonical)), canonical);
      assert.equal(await hash(`peri function 1\n${name}\n${called}\n${canonical}`), id);
    }
    const kept = "kept" in vector ? vector.kept : [];
    const ids = kept.map((one): [string, string] => [one, base.functions[one]!.id])
      .concat(Object.entries(functions).map(([one, { id }]) => [one, id]))
      .sort(([a], [b]) => a < b ? -1 : 1);
    const lines = ids.map((line) => `${line.join(" ")}\n`).join("");
    assert.equal(await hash(`peri capability 1\n${name}\n${lines}`), vector.capability);
  }
});
