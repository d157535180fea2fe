/** `peri key sign`, `accept` and `trust` as people see them; the periphery is a stand-in. */

import assert from "node:assert/strict";
import { formatBase64, parseBase64 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { formatFingerprint } from "../../runtime/model/words.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { Computer, DAY_MS, NOW_MS, pgp } from "./computer.ts";

const BOB = await pgp.makePersonKey({ userId: "Bob \u202e<bob@example.org>", passphrase: "" });

/** A computer of somebody with a key, and what its periphery is given. */
async function alice() {
  const computer = new Computer();
  await computer.types(["init", "--name", "Alice", "--no-passphrase"]);
  const given: Uint8Array[] = [];
  const answer = (record: JsonRecord): Operation => (_args, session) => {
    session.item(record);
    return Promise.resolve(0);
  };
  const operations: Record<string, Operation> = {
    "trust.person": answer({
      person: BOB.fingerprint,
      name: "bob",
      certificate: formatBase64(BOB.certificate),
      signed: [],
    }),
    "trust.take": (args, session) => {
      given.push(parseBase64(String(args.keyring)));
      session.item({ taken: [{}], known: 0, refused: 0 });
      return Promise.resolve(0);
    },
    "invitation.accept": answer({
      person: BOB.fingerprint,
      certificate: formatBase64(BOB.certificate),
    }),
  };
  return { computer, given, operations };
}

Deno.test("on a terminal a fingerprint is shown in groups, words and squares before it is signed", async () => {
  const { computer, given, operations } = await alice();
  const look = { operations, terminal: true };
  const no = await computer.types(["sign", "bob"], { ...look, input: ["n\r"] });
  assert.deepEqual([no.code, given.length], [5, 0]);
  const yes = await computer.types(["sign", "bob"], { ...look, input: ["y\r"] });
  assert.equal(yes.code, 0, yes.stderr);
  assert.ok(yes.stderr.includes(formatFingerprint(BOB.fingerprint)));
  assert.match(yes.stderr, /(?:\n {6}\S+ \S+ \S+ \S+ \S+){4}\n/);
  assert.ok(yes.stderr.includes("▀"), "the QR code");
  assert.ok(yes.stderr.includes("Bob ·<bob@example.org>"), "nothing steers the terminal");
  assert.match(yes.stderr, /Have you compared this with them, by a way that you trust\?/);
  const [said] = (await pgp.certifications(given[0]!, [])).certifications;
  assert.deepEqual([said?.subject, said?.depth, said?.isRevocation], [BOB.fingerprint, 0, false]);
});

Deno.test("a script says that it was compared, or with which fingerprint; else nothing is signed", async () => {
  const { computer, given, operations } = await alice();
  const world = { operations };
  const unasked = await computer.types(["sign", "bob"], world);
  assert.equal(unasked.code, 5);
  assert.match(unasked.stderr, /--yes/);
  const own = (await computer.keyring.list())[0]!.fingerprint;
  assert.equal((await computer.types(["sign", "bob", "--fingerprint", own], world)).code, 5);
  assert.equal(given.length, 0);
  const grouped = formatFingerprint(BOB.fingerprint).toLowerCase();
  const flags = [
    "--depth",
    "2",
    "--amount",
    "partial",
    "--domain",
    "example.org",
    "--expires",
    "90d",
  ];
  const argv = ["sign", "bob", "--fingerprint", grouped, ...flags];
  assert.deepEqual(await computer.record(argv, world), {
    person: BOB.fingerprint,
    userIds: ["Bob \u202e<bob@example.org>"],
    depth: 2,
    amount: 60,
    regex: "<[^>]+[@.]example\\.org>$",
    expiresMs: NOW_MS + 90 * DAY_MS,
  });
  assert.equal(given.length, 1);
});

Deno.test("terms that nobody could hold are refused before anything is signed", async () => {
  const { computer, given, operations } = await alice();
  const wrong = [
    ["--depth", "9"],
    ["--depth", "-1"],
    ["--depth", "much"],
    ["--depth", "1", "--amount", "lots"],
    ["--depth", "1", "--amount", "0"],
    ["--depth", "1", "--amount", "256"],
    ["--domain", "example.org"],
    ["--depth", "1", "--regex", "("],
    ["--depth", "1", "--regex", "x", "--domain", "example.org"],
    ["--expires", "yesterday"],
  ];
  for (const flags of wrong) {
    const { code, stderr } = await computer.types(["sign", "bob", "--yes", ...flags], {
      operations,
    });
    assert.equal(code, 2, `${flags.join(" ")}: ${stderr}`);
  }
  assert.equal(
    (await computer.types(["sign", "bob", "--yes", "--only", "eve"], { operations })).code,
    3,
  );
  assert.equal((await computer.types(["sign"], { operations })).code, 2);
  assert.equal(given.length, 0);
});

Deno.test("a server that shows another key than the link says is not believed", async () => {
  const { computer, given, operations } = await alice();
  const seed = "A".repeat(43);
  const link = (person: string) => `https://bob.example/peri/v1/meeting#${person}.${seed}`;
  const other = await computer.types(["accept", link("5A".repeat(20)), "--sign"], { operations });
  assert.deepEqual([other.code, given.length], [5, 0]);
  const own = (await computer.keyring.list())[0]!.fingerprint;
  assert.equal((await computer.types(["accept", link(own)], { operations })).code, 2);
  assert.equal((await computer.types(["accept", "https://bob.example/"], { operations })).code, 2);
  const piped = await computer.types(["accept", "-"], {
    operations,
    input: [`${link(BOB.fingerprint)}\n`],
  });
  assert.equal(piped.code, 0, piped.stderr);
  assert.match(piped.stdout, /^accepted; to sign their key later: peri key sign [0-9A-F]{40}\n$/);
  assert.equal(given.length, 0, "nobody said that it is to be signed");
});
