import assert from "node:assert/strict";
import { planProject } from "./generate.ts";
import { readProject } from "./project.ts";
import { withPod } from "./try.ts";

const POD = `import { Pod, type u32 } from "@peri/sdk";
export default class Tiny extends Pod { async one(): Promise<u32> { return 1; } }`;
const OLD = "1".repeat(64);
const head = (supersedes: unknown) =>
  JSON.stringify({ name: "tiny", version: "0.1.0", about: "Tries.", supersedes });

Deno.test("pod.json says what an interface supersedes, and the manifest says it, sorted", async () => {
  const supersedes = { "pod:tiny/tiny": ["2".repeat(64), OLD] };
  await withPod({ "pod.ts": POD, "pod.json": head(supersedes) }, async (folder) => {
    const { manifest: { offers } } = await planProject(await readProject(folder));
    const said = offers.filter((one) => one.supersedes !== undefined);
    assert.deepEqual(said.map((one) => [one.interface, one.supersedes]), [
      ["pod:tiny/tiny", [OLD, "2".repeat(64)]],
    ]);
  });
  await withPod({ "pod.ts": POD }, async (folder) => {
    const { manifest: { offers } } = await planProject(await readProject(folder));
    assert.ok(offers.length > 0 && !offers.some((one) => Object.hasOwn(one, "supersedes")));
  });
});

Deno.test("what pod.json says wrongly of it is refused with the file", async () => {
  for (const wrong of [[], "x", { a: OLD }, { a: [] }, { a: ["1"] }, { a: [OLD, OLD] }]) {
    await withPod({ "pod.ts": POD, "pod.json": head(wrong) }, async (folder) => {
      await assert.rejects(readProject(folder), /pod\.json: supersedes must be/);
    });
  }
  await withPod({ "pod.ts": POD, "pod.json": head({ "pod:tiny/gone": [OLD] }) }, async (folder) => {
    const project = await readProject(folder);
    await assert.rejects(planProject(project), /pod\.json: the pod does not offer pod:tiny\/gone/);
  });
});
