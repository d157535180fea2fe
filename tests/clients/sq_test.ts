// needs: sq sq-wot
/** Keys and signatures between peri and Sequoia, as Debian has it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { makeBackup } from "../../runtime/identity/backup.ts";
import { importPerson } from "../../runtime/identity/carry.ts";
import { renewPerson, revokePerson } from "../../runtime/identity/change.ts";
import { certificateOf, initPerson, showPerson } from "../../runtime/identity/person.ts";
import { signPerson } from "../../runtime/identity/trust/sign.ts";
import { decodeLineage } from "../../runtime/identity/succession/lineage.ts";
import { type Bytes, concatBytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { GpgHome, PASSPHRASE, pgp, toolsOf } from "./gnupg.ts";

const DAY_MS = 86_400_000;
const TEXT = encodeUtf8("a text\n");

/** A folder in which `sq` works. */
class Sequoia extends GpgHome {
  path(name: string): string {
    return join(this.folder, name);
  }

  async sq(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command("sq", { args, cwd: this.folder })
      .output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 0, `sq ${args.join(" ")}\n${said}`);
    return new TextDecoder().decode(stdout);
  }

  /** A key with `key.pgp.rev` beside it. */
  async generate(userId: string): Promise<Uint8Array> {
    await this.sq(
      "key",
      "generate",
      "--userid",
      userId,
      "--expires-in",
      "30d",
      "--export",
      "key.pgp",
    );
    return await Deno.readFile(this.path("key.pgp"));
  }
}

function withSequoia(run: (sequoia: Sequoia) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await Deno.makeTempDir({ prefix: "sq-" });
    try {
      await run(new Sequoia(folder));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

Deno.test(
  "a key that sq made is imported, renewed and signs what sq verifies",
  withSequoia(async (sequoia) => {
    const tools = toolsOf(sequoia);
    const { key } = await importPerson(tools, await sequoia.generate("Sam <sam@example.org>"));
    assert.deepEqual([key.userIds, key.canSign, key.canEncrypt], [
      ["Sam <sam@example.org>"],
      true,
      true,
    ]);
    const lateMs = Date.now() + 800 * DAY_MS;
    const renewed = await renewPerson(tools, key.fingerprint, lateMs);
    assert.equal(renewed.expiresMs, Math.floor(lateMs / 1_000) * 1_000);
    const certificate = await certificateOf(tools, key.fingerprint);
    await sequoia.write("cert.pgp", certificate);
    const day = new Date(lateMs).toISOString().slice(0, 10);
    const ends = (await sequoia.sq("inspect", "cert.pgp")).match(/Expiration time: \S+/g);
    assert.deepEqual(ends, Array(4).fill(`Expiration time: ${day}`));
    const secret = await pgp.dearmor(await tools.keyring.secretKey(key.fingerprint));
    await sequoia.write("sig", await pgp.sign(secret, TEXT));
    await sequoia.write("text", TEXT);
    await sequoia.sq("verify", "--signer-cert", "cert.pgp", "--detached", "sig", "text");
    await sequoia.sq("sign", "--signer-key", "key.pgp", "--detached", "-o", "sq.sig", "text");
    const signature = await Deno.readFile(sequoia.path("sq.sig"));
    await pgp.verify(certificate, TEXT, signature, Date.now());
  }),
);

Deno.test(
  "the revocation certificate that sq wrote beside a key takes it out of use in peri",
  withSequoia(async (sequoia) => {
    const tools = toolsOf(sequoia);
    const { key } = await importPerson(tools, await sequoia.generate("Sam"));
    const certificate = await Deno.readTextFile(sequoia.path("key.pgp.rev"));
    await revokePerson(tools, key.fingerprint, { certificate });
    assert.equal((await showPerson(tools, key.fingerprint)).revoked, true);
  }),
);

Deno.test(
  "sq reads a key of peri's, its backup, and that it is revoked, and why",
  withSequoia(async (sequoia) => {
    const tools = toolsOf(sequoia);
    const { fingerprint } = await initPerson(tools, { userId: "Alice" });
    await sequoia.write("backup", (await makeBackup(tools, fingerprint, { isPaper: false })).text);
    const inspected = await sequoia.sq("inspect", "backup");
    assert.match(
      inspected,
      new RegExp(`Transferable Secret Key\\.\\s+Fingerprint: ${fingerprint}`),
    );
    assert.equal(inspected.match(/Secret key: Encrypted/g)?.length, 4);
    await sequoia.write("pass", PASSPHRASE);
    await revokePerson(tools, fingerprint, { reason: "retired", text: "a new one" });
    await sequoia.write("revoked", await certificateOf(tools, fingerprint));
    const ended = await sequoia.sq("inspect", "revoked");
    assert.match(ended, /Revoked/i);
    assert.match(ended, /a new one/);
  }),
);

Deno.test(
  "Sequoia's web of trust holds by what peri certified, and peri's by what sq did; nothing that was changed counts",
  withSequoia(async (sequoia) => {
    const tools = toolsOf(sequoia);
    const [ALICE, BOB] = ["Alice <alice@example.org>", "Bob <bob@example.org>"];
    const alice = (await initPerson(tools, { userId: ALICE })).fingerprint;
    await sequoia.generate(BOB);
    await sequoia.sq("key", "extract-cert", "-o", "bob.pgp", "key.pgp");
    const certificate = await pgp.dearmorRing(await Deno.readFile(sequoia.path("bob.pgp")));
    const bob = (await pgp.inspect(certificate)).fingerprint;
    // Each signature is checked, and none but those of the root counts for it.
    const authenticates = async (ring: Uint8Array, by: string, userId: string, of: string) => {
      await sequoia.write("ring.pgp", ring);
      const args = ["-k", "ring.pgp", "-r", by, "authenticate", userId, of];
      return (await new Deno.Command("sq-wot", { args, cwd: sequoia.folder }).output()).code === 0;
    };
    const plain = { userIds: [BOB], depth: 0, amount: 0 };
    const ring = await signPerson(tools, alice, certificate, plain);
    assert.equal(await authenticates(ring, alice, BOB, bob), true);
    assert.equal(await authenticates(ring, bob, ALICE, alice), false);
    const bare = concatBytes([await certificateOf(tools, alice), certificate]);
    assert.equal(await authenticates(bare, alice, BOB, bob), false);
    assert.equal(await authenticates(await spoilt(ring), alice, BOB, bob), false);

    await sequoia.write("alice.pgp", await certificateOf(tools, alice));
    await sequoia.sq("certify", "-B", "-o", "made.pgp", "key.pgp", "alice.pgp", ALICE);
    const made = await Deno.readFile(sequoia.path("made.pgp"));
    const issuers = async (bytes: Uint8Array) =>
      (await pgp.certifications(bytes, [certificate])).certifications.map(({ issuer }) => issuer);
    assert.deepEqual(await issuers(made), [bob]);
    assert.deepEqual(await issuers(await spoilt(made, [certificate])), []);
    assert.equal(await authenticates(concatBytes([certificate, made]), bob, ALICE, alice), true);
  }),
);

/** A keyring with one bit of a certification in it changed. */
async function spoilt(ring: Uint8Array, known: readonly Bytes[] = []): Promise<Uint8Array> {
  const [said] = (await pgp.certifications(ring, [...known])).certifications;
  // Without its header, which may be written in several ways.
  const hex = said!.packet.subarray(6).toHex();
  const end = (ring.toHex().indexOf(hex) + hex.length) / 2;
  return ring.map((byte, at) => at === end - 1 ? byte ^ 1 : byte);
}

Deno.test(
  "sq verifies every signature of the golden lineage",
  withSequoia(async (sequoia) => {
    const path = new URL("../golden/lineage/lineage.cbor", import.meta.url);
    const { recoveries, successions } = decodeLineage(Deno.readFileSync(path));
    for (const { document, signatures } of [...recoveries, ...successions]) {
      await sequoia.write("text", encodeUtf8(document));
      for (const { certificate, signature } of signatures) {
        await sequoia.write("cert.pgp", certificate);
        await sequoia.write("sig", signature);
        await sequoia.sq("verify", "--signer-cert", "cert.pgp", "--detached", "sig", "text");
      }
    }
  }),
);
