// needs: gpg gpgconf sq
/** Certifications between peri, GnuPG and Sequoia: each takes what the others have signed. */

import assert from "node:assert/strict";
import { importFromGpg } from "../../runtime/identity/carry.ts";
import { certificateOf, initPerson, type KeyTools } from "../../runtime/identity/person.ts";
import { openKeysmith } from "../../runtime/adapters/openpgp.ts";
import { Trust } from "../../runtime/identity/trust/evaluate.ts";
import { TrustGraph } from "../../runtime/identity/trust/graph.ts";
import { domainRegex } from "../../runtime/identity/trust/regex.ts";
import { signPerson, unsignPerson } from "../../runtime/identity/trust/sign.ts";
import { type Bytes, decodeUtf8, encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { Fingerprint } from "../../runtime/model/words.ts";
import { AMOUNT } from "../../runtime/ports/certification.ts";
import { fails, type GpgHome, pgp, toolsOf, withGpg } from "./gnupg.ts";

const DAY_MS = 86_400_000;
const BOB = "Bob <bob@example.org>";
const BOB_TOO = "Bob Ünïcode <bob@two.example>";

/** A key of gpg with two user ids. */
async function makeBob(home: GpgHome): Promise<[Fingerprint, Bytes]> {
  const bob = await home.makeKey(BOB, "ed25519", "ed25519");
  const empty = ["--pinentry-mode", "loopback", "--passphrase", ""];
  await home.gpg([...empty, "--quick-add-uid", bob, BOB_TOO]);
  return [bob, await home.gpg(["--export", bob])];
}

async function aliceOf(tools: KeyTools): Promise<Fingerprint> {
  return (await initPerson(tools, { userId: "Alice <alice@example.org>" })).fingerprint;
}

/** Lines about signatures by one key, as gpg checks them. */
async function checked(home: GpgHome, of: Fingerprint, by: Fingerprint): Promise<string[]> {
  const listing = await home.gpg(["--with-colons", "--check-signatures", of]);
  return decodeUtf8(listing).split("\n").filter((line) =>
    /^(sig|rev):/.test(line) && line.split(":")[4] === by.slice(-16)
  );
}

Deno.test(
  "gpg checks what peri signed: trust, domain, expiry, and that it was taken back",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const alice = await aliceOf(tools);
    const [bob, certificate] = await makeBob(home);
    const regex = domainRegex("example.org");
    const expiresMs = Date.now() + 30 * DAY_MS;
    const wish = { userIds: [BOB, BOB_TOO], depth: 2, amount: AMOUNT.full, regex, expiresMs };
    const ring = await signPerson(tools, alice, certificate, wish);
    await home.gpg(["--import"], ring);
    const good = await checked(home, bob, alice);
    assert.equal(good.length, 2);
    // sig:!:…:key id:created:expires::trust depth and amount:user id:class
    for (const line of good) {
      const fields = line.split(":");
      assert.equal(fields[1], "!");
      assert.ok(Math.abs(Number(fields[6]) * 1000 - expiresMs) < 60_000, line);
      assert.deepEqual([fields[7], fields[8]], ["2 120", regex.replaceAll("\\", "\\x5c")]);
    }
    const taken = await unsignPerson(tools, alice, ring, certificate, [BOB]);
    await home.gpg(["--import"], taken);
    const kinds = (await checked(home, bob, alice)).map((line) => line.slice(0, 5)).sort();
    assert.deepEqual(kinds, ["rev:!", "sig:!", "sig:!"]);
  }),
);

Deno.test(
  "peri reads what gpg signed, and a key that stays in gpg signs and takes back through it",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const [bob, certificate] = await makeBob(home);
    const alice = await aliceOf(tools);
    await importFromGpg(tools, bob);
    const other = await certificateOf(tools, alice);
    const wish = {
      userIds: ["Alice <alice@example.org>"],
      depth: 1,
      amount: AMOUNT.partial,
      regex: domainRegex("example.org"),
      expiresMs: Date.now() + 30 * DAY_MS,
    };
    const ring = await signPerson(tools, bob, other, wish);
    const [said] = (await pgp.certifications(ring, [])).certifications;
    assert.ok(said);
    const { depth, amount, regex, expiresMs, issuer, subject, isRevocation } = said;
    assert.deepEqual([depth, amount, regex], [1, 60, wish.regex]);
    assert.ok(Math.abs(expiresMs! - wish.expiresMs) < 60_000);
    assert.deepEqual([issuer, subject, isRevocation], [bob, alice, false]);
    const keys = decodeUtf8(await home.gpg(["--with-colons", "-k"]));
    assert.ok(!keys.includes(alice), "the person's own keyring of gpg stays as it was");
    const taken = await unsignPerson(tools, bob, ring, other, wish.userIds);
    const { certifications } = await pgp.certifications(taken, []);
    assert.deepEqual(certifications.map((each) => each.isRevocation), [true]);
    const plain = { userIds: wish.userIds, depth: 0, amount: 0 };
    const again = await pgp.certifications(await signPerson(tools, bob, other, plain), []);
    assert.equal(again.certifications[0]?.depth, 0);
    await assert.rejects(
      signPerson(tools, bob, other, { ...wish, regex: "x|y" }),
      fails("invalid", "gpg cannot write x|y"),
    );
    void certificate;
  }),
);

Deno.test(
  "sq and peri agree on what each has signed: trust, scope, and that it was taken back",
  withGpg(async (home) => {
    const tools = toolsOf(home);
    const alice = await aliceOf(tools);
    const sq = async (...args: string[]) => {
      const said = await new Deno.Command("sq", { args, cwd: home.folder }).output();
      assert.ok(said.success, `sq ${args.join(" ")}\n${decodeUtf8(said.stderr)}`);
      return decodeUtf8(said.stdout);
    };
    await sq("key", "generate", "--userid", BOB, "--export", "bob.pgp");
    await sq("key", "extract-cert", "--output", "bob.asc", "bob.pgp");
    const bob = (await pgp.certifications(await Deno.readFile(`${home.folder}/bob.asc`), []))
      .keys[0]!;
    const regex = domainRegex("example.org");
    const wish = { userIds: [BOB], depth: 1, amount: 90, regex };
    const ring = await signPerson(tools, alice, bob.certificate, wish);
    await home.write("ring.pgp", ring);
    const seen = await sq("inspect", "--certifications", "ring.pgp");
    assert.match(
      seen,
      new RegExp(`Alleged certifier: ${alice}|Certifi\\w+: .*${alice.slice(-16)}`),
    );
    const dump = await sq("packet", "dump", "ring.pgp");
    assert.match(dump, /Trust signature: +level 1 trust 90 +\(critical\)/);
    assert.match(dump, /Regular expression: .*example.*org>\$/);

    const others = await home.write("alice.asc", await tools.keyring.certificate(alice));
    const signed = ["--depth", "2", "--amount", "60", "--regex", regex, "--expires-in", "30d"];
    const made = await sq("certify", ...signed, "bob.pgp", others, "Alice <alice@example.org>");
    const { certifications } = await pgp.certifications(new TextEncoder().encode(made), [
      bob.certificate,
    ]);
    const [said] = certifications;
    assert.ok(said);
    assert.deepEqual([said.issuer, said.subject, said.depth, said.amount, said.regex], [
      bob.fingerprint,
      alice,
      2,
      60,
      regex,
    ]);
    assert.ok(Math.abs(said.expiresMs! - said.createdMs - 30 * DAY_MS) < DAY_MS);
    const taken = await unsignPerson(tools, alice, ring, bob.certificate, [BOB]);
    await home.write("taken.pgp", taken);
    assert.match(await sq("packet", "dump", "taken.pgp"), /Type: CertificationRevocation/);
  }),
);

Deno.test(
  "gpg and peri come to the same from the same signatures",
  withGpg(async (home) => {
    const names = ["alice", "b", "c", "d", "e", "f", "g"];
    const made = await Promise.all(
      names.map((userId) => pgp.makePersonKey({ userId, passphrase: "" })),
    );
    const keyOf = (name: string) => made[names.indexOf(name)]!;
    const smith = openKeysmith({ nowMs: () => Date.now(), sleep: () => Promise.resolve() });
    const graph = new TrustGraph();
    const rings = made.map(({ certificate }) => certificate);
    const lines = ["alice b 2 60", "alice c 1 60", "b d 1 120", "c d 2 60", "b e", "c e", "d f"];
    lines.push("e f", "f g 3 120", "g alice 3 120", "b f", "c g");
    for (const line of lines) {
      const [by, of, depth = 0, amount = 0] = line.split(" ");
      const wish = { userIds: [of!], depth: Number(depth), amount: Number(amount) };
      const ring = await smith.certify(keyOf(by!).secretKey, keyOf(of!).certificate, wish);
      rings.push(ring);
      const { keys, certifications } = await pgp.certifications(ring, []);
      for (const key of keys) graph.setKey(key.fingerprint, key);
      for (const said of certifications) graph.put(said);
    }
    for (const ring of rings) await home.gpg(["--import"], ring);
    const { fingerprint } = keyOf("alice");
    await home.gpg(["--import-ownertrust"], encodeUtf8(`${fingerprint}:6:\n`));
    const model = ["--trust-model", "pgp", "--marginals-needed", "2", "--completes-needed", "1"];
    await home.gpg([...model, "--check-trustdb"]);
    const trust = new Trust(graph, fingerprint, Date.now());
    const certified: boolean[] = [];
    for (const name of names.slice(1)) {
      const shown = decodeUtf8(await home.gpg([...model, "--with-colons", "-k", `=${name}`]));
      const isCertified = trust.standing(keyOf(name).fingerprint).certified;
      assert.equal(/^uid:[fu]:/m.test(shown), isCertified, name);
      certified.push(isCertified);
    }
    assert.ok(certified.includes(true) && certified.includes(false), "both are seen");
  }),
);
