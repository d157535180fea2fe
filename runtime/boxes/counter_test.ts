import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { CommitFault } from "../adapters/memory/store.ts";
import { House } from "../../tests/sim/house.ts";
import { Life } from "../adapters/memory/life.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Village, type Villager } from "../../tests/sim/village.ts";
import type { OutboxEntry } from "./mod.ts";

const MINUTE_MS = 60_000;

async function entriesOf({ house, resident }: Villager): Promise<OutboxEntry[]> {
  return await Array.fromAsync(house.boxes.counter.outbox(resident.ref));
}

/** Alice with a message to Bob, whose server is not there. */
async function stranded(wishes: { deadlineMs?: number } = {}) {
  const village = await makeVillage("counter", ["alice", "bob"]);
  const [alice, bob] = village.people as [Villager, Villager];
  village.world.network.drop(bob.house.server);
  const token = village.token();
  await alice.pod.post(makePost(bob.resident.ref, token, '["hello"]', wishes));
  await village.settle();
  return { village, alice, bob, token };
}

/** The same after the deadline. */
async function dead() {
  const at = await stranded({ deadlineMs: MINUTE_MS });
  await at.village.world.clock.advance(2 * MINUTE_MS);
  return at;
}

async function bringBack({ world }: Village, { house, resident }: Villager): Promise<Villager> {
  const again = new House(world, house.server, [resident], house.disk, {}, 1);
  await again.start();
  return { ...house, person: undefined!, resident, house: again, pod: again.pod(resident.ref) };
}

Deno.test("the outbox says where a message goes, how often it was tried and when it is again", async () => {
  const { village: { world }, alice, bob, token } = await stranded();
  const [entry] = await entriesOf(alice);
  strictEqual(entry!.token, token);
  deepStrictEqual([entry!.state, entry!.server], ["waiting", bob.house.server]);
  ok(entry!.tries! >= 1 && /bob/.test(entry!.reason!), entry!.reason);
  ok(entry!.nextMs! > world.clock.nowMs());
});

Deno.test("what waits is tried at once when somebody asks for it", async () => {
  const { village, alice, bob } = await stranded();
  await village.world.clock.advance(30 * MINUTE_MS);
  const bobs = await bringBack(village, bob);
  const [entry] = await entriesOf(alice);
  ok(entry!.nextMs! - village.world.clock.nowMs() > MINUTE_MS, "it waits for long");
  strictEqual(alice.house.boxes.counter.hurry(entry!), true);
  await village.settle();
  deepStrictEqual((await bobs.pod.deeds()).map(({ payload }) => payload), ['["hello"]']);
  deepStrictEqual(await entriesOf(alice), []);
});

Deno.test("a dead letter driven again arrives, and its answer finds the continuation", async () => {
  const { village, alice, bob, token } = await dead();
  const [letter] = await entriesOf(alice);
  strictEqual(letter!.state, "dead");
  strictEqual((await alice.pod.deeds()).length, 1, "its poster was told");
  const bobs = await bringBack(village, bob);
  strictEqual(await alice.house.boxes.counter.revive(letter!), "again");
  await village.settle();
  deepStrictEqual((await bobs.pod.deeds()).map(({ token }) => token), [token]);
  const [, answer] = await alice.pod.deeds();
  deepStrictEqual([answer!.token, answer!.note], [token, '["hello"]']);
  deepStrictEqual(answer!.answer, { ok: '"did ["hello"]"' });
  deepStrictEqual(await entriesOf(alice), []);
});

Deno.test("a dead letter has a new place and as much time as it had", async () => {
  const { village, alice } = await dead();
  const [letter] = await entriesOf(alice);
  await alice.house.boxes.counter.revive(letter!);
  const [again] = await entriesOf(alice);
  strictEqual(again!.state, "waiting");
  ok(again!.sequence > letter!.sequence);
  strictEqual(again!.expiresMs, village.world.clock.nowMs() + MINUTE_MS);
});

Deno.test("of two who drive a dead letter again, one does", async () => {
  const { village, alice, bob } = await dead();
  const [letter] = await entriesOf(alice);
  const { counter } = alice.house.boxes;
  const both = await Promise.all([counter.revive(letter!), counter.revive(letter!)]);
  deepStrictEqual(both.sort(), ["again", "gone"]);
  const bobs = await bringBack(village, bob);
  await village.world.clock.advance(MINUTE_MS / 2);
  strictEqual((await bobs.pod.deeds()).length, 1);
});

for (const isWritten of [false, true]) {
  const when = isWritten ? "after" : "before";
  Deno.test(`a process that dies ${when} the commit of a retry loses and doubles nothing`, async () => {
    const { village, alice, bob } = await dead();
    const [letter] = await entriesOf(alice);
    const { world } = village;
    await alice.house.boxes.stop();
    const life = new Life();
    let commits = 0;
    const fault: CommitFault = (apply) => {
      // The first one reserves a place in the lane.
      if (commits++ === 0) return Promise.resolve(apply());
      if (isWritten) apply();
      life.end();
      return new Promise(() => {});
    };
    const dying = new House(
      world,
      alice.house.server,
      [alice.resident],
      alice.house.disk,
      { life, fault },
      1,
    );
    void dying.boxes.counter.revive(letter!);
    await village.settle();
    const bobs = await bringBack(village, bob);
    const after = new House(world, alice.house.server, [alice.resident], alice.house.disk, {}, 2);
    await after.start();
    await village.settle();
    const left = await Array.fromAsync(after.boxes.counter.outbox(alice.resident.ref));
    strictEqual((await bobs.pod.deeds()).length, isWritten ? 1 : 0);
    deepStrictEqual(left.map(({ state }) => state), isWritten ? [] : ["dead"]);
  });
}

Deno.test("a message taken back is not sent, and its poster is told once", async () => {
  const { village, alice, bob, token } = await stranded();
  const [entry] = await entriesOf(alice);
  strictEqual(await alice.house.boxes.counter.withdraw(entry!), true);
  strictEqual(await alice.house.boxes.counter.withdraw(entry!), false, "it is gone");
  const bobs = await bringBack(village, bob);
  await village.world.clock.advance(100 * MINUTE_MS);
  deepStrictEqual(await bobs.pod.deeds(), []);
  const [told, ...more] = await alice.pod.deeds();
  deepStrictEqual([told!.token, more.length], [token, 0]);
  ok(told!.answer && "error" in told!.answer && told!.answer.error.kind === "denied");
  deepStrictEqual(await entriesOf(alice), []);
});

Deno.test("a message behind one taken back goes its way", async () => {
  const { village, alice, bob } = await stranded();
  await alice.pod.post(makePost(bob.resident.ref, village.token(), '["second"]'));
  const [entry] = await entriesOf(alice);
  await alice.house.boxes.counter.withdraw(entry!);
  const bobs = await bringBack(village, bob);
  await village.world.clock.advance(MINUTE_MS);
  deepStrictEqual((await bobs.pod.deeds()).map(({ payload }) => payload), ['["second"]']);
});

Deno.test("a dead letter that is removed is gone", async () => {
  const { alice } = await dead();
  const [letter] = await entriesOf(alice);
  await alice.house.boxes.counter.bury(letter!);
  deepStrictEqual(await entriesOf(alice), []);
  strictEqual(await alice.house.boxes.counter.revive(letter!), "gone");
});

Deno.test("what waits for a pod is listed in its order", async () => {
  const village = await makeVillage("inbox", ["alice", "bob"]);
  const [alice, bob] = village.people as [Villager, Villager];
  bob.pod.isAsleep = true;
  await alice.pod.post(
    makePost(bob.resident.ref, village.token(), '["one"]'),
    makePost(bob.resident.ref, village.token(), '["two"]'),
  );
  await village.settle();
  const waiting = await Array.fromAsync(bob.house.boxes.counter.inbox(bob.resident.ref));
  deepStrictEqual(waiting.map(({ from, what, attempts }) => [from, what, attempts]), [
    [alice.resident.ref, "peri:sim/mail#leave", 0],
    [alice.resident.ref, "peri:sim/mail#leave", 0],
  ]);
  ok(waiting[0]!.arrival < waiting[1]!.arrival);
});

Deno.test("a message that is taken back does not leave with a bundle that was sealed ahead", async () => {
  const hold = Promise.withResolvers<void>();
  let isHolding = false;
  const fault: CommitFault = async (apply) => {
    if (isHolding) await hold.promise;
    return apply();
  };
  const village = await makeVillage("ahead", ["alice", "bob"], { bob: { fault } });
  const [alice, bob] = village.people as [Villager, Villager];
  const post = (at: number) => makePost(bob.resident.ref, village.token(), `[${at}]`);
  // Before they know each other, what was sealed ahead is sealed again.
  await alice.pod.post(post(-1));
  await village.settle();
  village.world.network.drop(bob.house.server);
  for (let first = 0; first < 500; first += 100) {
    await alice.pod.post(...Array.from({ length: 100 }, (_, at) => post(first + at)));
  }
  await village.settle();
  const entries = await entriesOf(alice);
  isHolding = true;
  await bob.house.start();
  alice.house.boxes.counter.hurry(entries[0]!);
  await village.settle();
  // The first two hundred are under way, the next are sealed.
  strictEqual(await alice.house.boxes.counter.withdraw(entries[300]!), true);
  hold.resolve();
  await village.world.clock.advance(MINUTE_MS);
  const arrived = (await bob.pod.deeds()).flatMap(({ answer, payload }) => answer ? [] : [payload]);
  strictEqual(arrived.length, 1 + 499);
  strictEqual(arrived.includes("[300]"), false);
});
