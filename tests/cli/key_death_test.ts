/**
 * The process that changes a person's key dies at any of its writes: the key that is there afterwards
 * works, as the old one or the new one, and the same command again makes it the new one.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Disk, fileKeyring } from "../../runtime/adapters/keyring.ts";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import { library } from "../../runtime/adapters/openpgp/library.ts";
import { restoreBackup } from "../../runtime/identity/backup.ts";
import { draftBehalf, formatBehalf } from "../../runtime/identity/behalf.ts";
import { importPerson } from "../../runtime/identity/carry.ts";
import { changePassphrase, renewPerson, revokePerson } from "../../runtime/identity/change.ts";
import {
  certificateOf,
  initPerson,
  type KeyTools,
  listPersons,
  showPerson,
} from "../../runtime/identity/person.ts";
import { signBehalf } from "../../runtime/identity/sign.ts";
import { type Bytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Fingerprint, parsePodName, parseServerUrl } from "../../runtime/model/words.ts";
import type { Passphrase } from "../../runtime/ports/passphrase.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const YEAR_MS = 365 * 86_400_000;
const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };
const pgp = openPgp(clock);
// A lock that takes no time to open: how long is not what this is about.
const smith = { ...openKeysmith(clock), lock: lockLightly };

async function lockLightly(secretKey: Uint8Array, passphrase: string): Promise<Bytes> {
  const { readPrivateKey, encryptKey, enums } = await library();
  const privateKey = await readPrivateKey({ binaryKey: secretKey });
  if (passphrase === "") return new Uint8Array(privateKey.write());
  const config = { s2kType: enums.s2k.iterated, s2kIterationCountByte: 0 } as const;
  return new Uint8Array((await encryptKey({ privateKey, passphrase, config })).write());
}

/** The system ends the process: this change and all that would follow never happen. */
class Death extends Error {}

/** A disk for a process that dies at its nth change; a write is then torn in the middle. */
function mortalDisk(changes: number): Disk & { readonly left: () => number } {
  let left = changes;
  const live = () => {
    if (left <= 0) throw new Death();
  };
  const change = () => {
    live();
    if (--left === 0) throw new Death();
  };
  const read = <Of extends (...args: never[]) => unknown>(what: Of): Of =>
    ((...args: Parameters<Of>) => (live(), what(...args))) as Of;
  const open = async (...[path, options]: Parameters<typeof Deno.open>) => {
    if (options?.createNew) change();
    const file = await Deno.open(path, options);
    const [write, sync] = [file.write.bind(file), file.sync.bind(file)];
    file.write = async (bytes) => {
      if (left === 1) await write(bytes.subarray(0, bytes.length >> 1));
      change();
      return await write(bytes);
    };
    file.sync = () => (live(), sync());
    return file;
  };
  const rename = async (...paths: Parameters<typeof Deno.rename>) => {
    change();
    await Deno.rename(...paths);
  };
  const remove = async (...paths: Parameters<typeof Deno.remove>) => {
    change();
    await Deno.remove(...paths);
  };
  const mkdir = async (...paths: Parameters<typeof Deno.mkdir>) => {
    change();
    await Deno.mkdir(...paths);
  };
  const { readDir, readTextFile, stat } = Deno;
  return {
    open,
    rename,
    remove,
    mkdir,
    readDir: read(readDir),
    readTextFile: read(readTextFile),
    stat: read(stat),
    left: () => left,
  };
}

/** Offers one passphrase after the other. */
function typing(...answers: string[]): Passphrase {
  const left = [...answers];
  return {
    ask: () => Promise.resolve(left.shift() ?? ""),
    reject: () => Promise.resolve(left.length > 0),
  };
}

function toolsIn(folder: string, disk?: Disk, passphrase = typing()): KeyTools {
  const gone = () => Promise.reject(new Error("there is no gpg"));
  const gpg = {
    certificate: gone,
    hasSecret: () => Promise.resolve(false),
    sign: gone,
    renew: gone,
    certify: gone,
    uncertify: gone,
  };
  return { pgp, smith, keyring: fileKeyring(folder, disk), passphrase, gpg, clock };
}

/** Whether a key signs, with whichever of these passphrases, and others would believe it. */
async function signs(folder: string, person: Fingerprint, passphrases: readonly string[]) {
  const tools = toolsIn(folder, undefined, typing(...passphrases));
  const pod = await pgp.makePodKey("hey");
  const document = formatBehalf(draftBehalf({
    person,
    pod: parsePodName("hey"),
    endpoint: parseServerUrl("https://alice.example"),
    capabilities: [],
    podKey: pod.fingerprint,
    podCertificate: pod.certificate,
    serial: 1,
    issuedMs: NOW_MS,
    expiresMs: NOW_MS + YEAR_MS,
  }));
  const signature = await signBehalf(tools, person, document);
  await pgp.verify(await certificateOf(tools, person), encodeUtf8(document), signature, NOW_MS);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { mode: 0o700 });
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** A command, what was there before it, and what is so once it has been done. */
interface Scene {
  readonly passphrases?: readonly string[];
  /** What is kept beforehand. */
  before(tools: KeyTools): Promise<void>;
  change(tools: KeyTools): Promise<unknown>;
  /** Throws when it has not been done. */
  done(tools: KeyTools): Promise<void>;
  readonly isEnd?: boolean;
}

/** Dies at every change in turn, looks, does it again and looks again. How often it died. */
async function play(scene: Scene): Promise<number> {
  const home = await Deno.makeTempDir({ prefix: "peri-death-" });
  try {
    const start = join(home, "start");
    await Deno.mkdir(start, { mode: 0o700 });
    await scene.before(toolsIn(start));
    for (let at = 1;; at++) {
      const folder = join(home, `${at}`);
      await copyFolder(start, folder);
      const disk = mortalDisk(at);
      const passphrases = scene.passphrases ?? [];
      await scene.change(toolsIn(folder, disk, typing(...passphrases))).catch((error: unknown) => {
        if (disk.left() > 0) throw error;
      });
      await look(scene, folder);
      if (disk.left() > 0) return at - 1;
      await scene.change(toolsIn(folder, undefined, typing(...passphrases))).catch(isDone);
      await scene.done(toolsIn(folder));
      await look(scene, folder);
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function look({ passphrases = [], isEnd = false }: Scene, folder: string): Promise<void> {
  for (const { fingerprint, revoked, custody } of await listPersons(toolsIn(folder))) {
    if (isEnd && revoked || custody === "absent") continue;
    await signs(folder, fingerprint, passphrases);
    await signs(folder, fingerprint, [...passphrases].reverse());
  }
}

/** What had been done before the process died is not done twice. */
function isDone(error: unknown): void {
  if (!(error instanceof PeriError) || error.kind !== "exists") throw error;
}

async function makeKey(passphrase = "") {
  const wish = { userId: "Alice", passphrase: "", expiresMs: NOW_MS + YEAR_MS };
  const key = await pgp.makePersonKey(wish);
  return { ...key, secretKey: await lockLightly(key.secretKey, passphrase) };
}

async function keep(tools: KeyTools, key: Awaited<ReturnType<typeof makeKey>>): Promise<void> {
  const { fingerprint, certificate, secretKey } = key;
  await tools.keyring.put({
    fingerprint,
    certificate: await pgp.armor(certificate),
    secretKey: await pgp.armor(secretKey),
  });
}

Deno.test("a new key is there as a whole or not at all", async () => {
  const deaths = await play({
    before: () => Promise.resolve(),
    change: (tools) => initPerson(tools, { userId: "Alice", unprotected: true }),
    done: async (tools) => assert.ok((await listPersons(tools)).length >= 1),
  });
  assert.ok(deaths > 8, `${deaths}`);
});

Deno.test("a new passphrase or the old one opens the key, wherever its change died", async () => {
  const key = await makeKey("old horse");
  const deaths = await play({
    passphrases: ["old horse", "new horse"],
    before: (tools) => keep(tools, key),
    change: (tools) =>
      changePassphrase(tools, key.fingerprint, { fresh: typing("new horse"), unprotected: false }),
    done: async ({ keyring }) => {
      await pgp.unlock(await pgp.dearmor(await keyring.secretKey(key.fingerprint)), "new horse");
    },
  });
  assert.ok(deaths >= 5, `${deaths}`);
});

Deno.test("a renewal and a revocation that died half way are told by both files once done again", async () => {
  const key = await makeKey();
  const expiresMs = NOW_MS + 5 * YEAR_MS;
  const before = (tools: KeyTools) => keep(tools, key);
  const bothSay = async ({ keyring }: KeyTools, is: (bytes: Bytes) => Promise<boolean>) => {
    const certificate = await pgp.dearmor(await keyring.certificate(key.fingerprint));
    const secretKey = await pgp.dearmor(await keyring.secretKey(key.fingerprint));
    assert.deepEqual([await is(certificate), await is(await pgp.publicPart(secretKey))], [
      true,
      true,
    ]);
  };
  await play({
    before,
    change: (tools) => renewPerson(tools, key.fingerprint, expiresMs),
    done: (tools) =>
      bothSay(tools, async (bytes) => (await pgp.inspect(bytes)).expiresMs === expiresMs),
  });
  await play({
    before,
    isEnd: true,
    change: (tools) => revokePerson(tools, key.fingerprint, { reason: "retired", text: "" }),
    done: (tools) => bothSay(tools, async (bytes) => (await pgp.inspect(bytes)).revoked),
  });
});

Deno.test("a key that gets another signing part elsewhere signs with either part in between", async () => {
  const key = await makeKey();
  const { readPrivateKey } = await library();
  const grown = await (await readPrivateKey({ binaryKey: key.secretKey }))
    .addSubkey({ sign: true, date: new Date(NOW_MS) });
  const copy = new Uint8Array(grown.write());
  const parts = (await pgp.parts(copy)).length;
  await play({
    before: (tools) => keep(tools, key),
    change: (tools) => importPerson(tools, copy, { replace: true }),
    done: async (tools) =>
      assert.equal((await showPerson(tools, key.fingerprint)).parts.length, parts),
  });
});

Deno.test("an old backup brings the secret back and takes nothing back that is known of the key", async () => {
  const key = await makeKey("horse");
  const opened = await pgp.unlock(key.secretKey, "horse");
  const expiresMs = NOW_MS + 5 * YEAR_MS;
  const renewed = await smith.renew(opened, key.certificate, expiresMs);
  await play({
    passphrases: ["horse"],
    before: async ({ keyring }) =>
      await keyring.put({ fingerprint: key.fingerprint, certificate: await pgp.armor(renewed) }),
    change: async (tools) =>
      await restoreBackup(tools, {
        info: await pgp.inspect(key.certificate),
        locked: key.secretKey,
      }),
    done: async (tools) =>
      assert.equal((await showPerson(tools, key.fingerprint)).expiresMs, expiresMs),
  });
});

// Alice's laptop has only the parts that work every day; her desktop has the primary key, too. She
// brings the laptop's copy to the desktop, because it is newer.
Deno.test("a copy without a secret that is kept does not take its place", async () => {
  const key = await makeKey();
  const home = await Deno.makeTempDir({ prefix: "peri-death-" });
  try {
    const tools = toolsIn(join(home, "keys"));
    await keep(tools, key);
    const before = await tools.keyring.secretKey(key.fingerprint);
    const partial = await withoutSecret(key.secretKey);
    await assert.rejects(
      importPerson(tools, partial, { replace: true }),
      /is kept here and not in/,
    );
    assert.equal(await tools.keyring.secretKey(key.fingerprint), before);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

/** The same secret key with its last subkey gone. */
async function withoutSecret(secretKey: Bytes): Promise<Bytes> {
  const { readPrivateKey } = await library();
  const key = await readPrivateKey({ binaryKey: secretKey });
  key.subkeys.pop();
  return new Uint8Array(key.write());
}

Deno.test("what died half way is cleaned up, and no file of a key is open to others", async () => {
  const home = await Deno.makeTempDir({ prefix: "peri-death-" });
  try {
    const folder = join(home, "keys");
    const { fingerprint } = await initPerson(toolsIn(folder), {
      userId: "Alice",
      unprotected: true,
    });
    const disk = mortalDisk(3);
    await assert.rejects(renewPerson(toolsIn(folder, disk), fingerprint, NOW_MS + YEAR_MS));
    const passing = async () =>
      (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) => name.endsWith(".tmp"));
    assert.equal((await passing()).length, 1);
    await renewPerson(toolsIn(folder), fingerprint, NOW_MS + YEAR_MS);
    // It may be another process's that still writes.
    assert.equal((await passing()).length, 1);
    await Deno.utime(join(folder, (await passing())[0]!.name), 0, 0);
    await renewPerson(toolsIn(folder), fingerprint, NOW_MS + 2 * YEAR_MS);
    assert.deepEqual(await passing(), []);
    assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
    for await (const { name } of Deno.readDir(folder)) {
      const isPublic = name.endsWith(".cert.asc") || name === "default";
      const mode = (await Deno.stat(join(folder, name))).mode! & 0o777;
      assert.equal(mode, isPublic ? 0o644 : 0o600, name);
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
