/**
 * Behalfs of whole peripheries: seen, renewed together, revoked, and what mail makes of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { library } from "../../runtime/adapters/openpgp/library.ts";
import { parseBehalf } from "../../runtime/identity/behalf.ts";
import { encodeUtf8, formatBase64 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { type Home, ownerOf, Town } from "./town.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

async function friends(town: Town): Promise<[Home, Home]> {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await town.rest();
  return [alice, bob];
}

async function listed(house: Home, ...fields: string[]): Promise<unknown[][]> {
  const { items } = await house.visit("behalf.list");
  return items.map((record) => fields.map((field) => record[field]));
}

async function sent(house: Home): Promise<Record<string, unknown>> {
  const [latest] = await house.letters("sent");
  return latest!;
}

const fate = async (house: Home) => (await sent(house)).fate;

Deno.test("the list has every behalf with its days; the document is shown as it was signed", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const fields = ["pod", "state", "serial", "daysLeft", "endpoint", "here"];
  assert.deepEqual(await listed(alice, ...fields), [
    ["hey", "in force", 1, 365, alice.url, true],
    ["periphery", "in force", 1, 365, alice.url, true],
  ]);
  town.clock.jump(340 * DAY_MS);
  assert.deepEqual(await listed(alice, "state", "daysLeft"), [["ends soon", 25], [
    "ends soon",
    25,
  ]]);
  town.clock.jump(30 * DAY_MS);
  assert.deepEqual(await listed(alice, "state", "daysLeft"), [["expired", 0], ["expired", 0]]);
  const [shown] = (await alice.visit("behalf.show", { pod: "hey" })).items;
  assert.equal(parseBehalf(String(shown!.document)).serial, 1);
  assert.equal((await alice.refusal("behalf.show", { pod: "nothing" })).kind, "not-found");
});

Deno.test("what ends is renewed by one word, all by another, and what is done is not done twice", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  assert.deepEqual((await alice.visit("behalf.renew")).items, []);
  town.clock.jump(340 * DAY_MS);
  const done = (await alice.visit("behalf.renew")).items;
  assert.deepEqual(done.map(({ pod, done, serial }) => [pod, done, serial]), [
    ["hey", "renewed", 2],
    ["periphery", "renewed", 2],
  ]);
  const again = await alice.visit("behalf.renew", { all: true });
  assert.deepEqual([again.items.map(({ done }) => done), again.asked], [["kept", "kept"], []]);
  const expiresMs = town.clock.nowMs() + 2 * YEAR_MS;
  const longer = (await alice.visit("behalf.renew", { all: true, expiresMs })).items;
  assert.deepEqual(longer.map((record) => record.expiresMs), [expiresMs, expiresMs]);
  await town.rest();
  const [known] = (await bob.visit("who", { text: ownerOf(alice) })).items;
  assert.deepEqual((known!.pods as JsonRecord[]).map(({ serial }) => serial), [3, 3]);
});

Deno.test("times that cannot be, pods that are not here and a no: nothing is signed", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const nowMs = town.clock.nowMs();
  for (const expiresMs of [0, nowMs, nowMs + 3654 * DAY_MS]) {
    assert.equal((await alice.refusal("behalf.renew", { all: true, expiresMs })).kind, "invalid");
  }
  assert.equal((await alice.refusal("behalf.renew", { pods: ["hey", "no"] })).kind, "not-found");
  const sign = () => Promise.reject(new PeriError("denied", { op: "sign", subject: "no" }));
  assert.equal((await alice.refusal("behalf.renew", { pods: ["hey"] }, { sign })).kind, "denied");
  const wish = { pods: ["periphery"], reason: "retired" };
  assert.equal((await alice.refusal("behalf.revoke", wish)).kind, "denied");
  assert.equal((await alice.refusal("behalf.revoke", { ...wish, reason: "x" })).kind, "invalid");
  assert.deepEqual(await listed(alice, "serial"), [[1], [1]]);
});

Deno.test("one that fails keeps the others from nothing, and the same again does the rest", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  // While the person reads, the pod is renewed from another window.
  let isFirst = true;
  const sign = async (document: string) => {
    if (isFirst) {
      isFirst = false;
      await alice.visit("pod.renew", { pod: "hey" });
    }
    return await town.pgp.sign(alice.owner.secretKey, new TextEncoder().encode(document));
  };
  const pods = ["hey", "periphery"];
  const { kind, subject, hint } = await alice.refusal("behalf.renew", { pods }, { sign });
  assert.equal(kind, "conflict");
  assert.match(subject, /^1 of 2 failed, the first: .*hey/);
  assert.match(String(hint), /type it again/);
  assert.deepEqual(await listed(alice, "serial"), [[2], [2]]);
  assert.equal((await alice.visit("behalf.renew", { pods })).exitCode, 0);
});

Deno.test("a renewal whose process dies after any commit is gone on with by typing it again", async () => {
  for (let commits = 1; commits <= 6; commits++) {
    await using town = new Town();
    const [alice, bob] = await friends(town);
    town.clock.jump(340 * DAY_MS);
    await bob.visit("behalf.renew", { all: true });
    await town.rest();
    alice.crashAfter({ commits, isHeard: commits % 2 === 0 });
    void alice.visit("behalf.renew", { all: true }).catch(() => {});
    await town.rest();
    if (!alice.isRunning) await alice.open();
    await alice.visit("behalf.renew", { all: true });
    await town.rest(40);
    assert.deepEqual(await listed(alice, "state"), [["in force"], ["in force"]]);
    const serials = await listed(alice, "serial");
    const [known] = (await bob.visit("who", { text: ownerOf(alice) })).items;
    const there = (known!.pods as JsonRecord[]).map(({ serial }) => [serial]);
    assert.deepEqual(there, serials, `${commits} commits`);
  }
});

Deno.test("mail for a revoked pod ends at once and names whom to ask; renewed, it takes mail again", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  const { items } = await bob.visit("behalf.revoke", { pods: ["hey"], reason: "retired" });
  assert.deepEqual(items, [{ pod: "hey", done: "revoked", serial: 2, reason: "retired" }]);
  await town.rest();
  await alice.hey("leave-message", "bob", "are you there?");
  await town.until(async () => await fate(alice) === "failed", "Alice is told", 1);
  const { why } = await sent(alice);
  assert.match(String(why), /revoked it, .*\(retired\)/);
  const [dead] = (await alice.visit("outbox.list")).items;
  assert.match(JSON.stringify(dead), /ask bob.*who can type: peri behalf renew hey/);
  assert.deepEqual(await listed(bob, "pod", "state", "reason"), [
    ["hey", "revoked", "retired"],
    ["periphery", "in force", undefined],
  ]);
  await bob.visit("behalf.renew", { pods: ["hey"] });
  await town.rest();
  await alice.hey("leave-message", "bob", "and now?");
  await town.until(async () => await fate(alice) === "delivered", "it takes mail again");
  assert.deepEqual((await bob.letters()).map(({ start }) => start), ["and now?"]);
});

Deno.test("a revoked pod stops, through restarts, and only a renewal starts it", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.visit("behalf.revoke", { pods: ["hey"], reason: "superseded" });
  await alice.restart();
  const [pod] = (await alice.visit("pod.list")).items;
  assert.equal(pod!.state, "stopped");
  const refused = await alice.refusal("pod.run", { pod: "hey", argv: ["list"] });
  assert.deepEqual([refused.kind, refused.hint], ["busy", "peri behalf renew hey"]);
  assert.equal((await alice.refusal("pod.start", { pod: "hey" })).hint, "peri behalf renew hey");
  const [status] = (await alice.visit("status")).items;
  assert.match(String(status!.warnings), /its behalf is revoked .*: peri behalf renew hey/);
  // All means all that may act: what was ended stays so unless it is named.
  const all = (await alice.visit("behalf.renew", { all: true })).items;
  assert.deepEqual(all.map(({ pod }) => pod), ["periphery"]);
  await alice.visit("behalf.renew", { pods: ["hey"] });
  assert.match((await alice.hey("list")).join(), /./);
});

Deno.test("who has not heard of a revocation hears it from the pod's server, signed by its person", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await alice.hey("leave-message", "bob", "first");
  await town.until(async () => await fate(alice) === "delivered", "Alice knows Bob");
  // Bob's server tells nobody: he has no friends any more when he revokes.
  await bob.visit("friend.remove", { friend: "alice" });
  await bob.visit("behalf.revoke", { pods: ["hey"], reason: "retired" });
  await town.rest();
  await alice.hey("leave-message", "bob", "second");
  await town.until(async () => await fate(alice) === "failed", "Alice is told", 1);
  assert.match(String((await sent(alice)).why), /revoked it, .*\(retired\)/);
  assert.equal((await bob.visit("inbox.list")).items.length, 0);
});

Deno.test("that a pod is over is told further on when it was removed, also by friends", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.visit("behalf.revoke", { pods: ["hey"], reason: "retired" });
  await bob.visit("pod.remove", { pod: "hey" });
  await bob.restart();
  await town.rest();
  const carol = await town.settle("carol");
  await town.befriend(carol, alice);
  await town.rest();
  for (const house of [alice, carol]) {
    const [known] = (await house.visit("who", { text: ownerOf(bob) })).items;
    const hey = (known!.pods as JsonRecord[]).find(({ pod }) => pod === "hey");
    assert.deepEqual([hey?.serial, hey?.inForce], [2, false]);
  }
});

Deno.test("a pod whose key somebody else may have gets another one, or none", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.visit("behalf.revoke", { pods: ["hey"], reason: "compromised" });
  const renewal = await bob.refusal("behalf.renew", { pods: ["hey"] });
  assert.deepEqual([renewal.kind, /pod remove hey/.test(renewal.hint!)], ["denied", true]);
  assert.equal((await bob.refusal("pod.renew", { pod: "hey" })).kind, "denied");
  await bob.visit("pod.remove", { pod: "hey" });
  await bob.install("hey");
  await town.rest();
  assert.deepEqual(await listed(bob, "pod", "state", "serial"), [
    ["hey", "in force", 3],
    ["periphery", "in force", 1],
  ]);
  await alice.hey("leave-message", "bob", "is it you?");
  await town.until(async () => await fate(alice) === "delivered", "the new one takes mail");
});

Deno.test("pods of a server that was lost are revoked from the next one", async () => {
  await using town = new Town();
  const [alice, bob] = await friends(town);
  await bob.stop();
  const next = await town.build("next", bob.owner) as Home;
  await next.claim();
  // Its first behalf has the number of that of the lost one, and says another thing.
  await next.claim();
  await next.visit("friend.add", { url: alice.url });
  await town.rest(40);
  assert.deepEqual((await listed(next, "pod", "here"))[0], ["hey", false]);
  await next.visit("behalf.revoke", { pods: ["hey"], reason: "compromised" });
  await next.restart();
  assert.deepEqual((await listed(next, "pod", "state"))[0], ["hey", "revoked"]);
  await alice.hey("leave-message", "bob", "hello?");
  await town.until(async () => await fate(alice) === "failed", "Alice is told", 1_000);
  assert.match(String((await sent(alice)).why), /compromised/);
});

Deno.test("a signature by a part of the key that the server has not heard of says what to type", async () => {
  await using town = new Town("real");
  const alice = await town.settle("alice");
  town.clock.jump(86_400_000);
  const { readPrivateKey } = await library();
  const grown = await (await readPrivateKey({ binaryKey: alice.owner.secretKey }))
    .addSubkey({ sign: true, date: new Date(town.clock.nowMs()) });
  const secretKey = new Uint8Array(grown.write());
  const sign = (document: string) => town.pgp.sign(secretKey, encodeUtf8(document));
  const pods = ["hey"];
  const { kind, hint } = await alice.refusal("behalf.renew", { pods }, { sign });
  assert.deepEqual([kind, /peri key publish$/.test(String(hint))], ["denied", true]);
  const all = await alice.refusal("behalf.revoke", { pods, reason: "retired" }, { sign });
  assert.deepEqual([all.kind, all.hint], [kind, hint]);
  const certificate = formatBase64(await town.pgp.publicPart(secretKey));
  await alice.visit("key.publish", { certificate });
  const [done] = (await alice.visit("behalf.renew", { pods }, { sign })).items;
  assert.equal(done!.done, "renewed");
});
