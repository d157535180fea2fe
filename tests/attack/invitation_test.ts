/**
 * Invitations: whoever knows the address of a server may knock with one.
 */

import assert from "node:assert/strict";
import { MemoryClock } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryDisk, MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { Invitations } from "../../runtime/directory/trust/invitations.ts";
import { readHost, writeGuest } from "../../runtime/directory/trust/meeting.ts";
import {
  formatMeeting,
  invitationOf,
  parseLink,
  proveInvitation,
} from "../../runtime/identity/trust/invitation.ts";
import { type Bytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { ErrorKind } from "../../runtime/model/errors.ts";
import { parseServerUrl } from "../../runtime/model/words.ts";
import { mutate } from "../fuzz/mutate.ts";
import { alice, bob, carol, DAY_MS, eve, type Key, NOW_MS, pgp } from "./known.ts";

/** Invitations of alice's server, and one link. */
async function invite() {
  const store = new MemoryStore(new MemoryDisk());
  const learned: string[] = [];
  const time = new MemoryClock(NOW_MS);
  const invitations = new Invitations({
    store,
    pgp,
    clock: time,
    entropy: new SeededEntropy("links"),
    isHosted: (one) => one === alice.fingerprint,
    introduction: () => Promise.resolve(undefined),
    certificate: () => Promise.resolve(alice.certificate),
    learn: ({ document }) => Promise.resolve(void learned.push(document)),
  });
  const server = parseServerUrl("https://alice.example");
  const wish = { note: "", expiresMs: NOW_MS + DAY_MS };
  const link = parseLink(await invitations.make(alice.fingerprint, server, wish));
  return { invitations, link, store, time };
}

type Link = Awaited<ReturnType<typeof invite>>["link"];

async function guestOf(
  by: Key,
  link: Link,
  changes: object = {},
  more: object = {},
): Promise<Bytes> {
  const document = formatMeeting({
    inviter: alice.fingerprint,
    guest: by.fingerprint,
    invitation: await invitationOf(link.seed),
    signedMs: NOW_MS,
    ...changes,
  });
  return writeGuest({
    document,
    signature: await pgp.sign(by.secretKey, encodeUtf8(document)),
    proof: await proveInvitation(link.seed, document),
    certificate: by.certificate,
    ...more,
  });
}

Deno.test("an invitation is good for the first who has the link, with a key that is theirs", async () => {
  const { invitations, link, store } = await invite();
  const refused = async (body: Promise<Bytes>, kind: ErrorKind, what: string) => {
    const outcome = await invitations.meet(await body).then(() => "taken", (error) => error.kind);
    assert.equal(outcome, kind, what);
  };
  const other = { ...link, seed: new Uint8Array(32).fill(7) };
  await refused(guestOf(eve, other), "not-found", "a link that nobody made");
  const id = { invitation: await invitationOf(link.seed) };
  await refused(guestOf(eve, other, id), "denied", "who knows the public key alone");
  // Eve has been invited, and shows carol's key: alice would sign carol's name for eve's word.
  const carols = { guest: carol.fingerprint };
  await refused(
    guestOf(eve, link, carols, { certificate: carol.certificate }),
    "denied",
    "another's key",
  );
  await refused(guestOf(eve, link, carols), "denied", "another's fingerprint");
  await refused(
    guestOf(bob, link, { inviter: bob.fingerprint }),
    "not-found",
    "of another inviter",
  );
  await refused(guestOf(bob, link, { signedMs: NOW_MS - 2 * DAY_MS }), "denied", "signed long ago");
  await refused(guestOf(alice, link), "denied", "oneself");
  const good = await guestOf(bob, link);
  assert.deepEqual(readHost(await invitations.meet(good)).certificate, alice.certificate);
  // The reply was lost on the way.
  await invitations.meet(good);
  await refused(guestOf(eve, link), "conflict", "the second");
  const [kept] = await invitations.list(alice.fingerprint);
  assert.equal(kept?.guest?.person, bob.fingerprint);
  const rows = JSON.stringify(await store.list({ prefix: [], limit: 1_000 }));
  assert.ok(!rows.includes(link.seed.toHex()) && !rows.includes(link.seed.toBase64()));
});

Deno.test("of two who come at once by one link one is the guest", async () => {
  const { invitations, link } = await invite();
  const bodies = await Promise.all([bob, eve].map((one) => guestOf(one, link)));
  const outcomes = await Promise.all(
    bodies.map((body) => invitations.meet(body).then(() => "taken", (error) => error.kind)),
  );
  assert.deepEqual(outcomes.sort(), ["conflict", "taken"]);
});

Deno.test("an invitation ends: by its time, by its maker, and is not made for ever", async () => {
  const { invitations, link, time } = await invite();
  const [{ id } = { id: "" }] = await invitations.list(alice.fingerprint);
  await time.advance(DAY_MS);
  await assert.rejects(invitations.meet(await guestOf(bob, link)), { kind: "expired" });
  assert.ok(!await invitations.cancel(bob.fingerprint, id));
  assert.ok(await invitations.cancel(alice.fingerprint, id));
  await assert.rejects(invitations.meet(await guestOf(bob, link)), { kind: "not-found" });
  const forever = { note: "", expiresMs: NOW_MS + 200 * DAY_MS };
  const server = parseServerUrl("https://alice.example");
  await assert.rejects(invitations.make(alice.fingerprint, server, forever), { kind: "invalid" });
});

Deno.test("whatever knocks where invitations are taken is refused with a kind", async () => {
  const { invitations, link } = await invite();
  const good = await guestOf(bob, link);
  const chance = new SeededEntropy("guests");
  for (let round = 0; round < 200; round++) {
    const outcome = await invitations.meet(mutate(good, chance)).then(() => "taken", (e) => e.kind);
    const expected = ["taken", "damaged", "too-large", "denied", "not-found"];
    assert.ok(expected.includes(outcome), outcome);
    const [kept] = await invitations.list(alice.fingerprint);
    const guest = kept?.guest?.person ?? bob.fingerprint;
    assert.equal(guest, bob.fingerprint);
  }
});
