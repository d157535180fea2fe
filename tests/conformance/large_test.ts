/**
 * Values too large for a row, on every store and every keeper of blobs.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileBlobs } from "../../runtime/adapters/blobs.ts";
import { openDenoKv } from "../../runtime/adapters/deno_kv.ts";
import { MemoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { settled } from "../../runtime/adapters/memory/clock.ts";
import { Life } from "../../runtime/adapters/memory/life.ts";
import { MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { BlobId } from "../../runtime/model/words.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Store } from "../../runtime/ports/store.ts";
import { copyState } from "../../runtime/supervisor/version/copy.ts";
import { loosePods } from "../../runtime/supervisor/state/large.ts";
import { LOOSE_PREFIX, partitionKey } from "../../runtime/supervisor/rows.ts";
import { Sweeper } from "../../runtime/supervisor/version/sweep.ts";
import { Tables } from "../helpers/tables.ts";

/** Blobs whose files can be counted and spoiled. */
interface Shelf {
  readonly blobs: Blobs;
  names(): Promise<string[]>;
  spoil(id: string): Promise<void>;
}

interface Ground {
  readonly store: Store;
  readonly shelf: Shelf;
}

function conforms(promise: string, test: (ground: Ground) => Promise<void>): void {
  Deno.test(`memory: ${promise}`, () => test({ store: new MemoryStore(), shelf: memoryShelf() }));
  Deno.test(`disk: ${promise}`, async () => {
    const folder = await Deno.makeTempDir();
    const store = await openDenoKv(join(folder, "store.kv"));
    try {
      await test({ store, shelf: fileShelf(join(folder, "blobs")) });
    } finally {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function memoryShelf(memory = new MemoryBlobs()): Shelf {
  const spoiled = new Set<string>();
  const blobs: Blobs = {
    put: (bytes) => memory.put(bytes).then((id) => (spoiled.delete(id), id)),
    remove: (id) => memory.remove(id),
    open: (id) => memory.open(id),
    draft: (head) => memory.draft(head),
    sealed: (id) => memory.sealed(id),
    get: (id) =>
      spoiled.has(id)
        ? Promise.reject(new PeriError("damaged", { op: "read blob", subject: id }))
        : memory.get(id),
  };
  const spoil = (id: string) => Promise.resolve(void spoiled.add(id));
  return { blobs, names: () => Promise.resolve([...memory.names].sort()), spoil };
}

function fileShelf(folder: string): Shelf {
  return {
    blobs: fileBlobs(folder),
    names: async () => {
      const names: string[] = [];
      for await (const { name } of listFolder(folder)) {
        for await (const file of Deno.readDir(join(folder, name))) names.push(name + file.name);
      }
      return names.sort();
    },
    spoil: (id) => Deno.writeTextFile(join(folder, id.slice(0, 2), id.slice(2)), "spoiled"),
  };
}

async function* listFolder(folder: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

/** A JSON text too large for a row. */
function large(name: string, bytes = 70_000): string {
  return JSON.stringify(name.padEnd(bytes, "ä"));
}

const put = (key: string, value?: string) => ({
  table: "t",
  key,
  ...value === undefined ? {} : { value },
});

conforms("a large value is read and listed as any other", async ({ store, shelf }) => {
  const tables = await Tables.open({ store, blobs: shelf.blobs });
  const writing = tables.write(put("a", large("a")), put("b", '"small"'), put("c", large("c")));
  strictEqual(await tables.get("t", "a"), large("a"), "on its way");
  deepStrictEqual(await writing, { kind: "done" });
  strictEqual(await tables.get("t", "a"), large("a"));
  const entries = await tables.list("t");
  deepStrictEqual(entries, [["a", large("a")], ["b", '"small"'], ["c", large("c")]]);
  strictEqual((await shelf.names()).length, 2);
  deepStrictEqual([...(await tables.rows<number>("blob")).values()], [1, 1]);
  deepStrictEqual(await loosePods(store), [], "nothing is left to be swept");
});

conforms("one content is one file, and it goes with its last row", async ({ store, shelf }) => {
  const tables = await Tables.open({ store, blobs: shelf.blobs });
  await tables.write(put("a", large("same")), put("b", large("same")));
  await tables.write(put("c", large("same")));
  const files = await shelf.names();
  strictEqual(files.length, 1);
  deepStrictEqual([...await tables.rows<number>("blob")], [[files[0], 3]]);
  await tables.write(put("a", '"small"'), put("b"));
  deepStrictEqual([...await tables.rows<number>("blob")], [[files[0], 1]]);
  strictEqual(await tables.get("t", "c"), large("same"));
  await tables.write(put("c"));
  await tables.commits.drained();
  deepStrictEqual(await shelf.names(), []);
  await store.commit({ deletes: [["nothing"]] });
  strictEqual((await tables.rows("blob")).size, 0);
  deepStrictEqual(await loosePods(store), []);
});

conforms("a file that one turn lets go and the next takes up stays", async ({ store, shelf }) => {
  const tables = await Tables.open({ store, blobs: shelf.blobs });
  await tables.write(put("a", large("x")));
  const fates = await Promise.all([
    tables.write(put("a")),
    tables.write(put("b", large("x"))),
    tables.write(put("b", large("y"))),
    tables.write(put("a", large("x"))),
  ]);
  deepStrictEqual(fates.map(({ kind }) => kind), ["done", "done", "done", "done"]);
  await tables.commits.drained();
  strictEqual(await tables.get("t", "a"), large("x"));
  strictEqual(await tables.get("t", "b"), large("y"));
  strictEqual((await shelf.names()).length, 2);
});

conforms("large values count in the quota with all their bytes", async ({ store, shelf }) => {
  const tables = await Tables.open({ store, blobs: shelf.blobs, quotaBytes: 450_000 });
  deepStrictEqual(await tables.write(put("a", large("a"))), { kind: "done" });
  deepStrictEqual(await tables.write(put("b", large("a"))), { kind: "done" });
  deepStrictEqual(await tables.write(put("b", large("b"))), { kind: "done" });
  strictEqual((await store.get(partitionKey(tables.ref, "used")))?.value, 2 * (2 * 70_000 + 1 + 2));
  const fate = await tables.write(put("c", large("c")), put("d", large("d")));
  ok(fate.kind === "refused" && fate.error.kind === "over-quota");
  strictEqual((await shelf.names()).length, 2, "nothing of it was put");
});

conforms("two pods with the same content have a file each", async ({ store, shelf }) => {
  const one = await Tables.open({ store, blobs: shelf.blobs, pod: "one" });
  const two = await Tables.open({ store, blobs: shelf.blobs, pod: "two" });
  await one.write(put("a", large("same")));
  await two.write(put("a", large("same")));
  strictEqual((await shelf.names()).length, 2);
  await new Sweeper(store, shelf.blobs).sweep(one.ref);
  strictEqual((await shelf.names()).length, 1);
  strictEqual(await two.get("t", "a"), large("same"));
});

conforms("a copied state shares its files until each lets them go", async ({ store, shelf }) => {
  const { blobs } = shelf;
  const old = await Tables.open({ store, blobs });
  await old.write(put("a", large("a")), put("b", large("b")), put("c", large("b")));
  await copyState(store, old.ref, 0, 1, {});
  const next = await Tables.open({ store, blobs, generation: 1 });
  await next.write(put("a"), put("c", large("c")), put("d", large("b")));
  await next.commits.drained();
  strictEqual((await shelf.names()).length, 4, "a and b of the old one, c and b of the new one");
  strictEqual(await old.get("t", "a"), large("a"));
  strictEqual(await next.get("t", "b"), large("b"));
  await new Sweeper(store, blobs).clearState(old.ref);
  strictEqual((await shelf.names()).length, 3);
  strictEqual(await next.get("t", "b"), large("b"), "it was written by the old one");
  await next.write(put("b"), put("c"), put("d"));
  await next.commits.drained();
  deepStrictEqual(await shelf.names(), []);
  await store.commit({ deletes: [["nothing"]] });
  strictEqual((await next.rows("blob")).size, 0);
});

conforms("a lost or changed file is an error of its row alone", async ({ store, shelf }) => {
  const tables = await Tables.open({ store, blobs: shelf.blobs });
  await tables.write(put("a", large("a")), put("b", large("b")), put("c", large("c")));
  const rows = await tables.rows<{ blob: BlobId }>("state", "t");
  await shelf.spoil(rows.get("a")!.blob);
  await shelf.blobs.remove(rows.get("b")!.blob);
  await rejects(tables.get("t", "a"), { kind: "damaged", subject: "its file was changed" });
  await rejects(tables.get("t", "b"), { kind: "damaged", subject: "its file is missing" });
  strictEqual(await tables.get("t", "c"), large("c"));
  await rejects(tables.list("t"), { kind: "damaged" });
  await tables.write(put("d", large("a")), put("b", '"new"'));
  strictEqual(await tables.get("t", "a"), large("a"), "who writes it again has it whole");
  strictEqual(await tables.get("t", "b"), '"new"');
});

/** Blobs as a process sees them that may die. */
function living(life: Life, blobs: Blobs): Blobs {
  const never = new Promise<never>(() => {});
  return {
    put: (bytes) => life.isOver ? never : life.hold(blobs.put(bytes), "put"),
    get: (id) => life.isOver ? never : life.hold(blobs.get(id), "get"),
    remove: (id) => life.isOver ? never : life.hold(blobs.remove(id), "remove"),
    open: (id) => blobs.open(id),
    draft: (head) => blobs.draft(head),
    sealed: (id) => blobs.sealed(id),
  };
}

/** What a pod does to its large values, a turn each. */
const STORY = [
  [put("a", large("a")), put("b", large("b"))],
  [put("a", large("b")), put("c", large("c"))],
  [put("b"), put("a")],
  [put("c", '"small"'), put("d", large("c"))],
  [put("d")],
];

Deno.test("whenever the process dies, rows and files agree after the next start", async () => {
  let deaths = 0;
  for (let dieAt = 1;; dieAt++) {
    const store = new MemoryStore();
    const memory = new MemoryBlobs();
    const shelf = memoryShelf(memory);
    let moments = 0;
    const life: Life = new Life(() => ++moments >= dieAt && life.end());
    void tell(life.store(store), living(life, shelf.blobs));
    for (let round = 0; round < 200; round++) await settled();
    const tables = await Tables.open({ store, blobs: shelf.blobs });
    await checkAgreement(tables, shelf, `died at ${dieAt}`);
    strictEqual((await store.list({ prefix: LOOSE_PREFIX, limit: 1 })).length, 0);
    if (!life.isOver) break;
    deaths++;
  }
  ok(deaths > 25, `${deaths} moments`);
});

async function tell(store: Store, blobs: Blobs): Promise<void> {
  const tables = await Tables.open({ store, blobs });
  await tables.write(...STORY[0]!);
  // The rest is one commit and what it carries.
  await Promise.all(STORY.slice(1, 4).map((writes) => tables.write(...writes)));
  await tables.write(...STORY[4]!);
}

async function checkAgreement(tables: Tables, shelf: Shelf, label: string): Promise<void> {
  const counted = new Map<string, number>();
  let bytes = 0;
  for (const [key, stored] of await tables.rows("state", "t")) {
    const text = await tables.get("t", key);
    bytes += 1 + 1 + new TextEncoder().encode(text).length;
    if (typeof stored === "string") continue;
    counted.set(stored.blob, (counted.get(stored.blob) ?? 0) + 1);
  }
  const rows = await tables.rows<number>("blob");
  deepStrictEqual(rows, new Map([...counted].sort()), label);
  deepStrictEqual(await shelf.names(), [...counted.keys()].sort(), label);
  const used = await tables.options.store.get<number>(partitionKey(tables.ref, "used"));
  strictEqual(used?.value ?? 0, bytes, label);
}

Deno.test("a commit that fails leaves no file behind", async () => {
  let commits = 0;
  const store = new MemoryStore(undefined, (apply) => {
    if (++commits !== 4) return Promise.resolve(apply());
    return Promise.reject(new PeriError("internal", { op: "write", subject: "the disk failed" }));
  });
  const shelf = memoryShelf();
  const tables = await Tables.open({ store, blobs: shelf.blobs });
  strictEqual((await tables.write(put("a", large("a")))).kind, "done");
  strictEqual((await tables.write(put("b", large("b")))).kind, "failed");
  await tables.commits.drained();
  await checkAgreement(tables, shelf, "after the failure");
});
