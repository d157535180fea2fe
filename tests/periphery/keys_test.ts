/** What becomes of a person's key, as their own server and their friends hear of it. */

import assert from "node:assert/strict";
import { openKeysmith } from "../../runtime/adapters/openpgp.ts";
import { Asker } from "../../runtime/directory/ask.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import type { PeriError } from "../../runtime/model/errors.ts";
import { parsePodName } from "../../runtime/model/words.ts";
import type { CertificateInfo } from "../../runtime/ports/pgp.ts";
import type { TestPerson } from "../helpers/village.ts";
import { type Home, Town } from "./town.ts";

const DAY_MS = 86_400_000;
const HEY = parsePodName("hey");

/** A world in which the key of everybody ends after so many days. */
async function settle(town: Town, name: string, days: number): Promise<Home> {
  const key = await town.pgp.makePersonKey({
    userId: name,
    passphrase: "",
    expiresMs: town.clock.nowMs() + days * DAY_MS,
  });
  const { fingerprint, certificate, secretKey } = key;
  const house = await town.build(name, { fingerprint, certificate, secretKey } as TestPerson);
  await house.claim();
  await house.install("hey");
  return house as Home;
}

async function publish(house: Home, certificate: Uint8Array): Promise<JsonRecord> {
  return (await house.visit("key.publish", { certificate: formatBase64(certificate) })).items[0]!;
}

/** What a house tells everybody of a person's hey pod. */
async function published(town: Town, house: Home, person: Home): Promise<CertificateInfo> {
  const asker = new Asker(town.network.transport());
  const found = await asker.who(house.url, { person: person.owner.fingerprint, pod: HEY });
  return await town.pgp.inspect(found.entry!.certificate);
}

/** What a house knows of a person, and whether their hey pod is believed there. */
async function known(house: Home, person: Home) {
  const { items } = await house.visit("who", { text: person.owner.fingerprint })
    .catch((error: PeriError) => {
      // Nobody has told yet.
      if (error.kind === "not-found") return { items: [{ pods: [], claims: [] }] };
      throw error;
    });
  const { pods, revoked, claims } = items[0]! as unknown as {
    pods: { pod: string; inForce: boolean; from: string }[];
    revoked?: boolean;
    claims: string[];
  };
  const hey = pods.find(({ pod }) => pod === HEY);
  return { inForce: hey?.inForce, revoked: revoked ?? false, claims };
}

Deno.test("status warns a month before a person's key expires, and no longer when it was renewed", async () => {
  await using town = new Town("real");
  const alice = await settle(town, "alice", 60);
  const warnings = async () => (await alice.visit("status")).items[0]!.warnings;
  town.clock.jump(29 * DAY_MS);
  assert.deepEqual(await warnings(), []);
  town.clock.jump(2 * DAY_MS);
  const soon = "the key of alice expires in 29 days";
  assert.deepEqual(await warnings(), [`${soon}: peri key renew`]);
  const doctor = (await alice.visit("doctor")).items.find(({ check }) => check === "keys")!;
  assert.deepEqual([doctor.ok, doctor.finding, doctor.hint], [false, soon, "peri key renew"]);
  const smith = openKeysmith(town.clock);
  const { secretKey, certificate } = alice.owner;
  const renewed = await smith.renew(secretKey, certificate, town.clock.nowMs() + 700 * DAY_MS);
  const told = await publish(alice, renewed);
  assert.deepEqual([told.pods, told.friends, told.revoked], [2, 0, false]);
  assert.deepEqual(await warnings(), []);
  // What the server was told stays: an older copy takes nothing back.
  await publish(alice, certificate);
  assert.deepEqual(await warnings(), []);
});

Deno.test("a renewed key reaches friends with the same behalf, and keeps mail going", async () => {
  await using town = new Town("real");
  const [alice, bob] = [await settle(town, "alice", 60), await settle(town, "bob", 3_000)];
  await town.befriend(alice, bob);
  const smith = openKeysmith(town.clock);
  const { secretKey, certificate } = alice.owner;
  const renewed = await smith.renew(secretKey, certificate, town.clock.nowMs() + 700 * DAY_MS);
  await publish(alice, renewed);
  const farMs = town.clock.nowMs() + 600 * DAY_MS;
  const isLate = async () => ((await published(town, bob, alice)).expiresMs ?? 0) > farMs;
  await town.until(isLate, "the renewed certificate at bob's");
  await alice.hey("leave-message", "bob", "still me");
  await town.until(async () => (await bob.letters()).length === 1, "the letter");
});

Deno.test("a revoked key is ended for its own server, its friends and theirs, and stays so", async () => {
  await using town = new Town("real");
  const [alice, bob] = [await settle(town, "alice", 900), await settle(town, "bob", 900)];
  const carol = await settle(town, "carol", 900);
  await town.befriend(alice, bob);
  await town.befriend(bob, carol);
  await town.until(async () => (await known(carol, alice)).inForce === true, "alice at carol's");
  const smith = openKeysmith(town.clock);
  const { secretKey, certificate } = alice.owner;
  const why = { reason: "compromised", text: "stolen" } as const;
  const revoked = await smith.withRevocation(certificate, await smith.revoke(secretKey, why));
  const told = await publish(alice, revoked);
  assert.deepEqual([told.pods, told.friends, told.revoked], [2, 1, true]);
  assert.match(String((await alice.visit("status")).items[0]!.warnings), /is revoked/);
  await town.until(async () => (await known(bob, alice)).revoked, "the revocation at bob's");
  assert.equal((await known(bob, alice)).inForce, false);
  assert.equal((await published(town, bob, alice)).revoked, true);
  // Books of friends are read at the start when a day has gone by.
  town.clock.jump(DAY_MS);
  await carol.restart();
  await town.until(async () => (await known(carol, alice)).revoked, "it at carol's", 60_000);
  // After a restart nothing of it is forgotten.
  await bob.restart();
  assert.deepEqual(await known(bob, alice), { inForce: false, revoked: true, claims: ["alice"] });
});

Deno.test("nobody publishes somebody else's key, and a server without pods of theirs says so", async () => {
  await using town = new Town("real");
  const [alice, bob] = [await settle(town, "alice", 900), await settle(town, "bob", 900)];
  const args = { certificate: formatBase64(bob.owner.certificate) };
  assert.equal((await alice.refusal("key.publish", args)).kind, "denied");
  assert.equal((await alice.refusal("key.publish", args, { as: bob.owner })).kind, "not-found");
});
