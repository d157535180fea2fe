import { equal } from "node:assert/strict";
import { formatToken, planToken, tokenText } from "../../identity/token.ts";
import { decodeUtf8, encodeUtf8, equalBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { ed25519Key, sshFingerprint } from "../../model/ssh/key.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import type { KeyPart } from "../../ports/pgp.ts";
import { type Inhabitant, openDoor } from "./door.ts";

const [ALICE, MALLORY] = ["A1", "B2"].map((two) => parseFingerprint(two.repeat(20)));
const OWNER = parseFingerprint("D4".repeat(20));
const HERE = sshFingerprint(ed25519Key(new Uint8Array(32)));
const THERE = sshFingerprint(ed25519Key(new Uint8Array(32).fill(9)));
const NOW = 1_800_000_000_000;
const KEY = ed25519Key(new Uint8Array(32).fill(1));
const OTHER = ed25519Key(new Uint8Array(32).fill(2));

/** A primary key and a part that authenticates. */
function partsOf(
  person: Fingerprint,
  ssh = KEY,
  primary: Partial<KeyPart> = {},
  own: Partial<KeyPart> = {},
): KeyPart[] {
  const part = { createdMs: NOW - 1_000, revoked: false, secret: "elsewhere" as const };
  return [
    { fingerprint: person, uses: ["certify"], ...part, ...primary },
    { fingerprint: person, uses: ["authenticate"], ssh, ...part, ...own },
  ];
}

/** A door of people whose certificates are numbers of their parts; a signature names its signer. */
function doorOf(people: readonly (readonly KeyPart[])[]) {
  const clock = { at: NOW, nowMs: () => clock.at, sleep: () => Promise.resolve() };
  const warnings: string[] = [];
  const reads = { count: 0 };
  const inhabitants: Inhabitant[] = people.map((parts, index) => ({
    person: parts[0]!.fingerprint,
    certificate: Uint8Array.of(index),
  }));
  const door = openDoor({
    people: () => Promise.resolve(inhabitants),
    owner: () => OWNER,
    pgp: {
      parts(certificate) {
        reads.count++;
        return Promise.resolve([...people[certificate[0]!]!]);
      },
      verify(certificate, content, signature) {
        const signed = encodeUtf8(`${certificate[0]} ${decodeUtf8(content)}`);
        if (equalBytes(signed, signature)) return Promise.resolve();
        return Promise.reject(
          new PeriError("denied", { op: "verify", subject: "it does not hold" }),
        );
      },
    },
    clock,
    log: { warn: (event) => void warnings.push(event) },
    hostKey: HERE,
  });
  return { door, clock, warnings, reads, inhabitants };
}

function tokenOf(signer: number, server = HERE, person = ALICE, id = new Uint8Array(16)): string {
  const claims = planToken(person!, server, NOW, id);
  return formatToken(claims, encodeUtf8(`${signer} ${decodeUtf8(tokenText(claims))}`));
}

Deno.test("a person comes in by the part of their key that authenticates, and by no other", async () => {
  const { door, reads } = doorOf([
    partsOf(MALLORY!, OTHER),
    partsOf(ALICE!, KEY),
  ]);
  equal(await door.byKey(KEY), ALICE);
  equal(await door.byKey(OTHER), MALLORY);
  equal(await door.byKey(ed25519Key(new Uint8Array(32).fill(3))), undefined);
  equal(reads.count, 2, "certificates are read once");
  const signing = doorOf([partsOf(ALICE!, KEY, {}, { uses: ["sign"] })]);
  equal(await signing.door.byKey(KEY), undefined);
});

Deno.test("a key that is revoked, expired or of tomorrow lets nobody in, nor one of such a person", async () => {
  for (const wrong of [{ revoked: true }, { expiresMs: NOW }, { createdMs: NOW + 1 }]) {
    equal(await doorOf([partsOf(ALICE!, KEY, {}, wrong)]).door.byKey(KEY), undefined);
    equal(await doorOf([partsOf(ALICE!, KEY, wrong)]).door.byKey(KEY), undefined);
  }
  const { door, clock } = doorOf([partsOf(ALICE!, KEY, {}, { expiresMs: NOW + 5 })]);
  equal(await door.byKey(KEY), ALICE);
  clock.at += 5;
  equal(await door.byKey(KEY), undefined, "it expires while the server runs");
});

Deno.test("a key that two guests call theirs lets nobody in", async () => {
  // Mallory takes Alice's public key into her own certificate. Alice comes in, is taken for Mallory,
  // and writes her letters into Mallory's pods.
  const { door, warnings } = doorOf([partsOf(ALICE!), partsOf(MALLORY!)]);
  equal(await door.byKey(KEY), undefined);
  equal(warnings.length, 1);
});

Deno.test("no guest keeps the owner out by calling the owner's key theirs", async () => {
  const { door } = doorOf([partsOf(MALLORY!), partsOf(OWNER)]);
  equal(await door.byKey(KEY), OWNER);
});

Deno.test("a certificate that has changed is read again", async () => {
  const people = [partsOf(ALICE!, OTHER), partsOf(ALICE!, KEY)];
  const { door, inhabitants } = doorOf(people);
  inhabitants.pop();
  equal(await door.byKey(KEY), undefined);
  inhabitants[0] = { person: ALICE!, certificate: Uint8Array.of(1) };
  equal(await door.byKey(KEY), ALICE);
});

Deno.test("who came in by an SSH key stays in while it is theirs, whatever others call theirs", async () => {
  // Alice has lost the card with her SSH key, and revokes that part of her key: whoever has the card
  // is in, and would stay.
  const { door, inhabitants } = doorOf([
    partsOf(ALICE!),
    partsOf(ALICE!, KEY, {}, { revoked: true }),
    partsOf(MALLORY!),
  ]);
  const came = { person: ALICE!, key: KEY };
  inhabitants.splice(1, 1);
  equal(await door.isIn(came), true, "Mallory calls it hers, too, and ends nothing with it");
  inhabitants[0] = { person: ALICE!, certificate: Uint8Array.of(1) };
  equal(await door.isIn(came), false);
  equal(await door.isIn({ person: ALICE! }), true, "by a token Alice is in");
  inhabitants.shift();
  equal(await door.isIn({ person: ALICE! }), false);
});

Deno.test("certificates of people who have left are not kept", async () => {
  const { door, reads, inhabitants } = doorOf([partsOf(ALICE!), partsOf(MALLORY!, OTHER)]);
  equal(await door.byKey(KEY), ALICE);
  const [left] = inhabitants.splice(0, 1);
  equal(await door.byKey(KEY), undefined);
  inhabitants.push(left!);
  equal(await door.byKey(KEY), ALICE);
  equal(reads.count, 3, "Alice's is read once more when she is back");
});

Deno.test("a token lets in once, who signed it, here and while it is in force", async () => {
  const { door, clock } = doorOf([partsOf(ALICE!), partsOf(MALLORY!, OTHER)]);
  equal(await door.byToken(tokenOf(0)), ALICE);
  equal(await door.byToken(tokenOf(0)), undefined, "it is played again");
  const fresh = new Uint8Array(16).fill(1);
  equal(await door.byToken(tokenOf(0, THERE, ALICE, fresh)), undefined, "it is for another server");
  equal(await door.byToken(tokenOf(1, HERE, ALICE, fresh)), undefined, "somebody else signed it");
  const stranger = parseFingerprint("C3".repeat(20));
  equal(await door.byToken(tokenOf(0, HERE, stranger, fresh)), undefined, "nobody knows them");
  equal(await door.byToken("anything"), undefined);
  const late = tokenOf(0, HERE, ALICE, fresh);
  clock.at += 61_000;
  equal(await door.byToken(late), undefined, "it has expired");
});

Deno.test("a token that was refused is not used up by whoever tried", async () => {
  // Mallory has seen Alice's token and gives it, broken, before her.
  const { door } = doorOf([partsOf(ALICE!)]);
  const token = tokenOf(0);
  equal(await door.byToken(`${token}AAAA`), undefined);
  equal(await door.byToken(token), ALICE);
});
