import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { hashFunction, hashInterface } from "../../wit/canonical.ts";
import { resolveWorld } from "../../wit/tree.ts";
import { buildPod, generatePod } from "./build.ts";
import { appendSection, MANIFEST_SECTION } from "./component.ts";
import type { Manifest } from "./manifest.ts";
import { findProjects, readProject } from "./project.ts";
import { hashInputs } from "./stamp.ts";
import { generateTypes } from "./typescript.ts";
import { nestPackage, readWorldOf } from "./world.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** A pod's folder with these files beside a sound pod.json; removed afterwards. */
async function withProject(
  files: Readonly<Record<string, string>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-build-test-" });
  try {
    const head = `{ "name": "tiny", "version": "0.1.0", "about": "Tries." }`;
    for (const [name, text] of Object.entries({ "pod.json": head, ...files })) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const TINY_WIT = `package test:tiny@0.1.0;
interface a { record pair { x: u8 } one: func(p: pair); two: func() -> u8; }
world pod { export a; import peri:face/petnames@0.1.0; }`;

const tinyPod = (handlers: string) => `
import { Pod } from ${JSON.stringify(pathToFileURL(join(ROOT, "pods/sdk/mod.ts")).href)};
import { a } from "./generated.ts";
export default class Tiny extends Pod {
  constructor(run) {
    super(run);
    this.offer(a, { ${handlers} });
  }
}`;

/** The content of the last section of a component. */
function lastSection(component: Uint8Array): string {
  const text = new TextDecoder().decode(component);
  const mark = `${String.fromCharCode(MANIFEST_SECTION.length)}${MANIFEST_SECTION}`;
  return text.slice(text.lastIndexOf(mark) + mark.length);
}

Deno.test("a pod is built: types are generated, the component carries its manifest", async () => {
  const files = { "tiny.wit": TINY_WIT, "pod.ts": tinyPod("one: () => {}, two: () => 2") };
  await withProject(files, async (folder) => {
    const { component, manifest, sizeBytes } = await buildPod(await readProject(folder), folder);
    const bytes = await Deno.readFile(component);
    assert.equal(bytes.length, sizeBytes);
    assert.deepEqual([...bytes.slice(0, 8)], [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
    const carried: Manifest = JSON.parse(lastSection(bytes));
    assert.deepEqual(carried, JSON.parse(JSON.stringify(manifest)));
    assert.deepEqual([carried.format, carried.world], [1, "peri:pod/pod@0.1.0"]);
    assert.deepEqual(carried.offers.map((offer) => offer.interface), ["test:tiny/a"]);
    assert.deepEqual(carried.needs.map((need) => need.interface), ["peri:face/petnames"]);
    for (const { interface: name, capability, functions } of carried.offers) {
      const ids = Object.fromEntries(
        Object.entries(functions).map(([key, { type }]) => [key, hashFunction(name, key, type)]),
      );
      assert.equal(hashInterface(name, ids), capability);
    }
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["generated.ts", "pod.json", "pod.ts", "tiny.wasm", "tiny.wit"]);
  });
});

Deno.test("a pod without a handler for what it offers is not built", async () => {
  const files = { "tiny.wit": TINY_WIT, "pod.ts": tinyPod("one: () => {}") };
  await withProject(files, async (folder) => {
    const project = await readProject(folder);
    await assert.rejects(
      buildPod(project, folder),
      /^Error: tiny offers test:tiny\/a and has no handler for two/,
    );
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name.endsWith(".wasm")));
  });
});

Deno.test("a wrong module is refused with what deno bundle said", async () => {
  const files = { "tiny.wit": TINY_WIT, "pod.ts": "export default class {" };
  await withProject(files, async (folder) => {
    const project = await readProject(folder);
    await assert.rejects(buildPod(project, folder), (error: Error) => {
      assert.match(error.message, /SyntaxError.*pod\.ts:1/s);
      assert.ok(!error.message.includes("backtrace") && !error.message.includes("\x1b"));
      return true;
    });
  });
});

Deno.test("a wrong WIT or pod.json is refused with its file", async () => {
  await withProject({ "tiny.wit": "package a:b; interface x { y }" }, async (folder) => {
    const project = await readProject(folder);
    await assert.rejects(generatePod(project), /tiny\.wit: expected/);
  });
  for (const head of [`{"name":"Tiny"}`, `[]`, `{"name":"tiny","version":"1","about":"x"}`]) {
    await withProject({ "pod.json": head }, async (folder) => {
      await assert.rejects(readProject(folder), /pod\.json/);
    });
  }
});

Deno.test("the generated types of every pod here are those of its WIT", async () => {
  const sdks = { "pods": "../sdk/mod.ts", "tests/pods": "../../../pods/sdk/mod.ts" };
  for (const [place, sdk] of Object.entries(sdks)) {
    for (const folder of await findProjects(join(ROOT, place))) {
      const project = await readProject(folder);
      const text = generateTypes(await readWorldOf(project), basename(project.wit), sdk);
      assert.equal(await Deno.readTextFile(project.generated), text, "run: deno task build");
    }
  }
});

Deno.test("types are written as values travel", async () => {
  const golden = join(ROOT, "tests/golden/capability/every_type.json");
  const { wit, world } = JSON.parse(await Deno.readTextFile(golden));
  const text = generateTypes(await resolveWorld(wit.join("\n"), world), "every.wit", "./sdk.ts");
  for (
    const line of [
      'export type Shape = { tag: "empty" } | { tag: "circle"; val: number } | ' +
      '{ tag: "at"; val: [number, number] };',
      'export type Days = Array<"monday" | "tuesday" | "wednesday">;',
      "export type Points = Array<Point>;",
      "as FunctionRef<[data: string], Array<string>>,",
      "as FunctionRef<[a: { some: number | null } | null], Array<string | null> | null>,",
      "as FunctionRef<[a: { ok: null } | { err: null }, b: { ok: number } | { err: null }, " +
      "c: { ok: null } | { err: string }], { ok: Points } | { err: Suit }>,",
      "g: string, h: string], void>,",
      "as FunctionRef<[from: Place, type: string], Place>,",
    ]
  ) assert.ok(text.includes(line), `${line}\nis not in\n${text}`);
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

Deno.test("packages can be put into one text", () => {
  const nested = nestPackage("/// About.\npackage a:b@0.1.0;\n\ninterface c {}\n");
  assert.equal(nested, "/// About.\npackage a:b@0.1.0 {\n\ninterface c {}\n\n}");
  assert.throws(() => nestPackage("interface c {}"), /must begin with its package/);
});

Deno.test("a pod is built again when something it is made of changes, tests aside", async () => {
  await withProject({ "pod.ts": "1" }, async (folder) => {
    const project = await readProject(folder);
    const before = await hashInputs(ROOT, project);
    await Deno.writeTextFile(join(folder, "pod_test.ts"), "2");
    assert.equal(await hashInputs(ROOT, project), before);
    await Deno.writeTextFile(join(folder, "pod.ts"), "3");
    assert.notEqual(await hashInputs(ROOT, project), before);
  });
});
