import assert from "node:assert/strict";
import { formatHex, sha256 } from "../../model/bytes.ts";
import type { BlobId } from "../../model/words.ts";
import { settled } from "./clock.ts";
import { MemorySandbox } from "./sandbox.ts";

Deno.test("a pod is told the next thing when it has done all that it does with the last", async () => {
  const did: string[] = [];
  const work = async (event: string) => {
    for (let hop = 0; hop < 100; hop++) await undefined;
    did.push(event);
  };
  const sandbox = new MemorySandbox(() => () => (event) => {
    did.push(`told ${event.kind}`);
    void work(event.kind);
  });
  const component = formatHex(sha256(new Uint8Array())) as BlobId;
  const budget = { memoryBytes: 1, sliceMs: 1 };
  const program = { component, script: "", modules: new Map() };
  const pod = await sandbox.start(program, budget, () => {});
  pod.dispatch([{ kind: "cancel", invocation: 1 }, {
    kind: "chunk",
    invocation: 1,
    data: new Uint8Array(),
  }]);
  await settled();
  assert.deepEqual(did, ["told cancel", "cancel", "told chunk", "chunk"]);
});
