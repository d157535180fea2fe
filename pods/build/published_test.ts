import assert from "node:assert/strict";
import { join } from "node:path";
import { buildPod } from "./build.ts";
import { generatePod } from "./generate.ts";
import { readProject } from "./project.ts";
import { readPublished } from "./published.ts";
import { withPod } from "./try.ts";

const pod = (methods: string) =>
  `import { Pod, type u32, type u64 } from "@peri/sdk";
export default class Tiny extends Pod { ${methods} }`;

const FIRST = pod(`
  async count(by: u32, note?: string): Promise<u32> { return by; }
  async *list(): AsyncIterable<string> {}
  async same(): Promise<void> {}`);

Deno.test("what was published cannot change, and the author hears what did and what to do", async () => {
  await withPod({ "pod.ts": FIRST }, async (folder) => {
    const project = await readProject(folder);
    const before = await buildPod(project, folder, { publish: true });
    const published = await readPublished(project.published);
    assert.deepEqual(Object.keys(published), ["pod:tiny/tiny"]);
    const changed = pod(`
      async count(by: u64, text?: string): Promise<u32> { return Number(by); }
      async *list(near: string): AsyncIterable<u32> {}
      async more(): Promise<void> {}`);
    await Deno.writeTextFile(project.entry, changed);
    await assert.rejects(generatePod(project), ({ message }: Error) => {
      const capability = published["pod:tiny/tiny"]!.capability.slice(0, 12);
      assert.equal(
        message,
        [
          `pod:tiny/tiny is published as ${capability}… and must not change:`,
          "    count: parameter by was u32, is u64",
          "    count: parameter note is called text now",
          "    list: parameter near is new",
          "    list: each item of the result was string, is u32",
          "    more is new",
          "    same is gone",
          "  Take that back, and offer what is new beside it: a class of its own in the pod's module,",
          "    export class Tiny2 extends Capability { … }",
          "  and a field of the pod, readonly tiny2 = new Tiny2(this);",
        ].join("\n"),
      );
      return true;
    });
    assert.equal((await Deno.stat(before.component)).size, before.sizeBytes);
  });
});

Deno.test("other words and another order are no change, and new interfaces stand beside", async () => {
  await withPod({ "pod.ts": FIRST }, async (folder) => {
    const project = await readProject(folder);
    await buildPod(project, folder, { publish: true });
    await Deno.writeTextFile(
      project.entry,
      `import { Capability, Pod, type u32 } from "@peri/sdk";
export class Tiny2 extends Capability { async more(): Promise<void> {} }
/** Other words. */
export default class Tiny extends Pod {
  readonly tiny2 = new Tiny2(this);
  async same(): Promise<void> {}
  /** More words. */
  async *list(): AsyncIterable<string> {}
  async count(by: u32, note: string | undefined): Promise<u32> { return by; }
}`,
    );
    await buildPod(project, folder, { publish: true });
    const published = Object.keys(await readPublished(project.published));
    assert.deepEqual(published, ["pod:tiny/tiny", "pod:tiny/tiny2"]);
  });
});

Deno.test("a damaged published.json is not taken for an empty one", async () => {
  for (const text of ["[]", "", "[1]", '{"a:b/c":{"capability":"x","functions":{"f":{"id":1}}}}']) {
    await withPod({ "pod.ts": FIRST, "published.json": text }, async (folder) => {
      await assert.rejects(readPublished(join(folder, "published.json")), /is damaged/);
    });
  }
});
