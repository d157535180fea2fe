/** A version 6 key as RFC 9580 prints it: everything that a person does with a key. */

import assert from "node:assert/strict";
import { MemoryKeyring } from "../../../runtime/adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../../../runtime/adapters/openpgp.ts";
import { makeBackup, openBackup } from "../../../runtime/identity/backup.ts";
import { draftBehalf, formatBehalf } from "../../../runtime/identity/behalf.ts";
import { importPerson } from "../../../runtime/identity/carry.ts";
import { changePassphrase, renewPerson, revokePerson } from "../../../runtime/identity/change.ts";
import { checkIntroduction } from "../../../runtime/identity/introduction.ts";
import { certificateOf, showPerson } from "../../../runtime/identity/person.ts";
import { signBehalf } from "../../../runtime/identity/sign.ts";
import { encodeUtf8 } from "../../../runtime/model/bytes.ts";
import { parsePodName, parseServerUrl } from "../../../runtime/model/words.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const DAY_MS = 86_400_000;
const FINGERPRINT = "CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9";

function computer() {
  const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };
  const passphrase = { ask: () => Promise.resolve("a bell"), reject: () => Promise.resolve(false) };
  const none = () => Promise.reject(new Error("no gpg here"));
  return {
    clock,
    passphrase,
    pgp: openPgp(clock),
    smith: openKeysmith(clock),
    keyring: new MemoryKeyring(),
    gpg: {
      certificate: none,
      hasSecret: () => Promise.resolve(false),
      sign: none,
      renew: none,
      certify: none,
      uncertify: none,
    },
  };
}

async function imported() {
  const tools = computer();
  const armor = Deno.readFileSync(new URL("v6.asc", import.meta.url));
  const { key, unprotected } = await importPerson(tools, armor);
  assert.deepEqual([key.fingerprint, unprotected], [FINGERPRINT, true]);
  return { tools, key, person: key.fingerprint };
}

Deno.test("a version 6 key is imported, without a user id, and signs a behalf", async () => {
  const { tools, key, person } = await imported();
  assert.deepEqual(key.userIds, []);
  assert.deepEqual(key.parts.map(({ uses }) => uses), [["certify", "sign"], ["encrypt"]]);
  const pod = await tools.pgp.makePodKey("hey");
  const document = formatBehalf(draftBehalf({
    person,
    pod: parsePodName("hey"),
    endpoint: parseServerUrl("https://alice.example"),
    capabilities: [],
    podKey: pod.fingerprint,
    podCertificate: pod.certificate,
    serial: 1,
    issuedMs: NOW_MS,
    expiresMs: NOW_MS + DAY_MS,
  }));
  const signature = await signBehalf(tools, person, document);
  const certificate = await certificateOf(tools, person);
  await checkIntroduction(tools.pgp, { certificate, document, signature }, NOW_MS);
});

Deno.test("a version 6 key gets a passphrase, another expiry, a backup and its end", async () => {
  const { tools, person } = await imported();
  await changePassphrase(tools, person, { fresh: tools.passphrase, unprotected: false });
  const lateMs = NOW_MS + 900 * DAY_MS;
  const renewed = await renewPerson(tools, person, lateMs);
  assert.deepEqual(renewed.parts.map(({ expiresMs }) => expiresMs), [lateMs, lateMs]);
  assert.deepEqual([renewed.canSign, renewed.canEncrypt], [true, true]);
  const { text } = await makeBackup(tools, person, { isPaper: true });
  assert.equal((await openBackup(tools, encodeUtf8(text))).info.fingerprint, person);
  await revokePerson(tools, person, { reason: "superseded", text: "" });
  assert.equal((await showPerson(tools, person)).revoked, true);
});
