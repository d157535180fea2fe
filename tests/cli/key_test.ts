/** `peri key` as people and scripts use it, over keys in memory. */

import assert from "node:assert/strict";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import { formatFingerprint, parseFingerprint } from "../../runtime/model/words.ts";
import { Computer, DAY_MS, NOW_MS, pgp } from "./computer.ts";

Deno.test("key init makes a key that expires in three years and is the default", async () => {
  const computer = new Computer();
  const made = await computer.types(["init", "--name", "Alice", "--passphrase-file", "/pass"]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^made (?:[0-9A-F]{4} {1,2}){10} *Alice\n$/);
  assert.match(made.stderr, /peri key backup/);
  const { parts, ...shown } = await computer.record(["show"]);
  assert.deepEqual((parts as { uses: string[] }[]).map(({ uses }) => uses[0]), [
    "certify",
    "sign",
    "encrypt",
    "authenticate",
  ]);
  assert.deepEqual(shown, {
    fingerprint: shown.fingerprint,
    userIds: ["Alice"],
    secret: "here",
    default: true,
    createdMs: NOW_MS,
    expiresMs: NOW_MS + 3 * 365 * DAY_MS,
    revoked: false,
    canSign: true,
    canEncrypt: true,
    warnings: [],
  });
  assert.ok(await computer.unlocks(shown.fingerprint, "/pass"));
});

Deno.test("key init asks for name and passphrase on a terminal, twice and unseen", async () => {
  const computer = new Computer();
  const input = ["Alice\r", "correct horse\r", "correct horse\r"];
  const { code, stdout, stderr } = await computer.types(["init"], { terminal: true, input });
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes("Your name: Alice"));
  assert.ok(!`${stdout}${stderr}`.includes("horse"));
  const [entry] = await computer.keyring.list();
  assert.ok(await computer.unlocks(entry!.fingerprint, "correct horse"));
});

Deno.test("passphrases that differ, are empty or have nobody to type them make no key", async () => {
  const computer = new Computer();
  const init = ["init", "--name", "Alice"];
  const differ = await computer.types(init, { terminal: true, input: ["one\r", "two\r"] });
  assert.deepEqual([differ.code, differ.stdout], [5, ""]);
  const empty = await computer.types(init, { terminal: true, input: ["\r", "\r"] });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /--no-passphrase/);
  assert.equal((await computer.types(init, { input: ["piped\n"] })).code, 5);
  assert.equal((await computer.types([...init, "--passphrase", "hunter2"])).code, 2);
  assert.deepEqual(await computer.keyring.list(), []);
});

Deno.test("key init says what it means by name, address and expiry", async () => {
  const computer = new Computer();
  const wrong = [
    ["--name", ""],
    ["--name", "Alice <a@b>"],
    ["--name", "A", "--email", "nobody"],
    ["--name", "A", "--expires", "0d"],
    ["--name", "A", "--expires", "2020-01-01"],
    ["--name", "A", "--expires", "soon"],
  ];
  for (const argv of wrong) {
    const { code, stderr } = await computer.types(["init", "--no-passphrase", ...argv]);
    assert.equal(code, 2, argv.join(" "));
    assert.match(stderr, /\nhint: /);
  }
  const init = ["init", "--no-passphrase", "--name"];
  const spans = { never: null, "90d": NOW_MS + 90 * DAY_MS, "2y": NOW_MS + 730 * DAY_MS };
  for (const [when, expiresMs] of Object.entries(spans)) {
    const record = await computer.record([...init, when, "--email", "a@b.c", "--expires", when]);
    assert.deepEqual([record.userIds, record.expiresMs], [[`${when} <a@b.c>`], expiresMs]);
  }
  const day = await computer.record([...init, "day", "--expires", "2027-01-31"]);
  assert.equal(day.expiresMs, Date.UTC(2027, 0, 31, 23, 59, 59));
});

Deno.test("an unlocked key is made with a warning and printed only on purpose", async () => {
  const computer = new Computer();
  const made = await computer.types(["init", "--name", "Open", "--no-passphrase"]);
  assert.match(made.stderr, /^warning: no passphrase/);
  const refused = await computer.types(["export", "--secret"]);
  assert.deepEqual([refused.code, refused.stdout], [5, ""]);
  const meant = await computer.types(["export", "--secret", "--unprotected"]);
  assert.match(meant.stdout, /^-----BEGIN PGP PRIVATE KEY BLOCK-----/);
  const elsewhere = await new Computer().types(["import"], { input: [meant.stdout] });
  assert.equal(elsewhere.code, 0);
  assert.match(elsewhere.stderr, /^warning: no passphrase/);
});

Deno.test("a key travels by export and import, as a file or through a pipe", async () => {
  const computer = new Computer();
  const init = ["init", "--name", "Alice", "--agent"];
  const { fingerprint } = await computer.record(init);
  assert.ok(await computer.unlocks(fingerprint, "from the agent"));
  const secret = (await computer.types(["export", "--secret"])).stdout;
  const { armor } = await computer.record(["export", "alice"]);
  assert.match(String(armor), /BEGIN PGP PUBLIC KEY BLOCK/);
  const files = { "alice.asc": encodeUtf8(secret) };
  for (
    const [argv, world] of [[["import", "alice.asc"], { files }], [["import", "-"], {
      input: [secret],
    }]] as const
  ) {
    const elsewhere = new Computer();
    const first = await elsewhere.types(argv, world);
    assert.equal(first.code, 0, first.stderr);
    const shown = formatFingerprint(parseFingerprint(String(fingerprint)));
    assert.equal(first.stdout, `imported ${shown}  Alice\n`);
    const again = await elsewhere.types(argv, world);
    assert.equal(again.code, 4);
    assert.match(again.stderr, /--replace/);
    assert.equal((await elsewhere.types([...argv, "--replace"], world)).code, 0);
  }
});

Deno.test("the revocation certificate is printed alone and with a warning", async () => {
  const computer = new Computer();
  await computer.types(["init", "--name", "Alice", "--passphrase-file", "/pass"]);
  const revocation = await computer.types(["export", "--revocation"]);
  assert.match(revocation.stdout, /revocation certificate/);
  assert.match(revocation.stderr, /^warning: /);
  assert.equal((await computer.types(["export", "--revocation", "--secret"])).code, 2);
});

Deno.test("a key that stays in gpg is imported by its fingerprint", async () => {
  const computer = new Computer();
  const made = await pgp.makePersonKey({ userId: "Gina", passphrase: "" });
  computer.gpg = {
    ...computer.gpg,
    certificate: () => Promise.resolve(made.certificate),
    hasSecret: () => Promise.resolve(true),
  };
  const imported = await computer.types(["import", "--gpg", made.fingerprint.toLowerCase()]);
  assert.match(imported.stdout, /Gina \(signs in gpg\)\n$/);
  assert.equal((await computer.types(["import", "--gpg", "gina"])).code, 2);
  assert.equal((await computer.types(["import", "--gpg", made.fingerprint, "file"])).code, 2);
});

Deno.test("what is no key is refused, however large", async () => {
  const computer = new Computer();
  assert.equal((await computer.types(["import"], { terminal: true })).code, 2);
  assert.equal((await computer.types(["import", "gone.asc"])).code, 3);
  assert.equal((await computer.types(["import"], { input: ["hello"] })).code, 13);
  const flood = Array.from({ length: 300 }, () => "x".repeat(1_000));
  assert.equal((await computer.types(["import"], { input: flood })).code, 8);
  assert.deepEqual(await computer.keyring.list(), []);
});

Deno.test("key list marks the default, which --default moves", async () => {
  const computer = new Computer();
  assert.match((await computer.types(["list"])).stdout, /^No keys yet/);
  assert.equal((await computer.types(["list", "--json"])).stdout, "");
  assert.equal((await computer.types(["show"])).code, 3);
  const init = ["init", "--no-passphrase", "--expires", "never", "--name"];
  await computer.types([...init, "Alice"]);
  await computer.types([...init, "Alice at work", "--default"]);
  const { stdout } = await computer.types(["list"]);
  const [head, ...rows] = stdout.trimEnd().split("\n");
  assert.match(head!, /^FINGERPRINT +USER ID +SECRET +EXPIRES$/);
  assert.equal(rows.length, 2);
  assert.match(
    rows.find((row) => row.includes("(default)"))!,
    /Alice at work \(default\) +here +never$/,
  );
  assert.equal((await computer.types(["show", "alice"])).code, 12);
  assert.deepEqual((await computer.record(["show", "at work"])).default, true);
});

Deno.test("a user id cannot steer the terminal", async () => {
  const computer = new Computer();
  const evil = await pgp.makePersonKey({ userId: "Eve \u009b2J\u202e", passphrase: "" });
  const imported = await computer.types(["import"], { input: [await pgp.armor(evil.certificate)] });
  const listed = await computer.types(["list"]);
  const shown = await computer.types(["show"]);
  for (const { stdout } of [imported, listed, shown]) assert.match(stdout, /Eve ·2J·/);
});
