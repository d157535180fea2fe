/**
 * Pods come to live in a periphery, are renewed, get new versions, and leave.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseBehalf } from "../../runtime/identity/behalf.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../runtime/model/limits.ts";
import { componentOf } from "./guests.ts";
import { ownerOf, Town } from "./town.ts";
import type { Asked } from "../../runtime/testing/visit.ts";

const DAY_MS = 86_400_000;

function behalfIn(asked: readonly Asked[]) {
  const ask = asked.find((one) => "sign" in one);
  assert.ok(ask !== undefined, "a signature was asked for");
  return parseBehalf(ask.sign);
}

Deno.test("an installed pod says what it is, and its person has signed what it offers", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  await house.claim();
  const visitor = await house.install("hey");
  assert.deepEqual(visitor.items, [{
    name: "hey",
    version: "0.1.0",
    about: "Letters between people, and the names you give them.",
    serial: 1,
    expiresMs: town.clock.nowMs() + 365 * DAY_MS,
    offers: [
      "peri:face/command",
      "peri:face/files",
      "peri:face/petnames",
      "peri:face/signing",
      "peri:face/terminal",
      "peri:face/vouching",
      "peri:hey/introductions",
      "peri:hey/mail",
      "peri:hey/people",
      "peri:hey/petitions",
      "peri:hey/profiles",
      "peri:hey/signatures",
      "peri:hey/space",
    ],
    needs: [],
  }]);
  assert.deepEqual(visitor.notes, ["preparing hey 0.1.0"]);
  const [consent] = visitor.asked;
  assert.deepEqual(consent, {
    confirm: "Let hey send messages in your name?",
    details: [
      "hey 0.1.0: Letters between people, and the names you give them.",
      "sends messages by peri:hey/introductions (introduce)",
      "sends messages by peri:hey/mail (leave)",
      "sends messages by peri:hey/people (all)",
      "sends messages by peri:hey/petitions (answer, ask)",
      "sends messages by peri:hey/profiles (show)",
      "sends messages by peri:hey/signatures (certifications, certified)",
      "sends messages by peri:hey/space (erase, messages, write)",
    ],
  });
  const { pod, endpoint, capabilities } = behalfIn(visitor.asked);
  assert.deepEqual([pod, endpoint, capabilities.length], ["hey", house.url, 13]);
});

Deno.test("a pod that sends nothing needs no consent, and works at once", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const visitor = await alice.install("probe", {}, { yes: false });
  assert.deepEqual(visitor.asked.map((ask) => Object.keys(ask)[0]), ["sign"]);
  const run = await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  assert.equal(run.stdout, "1\n");
});

Deno.test("whoever says no, or does not sign, has installed nothing", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  await house.claim();
  const rows = house.disk.rows().length;
  const unwilling = () => Promise.reject(new PeriError("denied", { op: "sign", subject: "no" }));
  const forged = () => Promise.resolve(new Uint8Array(65).fill(0xc2));
  const input = await componentOf("hey");
  const said = await house.refusal("pod.install", {}, { input, yes: false });
  assert.deepEqual([said.kind, said.subject], ["denied", "hey: you said no"]);
  for (const sign of [unwilling, forged]) {
    assert.equal((await house.refusal("pod.install", {}, { input, sign })).kind, "denied");
  }
  assert.equal(house.disk.rows().length, rows);
  assert.deepEqual((await house.visit("pod.list")).items, []);
  assert.equal((await house.install("hey")).items[0]!.serial, 1);
});

Deno.test("what is no component, or too much of one, is refused", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  async function* flood() {
    const piece = new Uint8Array(1024 * 1024);
    for (let size = 0; size <= MAX_COMPONENT_BYTES; size += piece.length) yield piece;
  }
  const kinds = [];
  const lie = JSON.parse(new TextDecoder().decode(await componentOf("probe")));
  lie.offers[0].capability = "0".repeat(64);
  for (const input of ["", "text", encodeUtf8(JSON.stringify(lie)), flood()]) {
    kinds.push((await alice.refusal("pod.install", { name: "x" }, { input })).kind);
  }
  assert.deepEqual(kinds, ["invalid", "invalid", "invalid", "too-large"]);
});

Deno.test("a name that is taken, or the server's own, is refused; another name is free", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const input = await componentOf("hey");
  const taken = await alice.refusal("pod.install", {}, { input });
  assert.deepEqual([taken.kind, taken.subject], ["exists", "there is a pod hey already"]);
  const own = await alice.refusal("pod.install", { name: "periphery" }, { input });
  assert.equal(own.kind, "denied");
  for (const name of ["Hey", "-", "a/b", "x".repeat(33), ""]) {
    assert.equal((await alice.refusal("pod.install", { name }, { input })).kind, "invalid", name);
  }
  await alice.install("probe", { name: "second" });
  const names = (await alice.visit("pod.list")).items.map(({ name }) => name);
  assert.deepEqual(names, ["hey", "second"]);
});

Deno.test("two installs of one name at a time: one pod comes of it", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const ended = await Promise.allSettled([alice.install("probe"), alice.install("probe")]);
  const [refused] = ended.filter((one) => one.status === "rejected");
  assert.equal((refused?.reason as PeriError).kind, "exists");
  assert.equal((await alice.visit("pod.list")).items.length, 2);
  const run = await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  assert.equal(run.stdout, "1\n");
});

Deno.test("an upgrade keeps key and state and brings the new version", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const before = await alice.install("probe");
  await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  const after = await alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  assert.deepEqual([after.items[0]!.version, after.items[0]!.serial], ["0.2.0", 2]);
  assert.equal(behalfIn(after.asked).podKey, behalfIn(before.asked).podKey);
  await alice.restart();
  const run = await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  assert.equal(run.stdout, "2\n");
  assert.equal((await alice.visit("pod.info", { pod: "probe" })).items[0]!.version, "0.2.0");
});

Deno.test("what is not there cannot be upgraded, renewed, shown, run or removed", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const input = await componentOf("probe");
  const { kind, hint } = await alice.refusal("pod.install", { upgrade: true }, { input });
  assert.deepEqual([kind, hint], ["not-found", "peri pod list"]);
  const operations = ["pod.renew", "pod.info", "pod.run", "pod.complete", "pod.logs", "pod.remove"];
  for (const operation of operations) {
    const refusal = await alice.refusal(operation, { pod: "probe", argv: [] });
    assert.equal(refusal.kind, "not-found", operation);
  }
});

Deno.test("the server's own pod is not removed, run or upgraded", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const input = await componentOf("probe");
  assert.equal((await alice.refusal("pod.remove", { pod: "periphery" })).kind, "denied");
  const run = await alice.refusal("pod.run", { pod: "periphery", argv: ["x"] });
  assert.equal(run.kind, "missing-implementation");
  const wishes = { name: "periphery", upgrade: true };
  assert.equal((await alice.refusal("pod.install", wishes, { input })).kind, "denied");
  const [info] = (await alice.visit("pod.info", { pod: "periphery" })).items;
  assert.deepEqual([info!.name, info!.offers, info!.state], ["periphery", [], "resting"]);
  assert.equal((await alice.visit("pod.renew", { pod: "periphery" })).items[0]!.serial, 2);
  assert.equal((await alice.claim()).items.length, 1);
});

Deno.test("a renewed pod has the next serial, a year more, and its key; it goes on working", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await alice.hey("leave-message", "bob", "one");
  await town.clock.advance(30 * DAY_MS);
  const visitor = await alice.visit("pod.renew", { pod: "hey" });
  const expiresMs = town.clock.nowMs() + 365 * DAY_MS;
  assert.deepEqual(visitor.items, [{ name: "hey", serial: 2, expiresMs }]);
  assert.equal((await alice.visit("pod.info", { pod: "hey" })).items[0]!.expiresMs, expiresMs);
  await alice.hey("leave-message", "bob", "two");
  await town.until(async () => (await bob.letters()).length === 2, "both letters are there");
  await town.until(async () => {
    const [{ pods } = {}] = (await bob.visit("who", { text: ownerOf(alice) })).items;
    return (pods as { pod: string; serial: number }[])
      .some(({ pod, serial }) => pod === "hey" && serial === 2);
  }, "Bob's book knows the new behalf");
});

Deno.test("a pod's behalf of another address is renewed for this one", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const visitor = await alice.visit("pod.renew", { pod: "hey" });
  assert.equal(behalfIn(visitor.asked).endpoint, alice.url);
  const unwilling = () => Promise.reject(new PeriError("denied", { op: "sign", subject: "no" }));
  await alice.refusal("pod.renew", { pod: "hey" }, { sign: unwilling });
  assert.equal((await alice.visit("pod.info", { pod: "hey" })).items[0]!.serial, 2);
});

Deno.test("a removed pod leaves nothing behind but its last serial", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.install("probe");
  await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  await alice.visit("pod.run", { pod: "probe", argv: ["say", "something"] });
  const no = await alice.refusal("pod.remove", { pod: "probe" }, { yes: false });
  assert.deepEqual([no.kind, no.subject], ["denied", "probe: you said no"]);
  const visitor = await alice.visit("pod.remove", { pod: "probe" });
  assert.deepEqual(visitor.items, [{ name: "probe" }]);
  assert.match(JSON.stringify(visitor.asked), /Remove probe for good\?.*[1-9]\d* bytes of state/);
  await town.clock.advance(5_000);
  const of = (table: string) =>
    alice.disk.rows().filter(({ key }) => key[0] === table && key[2] === "probe");
  assert.deepEqual([of("pod"), of("residents")], [[], []]);
  const again = await alice.install("probe");
  assert.equal(again.items[0]!.serial, 2);
  const run = await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  assert.equal(run.stdout, "1\n");
  assert.deepEqual(town.errors, []);
});

Deno.test("a pod whose record is damaged says so to everyone, and can be given up", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.install("probe");
  await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  await alice.stop();
  const [record] = alice.disk.rows().filter(({ key }) =>
    key[2] === "probe" && key[3] === "resident"
  );
  alice.disk.apply({ puts: [{ key: record!.key, value: encodeUtf8("?") }] });
  await alice.open();
  const input = await componentOf("probe");
  for (const operation of ["pod.run", "pod.info", "pod.install"]) {
    const said = await alice.refusal(operation, { pod: "probe", argv: ["count"] }, { input });
    assert.deepEqual([said.kind, said.subject], [
      "damaged",
      "the record of the pod probe cannot be read",
    ]);
    assert.match(said.hint!, /backup.*peri pod remove probe$/);
  }
  const { items } = await alice.visit("doctor");
  const finding = items.find(({ check }) => check === "pod probe");
  assert.deepEqual([finding?.ok, finding?.finding], [false, "its record cannot be read"]);
  const visitor = await alice.visit("pod.remove", { pod: "probe" });
  assert.match(JSON.stringify(visitor.asked), /its record cannot be read; all that it keeps/);
  const rows = alice.disk.rows().filter(({ key }) => key[2] === "probe" && key[0] !== "serial");
  assert.deepEqual(rows, []);
  await alice.install("probe");
  const run = await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  assert.equal(run.stdout, "1\n");
});

Deno.test("whoever comes while a pod gets a new version is let in to that", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.install("probe");
  const heldUp = Promise.withResolvers<void>();
  let isHeld = false;
  alice.fault = async (apply) => {
    if (isHeld) await heldUp.promise;
    return apply();
  };
  await alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  isHeld = true;
  const upgrading = alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  await town.rest();
  const counting = alice.visit("pod.run", { pod: "probe", argv: ["count"] });
  await town.rest();
  isHeld = false;
  heldUp.resolve();
  await upgrading;
  assert.deepEqual((await counting).lines, ["2"]);
});
