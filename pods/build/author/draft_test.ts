import assert from "node:assert/strict";
import { join } from "node:path";
import { openCompiler } from "../../../runtime/adapters/compiler.ts";
import { openHosts } from "../../../runtime/adapters/hosts.ts";
import { POD_MEMORY_BYTES, POD_SLICE_MS } from "../../../runtime/model/limits.ts";
import type { PodEvent, PodOutput } from "../../../runtime/model/pod.ts";
import { readProject } from "../project.ts";
import { refreshConfig } from "./config.ts";
import { draftPod, openDraft } from "./draft.ts";

const POD = `import { Pod } from "@peri/sdk";
/** Greets, in any language. */
export default class Tiny extends Pod {
  async hi(name: string): Promise<string> {
    return \`Grüß dich, \${name} 🦫\`;
  }
}
`;

/** A folder with a small pod, gone afterwards. */
async function withPod(text: string, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-draft-" });
  try {
    const about = { name: "tiny", version: "0.1.0", about: "Small." };
    await Deno.writeTextFile(join(folder, "pod.json"), JSON.stringify(about));
    await Deno.writeTextFile(join(folder, "pod.ts"), text);
    await refreshConfig(folder);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a component's first run says, in a real pod host. */
async function runOnce(component: Uint8Array, folder: string, call: object): Promise<PodOutput> {
  const compiler = openCompiler({ cacheDir: join(folder, ".peri/programs") });
  const hosts = openHosts({ count: 1 });
  try {
    const said = Promise.withResolvers<PodOutput>();
    const budget = { memoryBytes: POD_MEMORY_BYTES, sliceMs: 20 * POD_SLICE_MS };
    const program = await compiler.compile(component);
    const instance = await hosts.start(program, budget, said.resolve);
    instance.dispatch([call as PodEvent]);
    return await said.promise;
  } finally {
    await hosts.close();
    await compiler.close();
  }
}

Deno.test("a draft with a pod's code in it does what the pod does, in any script", async () => {
  await withPod(POD, async (folder) => {
    const draft = await openDraft();
    const dist = join(folder, ".peri");
    const drafted = await draftPod(draft, await readProject(folder), dist);
    assert.deepEqual(drafted!.manifest.offers.map((offer) => offer.interface), [
      "peri:face/command",
      "pod:tiny/tiny",
    ]);
    const output = await runOnce(drafted!.component, folder, {
      kind: "call",
      pod: "tiny",
      invocation: 1,
      caller: { person: "A".repeat(40) },
      interface: "pod:tiny/tiny",
      function: "hi",
      arguments: `["Zoë"]`,
      nowMs: 0,
      seed: 1,
    });
    assert.equal(output.kind, "finish");
    assert.deepEqual("outcome" in output && output.outcome, { ok: `"Grüß dich, Zoë 🦫"` });
    await Deno.writeTextFile(
      join(folder, "pod.ts"),
      POD.replace(
        "hi(",
        `too(): Promise<string> { return "${"x".repeat(1 << 20)}"; }\n  async hi(`,
      ),
    );
    assert.equal(await draftPod(draft, await readProject(folder), dist), undefined);
  });
});
