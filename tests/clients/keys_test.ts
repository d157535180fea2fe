// needs: gpg gpgconf xxd
/** Keys that peri changes and gpg reads, and the other way round. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { makeBackup, openBackup, restoreBackup } from "../../runtime/identity/backup.ts";
import { importFromGpg, importPerson } from "../../runtime/identity/carry.ts";
import { changePassphrase, renewPerson, revokePerson } from "../../runtime/identity/change.ts";
import { draftBehalf, formatBehalf } from "../../runtime/identity/behalf.ts";
import { checkIntroduction } from "../../runtime/identity/introduction.ts";
import {
  certificateOf,
  initPerson,
  type KeyTools,
  showPerson,
} from "../../runtime/identity/person.ts";
import { signBehalf } from "../../runtime/identity/sign.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Fingerprint, parsePodName, parseServerUrl } from "../../runtime/model/words.ts";
import { readPackets, TAG } from "../../runtime/adapters/openpgp/packets.ts";
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { fails, type GpgHome, pgp, toolsOf, withGpg } from "./gnupg.ts";

const DAY_MS = 86_400_000;
const EMPTY = ["--pinentry-mode", "loopback", "--passphrase", ""];

/** Validity and expiry, in whole seconds, of the primary key and the subkeys, as gpg lists them. */
async function listed(home: GpgHome, person: string): Promise<[string, number][]> {
  const text = decodeUtf8(await home.gpg(["--with-colons", "-k", person]));
  return text.split("\n").filter((line) => /^(?:pub|sub):/.test(line)).map((line) => {
    const fields = line.split(":");
    return [fields[1]!, Number(fields[6])];
  });
}

Deno.test(
  "gpg takes a key whose passphrase peri has changed and signs with the new one",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    const fresh = {
      ask: () => Promise.resolve("another one"),
      reject: () => Promise.resolve(false),
    };
    await changePassphrase(tools, fingerprint, { fresh, unprotected: false });
    await home.answer("another one");
    await home.gpg(["--import"], encodeUtf8(await tools.keyring.secretKey(fingerprint)));
    const text = encodeUtf8("a text\n");
    const path = await home.write("text", text);
    const signature = await home.gpg(["-u", fingerprint, "-o", "-", "--detach-sign", path]);
    await pgp.verify(await certificateOf(tools, fingerprint), text, signature, Date.now());
  }),
);

Deno.test(
  "gpg sees a key that peri has renewed expire later, every part of it, and verifies what it signs",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const soonMs = Date.now() + 5 * DAY_MS;
    const { fingerprint } = await initPerson(tools, { userId: "Alice", expiresMs: soonMs });
    await home.gpg(["--import"], await certificateOf(tools, fingerprint));
    const lateMs = Date.now() + 500 * DAY_MS;
    await renewPerson(tools, fingerprint, lateMs);
    const imported = await home.try(["--import"], await certificateOf(tools, fingerprint));
    assert.match(imported.stderr, /4 new signatures/);
    const parts = await listed(home, fingerprint);
    assert.deepEqual(
      parts.map(([, seconds]) => seconds),
      Array(4).fill(Math.floor(lateMs / 1_000)),
    );
    const [text, path] = [encodeUtf8("a text\n"), await home.write("text", "a text\n")];
    const secret = await pgp.dearmor(await tools.keyring.secretKey(fingerprint));
    const opened = await pgp.unlock(secret, await tools.passphrase.ask({ purpose: "" }));
    const signature = await home.write("sig", await pgp.sign(opened, text));
    await home.gpg(["--verify", signature, path]);
    const sealed = await home.gpg(["--trust-model", "always", "-er", fingerprint, "-o", "-", path]);
    assert.ok(sealed.length > 100);
  }),
);

Deno.test(
  "a key that gpg has renewed is brought up to date by its certificate alone",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const fingerprint = await home.makeKey("Gina", "ed25519", "ed25519");
    await importPerson(tools, await home.gpg(["--export-secret-keys", fingerprint]));
    const before = await showPerson(tools, fingerprint);
    await home.gpg([...EMPTY, "--quick-set-expire", fingerprint, "3y"]);
    await home.gpg([...EMPTY, "--quick-set-expire", fingerprint, "3y", "*"]);
    const certificate = await home.gpg(["--export", fingerprint]);
    await importPerson(tools, certificate, { replace: true });
    const after = await showPerson(tools, fingerprint);
    assert.ok(after.expiresMs! > before.expiresMs! + 600 * DAY_MS);
    const secret = await pgp.dearmor(await tools.keyring.secretKey(fingerprint));
    const ends = (await pgp.parts(secret)).map(({ expiresMs }) => expiresMs! > before.expiresMs!);
    assert.deepEqual(ends, [true, true]);
    // What is kept knows more than an old copy, and keeps it.
    await importPerson(tools, await home.gpg(["--export", fingerprint]), { replace: true });
    assert.equal((await showPerson(tools, fingerprint)).expiresMs, after.expiresMs);
  }),
);

Deno.test(
  "a renewed key stays usable in gpg and in peri whoever renewed it last",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const fingerprint = await home.makeKey("Gina", "rsa3072", "rsa3072");
    await importPerson(tools, await home.gpg(["--export-secret-keys", fingerprint]));
    await renewPerson(tools, fingerprint, Date.now() + 900 * DAY_MS);
    await home.gpg(["--import"], await certificateOf(tools, fingerprint));
    const late = await listed(home, fingerprint);
    assert.ok(late.every(([, seconds]) => seconds * 1_000 > Date.now() + 890 * DAY_MS));
    await home.gpg([...EMPTY, "--quick-set-expire", fingerprint, "2y"]);
    await importPerson(tools, await home.gpg(["--export", fingerprint]), { replace: true });
    const { expiresMs } = await showPerson(tools, fingerprint);
    assert.ok(expiresMs! < Date.now() + 800 * DAY_MS);
  }),
);

Deno.test(
  "a key that stays in gpg is renewed there, every part of it, and is known to end later here",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    await home.gpg(["--quick-gen-key", "Gina", "ed25519", "cert", "30d"]);
    const fingerprint = await home.fingerprint("Gina");
    await home.gpg(["--quick-add-key", fingerprint, "ed25519", "sign", "30d"]);
    await importFromGpg(tools, fingerprint);
    const lateMs = Math.floor(Date.now() / 1_000) * 1_000 + 700 * DAY_MS;
    const renewed = await renewPerson(tools, fingerprint, lateMs);
    assert.deepEqual([renewed.expiresMs, renewed.custody], [lateMs, "gpg"]);
    assert.deepEqual(renewed.parts.map(({ expiresMs }) => expiresMs), [lateMs, lateMs]);
    const forEver = await renewPerson(tools, fingerprint, undefined);
    assert.deepEqual(forEver.parts.map(({ expiresMs }) => expiresMs), [undefined, undefined]);
  }),
);

Deno.test(
  "gpg reads the reason for which peri has revoked a key",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    await home.gpg(["--import"], await certificateOf(tools, fingerprint));
    const why = { reason: "compromised", text: "the laptop is gone" } as const;
    const revocation = await revokePerson(tools, fingerprint, why);
    await home.gpg(["--import"], encodeUtf8(revocation));
    assert.equal((await listed(home, fingerprint))[0]![0], "r");
    const packets = decodeUtf8(await home.gpg(["--list-packets"], encodeUtf8(revocation)));
    assert.match(packets, /revocation reason 0x02 \(the laptop is gone\)/);
  }),
);

Deno.test(
  "the revocation certificate that gpg wrote beside a key takes it out of use in peri",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const fingerprint = await home.makeKey("Gina", "ed25519", "ed25519");
    await importFromGpg(tools, fingerprint);
    const path = join(home.folder, "openpgp-revocs.d", `${fingerprint}.rev`);
    const certificate = await Deno.readTextFile(path);
    assert.match(certificate, /^:-----BEGIN/m);
    await revokePerson(tools, fingerprint, { certificate });
    assert.equal((await showPerson(tools, fingerprint)).revoked, true);
    await home.gpg(["--import"], await certificateOf(tools, fingerprint));
    assert.equal((await listed(home, fingerprint))[0]![0], "r");
  }),
);

Deno.test(
  "what gpg exports is imported: an offline primary, ended subkeys, several user ids",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const fingerprint = await home.makeKey("Gina <gina@example.org>", "ed25519", "ed25519");
    await home.gpg([...EMPTY, "--quick-add-uid", fingerprint, "Gina at work"]);
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "cv25519", "encr", "seconds=1"]);
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "rsa2048", "auth", "1y"]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const subkeys = await home.gpg(["--export-secret-subkeys", fingerprint]);
    const { key } = await importPerson(tools, subkeys);
    assert.deepEqual([...key.userIds].sort(), ["Gina <gina@example.org>", "Gina at work"]);
    assert.deepEqual([key.canSign, key.canEncrypt], [true, false]);
    const parts = await pgp.parts(await pgp.dearmor(await tools.keyring.secretKey(fingerprint)));
    const places = parts.map(({ uses, secret }) => `${uses} ${secret}`);
    const open = ["sign open", "encrypt open", "authenticate open"];
    assert.deepEqual(places, ["certify elsewhere", ...open]);
    assert.ok(parts[2]!.expiresMs! < Date.now());
    await assert.rejects(
      renewPerson(tools, fingerprint, undefined),
      fails("invalid", "only subkeys"),
    );
    // Where the primary key is, the subkey that was to end stays ended.
    const whole = toolsOf(home);
    await importPerson(whole, await home.gpg(["--export-secret-keys", fingerprint]));
    await renewPerson(whole, fingerprint, Date.now() + 700 * DAY_MS);
    const renewed = await pgp.parts(await certificateOf(whole, fingerprint));
    const far = renewed.map(({ expiresMs }) => expiresMs! > Date.now() + 600 * DAY_MS);
    assert.deepEqual(far, [true, true, false, true]);
    await importPerson(tools, await certificateOf(whole, fingerprint), { replace: true });
    assert.ok((await showPerson(tools, fingerprint)).expiresMs! > Date.now() + 600 * DAY_MS);
  }),
);

Deno.test(
  "gpg takes a backup as it is, and one from paper by what stands on it",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    for (const isPaper of [false, true]) {
      const { text } = await makeBackup(tools, fingerprint, { isPaper });
      const path = await home.write(`backup-${isPaper}`, text);
      const command = isPaper
        ? /^ {2}(sed .*\| gpg --import)$/m.exec(text)![1]!.replace("gpg", "gpg --batch")
        : "gpg --batch --import FILE";
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", command.replace("FILE", path)],
        env: { GNUPGHOME: home.folder },
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const signature = await home.gpg(["-u", fingerprint, "-o", "-", "--detach-sign", path]);
      const certificate = await certificateOf(tools, fingerprint);
      await pgp.verify(certificate, encodeUtf8(text), signature, Date.now());
      await home.gpg(["--yes", "--delete-secret-and-public-key", fingerprint]);
    }
  }),
);

Deno.test(
  "a secret key that gpg exported for a drawer is restored",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    await home.gpg(["--quick-gen-key", "Gina", "ed25519", "cert", "1y"]);
    const fingerprint = await home.fingerprint("Gina");
    await home.gpg(["--quick-add-key", fingerprint, "ed25519", "sign", "1y"]);
    const armor = await home.gpg(["--armor", "--export-secret-keys", fingerprint]);
    const key = await restoreBackup(tools, await openBackup(tools, armor));
    assert.deepEqual([key.fingerprint, key.custody], [fingerprint, "here"]);
    const { text } = await makeBackup(tools, fingerprint, { isPaper: true });
    assert.equal((await openBackup(tools, encodeUtf8(text))).info.fingerprint, fingerprint);
  }),
);

Deno.test(
  "a key of which gpg has only stubs is refused with the way that works",
  withGpg(async (home) => {
    const fingerprint = await home.makeKey("Gina", "ed25519", "ed25519");
    const onCard = cardStubs(await home.gpg(["--export", fingerprint]));
    const packets = decodeUtf8(await home.gpg(["--list-packets"], onCard));
    assert.match(packets, /gnu-divert-to-card/);
    const tools = toolsOf(home);
    await assert.rejects(importPerson(tools, onCard), fails("invalid", "on a card"));
    assert.deepEqual(await tools.keyring.list(), []);
    assert.equal((await importFromGpg(tools, fingerprint)).custody, "gpg");
  }),
);

/** A certificate as gpg exports the secret key when a card has the secrets: GNU mode 2, a serial. */
function cardStubs(certificate: Uint8Array): Bytes {
  const stub = [255, 0, 101, 0, ...encodeUtf8("GNU"), 2, 16, ...new Uint8Array(16).fill(0xd2)];
  const parts = [...readPackets(certificate, "test")].map(({ tag, body }) => {
    const isKey = tag === TAG.publicKey || tag === TAG.publicSubkey;
    const content = isKey ? [...body, ...stub] : [...body];
    const secret = tag === TAG.publicKey ? TAG.secretKey : TAG.secretSubkey;
    const head = [
      0xc0 | (isKey ? secret : tag),
      255,
      0,
      0,
      content.length >> 8,
      content.length & 255,
    ];
    return new Uint8Array([...head, ...content]);
  });
  return concatBytes(parts);
}

/** What gpg's key signs behalfs with in peri, and whether gpg verifies it by the certificate here. */
async function signsBehalf(home: GpgHome, person: Fingerprint, tools: KeyTools): Promise<void> {
  const pod = await pgp.makePodKey("hey");
  const nowMs = Date.now();
  const document = formatBehalf(draftBehalf({
    person,
    pod: parsePodName("hey"),
    endpoint: parseServerUrl("https://gina.example"),
    capabilities: [],
    podKey: pod.fingerprint,
    podCertificate: pod.certificate,
    serial: 1,
    issuedMs: nowMs,
    expiresMs: nowMs + 30 * DAY_MS,
    revoked: "retired",
  }));
  const signature = await signBehalf(tools, person, document);
  const certificate = await certificateOf(tools, person);
  await checkIntroduction(pgp, { certificate, document, signature }, Date.now());
  await home.gpg(["--import"], certificate);
  const [sig, text] = [await home.write("b.sig", signature), await home.write("b.txt", document)];
  await home.gpg(["--verify", sig, text]);
}

Deno.test(
  "a signing subkey is rotated in gpg: behalfs are signed with the newest that is good, in peri or gpg",
  withGpg(async (home) => {
    await home.gpg([...EMPTY, "--quick-gen-key", "Gina", "ed25519", "cert", "1y"]);
    const fingerprint = await home.fingerprint("Gina");
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "ed25519", "sign", "seconds=2"]);
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "rsa2048", "sign", "1y"]);
    const tools = toolsOf(home);
    await importPerson(tools, await home.gpg(["--export-secret-keys", fingerprint]));
    await signsBehalf(home, fingerprint, tools);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    // The first one has ended, and a third takes the place of the second.
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "ed25519", "sign", "1y"]);
    await importPerson(tools, await home.gpg(["--export-secret-keys", fingerprint]), {
      replace: true,
    });
    const { parts } = await showPerson(tools, fingerprint);
    const signing = parts.filter(({ uses }) => uses.includes("sign"));
    assert.deepEqual([signing.length, parts.length], [3, 4]);
    await signsBehalf(home, fingerprint, tools);
    const inGpg = toolsOf(home);
    await importFromGpg(inGpg, fingerprint);
    await signsBehalf(home, fingerprint, inGpg);
    // A subkey that has ended stays so when the key is renewed; the others go on.
    await renewPerson(tools, fingerprint, Date.now() + 700 * DAY_MS);
    await signsBehalf(home, fingerprint, tools);
    const ends = (await showPerson(tools, fingerprint)).parts.map(({ expiresMs }) =>
      expiresMs! > Date.now() + 600 * DAY_MS
    );
    assert.deepEqual(ends.filter(Boolean).length, 3);
  }),
);

Deno.test(
  "a subkey that gpg has revoked signs nothing in peri any more, the one beside it does",
  withGpg(async (home) => {
    await home.gpg([...EMPTY, "--quick-gen-key", "Gina", "ed25519", "cert", "1y"]);
    const fingerprint = await home.fingerprint("Gina");
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "ed25519", "sign", "1y"]);
    await home.gpg([...EMPTY, "--quick-add-key", fingerprint, "ed25519", "sign", "1y"]);
    const tools = toolsOf(home);
    await importPerson(tools, await home.gpg(["--export-secret-keys", fingerprint]));
    const script = "key 2\nrevkey\ny\n0\n\ny\nsave\n";
    await home.gpg(
      [...EMPTY, "--command-fd", "0", "--edit-key", fingerprint],
      encodeUtf8(script),
    );
    await importPerson(tools, await home.gpg(["--export", fingerprint]), { replace: true });
    const { parts } = await showPerson(tools, fingerprint);
    assert.deepEqual(parts.map(({ revoked }) => revoked), [false, false, true]);
    await signsBehalf(home, fingerprint, tools);
  }),
);

/** A key that peri and gpg keep, and that has ended since; on a busy machine it lives longer. */
async function makeDying(home: GpgHome) {
  for (let seconds = 3;; seconds *= 3) {
    const name = `Gina${seconds}`;
    await home.gpg([...EMPTY, "--quick-gen-key", name, "ed25519", "default", `seconds=${seconds}`]);
    const bornMs = Date.now();
    const fingerprint = await home.fingerprint(name);
    const [tools, inGpg] = [toolsOf(home), toolsOf(home)];
    try {
      await importPerson(tools, await home.gpg(["--export-secret-keys", fingerprint]));
      await importFromGpg(inGpg, fingerprint);
    } catch (thrown) {
      if (thrown instanceof PeriError && thrown.kind === "expired" && seconds < 100) continue;
      throw thrown;
    }
    const leftMs = bornMs + seconds * 1_000 + 100 - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(leftMs, 100)));
    return { fingerprint, tools, inGpg };
  }
}

Deno.test(
  "a key that has expired signs nothing, and does again once gpg or peri has renewed it",
  withGpg(async (home) => {
    const { fingerprint, tools, inGpg } = await makeDying(home);
    await assert.rejects(signsBehalf(home, fingerprint, tools), PeriError);
    await assert.rejects(signsBehalf(home, fingerprint, inGpg), PeriError);
    await renewPerson(tools, fingerprint, Date.now() + 90 * DAY_MS);
    await signsBehalf(home, fingerprint, tools);
    await renewPerson(inGpg, fingerprint, Date.now() + 300 * DAY_MS);
    await signsBehalf(home, fingerprint, inGpg);
  }),
);
