/** The behalf, its signature and its introduction as they were first written. */

import assert from "node:assert/strict";
import { openPgp } from "../../../runtime/adapters/openpgp.ts";
import { formatBehalf, parseBehalf } from "../../../runtime/identity/behalf.ts";
import {
  checkIntroduction,
  decodeIntroduction,
  encodeIntroduction,
} from "../../../runtime/identity/introduction.ts";
import { encodeUtf8 } from "../../../runtime/model/bytes.ts";

const ISSUED_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const pgp = openPgp({ nowMs: () => ISSUED_MS, sleep: () => Promise.resolve() });

const bytesOf = (name: string) => Deno.readFileSync(new URL(name, import.meta.url));
const textOf = (name: string) => Deno.readTextFileSync(new URL(name, import.meta.url));

Deno.test("golden behalf: the document says what it said and is written the same", () => {
  const document = textOf("document.txt");
  const behalf = parseBehalf(document);
  assert.equal(formatBehalf(behalf), document);
  assert.equal(behalf.pod, "hey");
  assert.equal(behalf.endpoint, "https://bob.example");
  assert.deepEqual(behalf.capabilities, [
    { interface: "peri:face/command", capability: "9d01".repeat(16) },
    { interface: "peri:hey/mail", capability: "3c77".repeat(16) },
  ]);
  assert.deepEqual([behalf.serial, behalf.issuedMs], [3, ISSUED_MS]);
  assert.equal(behalf.expiresMs, Date.UTC(2027, 10, 23, 7, 24, 0));
});

Deno.test("golden behalf: the signature holds and is made again byte for byte", async () => {
  const content = encodeUtf8(textOf("document.txt"));
  const certificate = encodeUtf8(textOf("certificate.asc"));
  await pgp.verify(certificate, content, bytesOf("signature.pgp"), ISSUED_MS);
  const again = await pgp.sign(encodeUtf8(textOf("secret.asc")), content);
  assert.deepEqual(again, bytesOf("signature.pgp"));
});

Deno.test("golden behalf: the introduction is believed and written the same", async () => {
  const bytes = bytesOf("introduction.cbor");
  const introduction = decodeIntroduction(bytes);
  assert.equal(introduction.document, textOf("document.txt"));
  assert.deepEqual(introduction.certificate, await pgp.dearmor(textOf("certificate.asc")));
  assert.deepEqual(encodeIntroduction(introduction), bytes);
  const { behalf } = await checkIntroduction(pgp, introduction, ISSUED_MS);
  const info = await pgp.inspect(introduction.certificate);
  assert.deepEqual([behalf.person, info.userIds], [info.fingerprint, ["Bob <bob@example.org>"]]);
});

Deno.test("golden behalf: its revocation is written, signed and believed the same", async () => {
  const document = textOf("revoked.txt");
  const behalf = parseBehalf(document);
  assert.equal(formatBehalf(behalf), document);
  assert.deepEqual([behalf.serial, behalf.revoked, behalf.capabilities], [4, "retired", []]);
  const laterMs = ISSUED_MS + 3_600_000;
  const later = openPgp({ nowMs: () => laterMs, sleep: () => Promise.resolve() });
  const signature = bytesOf("revoked.pgp");
  assert.deepEqual(await later.sign(encodeUtf8(textOf("secret.asc")), encodeUtf8(document)), signature);
  const certificate = await later.dearmor(textOf("certificate.asc"));
  const known = await checkIntroduction(later, { certificate, document, signature }, laterMs);
  assert.equal(known.behalf.revoked, "retired");
});
