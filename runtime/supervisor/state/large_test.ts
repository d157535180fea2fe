/**
 * Pods with large values: what they may, what they may not, and what is left when they go.
 *
 * @module
 */

import assert from "node:assert/strict";
import { MAX_ANSWERED_BYTES, MAX_VALUE_BYTES, STATE_QUOTA_BYTES } from "../../model/limits.ts";
import { isLarge } from "./large.ts";
import { ALICE, World } from "../../../tests/helpers/world.ts";
import { parsePodName } from "../../model/words.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };
/** The file of the pod itself. */
const COMPONENT = 1;

Deno.test("a value is large when it does not fit a row as UTF-8", () => {
  const texts = ["x".repeat(61_440), "x".repeat(61_441), "ä".repeat(30_720), "ä".repeat(30_721)];
  assert.deepEqual(texts.map(isLarge), [false, true, false, true]);
});

Deno.test("large values without end are refused, and go with their pod", async () => {
  const world = await World.open();
  const perRun = 200;
  const bytes = 61_500;
  const ref = await world.install((run) => {
    const [n] = run.args as [number];
    for (let at = 0; at < perRun; at++) run.put("t", `${n}-${at}`, `${n}-${at}`.padEnd(bytes, "x"));
    return n;
  });
  for (let n = 10; n < 40; n++) {
    world.deliver(ref, n);
    await world.until(world.isDone(ref));
  }
  const kept = world.outcomes(ref).filter((one) => "ok" in one).length;
  assert.equal(kept, Math.floor(STATE_QUOTA_BYTES / (perRun * (bytes + 9))));
  const refused = world.outcomes(ref).flatMap((one) => "error" in one ? one.error.kind : []);
  assert.deepEqual(refused, Array.from({ length: 30 - kept }, () => "over-quota"));
  assert.equal(world.remains.blobs.count, COMPONENT + perRun * kept);
  await world.supervisor.installs.remove(ref);
  assert.equal(world.remains.blobs.count, 0);
  assert.deepEqual(world.rows(ref, "blob"), []);
  await world.stop();
});

Deno.test("a run writes as much as it likes to, up to its bound: what fits no commit is files", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    const [n] = run.args as [number];
    for (let at = 0; at < 400; at++) run.put("t", `${n}-${at}`, `${at}`.padEnd(n * 1_000, "x"));
    return n;
  });
  world.deliver(ref, 1, 20, 50);
  await world.until(world.isDone(ref));
  const [small, much, over] = world.outcomes(ref);
  assert.deepEqual([small, much], [{ ok: "1" }, { ok: "20" }]);
  assert.ok(over && "error" in over && over.error.kind === "too-large", JSON.stringify(over));
  const files = world.remains.blobs.count - COMPONENT;
  assert.ok(files > 360 && files < 400, `${files} of 400 are files`);
  const rows = world.rows<unknown>(ref, "state");
  assert.equal(rows.filter((row) => typeof row === "string").length, 800 - files);
  assert.deepEqual(world.rows(ref, "blob"), Array.from({ length: files }, () => 1));
  await world.stop();
});

Deno.test("a pod may keep the largest value and read it, one turn takes two of them", async () => {
  const world = await World.open();
  const text = "x".repeat(MAX_VALUE_BYTES - 2);
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 0) return (await run.get("t", "1") as string).length;
    for (let at = 1; at <= n; at++) run.put("t", `${at}`, text.slice(at) + "y".repeat(at));
    return n;
  });
  world.deliver(ref, 2, 0, 3);
  await world.until(world.isDone(ref));
  const [two, read, three] = world.outcomes(ref);
  assert.deepEqual([two, read], [{ ok: "2" }, { ok: `${MAX_VALUE_BYTES - 2}` }]);
  assert.ok(three && "error" in three && three.error.kind === "too-large", JSON.stringify(three));
  await world.stop();
});

Deno.test("what is asked for at once has a bound, what is asked for in turn has none", async () => {
  const world = await World.open();
  const text = "x".repeat(MAX_VALUE_BYTES - 2);
  const most = MAX_ANSWERED_BYTES / MAX_VALUE_BYTES;
  const ref = await world.install(async (run) => {
    const [n] = run.args as [number];
    if (n === 1) run.put("t", "k", text);
    if (n === 2) {
      const all = Array.from({ length: 40 }, () => run.get("t", "k"));
      const done = await Promise.allSettled(all);
      const refused = done.flatMap((one) => one.status === "rejected" ? one.reason.kind : []);
      assert.deepEqual([...new Set(refused)], ["too-large"]);
      return 40 - refused.length;
    }
    if (n === 3) { for (let at = 0; at < 2 * most; at++) await run.get("t", "k"); }
    return n;
  });
  world.deliver(ref, 1, 2, 3);
  await world.until(world.isDone(ref));
  const [, together, inTurn] = world.outcomes(ref);
  assert.ok(together && "ok" in together, JSON.stringify(together));
  assert.ok(Number(together.ok) >= most - 1 && Number(together.ok) <= most + 1, together.ok);
  assert.deepEqual(inTurn, { ok: "3" });
  await world.stop();
});

Deno.test("a run reads around a large value that is lost, and its pod goes on", async () => {
  let world = await World.open();
  const read: unknown[] = [];
  const guest = async (run: Parameters<Parameters<World["install"]>[0]>[0]) => {
    const [n] = run.args as [number];
    if (n === 1) run.put("t", "lost", "x".repeat(70_000));
    if (n === 1) run.put("t", "small", "here");
    if (n === 2) read.push(await run.get("t", "lost").catch((error) => error.kind));
    if (n === 3) read.push(await run.get("t", "small"));
    return n;
  };
  await world.install(guest);
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  await world.stop();
  const { disk, blobs } = world.remains;
  const row = disk.rows().find(({ key }) => key[3] === "blob")!;
  await blobs.remove(row.key[4] as Parameters<typeof blobs.remove>[0]);
  world = await World.open(world.remains);
  world.deliver(REF, 2, 3);
  await world.until(world.isDone(REF));
  assert.deepEqual(read, ["damaged", "here"]);
  assert.deepEqual(world.outcomes(REF).slice(1), [{ ok: "2" }, { ok: "3" }]);
  assert.equal(world.supervisor.list()[0]?.status.restarts, 0);
  await world.stop();
});
