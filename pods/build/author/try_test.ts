import assert from "node:assert/strict";
import { join } from "node:path";
import { buildFolder } from "./build.ts";
import { makePod } from "./new.ts";
import { testPod } from "./try.ts";

/** A new pod in a folder of its own. */
async function withNew(test: (folder: string) => Promise<void>): Promise<void> {
  const within = await Deno.makeTempDir({ prefix: "peri-try-" });
  try {
    await test(await makePod("guest-book", { within }));
  } finally {
    await Deno.remove(within, { recursive: true });
  }
}

Deno.test("the tests of a new pod pass as it was made, and fail when it does something else", async () => {
  await withNew(async (folder) => {
    assert.equal(await testPod(folder, ["--no-check"]), 0);
    const path = join(folder, "pod.ts");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace("=> text)", "=> text.toUpperCase())"));
    assert.notEqual(await testPod(folder, ["--no-check"]), 0);
  });
});

Deno.test("a new pod can be built, wherever its component is to go", async () => {
  await withNew(async (folder) => {
    const out = join(folder, "../book.wasm");
    assert.match(
      await buildFolder(folder, { out }),
      /book\.wasm built in .* pod:guest-book\/guest-book/,
    );
    assert.ok((await Deno.stat(out)).size > 100_000);
    assert.match(await buildFolder(folder), /guest-book\.wasm built in/);
    assert.ok((await Deno.stat(join(folder, "guest-book.wasm"))).isFile);
  });
});

Deno.test("a folder without a pod is neither built nor tested", async () => {
  await assert.rejects(buildFolder("/nowhere"), /there is no pod.json in \/nowhere/);
  await assert.rejects(testPod("/nowhere", []), /there is no pod.json in \/nowhere/);
});
