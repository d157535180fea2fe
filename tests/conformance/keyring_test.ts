/** What every keyring must do, on keys in memory and in files. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileKeyring } from "../../runtime/adapters/keyring.ts";
import { MemoryKeyring } from "../../runtime/adapters/memory/keyring.ts";
import { type ErrorKind, PeriError } from "../../runtime/model/errors.ts";
import { parseFingerprint } from "../../runtime/model/words.ts";
import type { Keyring } from "../../runtime/ports/keyring.ts";

const ALICE = parseFingerprint("A1".repeat(20));
const BOB = parseFingerprint("B0".repeat(32));

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(`${error.message} ${error.hint}`.includes(text), `${error.message} ${error.hint}`);
    return true;
  };
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir({ prefix: "peri-keyring-" });
  try {
    await run(join(parent, "home", "keys"));
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

const KEYRINGS: Record<string, (run: (keyring: Keyring) => Promise<void>) => Promise<void>> = {
  memory: (run) => run(new MemoryKeyring()),
  files: (run) => inFolder((folder) => run(fileKeyring(folder))),
};

const SUITE: Record<string, (keyring: Keyring) => Promise<void>> = {
  "an empty keyring has nothing and says so": async (keyring) => {
    assert.deepEqual(await keyring.list(), []);
    assert.equal(await keyring.defaultKey(), undefined);
    await assert.rejects(keyring.certificate(ALICE), fails("not-found", ALICE));
    await assert.rejects(keyring.secretKey(ALICE), fails("not-found"));
    await assert.rejects(keyring.revocation(ALICE), fails("not-found"));
    await assert.rejects(keyring.setDefault(ALICE), fails("not-found"));
  },
  "a key is given back as it was put": async (keyring) => {
    await keyring.put({
      fingerprint: ALICE,
      certificate: "cert\n",
      secretKey: "secret\n",
      revocation: "revoke\n",
    });
    assert.equal(await keyring.certificate(ALICE), "cert\n");
    assert.equal(await keyring.secretKey(ALICE), "secret\n");
    assert.equal(await keyring.revocation(ALICE), "revoke\n");
    await keyring.setDefault(ALICE);
    assert.equal(await keyring.defaultKey(), ALICE);
  },
  "keys are listed by fingerprint with the place of their secret": async (keyring) => {
    const carol = parseFingerprint("C0".repeat(20));
    await keyring.put({ fingerprint: carol, certificate: "c" });
    await keyring.put({ fingerprint: BOB, certificate: "b", inGpg: true });
    await keyring.put({ fingerprint: ALICE, certificate: "a", secretKey: "s" });
    assert.deepEqual(await keyring.list(), [
      { fingerprint: ALICE, custody: "here" },
      { fingerprint: BOB, custody: "gpg" },
      { fingerprint: carol, custody: "absent" },
    ]);
    await assert.rejects(keyring.secretKey(BOB), fails("not-found"));
  },
  "a secret follows its certificate, and nothing is replaced": async (keyring) => {
    await keyring.put({ fingerprint: ALICE, certificate: "old" });
    await assert.rejects(keyring.put({ fingerprint: ALICE, certificate: "new" }), fails("exists"));
    await keyring.put({ fingerprint: ALICE, certificate: "new", secretKey: "s1" });
    assert.equal(await keyring.certificate(ALICE), "new");
    for (const again of [{ secretKey: "s2" }, { inGpg: true }, {}]) {
      const put = keyring.put({ fingerprint: ALICE, certificate: "newer", ...again });
      await assert.rejects(put, fails("exists", ALICE));
    }
    assert.equal(await keyring.secretKey(ALICE), "s1");
    assert.equal(await keyring.certificate(ALICE), "new");
  },
  "a kept key is replaced where it is, its revocation stays": async (keyring) => {
    const [old, fresh] = [{ certificate: "c1", secretKey: "s1" }, { certificate: "c2" }];
    await assert.rejects(keyring.replace({ fingerprint: ALICE, ...old }), fails("not-found"));
    await keyring.put({ fingerprint: ALICE, ...old, revocation: "r" });
    await assert.rejects(keyring.replace({ fingerprint: ALICE, ...fresh }), fails("invalid"));
    assert.equal(await keyring.certificate(ALICE), "c1");
    await keyring.replace({ fingerprint: ALICE, ...fresh, secretKey: "s2" });
    assert.equal(await keyring.certificate(ALICE), "c2");
    assert.equal(await keyring.secretKey(ALICE), "s2");
    assert.equal(await keyring.revocation(ALICE), "r");
    await keyring.put({ fingerprint: BOB, certificate: "c1", inGpg: true });
    await assert.rejects(keyring.replace({ fingerprint: BOB, ...old }), fails("invalid"));
    await keyring.replace({ fingerprint: BOB, ...fresh });
    assert.deepEqual(await keyring.list(), [
      { fingerprint: ALICE, custody: "here" },
      { fingerprint: BOB, custody: "gpg" },
    ]);
  },
  "a secret is in one place": async (keyring) => {
    const twice = { fingerprint: ALICE, certificate: "c", secretKey: "s", inGpg: true };
    await assert.rejects(keyring.put(twice), fails("invalid"));
    assert.deepEqual(await keyring.list(), []);
  },
};

for (const [kind, withKeyring] of Object.entries(KEYRINGS)) {
  for (const [name, check] of Object.entries(SUITE)) {
    Deno.test(`keyring in ${kind}: ${name}`, () => withKeyring(check));
  }
}

const KEY = { fingerprint: ALICE, certificate: "c", secretKey: "s", revocation: "r" };

Deno.test("key files are for their owner alone, and nothing passing is left", () =>
  inFolder(async (folder) => {
    await fileKeyring(folder).put(KEY);
    const mode = async (path: string) => ((await Deno.stat(path)).mode! & 0o777).toString(8);
    assert.equal(await mode(folder), "700");
    assert.equal(await mode(join(folder, `${ALICE}.key.asc`)), "600");
    assert.equal(await mode(join(folder, `${ALICE}.revoke.asc`)), "600");
    const names = Array.from(Deno.readDirSync(folder), (entry) => entry.name).sort();
    assert.deepEqual(names, [
      `${ALICE}.cert.asc`,
      `${ALICE}.key.asc`,
      `${ALICE}.revoke.asc`,
    ]);
  }));

Deno.test("a secret that others could read is refused with the command that helps", () =>
  inFolder(async (folder) => {
    const keyring = fileKeyring(folder);
    await keyring.put(KEY);
    const path = join(folder, `${ALICE}.key.asc`);
    for (const mode of [0o640, 0o604, 0o620]) {
      await Deno.chmod(path, mode);
      await assert.rejects(keyring.secretKey(ALICE), fails("denied", `chmod 600 ${path}`));
    }
    await Deno.chmod(path, 0o400);
    assert.equal(await keyring.secretKey(ALICE), "s");
  }));

Deno.test("no key is put where others could look", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    await Deno.chmod(folder, 0o755);
    await assert.rejects(fileKeyring(folder).put(KEY), fails("denied", `chmod 700 ${folder}`));
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("a put that died half way is not listed and can be done again", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(join(folder, `${ALICE}.key.asc`), "half", { mode: 0o600 });
    await Deno.writeTextFile(join(folder, `${ALICE}.cert.asc.1-0.tmp`), "c");
    const keyring = fileKeyring(folder);
    assert.deepEqual(await keyring.list(), []);
    await keyring.put(KEY);
    assert.equal(await keyring.secretKey(ALICE), "s");
  }));

Deno.test("a file that is far too large is not read", () =>
  inFolder(async (folder) => {
    const keyring = fileKeyring(folder);
    await keyring.put(KEY);
    await Deno.writeTextFile(join(folder, `${ALICE}.cert.asc`), "x".repeat(1 << 20));
    await assert.rejects(keyring.certificate(ALICE), fails("too-large"));
  }));
