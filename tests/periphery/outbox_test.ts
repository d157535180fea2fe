/**
 * What lies in the boxes: looked at, tried again, taken back, and followed on its way.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { type Home, ownerOf, Town } from "./town.ts";

const DAY_MS = 86_400_000;

/** Alice and Bob are friends, Bob's server is down, and Alice has left him letters. */
async function waiting(town: Town, ...texts: string[]): Promise<[Home, Home]> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await town.rest();
  await bob.stop();
  for (const text of texts) await alice.hey("leave-message", "bob", text);
  await town.rest();
  return [alice, bob];
}

async function items(
  house: Home,
  operation: string,
  args: JsonRecord = {},
): Promise<readonly JsonRecord[]> {
  return (await house.visit(operation, args)).items;
}

async function dead(house: Home): Promise<void> {
  house.town.clock.jump(7 * DAY_MS);
  const states = async () => (await items(house, "outbox.list")).map(({ state }) => state);
  await house.town.until(
    async () => (await states()).every((state) => state === "dead"),
    "all is given up",
    60_000,
  );
}

async function arrive(house: Home, ...texts: string[]): Promise<void> {
  const starts = async () => (await house.letters()).map(({ start }) => start).reverse();
  await house.town.until(async () => (await starts()).length >= texts.length, `${texts} came`);
  await house.town.rest();
  assert.deepEqual(await starts(), texts);
}

async function fates(house: Home): Promise<unknown[]> {
  return (await house.letters("sent")).map(({ fate }) => fate).reverse();
}

Deno.test("the outbox shows what waits and why, and what was given up", async () => {
  await using town = new Town();
  const createdMs = town.clock.nowMs();
  const [alice, bob] = await waiting(town, "hello");
  const [entry] = await items(alice, "outbox.list");
  const { token, nextMs, ...rest } = entry!;
  assert.match(String(token), /^[\w-]{22}$/);
  assert.ok(Number(nextMs) > createdMs);
  const same = {
    from: "hey",
    to: `${ownerOf(bob)}/hey`,
    function: "peri:hey/mail#leave",
    sequence: 1,
    createdMs,
    expiresMs: createdMs + 7 * DAY_MS,
  };
  const reason = `cannot reach server: ${bob.url} is down`;
  assert.deepEqual(rest, { ...same, state: "waiting", reason, server: bob.url, tries: 1 });
  const [shown] = await items(alice, "outbox.show", { letter: String(token).slice(0, 4) });
  assert.deepEqual([shown!.token, shown!.kind], [token, "call"]);
  assert.ok(Number(shown!.sizeBytes) > 0);
  assert.equal((await items(alice, "status"))[0]!.waitingMessages, 1);
  await dead(alice);
  const [given] = await items(alice, "outbox.show", { letter: "1" });
  assert.deepEqual([given!.state, given!.token], ["dead", token]);
  assert.match(String(given!.reason), /is down/);
  assert.ok(Number(given!.deadMs) >= createdMs + 7 * DAY_MS);
  assert.equal((await items(alice, "status"))[0]!.waitingMessages, 0);
  assert.deepEqual(await fates(alice), ["failed"]);
});

Deno.test("a dead letter that is tried again arrives once, and its writer is told anew", async () => {
  await using town = new Town();
  const [alice, bob] = await waiting(town, "one", "two");
  await dead(alice);
  await bob.open();
  const [again] = await items(alice, "outbox.retry", { letter: "2" });
  assert.equal(again!.outcome, "again");
  await arrive(bob, "two");
  await town.until(async () => (await fates(alice))[1] === "delivered", "Alice hears of it");
  assert.deepEqual(await fates(alice), ["failed", "delivered"]);
  const rest = await items(alice, "outbox.retry", { all: true });
  assert.deepEqual(rest.map(({ outcome }) => outcome), ["again"]);
  await arrive(bob, "two", "one");
  assert.deepEqual(await items(alice, "outbox.list"), []);
});

Deno.test("what waits for a server that is back is tried at once", async () => {
  await using town = new Town();
  const [alice, bob] = await waiting(town, "one", "two");
  await town.clock.advance(3_600_000);
  await bob.open();
  // One line for the lane; the other letter goes along.
  const tried = await items(alice, "outbox.retry", { to: "bob" });
  assert.deepEqual(tried.map(({ outcome }) => outcome), ["tried"]);
  await town.rest();
  assert.deepEqual((await bob.letters()).length, 2);
});

Deno.test("without a server nothing is tried, and that is said", async () => {
  await using town = new Town();
  const [alice] = await waiting(town, "one");
  await alice.stop();
  await alice.open({ isServing: false });
  const [waits] = await items(alice, "outbox.retry", { all: true });
  assert.equal(waits!.outcome, "waits");
});

Deno.test("a letter that is taken back never arrives, and its writer is told", async () => {
  await using town = new Town();
  const [alice, bob] = await waiting(town, "one", "two");
  const no = await alice.refusal("outbox.drop", { letter: "1" }, { yes: false });
  assert.equal(no.kind, "denied");
  assert.equal((await items(alice, "outbox.list")).length, 2);
  const [dropped] = await items(alice, "outbox.drop", { letter: "1" });
  assert.equal(dropped!.outcome, "dropped");
  await town.until(async () => (await fates(alice))[0] === "failed", "Alice hears of it");
  assert.match(String((await alice.letters("sent"))[1]!.why), /taken back.* \(denied\)$/);
  await bob.open();
  await arrive(bob, "two");
  assert.deepEqual(await items(alice, "outbox.list"), []);
});

Deno.test("dead letters are dropped together, and what waits stays", async () => {
  await using town = new Town();
  const [alice, bob] = await waiting(town, "one", "two");
  await dead(alice);
  await alice.hey("leave-message", "bob", "three");
  const dropped = await items(alice, "outbox.drop", { dead: true });
  assert.deepEqual(dropped.map(({ outcome }) => outcome), ["dropped", "dropped"]);
  assert.deepEqual((await items(alice, "outbox.list")).map(({ state }) => state), ["waiting"]);
  assert.deepEqual((await items(alice, "outbox.drop", { all: true })).length, 1);
  assert.deepEqual(await items(alice, "outbox.drop", { all: true }), []);
  await bob.open();
  await town.clock.advance(3_600_000);
  assert.deepEqual(await bob.letters(), []);
});

Deno.test("which message is meant must be said, and said clearly", async () => {
  await using town = new Town();
  const [alice, bob] = await waiting(town, "one");
  await alice.hey("leave-message", "F".repeat(40), "nobody");
  const kinds: string[] = [];
  const asks: [string, JsonRecord][] = [
    ["outbox.show", {}],
    ["outbox.show", { letter: "9" }],
    ["outbox.show", { letter: "abc" }],
    // Both are the first of their lanes.
    ["outbox.show", { letter: "1" }],
    ["outbox.retry", {}],
    ["outbox.retry", { all: true, to: "bob" }],
    ["outbox.retry", { to: "nobody" }],
    ["outbox.drop", {}],
    ["outbox.drop", { all: true, dead: true }],
    ["trace", { token: "abc" }],
    ["trace", { token: "AAAA" }],
  ];
  for (const [operation, args] of asks) kinds.push((await alice.refusal(operation, args)).kind);
  assert.deepEqual(kinds, [
    "invalid",
    "not-found",
    "invalid",
    "conflict",
    "invalid",
    "invalid",
    "not-found",
    "invalid",
    "invalid",
    "invalid",
    "not-found",
  ]);
  const to = `${ownerOf(bob)}/hey`;
  assert.equal((await items(alice, "outbox.retry", { to }))[0]!.to, to);
});

Deno.test("the inbox shows what has come and waits for a pod that cannot take it", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await town.rest();
  bob.broken.add("hey");
  await alice.hey("leave-message", "bob", "hello");
  await town.until(async () => (await items(bob, "inbox.list")).length === 1, "it has come");
  const [event] = await items(bob, "inbox.list");
  assert.deepEqual([event!.pod, event!.from, event!.kind, event!.function], [
    "hey",
    `${ownerOf(alice)}/hey`,
    "call",
    "peri:hey/mail#leave",
  ]);
  await town.until(async () => (await items(bob, "inbox.list")).length === 0, "it is given up");
});

Deno.test("a message can be followed from its post to its answer", async () => {
  await using town = new Town();
  const [alice, bob] = await waiting(town, "hello");
  const latest = async () => (await items(alice, "trace"))[0]!;
  const { token, state, from, to } = await latest();
  assert.deepEqual([state, from, to], ["waits", "hey", `${ownerOf(bob)}/hey`]);
  await bob.open();
  await town.until(async () => (await latest()).state === "answered", "it is answered");
  const hops = await items(alice, "trace", { token: String(token).slice(0, 6) });
  assert.deepEqual(hops.map(({ hop }) => hop), ["posted", "sent", "taken", "answered"]);
});
