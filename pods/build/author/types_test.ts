import assert from "node:assert/strict";
import { join } from "node:path";
import { buildFolder } from "./build.ts";
import { makePod } from "./new.ts";
import { formatMistakes } from "./types.ts";

async function withPod(text: string, test: (folder: string) => Promise<void>): Promise<void> {
  const within = await Deno.makeTempDir({ prefix: "peri-types-" });
  try {
    const folder = await makePod("zoo", { within });
    const path = join(folder, "pod.ts");
    const before = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, before.replace("async notes()", `${text}\n  async notes()`));
    await test(folder);
  } finally {
    await Deno.remove(within, { recursive: true });
  }
}

Deno.test("a mistake of types ends the build at its place, and leaves the component before", async () => {
  const mistake = "async count(): Promise<number> { return this.#notes.size(); }";
  await withPod(mistake, async (folder) => {
    const out = join(folder, "zoo.wasm");
    await Deno.writeTextFile(out, "before");
    await assert.rejects(buildFolder(folder), (error: Error) => {
      assert.match(error.message, /^pod\.ts:14:55: Property 'size' does not exist on type 'Table/);
      assert.doesNotMatch(error.message, /\n {4}at |backtrace/);
      return true;
    });
    assert.equal(await Deno.readTextFile(out), "before");
  });
});

Deno.test("what breaks as it is loaded is told without a stack, and so is what no pod can import", async () => {
  const breaks = 'readonly x = ((): number => { throw new Error("not yet"); })();';
  await withPod(breaks, async (folder) => {
    await assert.rejects(buildFolder(folder), {
      message: "the pod breaks as it is loaded: not yet",
    });
    const path = join(folder, "pod.ts");
    const text = (await Deno.readTextFile(path)).replace(breaks, "readonly x = readFileSync;");
    await Deno.writeTextFile(path, `import { readFileSync } from "node:fs";\n${text}`);
    await assert.rejects(buildFolder(folder), /^Error: a pod cannot import node:fs: it has what/);
  });
});

Deno.test("mistakes are shown by the first place of each, and anything else as it is", () => {
  const said = `TS2322 [ERROR]: Type 'A' is not assignable to type 'B'.
  Property 'pod' is missing.
  return {
  ~~~~~~
    at file:///zoo/part/x.ts:30:3

    'pod' is declared here.
        readonly pod: string;
        at file:///zoo/pod.ts:32:14

TS2339 [ERROR]: Property 'nope' does not exist.
    at file:///zoo/pod.ts:4:35

Found 2 errors.

error: Type checking failed.`;
  assert.equal(
    formatMistakes(said, "/zoo"),
    "part/x.ts:30:3: Type 'A' is not assignable to type 'B'.\n    TS2322\n" +
      "pod.ts:4:35: Property 'nope' does not exist.\n    TS2339",
  );
  assert.equal(formatMistakes("error: no such file\n", "/zoo"), "no such file");
});
