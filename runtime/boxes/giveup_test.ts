import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Villager } from "../../tests/sim/village.ts";
import { formatPodRef } from "../model/words.ts";
import { decodeDead } from "./rows.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

Deno.test("a message that its deadline and its lane give up dies once, with what its poster left", async () => {
  const village = await makeVillage("dies once", ["alice", "bob"]);
  const [alice, bob] = village.people as [Villager, Villager];
  // Nobody can say where Bob is, so the message stays in memory while its lane rests.
  village.world.told.delete(formatPodRef(bob.resident.ref));
  const wishes = { deadlineMs: MINUTE_MS };
  await alice.pod.post(makePost(bob.resident.ref, village.token(), '["hello"]', wishes));
  await village.world.clock.advance(2 * MINUTE_MS);
  const diedMs = village.world.clock.nowMs();
  await village.world.clock.advance(HOUR_MS);
  const rows = alice.house.disk.rows();
  const [dead, ...others] = rows.filter(({ key }) => key[3] === "dead");
  const { atMs, continuation } = decodeDead(dead!.value as Uint8Array);
  deepStrictEqual([others.length, continuation?.note], [0, '["hello"]']);
  strictEqual(atMs < diedMs, true, "it was not given up again later");
  strictEqual(rows.filter(({ key }) => key[3] === "trace").length, 1);
  strictEqual((await alice.pod.deeds()).length, 1, "its poster was told once");
});

Deno.test("a message that was delivered is no dead letter, though its row still stands", async () => {
  const village = await makeVillage("still stands", ["alice", "bob"]);
  const [alice, bob] = village.people as [Villager, Villager];
  bob.pod.isAsleep = true;
  const { store, disk } = alice.house;
  const commit = store.commit.bind(store);
  const held = Promise.withResolvers<void>();
  store.commit = async (change, when) => {
    if (when === "soon") await held.promise;
    return await commit(change, when);
  };
  const wishes = { deadlineMs: MINUTE_MS };
  await alice.pod.post(makePost(bob.resident.ref, village.token(), '["hello"]', wishes));
  await village.world.clock.advance(2 * MINUTE_MS);
  const [told] = await alice.pod.deeds();
  strictEqual(told?.answer && "error" in told.answer && told.answer.error.kind, "expired");
  held.resolve();
  await village.settle();
  deepStrictEqual(disk.rows().filter(({ key }) => ["dead", "outbox"].includes(`${key[3]}`)), []);
});
