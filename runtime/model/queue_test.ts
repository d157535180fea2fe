import assert from "node:assert/strict";
import { Queue } from "./queue.ts";

Deno.test("work is done one after the other, also behind what failed", async () => {
  const queue = new Queue();
  const said: string[] = [];
  const first = queue.alone(async () => {
    said.push("begun");
    await Promise.resolve();
    said.push("failed");
    throw new Error("broken");
  });
  const second = queue.alone(() => Promise.resolve(said.push("second")));
  await assert.rejects(first, /broken/);
  assert.equal(await second, 3);
  assert.deepEqual(said, ["begun", "failed", "second"]);
});

Deno.test("what waits when a queue is closed does not begin, and what runs ends", async () => {
  const queue = new Queue();
  const gate = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const running = queue.alone(() => {
    begun.resolve();
    return gate.promise;
  });
  const waiting = queue.alone(() => Promise.resolve("begun"));
  await begun.promise;
  queue.close(() => new Error("closed"));
  queue.close(() => new Error("closed again"));
  gate.resolve("ended");
  assert.equal(await running, "ended");
  await assert.rejects(waiting, { message: "closed" });
  await assert.rejects(queue.alone(() => Promise.resolve()), { message: "closed" });
  await queue.ended();
});
