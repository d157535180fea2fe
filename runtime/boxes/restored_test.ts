import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { House } from "../../tests/sim/house.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Village, type Villager } from "../../tests/sim/village.ts";
import { MemoryDisk } from "../adapters/memory/store.ts";
import { receiptOf, tap } from "../../tests/attack/forge.ts";
import { decodeMarks, keys } from "./rows.ts";

/** Another life of someone's periphery, on a disk. */
async function live(village: Village, { house, resident }: Villager, disk: MemoryDisk, life = 1) {
  await house.boxes.stop();
  const next = new House(village.world, house.server, [resident], disk, {}, life);
  await next.start();
  return next;
}

async function post(
  village: Village,
  from: House,
  [alice, bob]: Village["people"],
  numbers: number[],
) {
  const posts = numbers.map((at) => makePost(bob!.resident.ref, village.token(), `[${at}]`));
  const pod = from.pod(alice!.resident.ref);
  for (let at = 0; at < posts.length; at += 100) {
    await pod.post(...posts.slice(at, at + 100));
    await village.settle();
  }
}

/** What became of posts, as their poster was told. */
const told = async (house: House, { resident }: Villager) =>
  (await house.pod(resident.ref).deeds()).flatMap(({ note, answer }) =>
    answer ? [[Number(note!.slice(1, -1)), "error" in answer ? answer.error.kind : "ok"]] : []
  );
const upTo = (count: number, first = 1) => Array.from({ length: count }, (_, at) => first + at);
const counted = async ({ pod }: Villager) =>
  (await pod.deeds()).flatMap(({ payload }) => payload ? [Number(payload.slice(1, -1))] : []);
function marksOf(village: Village) {
  const [alice, bob] = village.people;
  const row = bob!.house.disk.get(keys.from(bob!.resident.ref, alice!.resident.ref));
  return decodeMarks(row!.value as Uint8Array);
}

Deno.test("what a home posts after it was restored from an older copy arrives, once", async () => {
  const village = await makeVillage("restored", ["alice", "bob"]);
  const [alice, bob] = village.people;
  await post(village, alice!.house, village.people, upTo(3));
  const copy = alice!.house.disk.copy();
  await post(village, alice!.house, village.people, upTo(2200, 4));
  const restored = await live(village, alice!, copy);
  await post(village, restored, village.people, upTo(300, 10_001));
  deepStrictEqual(await counted(bob!), [...upTo(2203), ...upTo(300, 10_001)]);
  strictEqual(marksOf(village).length, 2);
  const again = await live(village, { ...alice!, house: restored }, copy, 2);
  await post(village, again, village.people, upTo(200, 20_001));
  strictEqual((await counted(bob!)).length, 2703);
  strictEqual(marksOf(village).length, 2, "an ordinary start is no reason for a new epoch");
});

Deno.test("what waited in the copy is known to its recipient, though posts came before the reply", async () => {
  const village = await makeVillage("waited", ["alice", "bob"]);
  const { network } = village.world;
  const [alice, bob] = village.people;
  await post(village, alice!.house, village.people, [1]);
  network.drop(bob!.house.server);
  await post(village, alice!.house, village.people, [2, 3]);
  const copy = alice!.house.disk.copy();
  tap(network, bob!.house);
  await village.world.clock.advance(600_000);
  await post(village, alice!.house, village.people, upTo(2200, 4));
  network.drop(bob!.house.server);
  const restored = await live(village, alice!, copy);
  await post(village, restored, village.people, upTo(50, 10_001));
  // Nothing was proven in this life, and the next one cannot know that these never arrived.
  const next = await live(village, { ...alice!, house: restored }, copy, 2);
  tap(network, bob!.house);
  await village.world.clock.advance(600_000);
  await post(village, next, village.people, [20_001]);
  deepStrictEqual(await counted(bob!), [...upTo(2203), 20_001]);
  const kinds = (await told(next, alice!)).slice(1);
  deepStrictEqual(kinds, [...upTo(50, 10_001).map((at) => [at, "conflict"]), [20_001, "ok"]]);
  strictEqual(next.disk.rows().some(({ key }) => key[3] === "outbox"), false);
});

Deno.test("what waited in the copy since a start of before takes no second effect", async () => {
  const village = await makeVillage("in doubt", ["alice", "bob"]);
  const { network, clock } = village.world;
  const [alice, bob] = village.people;
  await post(village, alice!.house, village.people, [1]);
  const house = await live(village, alice!, alice!.house.disk);
  network.drop(bob!.house.server);
  await post(village, house, village.people, [2, 3]);
  const copy = house.disk.copy();
  tap(network, bob!.house);
  await clock.advance(600_000);
  await post(village, house, village.people, upTo(5, 4));
  const restored = await live(village, { ...alice!, house }, copy, 2);
  await post(village, restored, village.people, upTo(5, 10_001));
  await clock.advance(600_000);
  deepStrictEqual(await counted(bob!), [...upTo(8), ...upTo(5, 10_001)]);
  deepStrictEqual((await told(restored, alice!)).slice(1), [
    [2, "conflict"],
    [3, "conflict"],
    ...upTo(5, 10_001).map((at) => [at, "ok"]),
  ]);
});

Deno.test("a recipient that lies about its mark costs its own lane one epoch for each start", async () => {
  const village = await makeVillage("liar", ["alice", "bob"]);
  const [alice, bob] = village.people;
  await post(village, alice!.house, village.people, [1]);
  const restored = await live(village, alice!, alice!.house.disk);
  const wire = tap(village.world.network, bob!.house);
  wire.answer = (envelopes) =>
    envelopes.map((one) => receiptOf.forged(bob!.resident, one, { through: 1e9 }));
  await post(village, restored, village.people, upTo(5, 2));
  await village.world.clock.advance(600_000);
  strictEqual(wire.envelopes.length, 2);
});

Deno.test("what arrived from a file is no sign of an older copy", async () => {
  const village = await makeVillage("by file", ["alice", "bob"]);
  const { network, clock } = village.world;
  const [alice, bob] = village.people;
  await post(village, alice!.house, village.people, [1]);
  network.drop(bob!.house.server);
  const next = await live(village, alice!, alice!.house.disk);
  await post(village, next, village.people, upTo(5, 2));
  const { ref } = alice!.resident;
  for await (const one of next.boxes.carrier.depart(ref, () => true)) {
    if ("envelope" in one) await bob!.house.boxes.import([one.envelope]);
  }
  await village.settle();
  deepStrictEqual(await counted(bob!), upTo(6));
  tap(network, bob!.house);
  await clock.advance(600_000);
  await post(village, next, village.people, [7]);
  deepStrictEqual(await counted(bob!), upTo(7));
  strictEqual(marksOf(village).length, 1);
});
