/**
 * What people sign of each other, as a periphery keeps it, weighs it and tells its pods.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openKeysmith } from "../../runtime/adapters/openpgp.ts";
import {
  formatMeeting,
  invitationOf,
  parseLink,
  proveInvitation,
} from "../../runtime/identity/trust/invitation.ts";
import { encodeUtf8, formatBase64, parseBase64 } from "../../runtime/model/bytes.ts";
import { AMOUNT } from "../../runtime/ports/certification.ts";
import type { TestPerson } from "../helpers/village.ts";
import { type Home, type House, Town } from "./town.ts";

/** A keyring in which somebody signs all user ids of another. */
async function signs(town: Town, by: TestPerson, of: TestPerson, depth = 0, amount = 0) {
  const { userIds } = await town.pgp.inspect(of.certificate);
  const wish = { userIds, depth, amount };
  const ring = await openKeysmith(town.clock).certify(by.secretKey, of.certificate, wish);
  return { keyring: formatBase64(ring) };
}

Deno.test("what the owner signs counts at once, what others sign as far as they are trusted", async () => {
  await using town = new Town("real");
  const alice = await town.build("alice", await town.person("alice"));
  await alice.claim();
  const [bob, carol, dave] = await Promise.all(["bob", "carol", "dave"].map((n) => town.person(n)));
  const take = async (ring: { keyring: string }) =>
    (await alice.visit("trust.take", ring)).items[0];
  const paths = async (of: TestPerson) =>
    (await alice.visit("trust.show", { text: of.fingerprint })).items[0]!;
  await take(await signs(town, bob!, carol!));
  assert.equal((await paths(carol!)).distance, null);
  assert.equal(
    ((await take(await signs(town, alice.owner!, bob!, 1, AMOUNT.full)))!.taken as unknown[])
      .length,
    1,
  );
  assert.equal((await paths(bob!)).distance, 1);
  assert.equal((await paths(carol!)).distance, 2);
  await take(await signs(town, carol!, dave!));
  assert.equal((await paths(dave!)).distance, null, "carol is certified, and not trusted to");
  await alice.restart();
  assert.equal((await paths(carol!)).distance, 2);
  // What gpg merged into her own certificate comes with it.
  const own = alice.owner!;
  const ring = parseBase64((await signs(town, bob!, own)).keyring);
  const { certifications } = await town.pgp.certifications(ring, []);
  const signed = await town.pgp.attach([own.certificate], certifications);
  await alice.visit("key.publish", { certificate: formatBase64(signed) });
  const mine = (await alice.visit("trust.export", { text: own.fingerprint })).items;
  const onHers = mine.filter(({ subject }) => subject === own.fingerprint);
  assert.deepEqual(onHers.map(({ issuer }) => issuer), [bob!.fingerprint]);
  const all = (await alice.visit("trust.show")).items.map((
    { person, distance },
  ) => [person, distance]);
  assert.deepEqual(all, [[bob!.fingerprint, 1], [carol!.fingerprint, 2]]);
});

Deno.test("who is signed, and friends, hear of it by themselves, also who was away", async () => {
  await using town = new Town("real");
  const [alice, bob, carol] = await Promise.all(
    ["alice", "bob", "carol"].map((name) => town.settle(name)),
  ) as [Home, Home, Home];
  await town.befriend(alice, bob);
  await town.befriend(alice, carol);
  await carol.stop();
  const signed = await signs(town, alice.owner, bob.owner, 1, AMOUNT.full);
  await alice.visit("trust.take", signed);
  const heard = async (house: Home) => {
    const about = { text: bob.owner.fingerprint };
    const [kept] = (await house.visit("trust.export", about)).items;
    return kept?.issuer === alice.owner.fingerprint && kept?.revoked === false;
  };
  await town.until(() => heard(bob), "Bob hears that his key was signed");
  await carol.open();
  await town.until(() => heard(carol), "Carol hears of it when she is back", 60_000);
  // What was on disk when the server died is told after the next start.
  await alice.visit("pod.stop", { pod: "hey" });
  await alice.visit("trust.take", await signs(town, alice.owner, carol.owner));
  await alice.restart();
  await alice.visit("pod.start", { pod: "hey" });
  await alice.restart();
  const hers = async () => {
    const about = { text: carol.owner.fingerprint };
    return (await bob.visit("trust.export", about)).items.length === 1;
  };
  await town.until(hers, "Bob hears of what stood on disk");
});

Deno.test("a guest and who invites learn each other's key over the network, once", async () => {
  await using town = new Town("real");
  const [alice, bob] = await Promise.all(["alice", "bob"].map(async (name) => {
    const house = await town.build(name, await town.person(name));
    await house.claim();
    return house;
  })) as [House, House];
  const [made] = (await alice.visit("invitation.make", { note: "for bob" })).items;
  const link = parseLink(String(made!.link));
  const document = formatMeeting({
    inviter: link.inviter,
    guest: bob.owner!.fingerprint,
    invitation: await invitationOf(link.seed),
    signedMs: Math.floor(town.clock.nowMs() / 1000) * 1000,
  });
  const shown = {
    server: link.server,
    document,
    signature: formatBase64(await town.pgp.sign(bob.owner!.secretKey, encodeUtf8(document))),
    proof: formatBase64(await proveInvitation(link.seed, document)),
    certificate: formatBase64(bob.owner!.certificate),
  };
  const [learned] = (await bob.visit("invitation.accept", shown)).items;
  assert.equal(learned!.person, alice.owner!.fingerprint);
  const { fingerprint } = await town.pgp.inspect(parseBase64(String(learned!.certificate)));
  assert.equal(fingerprint, alice.owner!.fingerprint);
  const [listed] = (await alice.visit("invitation.list")).items;
  assert.deepEqual([listed!.guest, listed!.note], [bob.owner!.fingerprint, "for bob"]);
  const [found] = (await alice.visit("trust.person", { text: bob.owner!.fingerprint })).items;
  assert.equal((found!.invited as { note: string }).note, "for bob");
  const [status] = (await alice.visit("status")).items;
  assert.match(JSON.stringify(status!.warnings), /came by your invitation.*peri key sign/);
  await alice.visit("trust.take", await signs(town, alice.owner!, bob.owner!));
  const [after] = (await alice.visit("status")).items;
  assert.doesNotMatch(JSON.stringify(after!.warnings), /invitation/);
});
