/** Making, taking in, giving out and choosing keys, and signing with them. */

import assert from "node:assert/strict";
import { MemoryKeyring } from "../adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../adapters/openpgp.ts";
import { encodeUtf8 } from "../model/bytes.ts";
import { type ErrorKind, PeriError } from "../model/errors.ts";
import { type Fingerprint, parsePodName, parseServerUrl } from "../model/words.ts";
import type { Gpg } from "../ports/gpg.ts";
import type { PassphraseRequest } from "../ports/passphrase.ts";
import { draftBehalf, formatBehalf } from "./behalf.ts";
import { exportPerson, importFromGpg, importPerson } from "./carry.ts";
import {
  certificateOf,
  choosePerson,
  initPerson,
  type KeyTools,
  listPersons,
  showPerson,
} from "./person.ts";
import { signBehalf } from "./sign.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const GOOD = "correct horse";

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(`${error.message} ${error.hint}`.includes(text), `${error.message} ${error.hint}`);
    return true;
  };
}

/** A person at a keyboard who types what they are told, one answer a question. */
class Typist {
  readonly requests: PassphraseRequest[] = [];
  rejected = 0;

  constructor(readonly answers: string[], readonly canRetry = true) {}

  ask(request: PassphraseRequest): Promise<string> {
    this.requests.push(request);
    const answer = this.answers.shift();
    return answer === undefined
      ? Promise.reject(new PeriError("denied", { op: "ask", subject: "nobody answers" }))
      : Promise.resolve(answer);
  }

  reject(): Promise<boolean> {
    this.rejected++;
    return Promise.resolve(this.canRetry);
  }
}

/** A gpg that has these keys; signs with the first. */
function gpgWith(
  pgp: KeyTools["pgp"],
  keys: { fingerprint: Fingerprint; secretKey: Uint8Array }[],
) {
  const find = (person: Fingerprint) => keys.find(({ fingerprint }) => fingerprint === person);
  return {
    certificate: (person) => pgp.publicPart(find(person)!.secretKey),
    hasSecret: (person) => Promise.resolve(find(person) !== undefined),
    sign: (_person, content) => pgp.sign(keys[0]!.secretKey, content),
    renew: () => Promise.reject(new Error("not here")),
    certify: () => Promise.reject(new Error("not here")),
    uncertify: () => Promise.reject(new Error("not here")),
  } satisfies Gpg;
}

function toolsWith(...answers: string[]): KeyTools & { passphrase: Typist; nowMs: number } {
  const tools = { nowMs: NOW_MS };
  const clock = { nowMs: () => tools.nowMs, sleep: () => Promise.resolve() };
  const pgp = openPgp(clock);
  return Object.assign(tools, {
    pgp,
    smith: openKeysmith(clock),
    clock,
    keyring: new MemoryKeyring(),
    passphrase: new Typist(answers),
    gpg: gpgWith(pgp, []),
  });
}

async function draft(tools: KeyTools, person: Fingerprint): Promise<string> {
  const pod = await tools.pgp.makePodKey("hey");
  return formatBehalf(draftBehalf({
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
}

Deno.test("a new key is locked, kept with its revocation, and the default when it is the first", async () => {
  const tools = toolsWith(GOOD, GOOD);
  const first = await initPerson(tools, { userId: "Alice", expiresMs: NOW_MS + DAY_MS });
  const second = await initPerson(tools, { userId: "Alice at work" });
  assert.deepEqual([first.isDefault, second.isDefault], [true, false]);
  assert.deepEqual([first.custody, first.expiresMs], ["here", NOW_MS + DAY_MS]);
  assert.equal(tools.passphrase.requests[0]!.fresh, true);
  assert.match(await tools.keyring.revocation(first.fingerprint), /BEGIN PGP/);
  const secret = await tools.pgp.dearmor(await tools.keyring.secretKey(first.fingerprint));
  await assert.rejects(tools.pgp.unlock(secret, ""), fails("denied"));
  const shown = (await listPersons(tools)).map(({ fingerprint }) => fingerprint);
  assert.deepEqual(shown, [first.fingerprint, second.fingerprint].sort());
});

Deno.test("an empty passphrase must be meant", async () => {
  const tools = toolsWith("");
  await assert.rejects(initPerson(tools, { userId: "Alice" }), fails("invalid", "--no-passphrase"));
  assert.deepEqual(await tools.keyring.list(), []);
  const open = await initPerson(tools, { userId: "Alice", unprotected: true });
  const exported = exportPerson(tools, open.fingerprint, { secret: true });
  await assert.rejects(exported, fails("denied", "--unprotected"));
  const meant = { secret: true, evenUnprotected: true };
  assert.match(await exportPerson(tools, open.fingerprint, meant), /PRIVATE KEY/);
  await signBehalf(tools, open.fingerprint, await draft(tools, open.fingerprint));
  assert.equal(tools.passphrase.requests.length, 1);
});

Deno.test("what is exported is public unless the secret is asked for, and imports elsewhere", async () => {
  const tools = toolsWith(GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const certificate = await exportPerson(tools, fingerprint);
  const secret = await exportPerson(tools, fingerprint, { secret: true });
  assert.match(certificate, /PUBLIC KEY/);
  assert.match(secret, /PRIVATE KEY/);
  const elsewhere = toolsWith(GOOD);
  const first = await importPerson(elsewhere, encodeUtf8(certificate));
  assert.deepEqual([first.key.custody, first.unprotected], ["absent", false]);
  const wanted = exportPerson(elsewhere, fingerprint, { secret: true });
  await assert.rejects(wanted, fails("not-found"));
  const second = await importPerson(elsewhere, await tools.pgp.dearmor(secret));
  assert.deepEqual([second.key.custody, second.unprotected], ["here", false]);
  await assert.rejects(importPerson(elsewhere, encodeUtf8(secret)), fails("exists"));
  await signBehalf(elsewhere, fingerprint, await draft(tools, fingerprint));
});

Deno.test("a key that nobody would believe is not imported", async () => {
  const tools = toolsWith(GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "A", expiresMs: NOW_MS + DAY_MS });
  const certificate = encodeUtf8(await exportPerson(tools, fingerprint));
  const elsewhere = toolsWith();
  elsewhere.nowMs = NOW_MS + DAY_MS;
  await assert.rejects(
    importPerson(elsewhere, certificate),
    fails("expired", "--quick-set-expire"),
  );
  for (const content of [new Uint8Array(), encodeUtf8("hello"), new Uint8Array([0xc6, 1, 2])]) {
    await assert.rejects(importPerson(elsewhere, content), fails("damaged"));
  }
  assert.deepEqual(await elsewhere.keyring.list(), []);
});

Deno.test("a key that was extended takes the place of the one kept before, secret and all", async () => {
  const tools = toolsWith(GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const certificate = encodeUtf8(await exportPerson(tools, fingerprint));
  const secret = encodeUtf8(await exportPerson(tools, fingerprint, { secret: true }));
  await assert.rejects(importPerson(tools, secret), fails("exists"));
  const updated = await importPerson(tools, certificate, { replace: true });
  assert.equal(updated.key.custody, "here");
  const { key } = await importPerson(tools, secret, { replace: true });
  assert.deepEqual([key.fingerprint, key.custody, key.isDefault], [fingerprint, "here", true]);
  const elsewhere = toolsWith();
  const nothing = importPerson(elsewhere, secret, { replace: true });
  await assert.rejects(nothing, fails("not-found"));
});

Deno.test("a key that stays in gpg is kept as a certificate and signs there", async () => {
  const tools = toolsWith();
  const made = await tools.pgp.makePersonKey({ userId: "Gina", passphrase: "" });
  const other = await tools.pgp.makePersonKey({ userId: "Other", passphrase: "" });
  const inGpg = { ...tools, gpg: gpgWith(tools.pgp, [made, other]) };
  assert.equal((await importFromGpg(inGpg, made.fingerprint)).custody, "gpg");
  await signBehalf(inGpg, made.fingerprint, await draft(tools, made.fingerprint));
  assert.equal(tools.passphrase.requests.length, 0);
  await importFromGpg(inGpg, other.fingerprint);
  const wrong = signBehalf(inGpg, other.fingerprint, await draft(tools, other.fingerprint));
  await assert.rejects(wrong, fails("denied", "no valid signature"));
  const lost = { ...inGpg, gpg: { ...inGpg.gpg, hasSecret: () => Promise.resolve(false) } };
  await assert.rejects(importFromGpg(lost, made.fingerprint), fails("not-found"));
});

Deno.test("a key is chosen by fingerprint, its first digits or a part of a user id", async () => {
  const tools = toolsWith(GOOD, GOOD);
  await assert.rejects(choosePerson(tools), fails("not-found", "peri key init"));
  const alice = await initPerson(tools, { userId: "Alice <alice@example.org>" });
  const work = await initPerson(tools, { userId: "Alice <alice@work.example>" });
  const chosen = async (wanted?: string) => (await choosePerson(tools, wanted)).fingerprint;
  assert.equal(await chosen(), alice.fingerprint);
  assert.equal(await chosen(work.fingerprint.toLowerCase()), work.fingerprint);
  assert.equal(await chosen(work.fingerprint.replace(/(.{4})/g, "$1 ")), work.fingerprint);
  assert.equal(await chosen(work.fingerprint.slice(0, 16)), work.fingerprint);
  assert.equal(await chosen("WORK"), work.fingerprint);
  await assert.rejects(choosePerson(tools, "alice"), fails("conflict", work.fingerprint));
  await assert.rejects(choosePerson(tools, "bob"), fails("not-found", "bob"));
  await assert.rejects(choosePerson(tools, " "), fails("not-found"));
  await tools.keyring.setDefault(work.fingerprint);
  assert.equal(await chosen(), work.fingerprint);
});

Deno.test("only a behalf for the person is signed", async () => {
  const tools = toolsWith(GOOD, GOOD);
  const alice = await initPerson(tools, { userId: "Alice" });
  const bob = await initPerson(tools, { userId: "Bob" });
  const document = await draft(tools, alice.fingerprint);
  await assert.rejects(signBehalf(tools, bob.fingerprint, document), fails("denied", "speaks for"));
  for (const text of ["I owe you 100", document + "PS: all of it", document.slice(1), ""]) {
    await assert.rejects(signBehalf(tools, alice.fingerprint, text), fails("damaged"));
  }
  assert.equal(tools.passphrase.requests.length, 2);
});

Deno.test("a wrong passphrase is asked again, thrice at most, and forgotten each time", async () => {
  const tools = toolsWith(GOOD, "a", "b", GOOD, "a", "b", "c", GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const document = await draft(tools, fingerprint);
  const signature = await signBehalf(tools, fingerprint, document);
  const certificate = await certificateOf(tools, fingerprint);
  await tools.pgp.verify(certificate, encodeUtf8(document), signature, NOW_MS);
  assert.equal(tools.passphrase.rejected, 2);
  assert.match(tools.passphrase.requests[1]!.purpose, /Alice.*hey.*alice\.example/);
  await assert.rejects(
    signBehalf(tools, fingerprint, document),
    fails("denied", "wrong passphrase"),
  );
  assert.deepEqual([tools.passphrase.rejected, tools.passphrase.answers.length], [5, 1]);
});

Deno.test("a source with nothing else to offer is asked once", async () => {
  const tools = toolsWith(GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const passphrase = new Typist(["wrong", GOOD], false);
  const signing = signBehalf(
    { ...tools, passphrase },
    fingerprint,
    await draft(tools, fingerprint),
  );
  await assert.rejects(signing, fails("denied"));
  assert.equal(passphrase.requests.length, 1);
});

Deno.test("a certificate alone does not sign, and a key that is not here is not found", async () => {
  const tools = toolsWith(GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const elsewhere = toolsWith();
  await importPerson(elsewhere, encodeUtf8(await exportPerson(tools, fingerprint)));
  const document = await draft(tools, fingerprint);
  const signing = signBehalf(elsewhere, fingerprint, document);
  await assert.rejects(signing, fails("not-found", "peri key import"));
  await assert.rejects(showPerson(toolsWith(), fingerprint), fails("not-found", fingerprint));
});

Deno.test("a file of the keyring that holds another key is damaged", async () => {
  const tools = toolsWith(GOOD);
  const { fingerprint } = await initPerson(tools, { userId: "Alice" });
  const other = await tools.pgp.makePersonKey({ userId: "Mallory", passphrase: "" });
  const keyring = new MemoryKeyring();
  await keyring.put({ fingerprint, certificate: await tools.pgp.armor(other.certificate) });
  const mixed = { ...tools, keyring };
  await assert.rejects(showPerson(mixed, fingerprint), fails("damaged", other.fingerprint));
  await importPerson(mixed, other.certificate);
  assert.equal((await choosePerson(mixed, other.fingerprint)).fingerprint, other.fingerprint);
  assert.equal((await choosePerson(mixed)).fingerprint, other.fingerprint);
  await assert.rejects(listPersons(mixed), fails("damaged", fingerprint));
});
