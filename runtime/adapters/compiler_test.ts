import assert from "node:assert/strict";
import { join } from "node:path";
import { buildTrial, stampManifest } from "../../tests/pods/build.ts";
import { formatHex, sha256 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { BlobId } from "../model/words.ts";
import type { Compiler } from "../ports/sandbox.ts";
import { openCompiler } from "./compiler.ts";
import { GUARD } from "./jco/guard.ts";
import { assemble } from "./jco/wat.ts";

async function withCompiler(run: (compiler: Compiler, folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "peri-compiler-" });
  try {
    await run(openCompiler({ cacheDir: join(folder, "cache", "programs") }), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The only file in the cache. */
async function cachedFile(folder: string): Promise<string> {
  const cache = join(folder, "cache", "programs");
  const names = await Array.fromAsync(Deno.readDir(cache), (entry) => entry.name);
  assert.equal(names.length, 1, names.join());
  return join(cache, names[0]!);
}

const manifest = {
  format: 1,
  world: "peri:pod/pod@0.1.0",
  name: "trial",
  version: "1",
  about: "",
  offers: [],
  needs: [],
};

Deno.test("a component becomes a program whose modules are all guarded", async () => {
  await withCompiler(async (compiler) => {
    const component = await buildTrial();
    const program = await compiler.compile(component);
    assert.equal(program.component, formatHex(sha256(component)));
    assert.match(program.script, /_guard\.charge/);
    assert(program.modules.size > 1);
    for (const bytes of program.modules.values()) {
      const module = new WebAssembly.Module(bytes as BufferSource);
      const imports = WebAssembly.Module.imports(module);
      assert(imports.some((entry) => entry.module === GUARD && entry.name === "epoch"));
    }
  });
});

Deno.test("what was compiled once is recalled without its component, and nothing else is", async () => {
  await withCompiler(async (compiler, folder) => {
    const component = await buildTrial();
    const id = formatHex(sha256(component)) as BlobId;
    assert.equal(await compiler.recall!(id), undefined);
    const { script, modules } = await compiler.compile(component);
    const recalled = await compiler.recall!(id);
    assert.equal(recalled?.script, script);
    assert.deepEqual([...recalled!.modules], [...modules]);
    await Deno.writeFile(await cachedFile(folder), new Uint8Array(100));
    assert.equal(await compiler.recall!(id), undefined, "it is damaged");
  });
});

Deno.test("a program comes from the cache, and from the component again when the file is damaged", async () => {
  await withCompiler(async (compiler, folder) => {
    const component = await buildTrial();
    const [first, again] = await Promise.all([
      compiler.compile(component),
      compiler.compile(component),
    ]);
    assert.equal(first, again);
    const file = await cachedFile(folder);
    const bytes = await Deno.readFile(file);
    const { ino } = await Deno.stat(file);
    const cached = await compiler.compile(component);
    assert.equal((await Deno.stat(file)).ino, ino, "it was not made again");
    assert.deepEqual([...cached.modules.keys()], [...first.modules.keys()]);
    assert.equal(cached.script, first.script);
    for (const damage of [bytes.with(5_000, bytes[5_000]! ^ 1), bytes.subarray(0, 100)]) {
      await Deno.writeFile(file, damage);
      assert.equal((await compiler.compile(component)).script, first.script);
      assert.deepEqual(await Deno.readFile(await cachedFile(folder)), bytes);
    }
  });
});

Deno.test("a cache that cannot be written costs time and nothing else", async () => {
  const compiler = openCompiler({ cacheDir: "/proc/peri-cannot-write-here" });
  assert((await compiler.compile(await buildTrial())).script.length > 0);
});

Deno.test("a component's manifest is read without running it", async () => {
  await withCompiler(async (compiler) => {
    const component = stampManifest(await buildTrial(), manifest);
    const { name, version, offers } = await compiler.inspect(component);
    assert.deepEqual({ name, version, offers }, { name: "trial", version: "1", offers: [] });
  });
});

Deno.test("what is no pod is refused the same by inspect and compile", async () => {
  const cases: [Uint8Array, string, RegExp][] = [
    [new Uint8Array([1, 2, 3]), "invalid", /not WebAssembly/],
    [await assemble("(module)"), "invalid", /core module/],
    [await assemble("(component)"), "invalid", /it is no pod/],
    [
      await assemble(`(component (import "wasi:sockets/tcp@0.2.0" (instance)))`),
      "missing-implementation",
      /wasi:sockets\/tcp@0\.2\.0/,
    ],
  ];
  await withCompiler(async (compiler) => {
    for (const [bytes, kind, reason] of cases) {
      for (const run of [compiler.inspect(bytes), compiler.compile(bytes)]) {
        await assert.rejects(run, (thrown) => {
          assert(thrown instanceof PeriError);
          assert.equal(thrown.kind, kind);
          assert.match(thrown.message, reason);
          return true;
        });
      }
    }
    await assert.rejects(compiler.inspect(await buildTrial()), /no manifest/);
  });
});

Deno.test("what only jco can judge is refused with its reason, and the next one compiles", async () => {
  const liar = await assemble(`(component
    (import "wasi:io/poll@0.2.0" (instance $poll))
    (export "peri:pod/guest@0.1.0" (instance $poll)))`);
  const torn = (await buildTrial()).slice();
  // In the middle of its code.
  torn.fill(0xff, 400_000, 400_200);
  await withCompiler(async (compiler) => {
    await assert.rejects(
      compiler.compile(torn),
      (thrown) => thrown instanceof PeriError && thrown.kind === "invalid",
    );
    await assert.doesNotReject(compiler.compile(await buildTrial()));
    // It has the right name and nothing in it; that shows when it is started.
    await compiler.compile(liar).catch((thrown) => assert(thrown instanceof PeriError));
  });
});

Deno.test("a compiler that does not start says so, and what to do", async () => {
  const folder = await Deno.makeTempDir({ prefix: "peri-compiler-" });
  const before = Deno.env.get("DENO_DIR");
  try {
    Deno.env.set("DENO_DIR", join(folder, "empty"));
    await assert.rejects(
      openCompiler({ cacheDir: join(folder, "cache") }).compile(await buildTrial()),
      (thrown) => {
        assert(thrown instanceof PeriError);
        assert.equal(thrown.kind, "internal");
        assert.match(thrown.hint ?? "", /deno install/);
        return true;
      },
    );
  } finally {
    if (before === undefined) Deno.env.delete("DENO_DIR");
    else Deno.env.set("DENO_DIR", before);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a compiler that is closed gives up what it works on and blames no component", async () => {
  const isBusy = (thrown: unknown) => thrown instanceof PeriError && thrown.kind === "busy";
  const folder = await Deno.makeTempDir({ prefix: "peri-compiler-" });
  try {
    const component = await buildTrial();
    const compiler = openCompiler({ cacheDir: folder });
    const first = assert.rejects(compiler.compile(component), isBusy);
    const second = assert.rejects(compiler.compile(stampManifest(component, {})), isBusy);
    // The first is in its process, the second waits for it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await compiler.close();
    await Promise.all([first, second]);
    await assert.rejects(compiler.compile(component), isBusy);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await compiler.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
