import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import type { PodProgram } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";
import type { ToHost } from "../host/protocol.ts";
import { hashParts, Shelf } from "./shelf.ts";

function program(name: string): PodProgram {
  const modules = new Map([["core", encodeUtf8("the same")], ["own", encodeUtf8(name)]]);
  return { component: name as BlobId, script: "script", modules };
}

/** A shelf, and what it has said since it was last looked at. */
function open() {
  const said: ToHost[] = [];
  return { shelf: new Shelf((message) => said.push(message)), heard: () => said.splice(0) };
}

Deno.test("a host is sent each part once, whichever program it belongs to", async () => {
  const { shelf, heard } = open();
  await shelf.take(program("a"));
  assert.deepEqual(heard().map(({ kind }) => kind), ["script", "module", "module"]);
  await shelf.take(program("a"));
  assert.deepEqual(heard(), []);
  await shelf.take(program("b"));
  const [own, ...others] = heard();
  assert(own?.kind === "module" && own.hash === hashParts(program("b")).modules.own);
  assert.deepEqual(others, []);
});

Deno.test("programs out of use are kept up to a number, then forgotten but for what others share", async () => {
  const { shelf, heard } = open();
  const busy = program("busy");
  await shelf.take(busy);
  await shelf.take(busy);
  shelf.release(busy.component);
  const names = Array.from({ length: 33 }, (_, index) => `idle ${index}`);
  heard();
  for (const name of names) {
    await shelf.take(program(name));
    shelf.release(program(name).component);
  }
  const forgotten = heard().filter(({ kind }) => kind === "forget");
  const hashes = [hashParts(program("idle 0")).modules.own];
  assert.deepEqual(forgotten, [{ kind: "forget", hashes }]);
  await shelf.take(program("idle 0"));
  assert.equal(heard().length, 1);
  await shelf.take(program("idle 5"));
  assert.equal(heard().length, 0);
});

Deno.test("a program is fetched when the host lacks it, and by then sent once", async () => {
  const { shelf, heard } = open();
  let fetched = 0;
  const source = {
    component: "a" as BlobId,
    load: () => Promise.resolve((fetched++, program("a"))),
  };
  const [one, other] = await Promise.all([shelf.take(source), shelf.take(source)]);
  assert.equal(one, other);
  assert.equal(heard().length, 3, "two starts at once send it once");
  const before = fetched;
  shelf.release(source.component);
  shelf.release(source.component);
  await shelf.take(source);
  assert.equal(fetched, before, "it rests on the shelf");
  assert.deepEqual(heard(), []);
});

Deno.test("a program that cannot be fetched leaves nothing, and is fetched again", async () => {
  const { shelf, heard } = open();
  const torn = { component: "a" as BlobId, load: () => Promise.reject(new Error("torn")) };
  await assert.rejects(shelf.take(torn), /torn/);
  await shelf.take(program("a"));
  assert.equal(heard().length, 3);
});
