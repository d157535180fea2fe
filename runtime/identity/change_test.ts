/** Another passphrase, other terms and the end of a key, on keys in memory. */

import assert from "node:assert/strict";
import { MemoryKeyring } from "../adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../adapters/openpgp.ts";
import { encodeUtf8 } from "../model/bytes.ts";
import { type ErrorKind, PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Passphrase } from "../ports/passphrase.ts";
import { changePassphrase, renewPerson, revokePerson } from "./change.ts";
import { certificateOf, initPerson, type KeyTools, showPerson } from "./person.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const TEXT = encodeUtf8("a text\n");

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(`${error.message} ${error.hint}`.includes(text), `${error.message} ${error.hint}`);
    return true;
  };
}

function saying(answer: string): Passphrase {
  return { ask: () => Promise.resolve(answer), reject: () => Promise.resolve(false) };
}

interface Computer extends KeyTools {
  nowMs: number;
  passphrase: Passphrase;
}

function computer(passphrase = "old"): Computer {
  const tools = { nowMs: NOW_MS };
  const clock = { nowMs: () => tools.nowMs, sleep: () => Promise.resolve() };
  return Object.assign(tools, {
    pgp: openPgp(clock),
    smith: openKeysmith(clock),
    clock,
    keyring: new MemoryKeyring(),
    passphrase: saying(passphrase),
    gpg: {
      certificate: () => Promise.reject(new Error("no gpg here")),
      hasSecret: () => Promise.resolve(false),
      sign: () => Promise.reject(new Error("no gpg here")),
      renew: () => Promise.reject(new Error("no gpg here")),
      certify: () => Promise.reject(new Error("no gpg here")),
      uncertify: () => Promise.reject(new Error("no gpg here")),
    },
  });
}

async function opens(tools: KeyTools, person: Fingerprint, passphrase: string): Promise<boolean> {
  const secret = await tools.pgp.dearmor(await tools.keyring.secretKey(person));
  return await tools.pgp.unlock(secret, passphrase).then(() => true, () => false);
}

Deno.test("a new passphrase opens the key and the old one no longer does", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const before = await tools.keyring.certificate(fingerprint);
  await changePassphrase(tools, fingerprint, { fresh: saying("new"), unprotected: false });
  assert.deepEqual(
    [await opens(tools, fingerprint, "old"), await opens(tools, fingerprint, "new")],
    [false, true],
  );
  assert.equal(await tools.keyring.certificate(fingerprint), before);
  tools.passphrase = saying("new");
  await changePassphrase(tools, fingerprint, { fresh: saying("unused"), unprotected: true });
  assert.ok(await opens(tools, fingerprint, ""));
});

Deno.test("a wrong or empty passphrase changes nothing", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const before = await tools.keyring.secretKey(fingerprint);
  const change = (answer: string) =>
    changePassphrase(tools, fingerprint, { fresh: saying(answer), unprotected: false });
  await assert.rejects(change(""), fails("invalid", "--no-passphrase"));
  tools.passphrase = saying("wrong");
  await assert.rejects(change("new"), fails("denied", "wrong passphrase"));
  assert.equal(await tools.keyring.secretKey(fingerprint), before);
});

Deno.test("a renewed key and its subkeys expire later, in both of its files, under its passphrase", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, {
    userId: "Alice",
    expiresMs: NOW_MS + 10 * DAY_MS,
  });
  const lateMs = NOW_MS + 400 * DAY_MS;
  tools.nowMs += 5 * DAY_MS;
  const renewed = await renewPerson(tools, fingerprint, lateMs);
  assert.equal(renewed.expiresMs, lateMs);
  const kept = [
    await certificateOf(tools, fingerprint),
    await tools.pgp.dearmor(await tools.keyring.secretKey(fingerprint)),
  ];
  for (const bytes of kept) {
    const parts = await tools.pgp.parts(bytes);
    assert.deepEqual(parts.map(({ expiresMs }) => expiresMs), Array(4).fill(lateMs));
    const uses = [["certify"], ["sign"], ["encrypt"], ["authenticate"]];
    assert.deepEqual(parts.map(({ uses }) => uses), uses);
  }
  tools.nowMs = NOW_MS + 300 * DAY_MS;
  const secret = await tools.pgp.unlock(kept[1]!, "old");
  const signature = await tools.pgp.sign(secret, TEXT);
  await tools.pgp.verify(kept[0]!, TEXT, signature, tools.nowMs);
});

Deno.test("a key that has expired is renewed, also within the second in which it was made", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, { userId: "Alice", expiresMs: NOW_MS + DAY_MS });
  assert.equal((await renewPerson(tools, fingerprint, NOW_MS + 2 * DAY_MS)).canSign, true);
  tools.nowMs += 100 * DAY_MS;
  assert.equal((await showPerson(tools, fingerprint)).canSign, false);
  const renewed = await renewPerson(tools, fingerprint, tools.nowMs + DAY_MS);
  assert.deepEqual([renewed.canSign, renewed.canEncrypt], [true, true]);
  const forEver = await renewPerson(tools, fingerprint, undefined);
  assert.deepEqual([forEver.canSign, forEver.expiresMs], [true, undefined]);
  await assert.rejects(renewPerson(tools, fingerprint, NOW_MS), fails("invalid", "not after now"));
});

Deno.test("a key is revoked once, with a reason, and is never renewed again", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const why = { reason: "compromised", text: "the laptop is gone" } as const;
  const revocation = await revokePerson(tools, fingerprint, why);
  assert.match(revocation, /BEGIN PGP PUBLIC KEY BLOCK/);
  const shown = await showPerson(tools, fingerprint);
  assert.deepEqual([shown.revoked, shown.canSign, shown.canEncrypt], [true, false, false]);
  const certificate = await certificateOf(tools, fingerprint);
  assert.deepEqual(await tools.smith.revokedWhy(certificate), why);
  await assert.rejects(revokePerson(tools, fingerprint, why), fails("exists"));
  await assert.rejects(renewPerson(tools, fingerprint, undefined), fails("denied", "for good"));
});

Deno.test("the certificate written at the beginning revokes without a passphrase, but no other key", async () => {
  const tools = computer();
  const alice = await initPerson(tools, { userId: "Alice" });
  const bob = await initPerson(tools, { userId: "Bob" });
  tools.passphrase = saying("forgotten");
  const certificate = await tools.keyring.revocation(alice.fingerprint);
  const wrong = revokePerson(tools, bob.fingerprint, { certificate });
  await assert.rejects(wrong, fails("denied", bob.fingerprint));
  const none = revokePerson(tools, bob.fingerprint, { certificate: "hello" });
  await assert.rejects(none, fails("damaged"));
  await revokePerson(tools, alice.fingerprint, { certificate });
  assert.equal((await showPerson(tools, alice.fingerprint)).revoked, true);
  assert.equal((await showPerson(tools, bob.fingerprint)).revoked, false);
});

Deno.test("a key that stays in gpg is renewed there, and nobody is asked for its passphrase", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, { userId: "Alice", expiresMs: NOW_MS + DAY_MS });
  const certificate = await certificateOf(tools, fingerprint);
  const secret = await tools.pgp.dearmor(await tools.keyring.secretKey(fingerprint));
  const opened = await tools.pgp.unlock(secret, "old");
  let inGpg = certificate;
  const gpg = {
    ...tools.gpg,
    certificate: () => Promise.resolve(inGpg),
    renew: async (_: Fingerprint, expiresMs: number | undefined) => {
      inGpg = await tools.smith.renew(opened, certificate, expiresMs);
    },
  };
  const elsewhere = { ...tools, gpg, keyring: new MemoryKeyring(), passphrase: saying("wrong") };
  const armored = await tools.pgp.armor(certificate);
  await elsewhere.keyring.put({ fingerprint, certificate: armored, inGpg: true });
  const lateMs = NOW_MS + 400 * DAY_MS;
  assert.equal((await renewPerson(elsewhere, fingerprint, lateMs)).expiresMs, lateMs);
  assert.equal((await showPerson(elsewhere, fingerprint)).custody, "gpg");
});

Deno.test("without its secret a key is not changed, and the hint says where to", async () => {
  const tools = computer();
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const certificate = await tools.keyring.certificate(fingerprint);
  const elsewhere = { ...tools, keyring: new MemoryKeyring() };
  await elsewhere.keyring.put({ fingerprint, certificate });
  const absent = renewPerson(elsewhere, fingerprint, undefined);
  await assert.rejects(absent, fails("not-found", "peri key import FILE"));
  const inGpg = { ...tools, keyring: new MemoryKeyring() };
  await inGpg.keyring.put({ fingerprint, certificate, inGpg: true });
  const change = changePassphrase(inGpg, fingerprint, { fresh: saying("x"), unprotected: false });
  await assert.rejects(change, fails("not-found", "gpg --change-passphrase"));
});
