/**
 * A periphery gets its owner.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseBehalf } from "../../runtime/identity/behalf.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Asked, Visitor } from "../../runtime/testing/visit.ts";
import { type Home, Town } from "./town.ts";

const YEAR_MS = 365 * 86_400_000;

/** The behalf somebody was asked to sign. */
function signed(asked: readonly Asked[]) {
  const [ask] = asked;
  assert.ok(ask !== undefined && "sign" in ask, "they were asked to sign");
  return parseBehalf(ask.sign);
}

for (const keys of ["light", "real"] as const) {
  Deno.test(`who claims a periphery first owns it, with ${keys} keys`, async () => {
    await using town = new Town(keys);
    const alice = await town.person("alice");
    const house = await town.build("alice", alice);
    const visitor = await house.claim();
    const expiresMs = town.clock.nowMs() + YEAR_MS;
    assert.deepEqual(visitor.items, [{ owner: alice.fingerprint, server: house.url, expiresMs }]);
    const { person, pod, endpoint, serial } = signed(visitor.asked);
    assert.deepEqual([person, pod, endpoint, serial], [
      alice.fingerprint,
      "periphery",
      house.url,
      1,
    ]);
    const [status] = (await house.visit("status")).items;
    assert.equal(status!.owner, alice.fingerprint);
    await house.restart();
    assert.equal(house.periphery.desk.owner(), alice.fingerprint);
  });
}

Deno.test("the owner's second claim is a renewal with the same key", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  const first = signed((await house.claim()).asked);
  await town.clock.advance(86_400_000);
  const second = signed((await house.claim()).asked);
  assert.deepEqual([second.serial, second.podKey], [2, first.podKey]);
  assert.ok(second.expiresMs > first.expiresMs);
});

Deno.test("another person's claim is denied, at whatever moment it comes", async () => {
  await using town = new Town();
  const [alice, eve] = [await town.person("alice"), await town.person("eve")];
  const house = await town.build("alice", alice);
  const certificate = formatBase64(eve.certificate);
  // Eve is asked to sign, and takes her time until Alice has signed.
  const late = house.visit("claim", { certificate }, {
    as: eve,
    sign: async (document) => {
      await house.claim();
      return await town.pgp.sign(eve.secretKey, new TextEncoder().encode(document));
    },
  });
  await assert.rejects(late, (error: PeriError) => error.kind === "denied");
  const { kind, subject } = await house.refusal("claim", { certificate }, { as: eve });
  assert.deepEqual([kind, subject], ["denied", "it has another owner"]);
  assert.equal(house.periphery.desk.owner(), alice.fingerprint);
});

Deno.test("two claims of one person at a time: one of them is told to begin again", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  const ended = await Promise.allSettled([house.claim(), house.claim()]);
  const refused = ended.filter((one) => one.status === "rejected");
  assert.equal(refused.length, 1);
  assert.equal((refused[0]!.reason as PeriError).kind, "conflict");
  assert.equal((await house.refusal("pod.info", { pod: "nothing" })).kind, "not-found");
});

Deno.test("a claim needs a person, with their own certificate and their own signature", async () => {
  await using town = new Town();
  const [alice, eve] = [await town.person("alice"), await town.person("eve")];
  const house = await town.build("alice", alice);
  const certificate = formatBase64(alice.certificate);
  assert.equal((await house.refusal("claim", { certificate }, { as: null })).kind, "invalid");
  assert.equal((await house.refusal("claim", { certificate }, { as: eve })).kind, "denied");
  const forged = (document: string) =>
    town.pgp.sign(eve.secretKey, new TextEncoder().encode(document));
  assert.equal((await house.refusal("claim", { certificate }, { sign: forged })).kind, "denied");
  const unwilling = () => Promise.reject(new PeriError("denied", { op: "sign", subject: "no" }));
  const { kind, subject } = await house.refusal("claim", { certificate }, { sign: unwilling });
  assert.deepEqual([kind, subject], ["denied", "no"]);
  assert.equal(house.periphery.desk.owner(), undefined);
});

Deno.test("before the claim everything that acts for a person is denied with what to type", async () => {
  await using town = new Town();
  const house = await town.build("alice");
  const open = new Set(["status", "doctor", "claim", "person.join", "key.lineage", "key.tell"]);
  for (const [name, operation] of house.periphery.desk.operations) {
    if (open.has(name)) continue;
    const args = { pod: "hey", text: "x", url: "http://b.example", friend: "x", argv: [] };
    const visitor = new Visitor({ sign: () => Promise.reject(new Error("asked to sign")) });
    await assert.rejects(visitor.ask(operation, args), (error: PeriError) => {
      assert.deepEqual([error.kind, error.hint], ["denied", "peri claim"], name);
      return true;
    });
    assert.deepEqual([visitor.asked, visitor.items], [[], []]);
  }
});

Deno.test("a person with a key who owns nothing is denied before the claim, too", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  const { kind, hint } = await house.refusal("pod.install");
  assert.deepEqual([kind, hint], ["denied", "peri claim"]);
});

Deno.test("somebody else's key does not act on what the owner has", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const eve = { as: await town.person("eve") };
  for (const operation of alice.periphery.desk.operations.keys()) {
    const args = { pod: "hey", url: "http://x.example", friend: "x", argv: ["list"] };
    if (alice.periphery.desk.open?.has(operation)) continue;
    const { kind, subject } = await alice.refusal(operation, args, eve);
    assert.equal(kind, "denied", operation);
    assert.match(subject, /does not live on this server$/, operation);
  }
});

Deno.test("a periphery that moved says its new address once it is claimed again", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")] as const;
  await town.befriend(alice, bob);
  await alice.stop();
  alice.url = "http://elsewhere.example" as Home["url"];
  await alice.open();
  const [status] = (await alice.visit("status")).items;
  assert.deepEqual(status!.warnings, [
    "the behalf of hey says that it lives at http://alice.example: peri behalf renew",
    "the behalf of periphery says that it lives at http://alice.example: peri behalf renew",
  ]);
  await bob.hey("leave-message", "alice", "where are you?");
  await town.rest();
  assert.deepEqual(await alice.letters(), []);
  assert.equal((await alice.visit("behalf.renew")).items.length, 2);
  assert.deepEqual((await alice.visit("status")).items[0]!.warnings, []);
  await town.until(async () => (await alice.letters()).length === 1, "the letter finds her");
  const [friend] = (await bob.visit("friend.list")).items;
  assert.equal(friend!.url, alice.url);
});
