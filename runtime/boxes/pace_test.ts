import { ok, strictEqual } from "node:assert/strict";
import { House } from "../../tests/sim/house.ts";
import { makePost, PAGES } from "../../tests/sim/turn.ts";
import { makeVillage, type Village, type Villager } from "../../tests/sim/village.ts";
import type { CommitFault } from "../adapters/memory/store.ts";
import { PACE_BACKLOG } from "../model/limits.ts";
import { PeriError } from "../model/errors.ts";
import type { Change } from "../ports/store.ts";

/** Bob asks alice for a list, so many items at a time. */
async function ask({ token, settle }: Village, bob: Villager, alice: Villager, page: number) {
  const payload = `[1,${10 * page},${page}]`;
  const continuation = { then: "listen", note: payload, isStream: true } as const;
  const wishes = { function: PAGES, continuation, key: "list" };
  await bob.pod.post(makePost(alice.resident.ref, token(), payload, wishes));
  await settle();
}

const isRelease = ({ deletes = [] }: Change) => deletes.some(({ 3: kind }) => kind === "pace");

Deno.test("a stream goes on though the disk failed when its errand was due", async () => {
  let failures = 0;
  const fault: CommitFault = (apply, change) => {
    if (!isRelease(change) || ++failures > 1) return Promise.resolve(apply());
    throw new PeriError("over-quota", { op: "write store", subject: "disk full" });
  };
  const village = await makeVillage("disk", ["alice", "bob"], { alice: { fault } });
  const [alice, bob] = village.people as [Villager, Villager];
  await ask(village, bob, alice, 2);
  strictEqual((await bob.pod.deeds()).length, 0);
  await village.world.clock.advance(60_000);
  strictEqual((await bob.pod.deeds()).length, 21);
  ok(failures > 1);
});

Deno.test("after a start a stream waits for what was given before", async () => {
  const village = await makeVillage("start", ["alice", "bob"]);
  const { network, clock } = village.world;
  const [alice, bob] = village.people as [Villager, Villager];
  let { house } = alice;
  const page = PACE_BACKLOG / 2 + 1;
  network.drop(bob.house.server);
  await house.boxes.stop();
  // The call comes while bob is not heard of any more.
  house = new House(village.world, house.server, [alice.resident], house.disk, {}, 1);
  await house.start();
  await ask(village, bob, alice, page);
  for (let life = 2; life < 6; life++) {
    await house.boxes.stop();
    house = new House(village.world, house.server, [alice.resident], house.disk, {}, life);
    await house.start();
    await clock.advance(10_000);
  }
  const waiting = house.disk.rows().filter(({ key }) => key[3] === "outbox");
  strictEqual(waiting.length, 2 * page);
});
