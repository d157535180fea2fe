import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { MemoryBlobs } from "../../adapters/memory/blobs.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { type BlobId, parseFingerprint, parsePodName } from "../../model/words.ts";
import { checkContent, CONTENTS_TABLE, findContent, namesContent, openContent } from "./content.ts";
import { headOf } from "./large.ts";

const PLACE = {
  person: parseFingerprint("A1".repeat(20)),
  pod: parsePodName("shelf"),
  generation: 3,
};

async function sealed(blobs: MemoryBlobs, place = PLACE) {
  const draft = blobs.draft(headOf(place));
  await draft.write(0, encodeUtf8("content"));
  return { draft, blob: await draft.seal() };
}

/** What `findContent` gives for a pod in whose rows a blob stands so often. */
function find(blobs: MemoryBlobs, text: string, uses = 0) {
  return findContent({ place: PLACE, blobs, usesOf: () => Promise.resolve(uses) }, text);
}

Deno.test("a pod keeps what was saved for it, in this version, as long as it is offered", async () => {
  const blobs = new MemoryBlobs();
  const { draft, blob } = await sealed(blobs);
  // What it says of the size does not count.
  const { ref, draft: found } = await find(blobs, JSON.stringify({ blob, size: 1 }));
  deepEqual(ref, { blob, bytes: 7, isContent: true });
  equal(found, draft);
  await draft.discard();
  await rejects(find(blobs, JSON.stringify({ blob, size: 7 })), { kind: "denied" });
});

Deno.test("no pod takes what was saved for another, for another version, or is just there", async () => {
  const blobs = new MemoryBlobs();
  const others = [
    { ...PLACE, person: parseFingerprint("B2".repeat(20)) },
    { ...PLACE, pod: parsePodName("other") },
    { ...PLACE, generation: 4 },
  ];
  for (const place of others) {
    const { blob } = await sealed(blobs, place);
    await rejects(find(blobs, JSON.stringify({ blob, size: 7 })), { kind: "denied" });
  }
  const blob = await blobs.put(encodeUtf8("a component"));
  await rejects(find(blobs, JSON.stringify({ blob, size: 11 })), { kind: "denied" });
});

Deno.test("what stands in a row may stand in another, and nobody makes it smaller", async () => {
  const blobs = new MemoryBlobs();
  const { draft, blob } = await sealed(blobs);
  await draft.keep();
  await draft.discard();
  const { ref, draft: none } = await find(blobs, JSON.stringify({ blob, size: 7 }), 1);
  deepEqual([ref.bytes, none], [7, undefined]);
  await rejects(find(blobs, JSON.stringify({ blob, size: 0 }), 1), { kind: "invalid" });
  const reader = await openContent(blobs, blob);
  equal(reader.bytes, 7);
  deepEqual(await reader.read(3, 100), encodeUtf8("tent"));
  await blobs.remove(blob);
  await rejects(openContent(blobs, blob as BlobId), { kind: "damaged" });
});

Deno.test("a content is written in one way only", () => {
  const blob = "a".repeat(64);
  equal(checkContent(` {"size": 5, "blob": "${blob}", "more": 1}`), `{"blob":"${blob}","size":5}`);
  for (
    const wrong of ["null", "5", "{}", `{"blob":"../x","size":1}`, `{"blob":"${blob}","size":-1}`]
  ) {
    throws(() => checkContent(wrong), { kind: "invalid" });
  }
  equal(namesContent({ table: CONTENTS_TABLE, key: "k" }), false);
  equal(namesContent({ table: "notes", key: "k", value: "{}" }), false);
});
