/**
 * A pod that was removed and installed again is a new one of the same name.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Home, ownerOf, Town } from "./town.ts";

async function friends(town: Town): Promise<[Home, Home]> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  return [alice, bob];
}

async function anew(house: Home): Promise<void> {
  await house.visit("pod.remove", { pod: "hey" });
  await house.install("hey");
}

async function hasLetters(house: Home, ...texts: string[]): Promise<void> {
  const starts = async () => (await house.letters()).map(({ start }) => start).reverse();
  await house.town.until(
    async () => (await starts()).length >= texts.length,
    `${texts} came`,
    20_000,
  );
  await house.town.rest();
  assert.deepEqual(await starts(), texts);
}

Deno.test("letters flow both ways after a pod was removed and installed again", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await alice.hey("leave-message", "bob", "one");
  await bob.hey("leave-message", "alice", "two");
  await hasLetters(bob, "one");
  await hasLetters(alice, "two");
  await anew(alice);
  assert.deepEqual(await alice.letters(), []);
  await alice.hey("leave-message", ownerOf(bob), "three");
  await hasLetters(bob, "one", "three");
  await bob.hey("leave-message", "alice", "four");
  await hasLetters(alice, "four");
  assert.equal((await alice.letters("sent"))[0]!.fate, "delivered");
  assert.deepEqual(town.errors, []);
});

Deno.test("what waited when its pod was removed is never sent; what the new one says is", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.stop();
  await alice.hey("leave-message", "bob", "from the old pod");
  // Several failures: the old pod's lane rests for a while.
  await town.clock.advance(60_000);
  await anew(alice);
  assert.deepEqual((await alice.visit("outbox.list")).items, []);
  await alice.hey("leave-message", ownerOf(bob), "from the new pod");
  await town.clock.advance(60_000);
  await bob.open();
  await hasLetters(bob, "from the new pod");
  await town.until(
    async () => (await alice.letters("sent"))[0]!.fate === "delivered",
    "Alice hears of it",
  );
  assert.deepEqual(town.errors, []);
});

Deno.test("what nobody knew the way for when its pod was removed does not hold up the new one", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const bob = await town.settle("bob");
  await alice.hey("leave-message", ownerOf(bob), "from the old pod");
  await town.clock.advance(3_600_000);
  await anew(alice);
  await alice.hey("leave-message", ownerOf(bob), "from the new pod");
  await alice.visit("friend.add", { url: bob.url });
  await bob.visit("friend.add", { url: alice.url });
  await hasLetters(bob, "from the new pod");
});

Deno.test("the receipt for a letter of the old pod does not count for one of the new pod", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  let held = 0;
  const release = Promise.withResolvers<void>();
  alice.link = async (request, deliver) => {
    const reply = await deliver(request);
    if (request.path === "/peri/v1/envelopes" && held++ === 0) await release.promise;
    else if (request.path === "/peri/v1/envelopes") throw new Error("cut off");
    return reply;
  };
  await alice.hey("leave-message", "bob", "from the old pod");
  await town.until(() => held > 0, "the letter is under way");
  await bob.stop();
  await anew(alice);
  await alice.hey("leave-message", ownerOf(bob), "from the new pod");
  await town.rest();
  release.resolve();
  await town.rest();
  assert.equal((await alice.visit("outbox.list")).items.length, 1);
  alice.link = (request, deliver) => deliver(request);
  await bob.open();
  await hasLetters(bob, "from the old pod", "from the new pod");
  await town.until(
    async () => (await alice.letters("sent"))[0]!.fate === "delivered",
    "Alice hears of it",
  );
});

Deno.test("letters for a pod that was removed reach the one installed after it", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.visit("pod.remove", { pod: "hey" });
  await alice.hey("leave-message", "bob", "are you there?");
  await town.clock.advance(60_000);
  await bob.install("hey");
  await hasLetters(bob, "are you there?");
});

Deno.test("what waits goes on when its pod could not be removed and was put back", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.stop();
  await alice.hey("leave-message", "bob", "one");
  await town.clock.advance(60_000);
  alice.fault = async () => {
    // The lane is looked at while its pod is away.
    await town.clock.advance(3_600_000);
    throw new PeriError("over-quota", { op: "write store", subject: "disk full" });
  };
  assert.equal((await alice.refusal("pod.remove", { pod: "hey" })).kind, "over-quota");
  alice.fault = (apply) => Promise.resolve(apply());
  await bob.open();
  await town.clock.advance(3_600_000);
  await hasLetters(bob, "one");
});
