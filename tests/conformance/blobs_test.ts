/**
 * The contract of `ports/blobs.ts`, held against every keeper of blobs.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileBlobs } from "../../runtime/adapters/blobs.ts";
import { MemoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { concatBytes, formatHex, sha256 } from "../../runtime/model/bytes.ts";
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

const encode = (text: string) => new TextEncoder().encode(text);
const some = encode("some bytes");

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at * 31 + (at >> 12);
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts);
}

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

conforms("a draft that is sealed and kept is a blob like any other", async (blobs) => {
  const head = encode("head\n");
  const draft = blobs.draft(head);
  const large = pattern(3_000_000);
  for (let at = 0; at < large.length; at += 32_768) {
    await draft.write(at, large.subarray(at, at + 32_768));
  }
  strictEqual(draft.bytes, large.length);
  const id = await draft.seal();
  strictEqual(id, formatHex(sha256(joined(head, large))));
  strictEqual(blobs.sealed(id), draft);
  await rejects(blobs.get(id), { kind: "not-found" });
  await draft.keep();
  await draft.discard();
  strictEqual(blobs.sealed(id), undefined);
  deepStrictEqual(await blobs.get(id), joined(head, large));
  const reader = await blobs.open(id);
  strictEqual(reader.bytes, large.length + 5);
  for (const [at, length] of [[0, 9], [5, 40_000], [1_048_000, 4_000], [3_000_000, 9], [9e9, 1]]) {
    const read = await reader.read(at!, length!);
    deepStrictEqual(read, joined(head, large).slice(at, at! + length!));
  }
  reader.close();
  reader.close();
});

conforms(
  "a draft is written anywhere, cut and made longer, and gone when it is let go",
  async (blobs) => {
    const draft = blobs.draft(encode("h"));
    let model = new Uint8Array();
    const write = async (at: number, bytes: Uint8Array) => {
      const longer = new Uint8Array(Math.max(model.length, at + bytes.length));
      longer.set(model);
      longer.set(bytes, at);
      model = longer;
      await draft.write(at, bytes);
    };
    const cut = async (length: number) => {
      const other = new Uint8Array(length);
      other.set(model.subarray(0, length));
      model = other;
      await draft.truncate(length);
    };
    const check = async () => {
      strictEqual(draft.bytes, model.length);
      strictEqual(await draft.seal(), formatHex(sha256(joined(encode("h"), model))));
      strictEqual((await draft.read(model.length, 5)).length, 0);
      deepStrictEqual(await draft.read(3, 50), model.slice(3, 53));
    };
    await check();
    await write(0, encode("hello"));
    await cut(2);
    await cut(7);
    await write(4, encode("there"));
    await check();
    await write(2_000_000, pattern(70_000));
    await write(10, encode("before"));
    await check();
    await write(1_999_990, pattern(1_200_000));
    await cut(2_500_000);
    await write(2_500_000, encode("end"));
    await cut(2_600_000);
    await check();
    const id = await draft.seal();
    await draft.discard();
    await draft.discard();
    strictEqual(blobs.sealed(id), undefined);
    await rejects(blobs.open(id), { kind: "not-found" });
  },
);

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
