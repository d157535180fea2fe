/** `peri key` where it changes, copies and ends keys, over keys in memory. */

import assert from "node:assert/strict";
import { decodeUtf8, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { Computer, DAY_MS, NOW_MS, pgp } from "./computer.ts";
import { openWorld } from "./memory.ts";

Deno.test("key passwd takes the old passphrase and the new one from where it is told", async () => {
  const computer = new Computer();
  const { fingerprint } = await computer.record(["init", "--name", "A", "--passphrase-file", "/a"]);
  const passwd = ["passwd", "--passphrase-file", "/a"];
  const changed = await computer.types([...passwd, "--new-passphrase-file", "/b"]);
  assert.equal(changed.code, 0, changed.stderr);
  assert.match(changed.stdout, /^locked with the new passphrase: [0-9A-F ]+ {2}A\n$/);
  assert.match(changed.stderr, /peri key backup/);
  assert.deepEqual(
    [await computer.unlocks(fingerprint, "/a"), await computer.unlocks(fingerprint, "/b")],
    [false, true],
  );
  const wrong = await computer.types([...passwd, "--no-passphrase"]);
  assert.deepEqual([wrong.code, wrong.stdout], [5, ""]);
  const both = ["--no-passphrase", "--new-passphrase-file", "/c"];
  assert.equal((await computer.types([...passwd, ...both])).code, 2);
  const open = await computer.types(["passwd", "--passphrase-file", "/b", "--no-passphrase"]);
  assert.match(open.stderr, /^warning: no passphrase/);
  assert.ok(await computer.unlocks(fingerprint, ""));
});

Deno.test("key passwd asks for both passphrases on a terminal and shows neither", async () => {
  const computer = new Computer();
  const { fingerprint } = await computer.record([
    "init",
    "--name",
    "A",
    "--passphrase-file",
    "old",
  ]);
  const input = ["old\r", "new horse\r", "new horse\r"];
  const { code, stdout, stderr } = await computer.types(["passwd"], { terminal: true, input });
  assert.equal(code, 0, stderr);
  assert.ok(!`${stdout}${stderr}`.includes("horse"));
  assert.ok(await computer.unlocks(fingerprint, "new horse"));
});

Deno.test("key renew lets a key expire in three years, or when it is told", async () => {
  const computer = new Computer();
  const init = ["init", "--name", "A", "--passphrase-file", "/a", "--expires", "90d"];
  await computer.record(init);
  const renew = ["renew", "--passphrase-file", "/a"];
  assert.equal((await computer.record(renew)).expiresMs, NOW_MS + 3 * 365 * DAY_MS);
  const { stdout } = await computer.types([...renew, "--expires", "never"]);
  assert.match(stdout, /^[0-9A-F ]+ {2}A expires never\n$/);
  assert.equal((await computer.types([...renew, "--expires", "yesterday"])).code, 2);
  assert.equal((await computer.types(["renew", "--passphrase-file", "/b"])).code, 5);
});

Deno.test("key revoke wants a reason and a yes, and says it is for good", async () => {
  const computer = new Computer();
  await computer.record(["init", "--name", "A", "--passphrase-file", "/a"]);
  const revoke = ["revoke", "--passphrase-file", "/a"];
  const none = await computer.types([...revoke, "--yes"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--reason compromised \(somebody else may have it\)/);
  const why = [...revoke, "--reason", "compromised", "--note", "stolen"];
  assert.equal((await computer.types(why)).code, 5);
  const no = await computer.types(why, { terminal: true, input: ["n\r"] });
  assert.equal(no.code, 5);
  assert.equal((await computer.record(["show"])).revoked, false);
  const done = await computer.types([...why, "--yes"]);
  assert.match(done.stdout, /^revoked: [0-9A-F ]+ {2}A\n/);
  assert.equal((await computer.record(["show"])).revoked, true);
  assert.match((await computer.types(["list"])).stdout, /revoked/);
});

Deno.test("key revoke needs no passphrase with the certificate made at the beginning", async () => {
  const computer = new Computer();
  await computer.record(["init", "--name", "A", "--passphrase-file", "/a"]);
  const { stdout } = await computer.types(["export", "--revocation"]);
  const files = { "rev.asc": encodeUtf8(stdout) };
  const both = ["revoke", "--certificate", "rev.asc", "--reason", "retired", "--yes"];
  assert.equal((await computer.types(both, { files })).code, 2);
  const done = await computer.types(["revoke", "--certificate", "rev.asc", "--yes"], { files });
  assert.equal(done.code, 0, done.stderr);
  assert.equal((await computer.record(["show"])).revoked, true);
});

Deno.test("a backup goes to paper and comes back on another computer, misread or not", async () => {
  const computer = new Computer();
  const { fingerprint } = await computer.record(["init", "--name", "A", "--passphrase-file", "/a"]);
  const backup = await computer.types(["backup", "--paper", "--passphrase-file", "/a"]);
  assert.equal(backup.code, 0, backup.stderr);
  assert.match(backup.stderr, /^backed up, read back and opened: /);
  assert.ok(!backup.stdout.includes("PRIVATE KEY"));
  const scan = backup.stdout.replaceAll("0", "O").replace(/^ *1:/m, "1:");
  const elsewhere = new Computer();
  const restore = ["restore", "-", "--passphrase-file"];
  const input = [scan.replaceAll(/^( *\d*)O/gm, "$10")];
  const wrong = await elsewhere.types([...restore, "/b"], { input });
  assert.equal(wrong.code, 5);
  const tested = await elsewhere.types([...restore, "/a", "--check"], { input });
  assert.match(tested.stdout, /^good: [0-9A-F ]+ {2}A\n$/);
  assert.deepEqual(await elsewhere.keyring.list(), []);
  const restored = await elsewhere.types([...restore, "/a"], { input });
  assert.equal(restored.code, 0, restored.stderr);
  assert.ok(await elsewhere.unlocks(fingerprint, "/a"));
  const again = await elsewhere.types([...restore, "/a"], { input });
  assert.equal(again.code, 4);
  assert.match(again.stderr, /import --replace/);
});

Deno.test("a backup has the passphrase that it was given, and always one", async () => {
  const computer = new Computer();
  const { fingerprint } = await computer.record(["init", "--name", "A", "--no-passphrase"]);
  const none = await computer.types(["backup"]);
  assert.deepEqual([none.code, none.stdout], [5, ""]);
  const own = await computer.record(["backup", "--new-passphrase-file", "/own"]);
  const elsewhere = new Computer();
  const input = [String(own.text)];
  await elsewhere.record(["restore", "-", "--passphrase-file", "/own"], { input });
  assert.ok(await elsewhere.unlocks(fingerprint, "/own"));
  assert.ok(!await elsewhere.unlocks(fingerprint, ""));
  assert.ok(await computer.unlocks(fingerprint, ""));
});

Deno.test("a backup in a file is read back, and never takes the place of another file", async () => {
  const computer = new Computer();
  await computer.record(["init", "--name", "A", "--passphrase-file", "/a"]);
  const argv = ["backup", "--to", "key.asc", "--passphrase-file", "/a"];
  const done = await computer.types(argv);
  assert.deepEqual([done.code, done.stdout], [0, ""]);
  assert.match(done.stderr, /backed up to key.asc, read back and opened/);
  const taken = await computer.types(argv, { files: { "key.asc": new Uint8Array() } });
  assert.equal(taken.code, 4);
});

Deno.test("an expired key is restored with a word on what to do", async () => {
  const made = await pgp.makePersonKey({
    userId: "Late",
    passphrase: "/a",
    expiresMs: NOW_MS + 1_000,
  });
  const computer = new Computer();
  computer.nowMs = NOW_MS + DAY_MS;
  const input = [await pgp.armor(made.secretKey)];
  const restored = await computer.types(["restore", "-", "--passphrase-file", "/a"], { input });
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stderr, /^warning: this key has expired: peri key renew/);
});

Deno.test("key init puts the revocation certificate where it is told, and not at home", async () => {
  const computer = new Computer();
  const init = ["init", "--name", "A", "--no-passphrase", "--revocation-to", "rev.asc"];
  const { context, files } = openWorld(computer.world());
  const { dispatch } = await import("../../cli/dispatch.ts");
  assert.equal(await dispatch(["key", ...init], context), 0);
  const certificate = files.get("rev.asc")!;
  assert.match(decodeUtf8(certificate), /^Revocation certificate of A\.[^]*BEGIN PGP PUBLIC KEY/);
  assert.equal((await computer.types(["export", "--revocation"])).code, 3);
  const world = { files: { "rev.asc": certificate } };
  const done = await computer.types(["revoke", "--certificate", "rev.asc", "--yes"], world);
  assert.equal(done.code, 0, done.stderr);
});

Deno.test("key list warns 30 days before a key expires, and says what to type", async () => {
  const computer = new Computer();
  const init = ["init", "--name", "A", "--no-passphrase", "--expires", "40d"];
  const { fingerprint } = await computer.record(init);
  assert.equal((await computer.types(["list"])).stderr, "");
  computer.nowMs = NOW_MS + 11 * DAY_MS;
  const soon = await computer.types(["list"]);
  const line = `warning: the key of A expires in 29 days: peri key renew ${fingerprint}\n`;
  assert.equal(soon.stderr, line);
  const { warnings } = await computer.record(["show"]);
  assert.deepEqual(warnings, [line.slice("warning: ".length, -1)]);
  computer.nowMs = NOW_MS + 41 * DAY_MS;
  assert.match((await computer.types(["list"])).stderr, /the key of A has expired: peri key renew/);
  await computer.record(["renew"]);
  assert.equal((await computer.types(["list"])).stderr, "");
});
