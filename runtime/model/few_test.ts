import assert from "node:assert/strict";
import { doFew } from "./few.ts";

Deno.test("all are done, begun in order, and never more at once than allowed", async () => {
  const begun: number[] = [];
  let open = 0;
  let most = 0;
  await doFew([0, 1, 2, 3, 4, 5, 6], 3, async (item) => {
    begun.push(item);
    most = Math.max(most, ++open);
    for (let turn = 0; turn < 7 - item; turn++) await Promise.resolve();
    open--;
  });
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(most, 3);
  assert.equal(open, 0);
});

Deno.test("after a failure nothing more is begun", async () => {
  const begun: number[] = [];
  const work = doFew([0, 1, 2, 3], 1, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 1) throw new Error("no");
  });
  await assert.rejects(work, /no/);
  assert.deepEqual(begun, [0, 1]);
});
