/**
 * Certifications made to deceive or to harm: keyrings come from strangers by the hey pod.
 */

import assert from "node:assert/strict";
import * as openpgp from "openpgp";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryDisk, MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { readPackets, TAG } from "../../runtime/adapters/openpgp/packets.ts";
import { Web, type WebBounds, type WebParts } from "../../runtime/directory/trust/trust.ts";
import { type Bytes, concatBytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { ErrorKind } from "../../runtime/model/errors.ts";
import { MAX_KEYRING_BYTES } from "../../runtime/model/limits.ts";
import { mutate } from "../fuzz/mutate.ts";
import {
  alice,
  bob,
  carol,
  clock,
  DAY_MS,
  eve,
  type Key,
  NOW_MS,
  person,
  pgp,
  smith,
} from "./known.ts";

/** Whatever comes, a server goes on to the next thing after this. */
const AT_MOST_MS = 10_000;

/** What a forger writes; what is not said is as it should be. */
interface Forgery {
  readonly createdMs?: number;
  /** Fields of OpenPGP.js's signature. */
  readonly fields?: object;
  /** What becomes of the body of the packet. */
  readonly body?: (body: Bytes) => Bytes;
}

/** A keyring in which somebody signs another's user id, in any way. */
async function forged(by: Key, of: Key, { createdMs = NOW_MS, fields = {}, body }: Forgery = {}) {
  const signer = await openpgp.readPrivateKey({ binaryKey: by.secretKey });
  const key = await openpgp.readKey({ binaryKey: of.certificate });
  const signature = Object.assign(new openpgp.SignaturePacket(), {
    signatureType: openpgp.enums.signature.certGeneric,
    publicKeyAlgorithm: signer.keyPacket.algorithm,
    hashAlgorithm: openpgp.enums.hash.sha512,
    ...fields,
  });
  const user = key.users[0]!.userID!;
  const data = { userID: user, key: key.keyPacket };
  const sign = signature as unknown as { sign(...args: unknown[]): Promise<void> };
  await sign.sign(signer.keyPacket, data, new Date(createdMs), false, openpgp.config);
  const bytes = (signature as unknown as { write(): Bytes }).write();
  const packet = packetOf(TAG.signature, body === undefined ? bytes : body(bytes));
  const said = { subject: of.fingerprint, userId: user.userID, packet };
  return await pgp.attach([by.certificate, of.certificate], [said]);
}

function packetOf(tag: number, body: Uint8Array): Bytes {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return concatBytes([new Uint8Array([0xc0 | tag, 255]), length, body]);
}

/** A web of trust of which alice is the owner. */
function webOf(
  bounds?: WebBounds,
  formers: WebParts["formers"] = undefined,
  stolen: readonly Key[] = [],
): Web {
  return new Web({
    store: new MemoryStore(new MemoryDisk()),
    pgp,
    clock,
    hosted: () => [alice.fingerprint],
    certificate: (one) =>
      Promise.resolve(one === alice.fingerprint ? alice.certificate : undefined),
    revoked: () => Promise.resolve(new Set()),
    stolen: () => Promise.resolve(new Set(stolen.map(({ fingerprint }) => fingerprint))),
    ...(formers && { formers }),
  }, bounds);
}

const certify = async (by: Key, of: Key, depth = 0) =>
  await smith.certify(by.secretKey, of.certificate, {
    userIds: (await pgp.inspect(of.certificate)).userIds,
    depth,
    amount: depth === 0 ? 0 : 120,
  });

async function near(web: Web, other: Key): Promise<number | null> {
  return (await web.standing(alice.fingerprint, other.fingerprint)).distance;
}

Deno.test("a signature that eve made in alice's name is nobody's", async () => {
  // Eve knows alice's key id, which stands in every signature of hers, and writes it into her own.
  const web = webOf();
  const real = await forged(alice, bob);
  assert.equal((await web.take(real)).taken.length, 1, "as it should be it is taken");
  const ring = rename(await forged(eve, carol), eve, alice);
  assert.ok((await pgp.certifiers(ring)).includes(alice.fingerprint));
  assert.deepEqual(await web.take(ring), { taken: [], known: 0, refused: 0 });
  assert.equal(await near(web, carol), null);
});

/** The same bytes with one fingerprint and key id in the place of another, and the right keys. */
function rename(ring: Bytes, from: Key, to: Key): Bytes {
  const hex = ring.toHex().replaceAll(
    from.fingerprint.toLowerCase(),
    to.fingerprint.toLowerCase(),
  ).replaceAll(from.fingerprint.slice(-16).toLowerCase(), to.fingerprint.slice(-16).toLowerCase());
  return concatBytes([to.certificate, Uint8Array.fromHex(hex)]);
}

Deno.test("what alice took back does not come again with an older copy of it", async () => {
  const web = webOf();
  const older = await forged(alice, bob, { createdMs: NOW_MS - DAY_MS });
  await web.take(older);
  assert.equal(await near(web, bob), 1);
  await web.take(await smith.uncertify(alice.secretKey, bob.certificate, ["Bob"]));
  assert.equal(await near(web, bob), null);
  assert.deepEqual(await web.take(older), { taken: [], known: 1, refused: 0 });
  assert.equal(await near(web, bob), null);
});

Deno.test("signatures of no time, unknown kinds and broken hashes are left out, and harm no others", async () => {
  const cases: [string, Forgery][] = [
    ["dated in 2100", { createdMs: Date.UTC(2100, 0, 1) }],
    ["older than its key", { createdMs: Date.UTC(1970, 0, 2) }],
    ["not meant for others", { fields: { exportable: false } }],
    ["over a document", { body: (body) => body.with(1, 0) as Bytes }],
    ["of an algorithm that nobody knows", { body: (body) => body.with(2, 99) as Bytes }],
    ["with a hash that nobody knows", { body: (body) => body.with(3, 99) as Bytes }],
    ["with SHA-1", { body: (body) => body.with(3, 2) as Bytes }],
    ["of version 3", { body: (body) => body.with(0, 3) as Bytes }],
    ["of version 9", { body: (body) => body.with(0, 9) as Bytes }],
    ["torn", { body: (body) => body.slice(0, 40) }],
    ["with lengths that lead nowhere", { body: (body) => body.with(4, 255).with(5, 255) as Bytes }],
    ["that says something critical nobody knows", {
      fields: {
        rawNotations: [{
          name: "x@evil.example",
          value: encodeUtf8("y"),
          humanReadable: true,
          critical: true,
        }],
      },
    }],
  ];
  for (const [what, forgery] of cases) {
    const web = webOf();
    const bad = await forged(alice, bob, forgery).catch(() => undefined);
    assert.ok(bad, what);
    const ring = concatBytes([bad, await certify(alice, carol)]);
    const { taken } = await web.take(ring);
    assert.deepEqual(taken.map(({ subject }) => subject), [carol.fingerprint], what);
  }
});

Deno.test("a signature that expires at the end of time, or has expired, is what it says", async () => {
  const web = webOf();
  const life = 0xffffffff;
  const fields = { signatureExpirationTime: life, signatureNeverExpires: false };
  await web.take(await forged(alice, bob, { fields }));
  assert.equal(await near(web, bob), 1);
  const over = { signatureExpirationTime: 1, signatureNeverExpires: false };
  await web.take(await forged(alice, carol, { createdMs: NOW_MS - 5_000, fields: over }));
  assert.equal(await near(web, carol), null);
});

Deno.test("trust within bounds that cannot be read is no trust", async () => {
  const depth = async (regularExpression: Uint8Array) => {
    const fields = { trustLevel: 2, trustAmount: 120, regularExpression };
    const { certifications } = await pgp.certifications(await forged(alice, bob, { fields }), []);
    return certifications[0]!.depth;
  };
  assert.equal(await depth(encodeUtf8("org>$\0")), 2);
  assert.equal(await depth(encodeUtf8(`${"a".repeat(300)}\0`)), 0);
  assert.equal(await depth(new Uint8Array([0xff, 0xfe, 0])), 0);
  assert.equal(await depth(encodeUtf8("a\0b\0")), 0);
});

Deno.test("thousands of signatures, user ids and keys are refused or passed over, and soon", async () => {
  const one = await certify(alice, bob);
  const packets = [...readPackets(one, "test")];
  const signature = packets.at(-1)!.body;
  const keyed = packets.slice(packets.findLastIndex(({ tag }) => tag === TAG.publicKey), -1);
  const many = (count: number, body: (n: number) => Uint8Array, tag: number = TAG.signature) =>
    concatBytes([
      alice.certificate,
      ...keyed.map((each) => packetOf(each.tag, each.body)),
      ...Array.from({ length: count }, (_, n) => packetOf(tag, body(n))),
    ]);
  // Each in alice's name with another number in it, so that each has to be checked.
  const wrong = (n: number) => {
    const body = new Uint8Array(signature);
    body[body.length - 1 - n % 32] = n;
    return body;
  };
  const rings: [string, Uint8Array, ErrorKind | undefined][] = [
    ["a thousand signatures that do not hold", many(1_000, wrong), undefined],
    ["five thousand signatures", many(5_000, () => signature.slice(0, 8)), "too-large"],
    ["ten thousand user ids", many(10_000, (n) => encodeUtf8(`U${n}`), TAG.userId), "too-large"],
    ["a hundred user ids", many(100, (n) => encodeUtf8(`U${n}`), TAG.userId), undefined],
    [
      "a hundred keys",
      concatBytes(Array(100).fill(packetOf(TAG.publicKey, keyed[0]!.body))),
      "too-large",
    ],
    ["more bytes than any", new Uint8Array(MAX_KEYRING_BYTES + 1).fill(0x99), "too-large"],
    ["a secret key", concatBytes([one, eve.secretKey]), "damaged"],
  ];
  for (const [what, ring, kind] of rings) {
    const startMs = performance.now();
    const outcome = await webOf().take(ring).then(() => undefined, (error) => error.kind);
    assert.equal(outcome, kind, what);
    assert.ok(performance.now() - startMs < AT_MOST_MS, what);
  }
});

Deno.test("a flood of strangers' certifications pushes out its own, and nobody's that is near", async () => {
  const web = webOf({ all: 40, perIssuer: 5, strange: 8 });
  await web.take(await certify(alice, bob, 1));
  await web.take(await certify(bob, carol));
  const crowd = await Promise.all(Array.from({ length: 30 }, (_, n) => person(`Sybil ${n}`)));
  for (const [n, one] of crowd.entries()) await web.take(await certify(one, crowd[(n + 1) % 30]!));
  assert.deepEqual([await near(web, bob), await near(web, carol)], [1, 2]);
  const kept = await Promise.all(
    crowd.map(async (one) => (await web.about(one.fingerprint)).length),
  );
  const left = kept.reduce((sum, count) => sum + count, 0) / 2;
  assert.ok(left <= 16, `${left} are kept`);
  let full = 0;
  for (const one of crowd.slice(0, 10)) {
    await web.take(await certify(eve, one)).catch((error) => error.kind === "over-quota" && full++);
  }
  assert.equal(full, 5, "one issuer has five");
});

Deno.test("keyrings that are almost right are refused with a kind, and never make somebody near", async () => {
  const ring = await certify(alice, bob);
  const chance = new SeededEntropy("keyrings");
  for (let round = 0; round < 150; round++) {
    const web = webOf();
    const changed = mutate(ring, chance);
    const outcome = await web.take(changed).then(() => undefined, (error) => error);
    if (outcome !== undefined) {
      assert.ok(["damaged", "too-large"].includes(outcome.kind), `${outcome}`);
    }
    assert.equal(await near(web, carol), null);
  }
});

Deno.test("who has another key stands where the old one stood, and a stolen one certifies nobody", async () => {
  // Bob has lost his key and is Carol now; what was said of him holds for her. Alice herself stands in
  // the place of Eve's key: what that certified counts, unless it was stolen, for Mallory would sign
  // whomever she likes with it.
  for (const isStolen of [false, true]) {
    const web = webOf(undefined, (person) =>
      Promise.resolve(
        person === carol.fingerprint
          ? [{ person: bob.fingerprint, isStolen }]
          : person === alice.fingerprint
          ? [{ person: eve.fingerprint, isStolen }]
          : [],
      ));
    await web.take(await certify(alice, bob));
    assert.equal(await near(web, carol), 1);
    const other = await webOf(undefined).standing(alice.fingerprint, carol.fingerprint);
    assert.equal(other.distance, null);
    const own = webOf(undefined, (person) =>
      Promise.resolve(
        person === alice.fingerprint ? [{ person: eve.fingerprint, isStolen }] : [],
      ));
    await own.take(await certify(eve, bob));
    assert.equal(await near(own, bob), isStolen ? null : 1);
  }
});

Deno.test("whoever has stolen the key of somebody trusted makes nobody near with it", async () => {
  // Alice has Bob certify for her. His key is stolen, he is Carol now, and the thief signs Eve.
  for (const isKnown of [false, true]) {
    const formers: WebParts["formers"] = (person) =>
      Promise.resolve(
        person === carol.fingerprint ? [{ person: bob.fingerprint, isStolen: true }] : [],
      );
    const web = webOf(undefined, formers, isKnown ? [bob] : []);
    await web.take(await certify(alice, bob, 1));
    await web.take(await certify(bob, eve));
    assert.equal(await near(web, eve), isKnown ? null : 2);
    assert.equal(await near(web, carol), 1);
  }
});
