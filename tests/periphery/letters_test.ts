/**
 * Letters between whole peripheries.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Home, ownerOf, Town } from "./town.ts";

const DAY_MS = 86_400_000;

for (const keys of ["light", "real"] as const) {
  Deno.test(`Alice leaves Bob a letter and reads his answer, with ${keys} keys`, async () => {
    await using town = new Town(keys);
    const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
    await town.befriend(alice, bob);
    const left = await alice.hey("leave-message", "bob", "good", "morning");
    assert.deepEqual(left, ["left for bob (waits until bob's server takes it)"]);
    await town.until(async () => (await bob.letters()).length === 1, "Bob has the letter");
    assert.match((await bob.hey("list"))[0]!, /^ {2}1 \* alice .* good morning$/);
    await bob.hey("answer", "1", "and to you");
    await town.until(async () => (await alice.letters()).length === 1, "Alice has the answer");
    const [sent] = await alice.letters("sent");
    assert.equal(sent!.fate, "delivered");
    assert.match((await alice.hey("read", "2")).join("\n"), /answers: +letter 1\n\nand to you$/);
    assert.deepEqual(town.errors, []);
  });
}

async function friends(town: Town): Promise<[Home, Home]> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  return [alice, bob];
}

async function fate(house: Home): Promise<unknown> {
  return (await house.letters("sent"))[0]?.fate;
}

Deno.test("a letter to oneself arrives", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.hey("leave-message", ownerOf(alice), "buy milk");
  await town.until(async () => await fate(alice) === "delivered", "it is delivered");
  assert.deepEqual((await alice.letters()).map(({ start }) => start), ["buy milk"]);
});

Deno.test("letters of a whole day at once arrive in their order", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  const texts = Array.from({ length: 100 }, (_, n) => `letter ${n}`);
  await Promise.all(texts.map((text) => alice.hey("leave-message", "bob", text)));
  await town.until(async () => (await bob.letters()).length === texts.length, "all have come");
  assert.deepEqual((await bob.letters()).map(({ start }) => start).reverse(), texts);
  await town.until(
    async () => (await alice.letters("sent")).every(({ fate }) => fate === "delivered"),
    "Alice hears of each",
  );
});

Deno.test("a letter to somebody nobody knows waits, and leaves when they become known", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await alice.hey("leave-message", ownerOf(bob), "hello");
  // Nobody to ask: by now it is tried every quarter of an hour.
  await town.clock.advance(6 * 3_600_000);
  const [waiting] = (await alice.visit("outbox.list")).items;
  assert.match(String(waiting!.reason), /there are no friends$/);
  await alice.visit("friend.add", { url: bob.url });
  await town.rest();
  assert.match((await bob.hey("pending")).join(), /calls themselves "alice <.*hello,/);
  await town.until(async () => await fate(alice) === "delivered", "Alice hears of it");
});

Deno.test("an expired behalf holds letters up until it is renewed", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await town.rest();
  town.clock.jump(364 * DAY_MS);
  await alice.claim();
  await alice.visit("pod.renew", { pod: "hey" });
  await bob.claim();
  town.clock.jump(2 * DAY_MS);
  await alice.hey("leave-message", "bob", "hello");
  await town.clock.advance(12 * 3_600_000);
  const [waiting] = (await alice.visit("outbox.list")).items;
  assert.match(String(waiting!.reason), /expired .* nobody has a newer one/);
  assert.deepEqual(await bob.letters(), []);
  await bob.visit("pod.renew", { pod: "hey" });
  await town.rest();
  assert.equal((await bob.letters()).length, 1);
  await town.until(async () => await fate(alice) === "delivered", "Alice hears of it");
});

Deno.test("a sender whose behalf has expired waits, and a renewal lets the letter go by itself", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await town.rest();
  town.clock.jump(364 * DAY_MS);
  await bob.claim();
  await bob.visit("pod.renew", { pod: "hey" });
  await alice.claim();
  await town.rest();
  town.clock.jump(2 * DAY_MS);
  await alice.hey("leave-message", "bob", "hello");
  await town.rest();
  const [waiting] = (await alice.visit("outbox.list")).items;
  assert.match(String(waiting!.reason), /its own behalf has expired/);
  assert.deepEqual(await bob.letters(), []);
  await alice.visit("pod.renew", { pod: "hey" });
  await town.rest();
  assert.deepEqual((await bob.letters()).map(({ start }) => start), ["hello"]);
  await town.until(async () => await fate(alice) === "delivered", "Alice hears of it");
});

Deno.test("a letter nobody takes within a week is given up, and its writer is told", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.stop();
  await alice.hey("leave-message", "bob", "hello");
  await town.rest();
  town.clock.jump(7 * DAY_MS);
  await town.until(async () => await fate(alice) === "failed", "it is given up", 60_000);
  assert.match(String((await alice.letters("sent"))[0]!.why), /is down \(unreachable\)$/);
  await bob.open();
  await town.rest();
  assert.deepEqual(await bob.letters(), []);
});

Deno.test("a letter waits on disk while its sender's periphery is not running", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await alice.stop();
  await alice.open({ isServing: false });
  await alice.hey("leave-message", "bob", "hello");
  await town.clock.advance(60_000);
  assert.deepEqual(await bob.letters(), []);
  await alice.restart();
  await town.until(async () => await fate(alice) === "delivered", "it is delivered");
  assert.equal((await bob.letters()).length, 1);
});

Deno.test("a full disk loses nothing: the command is refused, or the letter comes later", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await town.rest();
  const full = () => Promise.reject(new PeriError("over-quota", { op: "write", subject: "full" }));
  alice.fault = full;
  const refusal = await alice.refusal("pod.run", {
    pod: "hey",
    argv: ["leave-message", "bob", "one"],
  });
  assert.equal(refusal.kind, "over-quota");
  alice.fault = (apply) => Promise.resolve(apply());
  bob.fault = full;
  await alice.hey("leave-message", "bob", "two");
  await town.clock.advance(60_000);
  bob.fault = (apply) => Promise.resolve(apply());
  await town.until(async () => await fate(alice) === "delivered", "it is delivered", 10_000);
  assert.deepEqual((await bob.letters()).map(({ start }) => start), ["two"]);
});

Deno.test("a pod that breaks on a letter three times answers it with an error, and lives on", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  bob.broken.add("hey");
  await alice.hey("leave-message", "bob", "one");
  await town.until(async () => await fate(alice) === "failed", "Alice hears of it");
  assert.match(
    String((await alice.letters("sent"))[0]!.why),
    /it broke \(internal\); peri pod logs hey$/,
  );
  bob.broken.clear();
  await alice.hey("leave-message", "bob", "two");
  await town.until(async () => await fate(alice) === "delivered", "the second one arrives");
});
