/**
 * The contract of `ports/blobs.ts`, held against every keeper of blobs.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileBlobs } from "../../runtime/adapters/blobs.ts";
import { MemoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { formatHex, sha256 } from "../../runtime/model/bytes.ts";
import type { BlobId } from "../../runtime/model/words.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function conforms(promise: string, test: (blobs: Blobs) => Promise<void>): void {
  Deno.test(`memory: ${promise}`, () => test(new MemoryBlobs()));
  Deno.test(`files: ${promise}`, () => inFolder((folder) => test(fileBlobs(join(folder, "new")))));
}

const some = new TextEncoder().encode("some bytes");

conforms("bytes come back by their hash, as often as they were put", async (blobs) => {
  const id = await blobs.put(some);
  strictEqual(id, formatHex(sha256(some)));
  strictEqual(await blobs.put(some), id);
  deepStrictEqual(await blobs.get(id), some);
  deepStrictEqual(await blobs.get(await blobs.put(new Uint8Array(0))), new Uint8Array(0));
});

conforms("the same bytes put twice at once are there once", async (blobs) => {
  const [first, second] = await Promise.all([blobs.put(some), blobs.put(some)]);
  strictEqual(first, second);
  deepStrictEqual(await blobs.get(first!), some);
});

conforms("what is removed or was never there is not found", async (blobs) => {
  const id = await blobs.put(some);
  await blobs.remove(id);
  await blobs.remove(id);
  await rejects(blobs.get(id), { kind: "not-found" });
});

Deno.test("files: content that was changed is damaged, and putting it again heals it", () =>
  inFolder(async (folder) => {
    const blobs = fileBlobs(folder);
    const id = await blobs.put(some);
    await Deno.writeTextFile(join(folder, id.slice(0, 2), id.slice(2)), "other bytes");
    await rejects(blobs.get(id), { kind: "damaged" });
    await blobs.put(some);
    deepStrictEqual(await blobs.get(id), some);
  }));

Deno.test("files: what is on its way leaves nothing behind, and is for its owner alone", () =>
  inFolder(async (folder) => {
    const id = await fileBlobs(folder).put(some);
    const names = [...Deno.readDirSync(join(folder, id.slice(0, 2)))].map(({ name }) => name);
    deepStrictEqual(names, [id.slice(2)]);
    strictEqual(Deno.statSync(join(folder, id.slice(0, 2), id.slice(2))).mode! & 0o777, 0o600);
  }));

Deno.test("files: a name that is no hash cannot lead out of the folder", () =>
  inFolder(async (folder) => {
    await rejects(fileBlobs(folder).get("../../etc/passwd" as BlobId), { kind: "invalid" });
  }));
