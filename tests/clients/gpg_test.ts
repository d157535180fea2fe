// needs: gpg gpgconf
/** Keys, signatures and messages between peri and the real GnuPG, in a home of its own. */

import assert from "node:assert/strict";
import { systemGpg } from "../../runtime/adapters/gpg.ts";
import { gpgAgent } from "../../runtime/adapters/gpg_agent.ts";
import { draftBehalf, formatBehalf } from "../../runtime/identity/behalf.ts";
import { checkIntroduction } from "../../runtime/identity/introduction.ts";
import { importFromGpg, importPerson } from "../../runtime/identity/carry.ts";
import { certificateOf, initPerson, type KeyTools } from "../../runtime/identity/person.ts";
import { signBehalf } from "../../runtime/identity/sign.ts";
import { decodeLineage } from "../../runtime/identity/succession/lineage.ts";
import { decodeUtf8, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import {
  type Fingerprint,
  parseFingerprint,
  parsePodName,
  parseServerUrl,
} from "../../runtime/model/words.ts";
import { fails, type GpgHome, PASSPHRASE, pgp, toolsOf, withGpg } from "./gnupg.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

async function draft(person: Fingerprint): Promise<string> {
  const pod = await pgp.makePodKey("hey");
  return formatBehalf(draftBehalf({
    person,
    pod: parsePodName("hey"),
    endpoint: parseServerUrl("https://alice.example"),
    capabilities: [],
    podKey: pod.fingerprint,
    podCertificate: pod.certificate,
    serial: 1,
    issuedMs: Date.now() - MINUTE_MS,
    expiresMs: Date.now() + DAY_MS,
  }));
}

/** Signs a behalf, has peri check it and gpg verify it. */
async function signAndVerify(home: GpgHome, tools: KeyTools, person: Fingerprint): Promise<void> {
  const document = await draft(person);
  const signature = await signBehalf(tools, person, document);
  const certificate = await certificateOf(tools, person);
  await checkIntroduction(pgp, { certificate, document, signature }, Date.now());
  const [signed, text] = [await home.write("sig", signature), await home.write("doc", document)];
  const good = await home.try(["--status-fd", "1", "--verify", signed, text]);
  assert.equal(good.code, 0, good.stderr);
  assert.match(decodeUtf8(good.stdout), new RegExp(`VALIDSIG \\w+ .* ${person}`));
  await Deno.writeTextFile(text, document.replace("alice.example", "evil.example"));
  assert.notEqual((await home.try(["--verify", signed, text])).code, 0);
}

Deno.test(
  "gpg imports peri's public key, shows what each part is for and verifies its behalf",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const key = await initPerson(tools, {
      userId: "Alice Ünïcode <alice@example.org>",
      expiresMs: Date.now() + 365 * DAY_MS,
    });
    await home.gpg(["--import"], await certificateOf(tools, key.fingerprint));
    const listing = decodeUtf8(await home.gpg(["--with-colons", "-k", key.fingerprint]));
    const uses = [...listing.matchAll(/^(pub|sub):.*$/gm)].map((line) => line[0].split(":")[11]);
    assert.deepEqual(uses.map((use) => use!.replace(/[A-Z]/g, "")), ["c", "s", "e", "a"]);
    assert.match(listing, /^uid:.*Alice Ünïcode <alice@example.org>/m);
    assert.match(listing, /^pub:.:255:22:/m);
    await signAndVerify(home, tools, key.fingerprint);
  }),
);

Deno.test(
  "gpg imports peri's locked secret key and signs with it, and peri verifies that",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    const armored = await tools.keyring.secretKey(fingerprint);
    await home.gpg(["--import"], encodeUtf8(armored));
    const text = encodeUtf8("a document\n");
    const path = await home.write("doc", text);
    const signature = await home.gpg(["-u", fingerprint, "-o", "-", "--detach-sign", path]);
    assert.equal(await home.asked(), 1);
    await pgp.verify(await certificateOf(tools, fingerprint), text, signature, Date.now());
    const armor = await home.gpg(["-u", fingerprint, "-a", "-o", "-", "--detach-sign", path]);
    await pgp.verify(await certificateOf(tools, fingerprint), text, armor, Date.now());
  }),
);

Deno.test(
  "gpg opens a message sealed to a peri key and names the pod that signed it",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    const pod = await pgp.makePodKey("hey");
    await home.gpg(["--import"], encodeUtf8(await tools.keyring.secretKey(fingerprint)));
    await home.gpg(["--import"], pod.certificate);
    const text = encodeUtf8("only for you\n");
    const alice = await certificateOf(tools, fingerprint);
    const sealed = await home.write("sealed", await pgp.seal(pod.secretKey, alice, text));
    const opened = await home.try(["--status-fd", "2", "--decrypt", sealed]);
    assert.deepEqual([opened.code, opened.stdout], [0, text], opened.stderr);
    assert.match(opened.stderr, new RegExp(`VALIDSIG ${pod.fingerprint}`));
    // The other way is not compressed, as the protocol asks.
    const [plain, peer] = [await home.write("plain", text), `${fingerprint}`];
    const toPod = [
      "--trust-model",
      "always",
      "-z",
      "0",
      "-u",
      peer,
      "-r",
      pod.fingerprint,
      "-o",
      "-",
      "--sign",
      "--encrypt",
    ];
    const received = await pgp.open(pod.secretKey, await home.gpg([...toPod, plain]), 1_000);
    assert.deepEqual(received.content, text);
    await received.verify(alice, Date.now());
  }),
);

Deno.test(
  "peri's revocation certificate takes the key out of use in gpg and then in peri",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    const document = await draft(fingerprint);
    const signature = await signBehalf(tools, fingerprint, document);
    await home.gpg(["--import"], await certificateOf(tools, fingerprint));
    await home.gpg(["--import"], encodeUtf8(await tools.keyring.revocation(fingerprint)));
    const listing = decodeUtf8(await home.gpg(["--with-colons", "-k", fingerprint]));
    assert.match(listing, /^pub:r:/m);
    const certificate = await home.gpg(["--export", fingerprint]);
    const introduction = { certificate, document, signature };
    const check = checkIntroduction(pgp, introduction, Date.now());
    await assert.rejects(check, fails("denied", "revoked"));
    await assert.rejects(importPerson(tools, certificate), fails("denied", "revoked"));
  }),
);

for (
  const [name, primary, signing] of [["ed25519", "ed25519", "ed25519"], [
    "RSA",
    "rsa3072",
    "rsa3072",
  ]] as const
) {
  Deno.test(
    `an ${name} key of gpg whose primary only certifies is imported and signs a behalf`,
    withGpg(async (home) => {
      const tools = toolsOf(home);
      const fingerprint = await home.makeKey(`Gina ${name}`, primary, signing);
      const armored = await home.gpg(["-a", "--export-secret-keys", fingerprint]);
      const { key, unprotected } = await importPerson(tools, armored);
      assert.deepEqual([key.fingerprint, key.custody, unprotected], [fingerprint, "here", true]);
      await assert.rejects(importPerson(tools, armored), fails("exists", fingerprint));
      await signAndVerify(home, tools, fingerprint);
    }),
  );
}

Deno.test(
  "subkeys exported without their primary sign, and a passphrase set in gpg unlocks them",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    await home.gpg(["--quick-gen-key", "Gina", "ed25519", "cert", "1y"]);
    const fingerprint = await home.fingerprint("Gina");
    await home.gpg(["--quick-add-key", fingerprint, "ed25519", "sign", "1y"]);
    const exported = await home.gpg(["--export-secret-subkeys", fingerprint]);
    const { unprotected } = await importPerson(tools, exported);
    assert.equal(unprotected, false);
    await signAndVerify(home, tools, fingerprint);
  }),
);

Deno.test(
  "a key that stays in gpg signs a behalf there",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const fingerprint = await home.makeKey("Gina", "ed25519", "ed25519");
    const key = await importFromGpg(tools, fingerprint);
    assert.equal(key.custody, "gpg");
    await signAndVerify(home, tools, fingerprint);
    const unknown = parseFingerprint("AB".repeat(20));
    await assert.rejects(importFromGpg(tools, unknown), fails("not-found", unknown));
    const alice = await initPerson(toolsOf(home), { userId: "Alice" });
    await assert.rejects(importFromGpg(tools, alice.fingerprint), fails("not-found"));
  }),
);

Deno.test(
  "gpg-agent asks once, remembers, and forgets a wrong passphrase",
  withGpg(async (home) => {
    const agent = gpgAgent(home.folder);
    const tools = toolsOf(home, agent);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    await home.gpg(["--import"], await certificateOf(tools, fingerprint));
    const afterInit = await home.asked();
    await home.answer("wrong");
    await assert.rejects(signBehalf(tools, fingerprint, await draft(fingerprint)), fails("denied"));
    assert.equal(await home.asked(), afterInit + 3);
    await home.answer(PASSPHRASE);
    await signAndVerify(home, tools, fingerprint);
    await home.answer("no longer read");
    await signAndVerify(home, tools, fingerprint);
    assert.equal(await home.asked(), afterInit + 4);
    const odd = "% + ü 'x'";
    await home.answer(odd);
    assert.equal(await agent.ask({ purpose: 'A "question" — 100 %\nin two lines' }), odd);
  }),
);

Deno.test(
  "gpg verifies the golden behalf",
  withGpg(async (home) => {
    const golden = (name: string) => new URL(`../golden/behalf/${name}`, import.meta.url).pathname;
    await home.gpg(["--import", golden("certificate.asc")]);
    await home.gpg(["--verify", golden("signature.pgp"), golden("document.txt")]);
  }),
);

Deno.test(
  "gpg verifies every signature of the golden lineage",
  withGpg(async (home) => {
    const path = new URL("../golden/lineage/lineage.cbor", import.meta.url);
    const { recoveries, successions } = decodeLineage(Deno.readFileSync(path));
    for (const { document, signatures } of [...recoveries, ...successions]) {
      const text = await home.write("statement.txt", encodeUtf8(document));
      for (const { certificate, signature } of signatures) {
        await home.gpg(["--import"], certificate);
        const signed = await home.write("statement.sig", signature);
        await home.gpg(["--verify", signed, text]);
      }
    }
  }),
);

Deno.test("without gpg the hint says what to do", async () => {
  const missing = systemGpg({ program: "/nowhere/gpg" });
  const sign = missing.sign(parseFingerprint("AB".repeat(20)), new Uint8Array());
  await assert.rejects(sign, fails("missing-implementation", "/nowhere/gpg is not installed"));
});

Deno.test("an agent that cannot ask: the hint names a way that every command has", async () => {
  const asking = gpgAgent("/nowhere").ask({ purpose: "Unlock" });
  await assert.rejects(asking, (error) => {
    assert.ok(error instanceof PeriError && error.kind === "denied");
    assert.match(error.hint ?? "", /PERI_PASSPHRASE_FILE/);
    return true;
  });
});
