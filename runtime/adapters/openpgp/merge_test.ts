/** Two copies of one certificate made into one: by friends, and by people who are none. */

import assert from "node:assert/strict";
import * as openpgp from "openpgp";
import type { Bytes } from "../../model/bytes.ts";
import type { Pgp } from "../../ports/pgp.ts";
import { openKeysmith, openPgp } from "../openpgp.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);

function at(nowMs: number) {
  const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
  return { pgp: openPgp(clock), smith: openKeysmith(clock) };
}

async function alice(pgp: Pgp) {
  return await pgp.makePersonKey({ userId: "Alice", passphrase: "", expiresMs: NOW_MS + DAY_MS });
}

/** The certificate with its packets changed. */
async function changed(
  certificate: Uint8Array,
  change: (packets: openpgp.AnyPacket[]) => void,
): Promise<Bytes> {
  const key = await openpgp.readKey({ binaryKey: certificate });
  const packets = key.toPacketList() as openpgp.PacketList<openpgp.AnyPacket>;
  change(packets);
  return packets.write() as Bytes;
}

Deno.test("the newest terms count from whichever side they come, and it is the same again", async () => {
  const { pgp } = at(NOW_MS);
  const { secretKey, certificate } = await alice(pgp);
  const later = at(NOW_MS + DAY_MS / 2);
  const renewed = await later.smith.renew(secretKey, certificate, NOW_MS + 9 * DAY_MS);
  const one = await later.pgp.merge(certificate, renewed);
  assert.deepEqual(await later.pgp.merge(renewed, certificate), one);
  assert.deepEqual(await later.pgp.merge(one, certificate), one);
  assert.equal((await later.pgp.inspect(one)).expiresMs, NOW_MS + 9 * DAY_MS);
  // It does not grow with every year.
  assert.ok(one.length <= certificate.length + 8, `${one.length}`);
});

Deno.test("a revocation stays whatever comes later", async () => {
  const { pgp, smith } = at(NOW_MS);
  const { secretKey, certificate, revocation } = await alice(pgp);
  const revoked = await smith.withRevocation(certificate, revocation!);
  const later = at(NOW_MS + DAY_MS / 2);
  const renewed = await later.smith.renew(secretKey, certificate, NOW_MS + 9 * DAY_MS);
  for (const merged of [pgp.merge(revoked, renewed), pgp.merge(renewed, revoked)]) {
    assert.equal((await later.pgp.inspect(await merged)).revoked, true);
  }
});

// A server on the way hands on Alice's certificate with a newer binding of her signing key that she
// never made. Taken unchecked it would stand in place of the real one, and end her key for others.
Deno.test("a signature that does not hold takes no other's place", async () => {
  const { pgp } = at(NOW_MS);
  const { certificate } = await alice(pgp);
  const forged = await changed(certificate, (packets) => {
    const bindings = packets.filter((packet) =>
      packet instanceof openpgp.SignaturePacket && packet.signatureType === 0x18
    ) as openpgp.SignaturePacket[];
    for (const binding of bindings) {
      binding.signatureData = binding.signatureData!.slice();
      // The date stands first among what is signed.
      binding.signatureData[9]! ^= 0x01;
    }
  });
  const merged = await pgp.merge(certificate, forged);
  assert.deepEqual((await pgp.inspect(merged)).canSign, true);
  assert.deepEqual(merged, await pgp.merge(certificate, certificate));
});

Deno.test("user ids and subkeys that the key does not own are left out", async () => {
  const { pgp } = at(NOW_MS);
  const [own, other] = [await alice(pgp), await alice(pgp)];
  const packets = (await openpgp.readKey({ binaryKey: other.certificate })).toPacketList();
  const stuffed = await changed(own.certificate, (list) => {
    list.push(...(packets.slice(1) as openpgp.AnyPacket[]));
  });
  assert.deepEqual(
    await pgp.merge(own.certificate, stuffed),
    await pgp.merge(own.certificate, own.certificate),
  );
});

Deno.test("what others have signed is left out of what servers keep, not of the person's keyring", async () => {
  const { pgp, smith } = at(NOW_MS);
  const [own, friend] = [await alice(pgp), await alice(pgp)];
  const signer = await openpgp.readPrivateKey({ binaryKey: friend.secretKey });
  const key = await openpgp.readKey({ binaryKey: own.certificate });
  const user = await key.users[0]!.certify([signer], new Date(NOW_MS), openpgp.config);
  const signed = await changed(own.certificate, (list) => {
    list.splice(3, 0, ...user.otherCertifications);
  });
  assert.ok(signed.length > own.certificate.length + 50);
  assert.ok((await pgp.merge(signed, own.certificate)).length <= own.certificate.length);
  assert.deepEqual(await smith.merge(own.certificate, signed), signed);
});

Deno.test("two keys are not merged", async () => {
  const { pgp } = at(NOW_MS);
  const [own, other] = [await alice(pgp), await alice(pgp)];
  await assert.rejects(pgp.merge(own.certificate, other.certificate), { kind: "denied" });
});

Deno.test("terms dated further ahead than clocks differ are not in force", async () => {
  const { pgp } = at(NOW_MS);
  const { secretKey, certificate } = await alice(pgp);
  const ahead = at(NOW_MS + 2 * DAY_MS);
  const early = await ahead.smith.renew(secretKey, certificate, NOW_MS + 9 * DAY_MS);
  const merged = await pgp.merge(certificate, early);
  assert.equal((await pgp.inspect(merged)).expiresMs, NOW_MS + DAY_MS);
});

Deno.test("nobody but its person revokes a key", async () => {
  const { pgp, smith } = at(NOW_MS);
  const [own, mallory] = [await alice(pgp), await alice(pgp)];
  const wrong = smith.withRevocation(own.certificate, mallory.revocation!);
  await assert.rejects(wrong, { kind: "denied" });
  const ended = await smith.withRevocation(mallory.certificate, mallory.revocation!);
  const { revocationSignatures } = await openpgp.readKey({ binaryKey: ended });
  assert.equal(revocationSignatures.length, 1);
  const forged = await changed(own.certificate, (list) => {
    list.splice(1, 0, ...revocationSignatures);
  });
  assert.equal((await pgp.inspect(forged)).revoked, false);
  assert.equal((await pgp.inspect(await pgp.merge(own.certificate, forged))).revoked, false);
});
