/** OpenPGP.js behind the port: the profile, the checks and the refusals. */

import assert from "node:assert/strict";
import * as openpgp from "openpgp";
import { encodeUtf8 } from "../model/bytes.ts";
import { type ErrorKind, PeriError } from "../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_SIGNATURE_BYTES } from "../model/limits.ts";
import { openPgp } from "./openpgp.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const MAX_BYTES = 64 * 1024;
const TEXT = encodeUtf8("peri behalf 1\n");

function at(nowMs: number) {
  return openPgp({ nowMs: () => nowMs, sleep: () => Promise.resolve() });
}

const pgp = at(NOW_MS);

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

function person(options: { userId?: string; passphrase?: string; expiresMs?: number } = {}) {
  return pgp.makePersonKey({ userId: "Alice <alice@example.org>", passphrase: "", ...options });
}

Deno.test("a person's key has a primary that only certifies and subkeys to sign, encrypt, authenticate", async () => {
  const made = await person({ expiresMs: NOW_MS + DAY_MS });
  const key = await openpgp.readKey({ binaryKey: made.certificate });
  const flags = [
    ...key.users.flatMap((user) => user.selfCertifications),
    ...key.subkeys.flatMap((subkey) => subkey.bindingSignatures),
  ].map((signature) => signature.keyFlags?.[0]);
  assert.deepEqual(flags, [0x01, 0x02, 0x0c, 0x20]);
  assert.equal(key.keyPacket.version, 4);
  assert.deepEqual(key.getKeys().map((each) => each.getAlgorithmInfo().algorithm), [
    "eddsaLegacy",
    "eddsaLegacy",
    "ecdh",
    "eddsaLegacy",
  ]);
  assert.deepEqual(await pgp.inspect(made.certificate), {
    fingerprint: made.fingerprint,
    userIds: ["Alice <alice@example.org>"],
    createdMs: NOW_MS,
    expiresMs: NOW_MS + DAY_MS,
    revoked: false,
    canSign: true,
    canEncrypt: true,
  });
});

Deno.test("a key without an expiry never expires", async () => {
  assert.equal((await pgp.inspect((await person()).certificate)).expiresMs, undefined);
});

Deno.test("a user id is text on one line and an expiry lies ahead", async () => {
  for (const userId of ["", "a\nb", "x".repeat(257)]) {
    await assert.rejects(person({ userId }), fails("invalid", "user id"));
  }
  await assert.rejects(person({ expiresMs: NOW_MS }), fails("invalid", "expiry"));
});

Deno.test("a locked key opens with its passphrase alone, and the error keeps the passphrase", async () => {
  const made = await person({ passphrase: "correct horse" });
  await assert.rejects(pgp.sign(made.secretKey, TEXT), fails("invalid", "locked"));
  await assert.rejects(pgp.unlock(made.secretKey, "wrong horse"), (error: PeriError) => {
    assert.ok(!JSON.stringify(error.toRecord()).includes("horse"));
    assert.ok(error.hint !== undefined);
    return fails("denied", made.fingerprint)(error);
  });
  const unlocked = await pgp.unlock(made.secretKey, "correct horse");
  await pgp.verify(made.certificate, TEXT, await pgp.sign(unlocked, TEXT), NOW_MS);
  assert.deepEqual(await pgp.unlock(unlocked, "anything"), unlocked);
});

Deno.test("a signature is the same each time and only holds for its bytes and its key", async () => {
  const [alice, bob] = [await person(), await person()];
  const signature = await pgp.sign(alice.secretKey, TEXT);
  assert.deepEqual(await pgp.sign(alice.secretKey, TEXT), signature);
  await pgp.verify(alice.certificate, TEXT, signature, NOW_MS);
  const armored = await openpgp.readSignature({ binarySignature: signature });
  await pgp.verify(alice.certificate, TEXT, encodeUtf8(armored.armor()), NOW_MS);
  const other = encodeUtf8("peri behalf 2\n");
  await assert.rejects(pgp.verify(alice.certificate, other, signature, NOW_MS), fails("denied"));
  await assert.rejects(pgp.verify(bob.certificate, TEXT, signature, NOW_MS), fails("denied"));
});

Deno.test("what is no single signature is damaged, and a huge one is not parsed", async () => {
  const alice = await person();
  const signature = await pgp.sign(alice.secretKey, TEXT);
  const verify = (bytes: Uint8Array) => pgp.verify(alice.certificate, TEXT, bytes, NOW_MS);
  await assert.rejects(verify(new Uint8Array()), fails("damaged"));
  await assert.rejects(verify(encodeUtf8("hello")), fails("damaged"));
  await assert.rejects(verify(signature.subarray(0, 50)), fails("damaged"));
  await assert.rejects(verify(new Uint8Array([...signature, ...signature])), fails("damaged", "2"));
  const huge = new Uint8Array(MAX_SIGNATURE_BYTES + 1).fill(0xff);
  await assert.rejects(verify(huge), fails("too-large"));
});

Deno.test("the holder of an expired key cannot backdate a signature", async () => {
  const alice = await person({ expiresMs: NOW_MS + DAY_MS });
  const signature = await pgp.sign(alice.secretKey, TEXT);
  await pgp.verify(alice.certificate, TEXT, signature, NOW_MS + DAY_MS - 1_000);
  const late = pgp.verify(alice.certificate, TEXT, signature, NOW_MS + DAY_MS);
  await assert.rejects(late, fails("denied", "expired"));
  assert.equal((await at(NOW_MS + DAY_MS).inspect(alice.certificate)).canSign, false);
});

Deno.test("a revoked key signs nothing, not even what it signed before", async () => {
  const alice = await person();
  const signature = await pgp.sign(alice.secretKey, TEXT);
  const { publicKey } = await openpgp.revokeKey({
    key: await openpgp.readKey({ binaryKey: alice.certificate }),
    revocationCertificate: alice.revocation!,
    date: new Date(NOW_MS),
    format: "object",
  });
  const revoked = publicKey.write() as Uint8Array<ArrayBuffer>;
  const info = await pgp.inspect(revoked);
  assert.deepEqual([info.revoked, info.canSign, info.canEncrypt], [true, false, false]);
  await assert.rejects(pgp.verify(revoked, TEXT, signature, NOW_MS), fails("denied", "revoked"));
});

Deno.test("a clock that runs ahead within a day is accepted, beyond that it is not", async () => {
  for (const [aheadMs, isAccepted] of [[DAY_MS - 1_000, true], [DAY_MS + 1_000, false]] as const) {
    const ahead = at(NOW_MS + aheadMs);
    const pod = await ahead.makePodKey("hey");
    const signature = await ahead.sign(pod.secretKey, TEXT);
    const verified = pgp.verify(pod.certificate, TEXT, signature, NOW_MS);
    if (isAccepted) await verified;
    else await assert.rejects(verified, fails("denied", "ahead"));
    assert.equal(
      await pgp.inspect(pod.certificate).then((info) => info.canEncrypt, () => false),
      isAccepted,
    );
  }
});

Deno.test("a message opens for its recipient and says who signed it", async () => {
  const [alice, bob] = [await pgp.makePodKey("alice"), await pgp.makePodKey("bob")];
  const sealed = await pgp.seal(alice.secretKey, bob.certificate, TEXT);
  const unsealed = await pgp.open(bob.secretKey, sealed, MAX_BYTES);
  assert.deepEqual(unsealed.content, TEXT);
  await unsealed.verify(alice.certificate, NOW_MS);
  await assert.rejects(unsealed.verify(bob.certificate, NOW_MS), fails("denied"));
  await assert.rejects(pgp.open(alice.secretKey, sealed, MAX_BYTES), fails("damaged"));
});

Deno.test("a message can be sealed by and to a person, and to a key from a clock that is ahead", async () => {
  const alice = await person();
  const ahead = await at(NOW_MS + DAY_MS / 2).makePodKey("ahead");
  const sealed = await pgp.seal(alice.secretKey, ahead.certificate, TEXT);
  const unsealed = await pgp.open(ahead.secretKey, sealed, MAX_BYTES);
  await unsealed.verify(alice.certificate, NOW_MS);
  const back = await pgp.seal(alice.secretKey, alice.certificate, TEXT);
  assert.deepEqual((await pgp.open(alice.secretKey, back, MAX_BYTES)).content, TEXT);
});

Deno.test("nothing is sealed to a key that cannot be written to", async () => {
  const alice = await person({ expiresMs: NOW_MS + DAY_MS });
  const pod = await pgp.makePodKey("hey");
  const later = at(NOW_MS + 2 * DAY_MS);
  const sealed = later.seal(pod.secretKey, alice.certificate, TEXT);
  await assert.rejects(sealed, fails("invalid", alice.fingerprint));
});

Deno.test("a torn or changed message is damaged, at whatever byte", async () => {
  const bob = await pgp.makePodKey("bob");
  const sealed = await pgp.seal(bob.secretKey, bob.certificate, TEXT);
  const open = (bytes: Uint8Array) => pgp.open(bob.secretKey, bytes, MAX_BYTES);
  for (let size = 0; size < sealed.length; size += 13) {
    await assert.rejects(open(sealed.subarray(0, size)), fails("damaged"), `cut at ${size}`);
  }
  for (let index = 0; index < sealed.length; index += 7) {
    const changed = sealed.slice();
    changed[index]! ^= 0x01;
    const opened = await open(changed).catch((error) => error);
    // Some header bits say nothing; what must not happen is other content.
    if (opened instanceof Error) assert.ok(fails("damaged")(opened));
    else assert.deepEqual(opened.content, TEXT);
  }
});

Deno.test("messages over a bound are refused before and after decryption", async () => {
  const bob = await pgp.makePodKey("bob");
  const content = crypto.getRandomValues(new Uint8Array(2_000));
  const sealed = await pgp.seal(bob.secretKey, bob.certificate, content);
  await assert.rejects(pgp.open(bob.secretKey, sealed, 1_999), fails("too-large", "2000"));
  assert.equal((await pgp.open(bob.secretKey, sealed, 2_000)).content.length, 2_000);
  const flood = new Uint8Array(MAX_BYTES + 4_097);
  await assert.rejects(pgp.open(bob.secretKey, flood, MAX_BYTES), fails("too-large"));
});

/** A message made with the library itself, in a shape that peri never writes. */
async function foreign(
  options: { signers: Uint8Array[]; recipients: Uint8Array[]; compressed?: boolean },
): Promise<Uint8Array> {
  const keys = (all: Uint8Array[]) =>
    Promise.all(all.map((binaryKey) => openpgp.readPrivateKey({ binaryKey })));
  const deflated = { preferredCompressionAlgorithm: openpgp.enums.compression.zlib };
  return await openpgp.encrypt({
    message: await openpgp.createMessage({ binary: new Uint8Array(100_000) }),
    signingKeys: await keys(options.signers),
    encryptionKeys: await keys(options.recipients),
    date: new Date(NOW_MS),
    format: "binary",
    config: options.compressed ? deflated : {},
  });
}

Deno.test("a small compressed message never unfolds", async () => {
  const bob = await pgp.makePodKey("bob");
  const parts = { signers: [bob.secretKey], recipients: [bob.secretKey] };
  const bomb = await foreign({ ...parts, compressed: true });
  assert.ok(bomb.length < 1_000, "the bomb is not compressed");
  await assert.rejects(pgp.open(bob.secretKey, bomb, 200_000), fails("damaged"));
  const plain = await foreign(parts);
  assert.equal((await pgp.open(bob.secretKey, plain, 200_000)).content.length, 100_000);
});

Deno.test("a message has exactly one signature and one recipient", async () => {
  const [alice, bob] = [await pgp.makePodKey("alice"), await pgp.makePodKey("bob")];
  const open = (bytes: Uint8Array) => pgp.open(bob.secretKey, bytes, 200_000);
  const to = [bob.secretKey];
  const unsigned = await foreign({ signers: [], recipients: to });
  await assert.rejects(open(unsigned), fails("damaged", "0 signatures"));
  const twice = await foreign({ signers: [alice.secretKey, bob.secretKey], recipients: to });
  await assert.rejects(open(twice), fails("damaged", "2 signatures"));
  const toBoth = await foreign({ signers: to, recipients: [alice.secretKey, bob.secretKey] });
  await assert.rejects(open(toBoth), fails("damaged", "exactly one key"));
});

Deno.test("armor and binary are the same key, and a secret key has its public part", async () => {
  const made = await person();
  for (const bytes of [made.certificate, made.secretKey]) {
    const armor = await pgp.armor(bytes);
    assert.match(armor, /^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/);
    assert.deepEqual(await pgp.dearmor(armor), bytes);
  }
  const armored = encodeUtf8(await pgp.armor(made.certificate));
  assert.equal((await pgp.inspect(armored)).fingerprint, made.fingerprint);
  assert.deepEqual(await pgp.publicPart(made.secretKey), made.certificate);
  await assert.rejects(pgp.publicPart(made.certificate), fails("damaged"));
  await assert.rejects(pgp.inspect(made.secretKey), fails("damaged", "secret key"));
});

Deno.test("what is not one key is damaged, and a huge one is not parsed", async () => {
  const [alice, bob] = [await person(), await person()];
  for (const bytes of [new Uint8Array(), encodeUtf8("hello"), alice.certificate.subarray(0, 99)]) {
    await assert.rejects(pgp.inspect(bytes), fails("damaged"));
  }
  const both = new Uint8Array([...alice.certificate, ...bob.certificate]);
  await assert.rejects(pgp.inspect(both), fails("damaged", "2 keys"));
  const huge = new Uint8Array(MAX_CERTIFICATE_BYTES + 1).fill(0x99);
  await assert.rejects(pgp.inspect(huge), fails("too-large"));
  await assert.rejects(pgp.dearmor("-".repeat(3 * MAX_CERTIFICATE_BYTES)), fails("too-large"));
  await assert.rejects(pgp.dearmor(alice.revocation!), fails("damaged"));
});

Deno.test("a certificate whose self-signatures do not hold is damaged", async () => {
  const [alice, mallory] = [await person(), await person({ userId: "Mallory" })];
  const own = await openpgp.readKey({ binaryKey: alice.certificate });
  const others = await openpgp.readKey({ binaryKey: mallory.certificate });
  const packets = own.toPacketList();
  packets.splice(1, 1, others.toPacketList()[1]!);
  const forged = packets.write() as Uint8Array<ArrayBuffer>;
  await assert.rejects(pgp.inspect(forged), fails("damaged", "certify"));
});

Deno.test("a certificate stuffed with signatures of its own is refused unverified", async () => {
  const alice = await person();
  const own = await openpgp.readKey({ binaryKey: alice.certificate });
  const packets = own.toPacketList();
  const selfSignature = packets[2]!;
  packets.splice(2, 0, ...Array.from({ length: 130 }, () => selfSignature));
  const stuffed = packets.write() as Uint8Array<ArrayBuffer>;
  await assert.rejects(pgp.inspect(stuffed), fails("too-large", "134"));
});
