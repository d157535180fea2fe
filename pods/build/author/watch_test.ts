import assert from "node:assert/strict";
import { join } from "node:path";
import { generateClient } from "../client/generate.ts";
import { ROOT } from "./config.ts";
import { hashSources, isSource } from "./sources.ts";
import type { Report } from "./watch.ts";

const POD = `import { Pod } from "@peri/sdk";
export default class Tiny extends Pod {
  async hi(): Promise<string> {
    return "hi";
  }
}
`;

/** A folder with a small pod. */
async function withPod(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-watch-" });
  try {
    const about = { name: "tiny", version: "0.1.0", about: "Small." };
    await Deno.writeTextFile(join(folder, "pod.json"), JSON.stringify(about));
    await Deno.writeTextFile(join(folder, "pod.ts"), POD);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Saves in steps, with time to look at each. */
async function saveSlowly(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, truncate: true });
  for (const half of [text.slice(0, 40), text.slice(40)]) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    await file.write(new TextEncoder().encode(half));
  }
}

/** The program with its reports as they come. */
function start(folder: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-qA",
      `--config=${ROOT}/deno.json`,
      `${ROOT}/pods/build/author/watch.ts`,
      folder,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const text = child.stdout.pipeThrough(new TextDecoderStream());
  const reports = (async function* () {
    let rest = "";
    for await (const piece of text) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as Report;
    }
  })();
  const next = async () => (await reports.next()).value as Report | undefined;
  return { child, next };
}

Deno.test("a pod is built at once, after every save, and a mistake is told with its place", async () => {
  await withPod(async (folder) => {
    const { child, next } = start(folder);
    const first = await next();
    assert.ok(first && "built" in first, JSON.stringify(first));
    assert.equal(first.built.name, "tiny");
    assert.deepEqual([...Uint8Array.fromBase64(first.built.component).subarray(0, 4)], [
      ...new TextEncoder().encode("\0asm"),
    ]);
    await Deno.writeTextFile(join(folder, "pod.ts"), `${POD}const wrong = ;\n`);
    const second = await next();
    assert.ok(second && "failed" in second);
    assert.match(second.failed, /pod\.ts:7:15/);
    await saveSlowly(join(folder, "pod.ts"), `${POD}export const more = 1;\n`);
    const third = await next();
    assert.ok(third && "built" in third, JSON.stringify(third));
    assert.ok(third.built.savedMs > first.built.savedMs);
    await child.stdin.close();
    assert.equal((await child.status).code, 0);
    assert.equal(await next(), undefined);
  });
});

Deno.test("a pod with a mistake of types is built first, and then told of", async () => {
  await withPod(async (folder) => {
    await Deno.writeTextFile(join(folder, "pod.ts"), POD.replace('"hi"', "7"));
    const { child, next } = start(folder);
    const first = await next();
    assert.ok(first && "built" in first, JSON.stringify(first));
    const second = await next();
    assert.ok(second && "mistyped" in second, JSON.stringify(second));
    assert.match(second.mistyped, /^pod\.ts:4:5: Type 'number' is not assignable to type 'string'/);
    await child.stdin.close();
    await child.status;
    assert.equal(await next(), undefined);
  });
});

Deno.test("a folder without a pod is refused at once", async () => {
  const { child, next } = start("/nowhere");
  assert.deepEqual(await next(), {
    refused: {
      kind: "not-found",
      subject: "there is no pod.json in /nowhere",
      hint: "peri pod new <name> begins a pod; else name the folder of one",
    },
  });
  await child.stdin.close();
  await child.status;
  assert.equal(await next(), undefined);
});

Deno.test("only what the author has written makes another hash", async () => {
  await withPod(async (folder) => {
    const before = await hashSources(folder);
    await Deno.writeTextFile(join(folder, "pod_test.ts"), "test");
    await Deno.writeTextFile(join(folder, "tiny.wasm"), "binary");
    await Deno.mkdir(join(folder, ".peri"));
    await Deno.writeTextFile(join(folder, ".peri/x.ts"), "kept");
    const written = "/**\n * Types; written by `deno task build`, not by hand.\n */\n";
    await Deno.writeTextFile(join(folder, "generated.ts"), written);
    const client = generateClient([], { source: "it", sdk: "" });
    await Deno.writeTextFile(join(folder, "client.ts"), client);
    assert.equal(await hashSources(folder), before);
    await Deno.writeTextFile(join(folder, "more.ts"), "more");
    assert.notEqual(await hashSources(folder), before);
    assert.ok(isSource(folder, join(folder, "sub/more.ts")));
    assert.ok(!isSource(folder, join(folder, "node_modules/x/more.ts")));
  });
});
