import assert from "node:assert/strict";
import { BOB } from "../../../tests/helpers/guest.ts";
import { World } from "../../../tests/helpers/world.ts";

Deno.test("requests that make no sense are answered with an error, not obeyed", async () => {
  const world = await World.open();
  const errors: string[] = [];
  const ref = await world.install(async (run) => {
    for (
      const [operation, argument] of [
        ["state-drop", {}],
        ["state-get", []],
        ["state-get", { table: "t" }],
        ["state-get", { table: "t", key: "k".repeat(9_000) }],
        ["state-list", { table: "t", limit: 0 }],
        ["state-list", { table: "t", limit: 1, from: 7 }],
        ["state-get", { table: "t", keys: [] }],
        ["state-count", { table: "t", keys: ["k", 1] }],
        ["state-count", { table: "t", to: "k".repeat(600) }],
        ["person-find", { text: "nobody" }],
        ["friend", { person: BOB }],
        ["introduce", { person: BOB, introduction: "k".repeat(100_000) }],
        ["input-read", {}],
      ] as const
    ) {
      await run.request(operation, argument).catch((error) => errors.push(error.kind));
    }
    return 1;
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  assert.deepEqual(errors, [
    "missing-implementation",
    "invalid",
    "invalid",
    "too-large",
    "invalid",
    "invalid",
    "invalid",
    "invalid",
    "too-large",
    "not-found",
    "missing-implementation",
    "too-large",
    "invalid",
  ]);
  await world.stop();
});

Deno.test("a pod is told whose it is", async () => {
  const world = await World.open();
  const found: unknown[] = [];
  const ref = await world.install(async (run) => {
    found.push(await run.request("person-own", {}));
    return 1;
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  assert.deepEqual(found, [{ person: ref.person }]);
  await world.stop();
});

Deno.test("a pod finds people as its person knows them", async () => {
  const world = await World.open();
  const found: unknown[] = [];
  const ref = await world.install(async (run) => {
    found.push(await run.request("person-find", { text: "bob" }));
    return 1;
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  assert.deepEqual(found, [{ person: BOB, name: "Bob" }]);
  await world.stop();
});
