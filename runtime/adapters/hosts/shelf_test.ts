import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import type { PodProgram } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";
import { hashParts, Shelf } from "./shelf.ts";

function program(name: string): PodProgram {
  const modules = new Map([["core", encodeUtf8("the same")], ["own", encodeUtf8(name)]]);
  return { component: name as BlobId, script: "script", modules };
}

Deno.test("a host is sent each part once, whichever program it belongs to", () => {
  const shelf = new Shelf();
  assert.deepEqual(shelf.take(program("a")).map(({ kind }) => kind), [
    "script",
    "module",
    "module",
  ]);
  assert.deepEqual(shelf.take(program("a")), []);
  const [own, ...others] = shelf.take(program("b"));
  assert(own?.kind === "module" && own.hash === hashParts(program("b")).modules.own);
  assert.deepEqual(others, []);
});

Deno.test("programs out of use are kept up to a number, then forgotten but for what others share", () => {
  const shelf = new Shelf();
  const busy = program("busy");
  shelf.take(busy);
  shelf.take(busy);
  assert.deepEqual(shelf.release(busy), []);
  const names = Array.from({ length: 33 }, (_, index) => `idle ${index}`);
  const said = names.flatMap((name) => {
    shelf.take(program(name));
    return shelf.release(program(name));
  });
  assert.deepEqual(said, [{ kind: "forget", hashes: [hashParts(program("idle 0")).modules.own] }]);
  assert.equal(shelf.take(program("idle 0")).length, 1);
  assert.equal(shelf.take(program("idle 5")).length, 0);
});
