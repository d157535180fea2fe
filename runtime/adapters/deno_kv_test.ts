import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { planBatch } from "./batch.ts";
import { openDenoKv } from "./deno_kv.ts";
import { storeError } from "./failures.ts";
import type { Change } from "../ports/store.ts";

const put = (at: number, value: unknown = 1): Change => ({ puts: [{ key: ["k", at], value }] });

Deno.test("changes that wait together are one batch, in their order", () => {
  const batch = planBatch([put(1, "a"), { deletes: [["k", 1]] }, put(1, "b")]);
  strictEqual(batch.count, 3);
  deepStrictEqual(batch.mutations, [
    { key: ["k", 1], value: "a" },
    { key: ["k", 1] },
    { key: ["k", 1], value: "b" },
  ]);
});

Deno.test("a batch ends before the bounds of one commit", () => {
  const many = Array.from({ length: 1_500 }, (_, at) => put(at));
  strictEqual(planBatch(many).count, 1_000);
  const large = Array.from({ length: 30 }, (_, at) => put(at, new Uint8Array(60_000)));
  strictEqual(planBatch(large).count, 11);
  const checked = Array.from({ length: 150 }, (_, at): Change => ({
    checks: [{ key: ["c", at], version: null }],
  }));
  strictEqual(planBatch(checked).count, 100);
});

Deno.test("what is too large alone is a batch of its own, to be refused by itself", () => {
  const large = {
    puts: Array.from({ length: 20 }, (_, at) => put(at, new Uint8Array(60_000)).puts![0]!),
  };
  strictEqual(planBatch([large, put(99)]).count, 1);
});

Deno.test("a check of what the batch writes waits for the next one", () => {
  const checked: Change = { checks: [{ key: ["k", 1], version: "v" }], ...put(2) };
  strictEqual(planBatch([put(1), checked]).count, 1);
  strictEqual(planBatch([put(3), checked]).count, 2);
  strictEqual(planBatch([checked, put(1)]).count, 2);
});

Deno.test("a full disk is over-quota with what to do about it; anything else is internal", () => {
  const quota = "disk I/O error: Disk quota exceeded (os error 122)";
  for (const text of ["database or disk is full", quota, "File too large (os error 27)"]) {
    const full = storeError("write store", new TypeError(text));
    strictEqual(full.kind, "over-quota");
    ok(full.hint?.includes("make room"));
  }
  strictEqual(storeError("write store", new Error("disk I/O error")).kind, "internal");
  strictEqual(storeError("write store", new TypeError("Value too large")).kind, "too-large");
  const torn = storeError("open store", new TypeError("database disk image is malformed"));
  strictEqual(torn.kind, "damaged");
});

Deno.test("on a disk that is full nothing is half written, and it goes on when there is room", {
  // Only root may mount; elsewhere the mapping above has to do.
  ignore: Deno.uid() !== 0,
}, async () => {
  const folder = await Deno.makeTempDir();
  const run = async (program: string, ...args: string[]) =>
    (await new Deno.Command(program, { args, stderr: "null" }).output()).success;
  if (!await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)) return;
  try {
    const store = await openDenoKv(join(folder, "store.kv"));
    const kinds = new Set<string>();
    let written = 0;
    for (let at = 0; at < 40; at++) {
      const both = {
        puts: [0, 1].map((part) => ({ key: ["row", at, part], value: new Uint8Array(30_000) })),
      };
      await store.commit(both).then(() => written++, (error) => kinds.add(error.kind));
    }
    deepStrictEqual([...kinds], ["over-quota"]);
    strictEqual((await store.list({ prefix: ["row"], limit: 1000 })).length, 2 * written);
    strictEqual(await store.commit({ deletes: [["row", 0, 0], ["row", 0, 1]] }), true);
    await store.close();
  } finally {
    await run("umount", folder);
    await Deno.remove(folder);
  }
});

Deno.test("nobody else may read the store, wherever it is and whoever made it", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "state.kv");
  const modes = async () => {
    const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    const others = files.filter((name) => (Deno.statSync(join(folder, name)).mode! & 0o077) !== 0);
    return { files, others };
  };
  try {
    await Deno.chmod(folder, 0o755);
    const first = await openDenoKv(path);
    await first.commit(put(1));
    deepStrictEqual(await modes(), {
      files: ["state.kv", "state.kv-shm", "state.kv-wal"],
      others: [],
    });
    await first.close();
    await Deno.chmod(path, 0o644);
    const again = await openDenoKv(path);
    deepStrictEqual((await modes()).others, []);
    strictEqual((await again.get<number>(["k", 1]))?.value, 1);
    await again.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a store that cannot be written is not opened", async () => {
  await rejects(openDenoKv("/proc/self/status/store.kv"), { name: "PeriError" });
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "text"), "this is no database ".repeat(1000));
    await rejects(openDenoKv(join(folder, "text")), { kind: "damaged", hint: /backup/ });
    await (await openDenoKv(join(folder, "store.kv"))).close();
    strictEqual((await Deno.stat(join(folder, "store.kv"))).mode! & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a change that may wait goes with the next one, in order, or when the store closes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "store.kv");
    const store = await openDenoKv(path);
    const versionOf = async (at: number) => (await store.get(["k", at]))?.version;
    const waiting = store.commit(put(1, "early"), "soon");
    const both = [store.commit(put(2)), store.commit(put(1, "late"))];
    deepStrictEqual(await Promise.all([waiting, ...both]), [true, true, true]);
    strictEqual(await versionOf(1), await versionOf(2), "they were one commit");
    strictEqual((await store.get<string>(["k", 1]))?.value, "late");
    strictEqual(await store.commit(put(3), "soon"), true, "without another one it goes alone");
    const last = store.commit(put(4), "soon");
    await store.close();
    strictEqual(await last, true);
    const again = await openDenoKv(path);
    ok(await again.get(["k", 4]));
    await again.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("keys that are asked for at once are each answered", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = await openDenoKv(join(folder, "store.kv"));
    for (let at = 0; at < 25; at += 2) await store.commit(put(at, at));
    const asked = Array.from({ length: 25 }, (_, at) => store.get<number>(["k", at]));
    const values = (await Promise.all(asked)).map((entry) => entry?.value);
    deepStrictEqual(values, Array.from({ length: 25 }, (_, at) => at % 2 === 0 ? at : undefined));
    const wrong = store.get(["k", "x".repeat(3_000)]);
    const right = store.get<number>(["k", 2]);
    await rejects(wrong, { name: "PeriError" });
    strictEqual((await right.catch(() => undefined))?.value, 2);
    await store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
