/** A certification, what takes it back, and an invitation, as they were first written. */

import assert from "node:assert/strict";
import { openKeysmith, openPgp } from "../../../runtime/adapters/openpgp.ts";
import { readGuest, writeGuest } from "../../../runtime/directory/trust/meeting.ts";
import {
  formatLink,
  formatMeeting,
  invitationOf,
  isProven,
  parseLink,
  parseMeeting,
  proveInvitation,
} from "../../../runtime/identity/trust/invitation.ts";
import { domainRegex } from "../../../runtime/identity/trust/regex.ts";
import { encodeUtf8 } from "../../../runtime/model/bytes.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const YEAR_MS = 365 * 86_400_000;
const ALICE = "Alice <alice@example.org>";
const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };
const pgp = openPgp(clock);

const bytesOf = (name: string) => Deno.readFileSync(new URL(name, import.meta.url));
const textOf = (name: string) => Deno.readTextFileSync(new URL(name, import.meta.url));

Deno.test("golden trust: a certification and its end are read, and made again byte for byte", async () => {
  const secret = await pgp.dearmor(textOf("../behalf/secret.asc"));
  const alice = await pgp.dearmor(textOf("alice.asc"));
  const wish = {
    userIds: [ALICE],
    depth: 1,
    amount: 60,
    regex: domainRegex("example.org"),
    expiresMs: NOW_MS + YEAR_MS,
  };
  const [said] = (await pgp.certifications(bytesOf("certification.pgp"), [])).certifications;
  const { issuer, subject, packet: _packet, ...terms } = said!;
  assert.equal(issuer, (await pgp.inspect(await pgp.publicPart(secret))).fingerprint);
  assert.equal(subject, (await pgp.inspect(alice)).fingerprint);
  const { userIds: _userIds, ...wanted } = wish;
  assert.deepEqual(terms, { ...wanted, userId: ALICE, isRevocation: false, createdMs: NOW_MS });
  const smith = openKeysmith(clock);
  assert.deepEqual(await smith.certify(secret, alice, wish), bytesOf("certification.pgp"));
  assert.deepEqual(await smith.uncertify(secret, alice, [ALICE]), bytesOf("revocation.pgp"));
  const taken = await pgp.certifications(bytesOf("revocation.pgp"), []);
  assert.deepEqual(taken.certifications.map(({ isRevocation }) => isRevocation), [true]);
});

Deno.test("golden trust: a link and what a guest shows are read, and written the same", async () => {
  const link = parseLink(textOf("link.txt"));
  assert.equal(`${formatLink(link)}\n`, textOf("link.txt"));
  const meeting = parseMeeting(textOf("meeting.txt"));
  assert.equal(formatMeeting(meeting), textOf("meeting.txt"));
  assert.deepEqual([meeting.inviter, meeting.signedMs], [link.inviter, NOW_MS]);
  assert.equal(meeting.invitation, await invitationOf(link.seed));
  const guest = readGuest(bytesOf("guest.cbor"));
  assert.deepEqual(writeGuest(guest), bytesOf("guest.cbor"));
  assert.equal(guest.document, textOf("meeting.txt"));
  assert.ok(await isProven(meeting.invitation, guest.document, guest.proof));
  assert.deepEqual(await proveInvitation(link.seed, guest.document), guest.proof);
  await pgp.verify(guest.certificate, encodeUtf8(guest.document), guest.signature, NOW_MS);
  for (const wrong of ["", "https://alice.example/peri/v1/meeting", `${textOf("link.txt").trim()}A`]) {
    assert.throws(() => parseLink(wrong), { kind: "invalid" });
  }
  for (const wrong of [guest.document.slice(0, -1), guest.document.replace("07:24", "7:24")]) {
    assert.throws(() => parseMeeting(wrong), { kind: "damaged" });
  }
});
