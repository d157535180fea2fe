import assert from "node:assert/strict";
import { join } from "node:path";
import { hashFunction, hashInterface } from "../../wit/canonical.ts";
import { resolveWorld } from "../../wit/tree.ts";
import { buildPod } from "./build.ts";
import { appendSection, MANIFEST_SECTION } from "./component.ts";
import { generatedText, generatePod, planProject } from "./generate.ts";
import type { Manifest } from "./manifest.ts";
import { findProjects, isFile, readProject } from "./project.ts";
import { hashInputs } from "./stamp.ts";
import { withPod } from "./try.ts";
import { readWorldOf } from "./world.ts";

const ROOT = join(import.meta.dirname!, "../..");

const TINY_WIT = `package test:tiny@0.1.0;
/// A pair of things.
interface a { record pair { x: u8 } one: func(p: pair); two: func() -> u8; }
world pod { export a; import peri:face/petnames@0.1.0; }`;

const tinyPod = (methods: string) => `
import { Pod } from "@peri/sdk";
import { A as Base, type Pair } from "./generated.ts";
class A extends Base { ${methods} }
export default class Tiny extends Pod { readonly a = new A(this); }`;

const WHOLE = tinyPod(
  "async one(p: Pair): Promise<void> { p.x; } async two(): Promise<number> { return 2; }",
);

/** The content of the last section of a component. */
function lastSection(component: Uint8Array): string {
  const text = new TextDecoder().decode(component);
  const mark = `${String.fromCharCode(MANIFEST_SECTION.length)}${MANIFEST_SECTION}`;
  return text.slice(text.lastIndexOf(mark) + mark.length);
}

Deno.test("a pod is built: classes are generated, the component carries its manifest", async () => {
  await withPod({ "tiny.wit": TINY_WIT, "pod.ts": WHOLE }, async (folder) => {
    const { component, manifest, sizeBytes } = await buildPod(await readProject(folder), folder);
    const bytes = await Deno.readFile(component);
    assert.equal(bytes.length, sizeBytes);
    assert.deepEqual([...bytes.slice(0, 8)], [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
    const carried: Manifest = JSON.parse(lastSection(bytes));
    assert.deepEqual(carried, JSON.parse(JSON.stringify(manifest)));
    assert.deepEqual([carried.format, carried.world], [1, "peri:pod/pod@0.1.0"]);
    const names = (side: Manifest["offers"]) => side.map((one) => one.interface);
    assert.deepEqual(names(carried.offers), ["peri:face/command", "test:tiny/a"]);
    assert.deepEqual(names(carried.needs), ["peri:face/petnames"]);
    assert.deepEqual(carried.verbs.map(({ name, usage }) => `${name} ${usage}`), [
      "one <x>",
      "two ",
    ]);
    for (const { interface: name, capability, functions } of carried.offers) {
      const ids = Object.fromEntries(
        Object.entries(functions).map(([key, { type }]) => [key, hashFunction(name, key, type)]),
      );
      assert.equal(hashInterface(name, ids), capability);
    }
    assert.match(carried.wit, /\/\/\/ A pair of things\.\n {2}interface a \{/);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const files = ["deno.json", "generated.ts", "pod.json", "pod.ts", "tiny.wasm", "tiny.wit"];
    assert.deepEqual(left, files);
  });
});

Deno.test("the WIT in a component gives the fingerprints in it again", async () => {
  const pod = `import { Pod, type u32 } from "@peri/sdk";
export default class Tiny extends Pod {
  /** Counts. @param by how many */
  async count(by?: u32): Promise<{ from: u32; to: u32 }> { return { from: 0, to: by ?? 1 }; }
}`;
  await withPod({ "pod.ts": pod }, async (folder) => {
    const { manifest } = await planProject(await readProject(folder));
    const { exports } = await resolveWorld(manifest.wit, "pod");
    const [{ functions, name } = { functions: new Map(), name: "" }] = exports;
    const offer = manifest.offers.find((one) => one.interface === name)!;
    assert.equal(hashFunction(name, "count", functions.get("count")!), offer.functions.count!.id);
  });
});

Deno.test("a pod that lacks a function which its WIT exports is not built", async () => {
  const pod = tinyPod("async one(p: Pair): Promise<void> { p.x; }");
  await withPod({ "tiny.wit": TINY_WIT, "pod.ts": pod }, async (folder) => {
    const project = await readProject(folder);
    await assert.rejects(buildPod(project, folder), /offers test:tiny\/a and has no method a\.two/);
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name.endsWith(".wasm")));
  });
});

Deno.test("an interface that is exported and mounted nowhere is named", async () => {
  const pod = `import { Pod } from "@peri/sdk"; export default class Tiny extends Pod {}`;
  await withPod({ "tiny.wit": TINY_WIT, "pod.ts": pod }, async (folder) => {
    await assert.rejects(
      generatePod(await readProject(folder)),
      /tiny\.wit exports test:tiny\/a, and no field of the class implements it/,
    );
  });
});

Deno.test("a generated class that was changed by hand is refused", async () => {
  await withPod({ "tiny.wit": TINY_WIT, "pod.ts": WHOLE }, async (folder) => {
    const project = await readProject(folder);
    await generatePod(project);
    const text = await Deno.readTextFile(project.generated);
    await Deno.writeTextFile(project.generated, text.replace("x: u8", "x: number"));
    await assert.rejects(planProject(project), /class of test:tiny\/a says .* changed by hand/);
  });
});

Deno.test("what throws while the pod is made is told without a backtrace", async () => {
  const pod = `import { Pod } from "@peri/sdk";
export default class Tiny extends Pod { readonly x = (() => { throw new Error("not yet"); })(); }`;
  await withPod({ "pod.ts": pod }, async (folder) => {
    const project = await readProject(folder);
    await assert.rejects(buildPod(project, folder), (error: Error) => {
      assert.match(error.message, /not yet/);
      assert.ok(!error.message.includes("backtrace") && !error.message.includes("\x1b"));
      return true;
    });
  });
});

Deno.test("a module that is not there is refused with what deno bundle said", async () => {
  const pod = `import { Pod } from "@peri/sdk"; import { x } from "./nowhere.ts";
export default class Tiny extends Pod { readonly x = x; }`;
  await withPod({ "pod.ts": pod }, async (folder) => {
    await assert.rejects(buildPod(await readProject(folder), folder), (error: Error) => {
      assert.match(error.message, /nowhere\.ts/);
      assert.ok(!error.message.includes("backtrace") && !error.message.includes("\x1b"));
      return true;
    });
  });
});

Deno.test("a wrong WIT or pod.json is refused with its file", async () => {
  await withPod({ "tiny.wit": "package a:b; interface x { y }" }, async (folder) => {
    await assert.rejects(generatePod(await readProject(folder)), /tiny\.wit: expected/);
  });
  const heads = [
    `{"name":"Tiny"}`,
    `[]`,
    `{`,
    `{"name":"tiny","version":"1","about":"x"}`,
    `{"name":"tiny","version":"1.0.0","about":"x","package":"tiny"}`,
    `{"name":"tiny","version":"1.0.0","about":"x","supercedes":{}}`,
  ];
  for (const head of heads) {
    await withPod({ "pod.json": head }, async (folder) => {
      await assert.rejects(readProject(folder), /pod\.json/);
    });
  }
});

Deno.test("the package is what pod.json says", async () => {
  const head = `{"name":"tiny","version":"1.0.0","about":"x","package":"zoo:animals"}`;
  const pod = `import { Pod } from "@peri/sdk";
export default class TinyOne extends Pod { async go(): Promise<void> {} }`;
  await withPod({ "pod.json": head, "pod.ts": pod }, async (folder) => {
    const { shape } = await planProject(await readProject(folder));
    assert.deepEqual(shape?.offers.map((offer) => offer.interface), ["zoo:animals/tiny-one"]);
  });
});

Deno.test("a file of the author's is not written over by the client", async () => {
  const pod = `import { Pod } from "@peri/sdk";
export default class Tiny extends Pod { async go(): Promise<void> {} }`;
  await withPod({ "pod.ts": pod, "client.ts": "export {};" }, async (folder) => {
    await assert.rejects(
      generatePod(await readProject(folder)),
      /client\.ts is not of the build.*rename/,
    );
    assert.equal(await Deno.readTextFile(join(folder, "client.ts")), "export {};");
  });
});

Deno.test("the generated types of every pod here are those of its WIT", async () => {
  for (const place of ["pods", "tests/pods"]) {
    for (const folder of await findProjects(join(ROOT, place))) {
      const project = await readProject(folder);
      if (!await isFile(project.wit)) continue;
      const text = await Deno.readTextFile(project.generated);
      assert.equal(generatedText(project, await readWorldOf(project)), text, "deno task build");
    }
  }
});

Deno.test("a section is appended so that WebAssembly finds it, whatever its size", () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  for (const size of [0, 1, 118, 119, 127, 128, 16_384, 100_000]) {
    const content = new Uint8Array(size).fill(7);
    const module = new WebAssembly.Module(new Uint8Array(appendSection(empty, "a name", content)));
    const [found] = WebAssembly.Module.customSections(module, "a name");
    assert.deepEqual(new Uint8Array(found!), content);
  }
});

Deno.test("a pod is built again when something it is made of changes, tests aside", async () => {
  await withPod({ "pod.ts": "1" }, async (folder) => {
    const project = await readProject(folder);
    const before = await hashInputs(ROOT, project);
    await Deno.writeTextFile(join(folder, "pod_test.ts"), "2");
    assert.equal(await hashInputs(ROOT, project), before);
    await Deno.writeTextFile(join(folder, "pod.ts"), "3");
    assert.notEqual(await hashInputs(ROOT, project), before);
  });
});
