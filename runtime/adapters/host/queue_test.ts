import assert from "node:assert/strict";
import { Queue } from "./queue.ts";

const pod = (group: string, name: string, tookMs: number) => ({ group, name, tookMs });

/** Gives so many turns to pods that always have more to do; the time that each group had. */
function run(queue: Queue<ReturnType<typeof pod>>, turns: number): Record<string, number> {
  const had: Record<string, number> = {};
  for (let turn = 0; turn < turns; turn++) {
    const next = queue.next();
    if (next === undefined) break;
    queue.spent(next, next.tookMs);
    had[next.group] = (had[next.group] ?? 0) + next.tookMs;
    queue.add(next);
  }
  return had;
}

Deno.test("people have equal time, however many pods they have and however long these take", () => {
  const queue = new Queue<ReturnType<typeof pod>>();
  queue.add(pod("alice", "hey", 1));
  for (let at = 0; at < 50; at++) queue.add(pod("bob", `busy ${at}`, 150));
  const { alice, bob } = run(queue, 10_000);
  assert.ok(Math.abs(alice! - bob!) <= 150, `${alice} ms against ${bob} ms`);
});

Deno.test("pods of one person take turns, each waits once", () => {
  const queue = new Queue<ReturnType<typeof pod>>();
  const [a, b] = [pod("alice", "a", 1), pod("alice", "b", 1)];
  for (const one of [a, b, a]) queue.add(one);
  assert.deepEqual([queue.next(), queue.next(), queue.next()], [a, b, undefined]);
});

Deno.test("who had nothing to do has saved no time, and who comes waits for one turn at most", () => {
  const queue = new Queue<ReturnType<typeof pod>>();
  const [alice, bob] = [pod("alice", "hey", 1), pod("bob", "busy", 100)];
  queue.add(bob);
  run(queue, 100);
  queue.add(alice);
  assert.equal(queue.next(), alice);
  // Alice now goes on as long as Bob had; he is not kept waiting for all that he had before.
  queue.spent(alice, 1);
  queue.add(alice);
  const { alice: hers = 0, bob: his = 0 } = run(queue, 1_000);
  assert.ok(his > 0 && hers <= his + 200, `${hers} ms against ${his} ms`);
});
