/** What a stranger checks before a behalf is believed, and each way to fail. */

import assert from "node:assert/strict";
import { openPgp } from "../adapters/openpgp.ts";
import { encodeUtf8 } from "../model/bytes.ts";
import { encodeCbor } from "../model/cbor.ts";
import { type ErrorKind, PeriError } from "../model/errors.ts";
import {
  MAX_BEHALF_LIFE_MS,
  MAX_CERTIFICATE_BYTES,
  MAX_CLOCK_SKEW_MS,
  MAX_SIGNATURE_BYTES,
} from "../model/limits.ts";
import { parsePodName, parseServerUrl } from "../model/words.ts";
import type { NewKey } from "../ports/pgp.ts";
import { type Behalf, draftBehalf, formatBehalf, type Introduction } from "./behalf.ts";
import {
  checkIntroduction,
  decodeIntroduction,
  encodeIntroduction,
  introductionFromCbor,
  introductionToCbor,
  newer,
  sameIntroduction,
} from "./introduction.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const pgp = openPgp({ nowMs: () => NOW_MS, sleep: () => Promise.resolve() });
const alice = await pgp.makePersonKey({ userId: "Alice", passphrase: "" });
const hey = await pgp.makePodKey("hey");

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

async function introduce(
  fields: Partial<Behalf> = {},
  signer: NewKey = alice,
): Promise<Introduction> {
  const document = formatBehalf(draftBehalf({
    person: alice.fingerprint,
    pod: parsePodName("hey"),
    endpoint: parseServerUrl("https://alice.example"),
    capabilities: [],
    podKey: hey.fingerprint,
    podCertificate: hey.certificate,
    serial: 1,
    issuedMs: NOW_MS,
    expiresMs: NOW_MS + DAY_MS,
    ...fields,
  }));
  const signature = await pgp.sign(signer.secretKey, encodeUtf8(document));
  return { certificate: alice.certificate, document, signature };
}

const check = (introduction: Introduction, nowMs = NOW_MS) =>
  checkIntroduction(pgp, introduction, nowMs);

Deno.test("a signed behalf is believed until the second it expires", async () => {
  const introduction = await introduce();
  const known = await check(introduction);
  assert.equal(known.behalf.person, alice.fingerprint);
  assert.equal(known.introduction, introduction);
  await check(introduction, NOW_MS + DAY_MS - 1);
  await assert.rejects(check(introduction, NOW_MS + DAY_MS), fails("expired", "hey"));
});

Deno.test("a behalf may be dated a day ahead and no more", async () => {
  const ahead = (aheadMs: number) =>
    introduce({ issuedMs: NOW_MS + aheadMs, expiresMs: NOW_MS + aheadMs + DAY_MS });
  await check(await ahead(MAX_CLOCK_SKEW_MS));
  await assert.rejects(check(await ahead(MAX_CLOCK_SKEW_MS + 1_000)), fails("denied", "ahead"));
});

Deno.test("a behalf lives ten years and no longer", async () => {
  const until = (expiresMs: number) => introduce({ expiresMs });
  await check(await until(NOW_MS + MAX_BEHALF_LIFE_MS));
  const longer = NOW_MS + MAX_BEHALF_LIFE_MS + 1_000;
  await assert.rejects(check(await until(longer)), fails("denied", "ten years"));
  const year9999 = Date.UTC(9999, 11, 31, 23, 59, 59);
  await assert.rejects(check(await until(year9999)), fails("denied", "ten years"));
});

Deno.test("a behalf is worth nothing with one changed byte", async () => {
  const introduction = await introduce();
  const document = introduction.document.replace("alice.example", "evil.example");
  await assert.rejects(check({ ...introduction, document }), fails("denied", "signature"));
});

Deno.test("nobody signs for somebody else", async () => {
  const mallory = await pgp.makePersonKey({ userId: "Alice", passphrase: "" });
  const forged = await introduce({}, mallory);
  await assert.rejects(check(forged), fails("denied", "no valid signature"));
  const own = { ...forged, certificate: mallory.certificate };
  await assert.rejects(check(own), fails("denied", mallory.fingerprint));
});

Deno.test("a pod key does not sign behalfs, not even its own", async () => {
  await assert.rejects(check(await introduce({}, hey)), fails("denied"));
});

Deno.test("the pod key must be the one named, and able to sign and encrypt", async () => {
  const other = await pgp.makePodKey("other");
  const swapped = await introduce({ podCertificate: other.certificate });
  await assert.rejects(check(swapped), fails("denied", other.fingerprint));
  const garbage = await introduce({ podCertificate: encodeUtf8("no key") });
  await assert.rejects(check(garbage), fails("damaged"));
});

Deno.test("armor and secret keys have no place in an introduction", async () => {
  const introduction = await introduce();
  const certificate = encodeUtf8(await pgp.armor(alice.certificate));
  await assert.rejects(check({ ...introduction, certificate }), fails("damaged", "binary"));
  const secret = { ...introduction, certificate: alice.secretKey };
  await assert.rejects(check(secret), fails("damaged", "secret key"));
  const armored = encodeUtf8(await pgp.armor(hey.certificate));
  await assert.rejects(check(await introduce({ podCertificate: armored })), fails("damaged"));
  const leaked = await introduce({ podCertificate: hey.secretKey });
  await assert.rejects(check(leaked), fails("damaged", "secret key"));
});

Deno.test("an expired person's key makes its behalfs expire", async () => {
  const brief = await pgp.makePersonKey({
    userId: "Brief",
    passphrase: "",
    expiresMs: NOW_MS + 1_000,
  });
  const introduction = {
    ...await introduce({ person: brief.fingerprint }, brief),
    certificate: brief.certificate,
  };
  await check(introduction);
  await assert.rejects(check(introduction, NOW_MS + 1_000), fails("expired", "person's key"));
});

Deno.test("an introduction survives its bytes, alone and inside another value", async () => {
  const introduction = await introduce();
  const decoded = decodeIntroduction(encodeIntroduction(introduction));
  assert.ok(sameIntroduction(decoded, introduction));
  assert.ok(sameIntroduction(introductionFromCbor(introductionToCbor(decoded)), introduction));
  await check(decoded);
  assert.ok(!sameIntroduction(introduction, await introduce({ serial: 2 })));
});

Deno.test("anything that is not exactly an introduction is damaged", async () => {
  const { certificate, document, signature } = await introduce();
  const whole = encodeIntroduction({ certificate, document, signature });
  const wrong = [
    null,
    [],
    {},
    { certificate, document },
    { certificate, document, signature, note: 1 },
    { certificate: document, document, signature },
    { certificate, document: certificate, signature },
    { certificate, document, signature: null },
  ];
  for (const value of wrong) {
    assert.throws(() => decodeIntroduction(encodeCbor(value)), fails("damaged"));
  }
  for (let size = 0; size < whole.length; size += 11) {
    assert.throws(() => decodeIntroduction(whole.subarray(0, size)), fails("damaged"));
  }
});

Deno.test("an introduction over a bound is refused before anything is parsed", async () => {
  const introduction = await introduce();
  const certificate = new Uint8Array(MAX_CERTIFICATE_BYTES + 1);
  const signature = new Uint8Array(MAX_SIGNATURE_BYTES + 1);
  for (const part of [{ certificate }, { signature }, { document: " ".repeat(20_000) }]) {
    const large = { ...introduction, ...part };
    assert.throws(() => decodeIntroduction(encodeIntroduction(large)), fails("too-large"));
    await assert.rejects(check(large), fails("too-large"));
  }
});

Deno.test("the higher serial counts, and two documents with one serial are a conflict", async () => {
  const first = await check(await introduce());
  const again = await check(await introduce());
  const second = await check(await introduce({ serial: 2 }));
  const rival = await check(await introduce({ endpoint: parseServerUrl("https://other.example") }));
  assert.equal(newer(first, second), second);
  assert.equal(newer(second, first), second);
  assert.equal(newer(first, again), first);
  assert.throws(() => newer(first, rival), fails("conflict", "serial 1"));
});
