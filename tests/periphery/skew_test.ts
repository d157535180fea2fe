/**
 * Behalfs and clocks: what is on its way while one is renewed, clocks that are a day apart, and
 * servers that do not know what was decided about their pods.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Request } from "../../runtime/ports/transport.ts";
import { type Home, ownerOf, Town } from "./town.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function friends(town: Town): Promise<[Home, Home]> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await town.rest();
  return [alice, bob];
}

async function latest(house: Home): Promise<Record<string, unknown>> {
  const [letter] = await house.letters("sent");
  return letter!;
}

async function arrives(town: Town, from: Home): Promise<void> {
  await town.until(
    async () => (await latest(from)).fate === "delivered",
    "it arrives",
    HOUR_MS / 4,
  );
}

const isPost = ({ path, body }: Request) => path.endsWith("/envelopes") && body !== undefined;

Deno.test("a renewed behalf is taken at once by whose clock is almost a day off, on either side", async () => {
  for (const skewMs of [23 * HOUR_MS, -23 * HOUR_MS]) {
    await using town = new Town();
    const [alice, bob] = await friends(town);
    bob.skewMs = skewMs;
    await bob.restart();
    town.clock.jump(340 * DAY_MS);
    for (const house of [alice, bob]) await house.visit("behalf.renew", { all: true });
    await town.rest();
    await alice.hey("leave-message", "bob", "hello");
    await town.until(async () => (await latest(alice)).fate === "delivered", "at once", 1);
    const [known] = (await bob.visit("who", { text: ownerOf(alice) })).items;
    const pods = known!.pods as { serial: number; inForce: boolean }[];
    assert.deepEqual(pods.map(({ serial, inForce }) => [serial, inForce]), [[2, true], [2, true]]);
  }
});

Deno.test("a behalf dated more than a day ahead of the reader holds letters up, and loses none", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  bob.skewMs = -25 * HOUR_MS;
  await bob.restart();
  await alice.visit("behalf.renew", { pods: ["hey"] });
  await alice.hey("leave-message", "bob", "hello");
  await town.rest();
  assert.deepEqual(await bob.letters(), []);
  // Bob sets his clock.
  bob.skewMs = 0;
  await bob.restart();
  await arrives(town, alice);
  assert.deepEqual((await bob.letters()).map(({ start }) => start), ["hello"]);
});

// By Bob's clock Alice's behalf has run out, by hers it has not; so her server sends.
Deno.test("who is told that its behalf has run out keeps the letters and sends them once it is renewed", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await alice.visit("behalf.renew", {
    pods: ["hey"],
    expiresMs: town.clock.nowMs() + 20 * HOUR_MS,
  });
  await town.rest();
  bob.skewMs = 22 * HOUR_MS;
  await bob.restart();
  await alice.hey("leave-message", "bob", "hello");
  await town.rest();
  const [waiting] = (await alice.visit("outbox.list")).items;
  assert.equal(waiting?.state, "waiting");
  assert.match(String(waiting.reason), /expired .*, says the recipient/);
  assert.match(String(waiting.hint), /peri behalf renew hey/);
  await alice.visit("behalf.renew", { pods: ["hey"] });
  await town.until(async () => (await latest(alice)).fate === "delivered", "at once", 1);
});

Deno.test("nobody renews: at the deadline the poster is told that it is the behalf, and whom to ask", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.visit("behalf.renew", { pods: ["hey"], expiresMs: town.clock.nowMs() + HOUR_MS });
  await town.rest();
  town.clock.jump(2 * HOUR_MS);
  await alice.hey("leave-message", "bob", "hello");
  await town.rest();
  town.clock.jump(8 * DAY_MS);
  await town.until(async () => (await latest(alice)).fate === "failed", "Alice is told", HOUR_MS);
  assert.match(
    String((await latest(alice)).why),
    /its behalf expired .*\(expired\); ask bob .*: peri behalf renew hey$/,
  );
  const [dead] = (await alice.visit("outbox.list")).items;
  assert.match(String(dead!.hint), /^ask bob .*peri behalf renew hey$/);
  // The letter itself is not lost.
  await bob.visit("behalf.renew", { pods: ["hey"] });
  await town.rest();
  await alice.visit("outbox.retry", { all: true });
  await town.until(async () => (await bob.letters()).length === 1, "it comes after all");
});

Deno.test("an envelope that was on its way while its sender's behalf was renewed is taken as it is", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await alice.hey("leave-message", "bob", "first");
  await arrives(town, alice);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let posts = 0;
  alice.link = async (request, deliver) => {
    if (isPost(request) && posts++ === 0) await held;
    return await deliver(request);
  };
  await alice.hey("leave-message", "bob", "second");
  await town.until(() => posts === 1, "it is on its way", 1);
  await alice.visit("behalf.renew", { all: true, expiresMs: town.clock.nowMs() + 700 * DAY_MS });
  await town.rest();
  const [known] = (await bob.visit("who", { text: ownerOf(alice) })).items;
  assert.deepEqual((known!.pods as { serial: number }[]).map(({ serial }) => serial), [2, 2]);
  release();
  await town.until(async () => (await bob.letters()).length === 2, "it is taken", 1);
  await arrives(town, alice);
  assert.equal(posts, 1);
});

// Somebody has a copy of Alice's server from before she revoked its pod, and runs it.
Deno.test("a copy of a server from before the revocation is refused by whoever has heard, and told why", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  const copy = alice.disk.copy();
  await alice.visit("behalf.revoke", { pods: ["hey"], reason: "compromised" });
  await town.rest();
  await alice.stop();
  alice.disk = copy;
  await alice.open();
  await alice.hey("leave-message", "bob", "it is me, Alice");
  await town.until(async () => (await latest(alice)).fate === "failed", "it is told", HOUR_MS);
  assert.match(
    String((await latest(alice)).why),
    /revoked it, .*\(compromised\) \(denied\); .*ask alice .* what takes its place$/,
  );
  assert.deepEqual(await bob.letters(), []);
});
