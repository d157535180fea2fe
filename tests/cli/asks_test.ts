import assert from "node:assert/strict";
import type { Permission } from "../../cli/context.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Fingerprint } from "../../runtime/model/words.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { type, type World } from "./memory.ts";

const ALICE = "A1".repeat(20) as Fingerprint;
const MALLORY = "E7".repeat(20) as Fingerprint;
const behalf: Permission = {
  person: ALICE,
  pod: "hey",
  endpoint: "https://home.example",
  capabilities: [{ interface: "peri:hey/mail" }],
  podKey: "0B".repeat(20) as Fingerprint,
  serial: 3,
  expiresMs: Date.UTC(2027, 10, 23, 12),
};

/** Installs by asking for a signature by `person` over a document; keeps what came back. */
function world(person: Fingerprint, more: World = {}) {
  const signed: { signature?: string; input?: number } = {};
  const install: Operation = async (_args, session) => {
    signed.input = 0;
    for await (const piece of session.input) signed.input += piece.length;
    signed.signature = formatBase64(await session.sign(person, "the document"));
    session.item({ name: "hey", version: "1.0.0" });
    return 0;
  };
  const signer = {
    parseBehalf(document: string) {
      if (document === "the document") return behalf;
      throw new PeriError("damaged", { op: "read behalf", subject: "no behalf" });
    },
    signBehalf: (_person: Fingerprint, document: string) =>
      Promise.resolve(new TextEncoder().encode(`signed ${document}`)),
  };
  const files = { "hey.wasm": new Uint8Array(600_000) };
  return { signed, world: { operations: { "pod.install": install }, signer, files, ...more } };
}

Deno.test("what is signed is shown from the document itself, and signed after y", async () => {
  const { signed, world: alice } = world(ALICE, { terminal: true, input: ["y\r"] });
  const { code, stdout, stderr } = await type(["pod", "install", "hey.wasm"], alice);
  assert.equal(code, 0);
  for (const shown of ["hey", "https://home.example", "peri:hey/mail", "A1A1 A1A1", "2027-11-23"]) {
    assert.ok(stderr.includes(shown), shown);
  }
  assert.match(stderr, /Sign this\? \[y\/N\]/);
  assert.equal(signed.signature, formatBase64(new TextEncoder().encode("signed the document")));
  assert.equal(signed.input, 600_000);
  assert.match(stdout, /^installed hey 1\.0\.0/);
});

Deno.test("anything but y is no, and nothing is signed", async () => {
  for (const answer of ["\r", "n\r", "yeah\r", "yy\r"]) {
    const { signed, world: alice } = world(ALICE, { terminal: true, input: [answer] });
    const { code, stderr } = await type(["pod", "install", "hey.wasm"], alice);
    assert.equal(code, 5, answer);
    assert.match(stderr, /cannot sign: you said no/);
    assert.equal(signed.signature, undefined);
  }
});

Deno.test("without a terminal a question is refused and names --yes, which answers it", async () => {
  const { signed, world: alice } = world(ALICE);
  const { code, stderr } = await type(["pod", "install", "hey.wasm"], alice);
  assert.equal(code, 5);
  assert.match(stderr, /hint: --yes/);
  assert.equal(signed.signature, undefined);
  assert.equal((await type(["pod", "install", "hey.wasm", "-y"], alice)).code, 0);
  assert.notEqual(signed.signature, undefined);
});

Deno.test("a periphery cannot have a document signed as somebody it is not about", async () => {
  const { signed, world: alice } = world(MALLORY);
  const { code, stderr } = await type(["pod", "install", "hey.wasm", "--yes"], alice);
  assert.equal(code, 13);
  assert.match(stderr, /another person/);
  assert.equal(signed.signature, undefined);
});

Deno.test("Ctrl-C at the question ends with 130 and leaves the terminal as it was", async () => {
  const { signed, world: alice } = world(ALICE, { terminal: true, input: ["y\x03"] });
  const { code, raw } = await type(["pod", "install", "hey.wasm"], alice);
  assert.equal(code, 130);
  assert.deepEqual(raw, [true, false]);
  assert.equal(signed.signature, undefined);
});

Deno.test("a component over the bound is refused before a periphery is asked", async () => {
  const files = { "big.wasm": new Uint8Array(32 * 1024 * 1024 + 1) };
  const { signed, world: alice } = world(ALICE, { files });
  assert.equal((await type(["pod", "install", "big.wasm"], alice)).code, 8);
  assert.equal(signed.input, undefined);
});

Deno.test("a bare name is a pod that comes with peri, never a file that lies around", async () => {
  const evil = { hey: new Uint8Array(666) };
  const lured = world(ALICE, { files: evil });
  const { code, stderr } = await type(["pod", "install", "hey", "--yes"], lured.world);
  assert.equal(code, 3);
  assert.match(stderr, /hey is no pod that comes with peri .*\nhint: peri pod install \.\/hey /);
  assert.equal(lured.signed.input, undefined);
  const other = await type(["pod", "install", "hex", "--yes"], lured.world);
  assert.equal(other.code, 3);
  assert.match(other.stderr, /hint: deno task build/);
  const files = {
    ...evil,
    "./hey": new Uint8Array(7),
    "/checkout/dist/hey.wasm": new Uint8Array(42),
  };
  const built = world(ALICE, { files });
  assert.equal((await type(["pod", "install", "hey", "--yes"], built.world)).code, 0);
  assert.equal(built.signed.input, 42);
  assert.equal((await type(["pod", "install", "./hey", "--yes"], built.world)).code, 0);
  assert.equal(built.signed.input, 7);
});

/** A periphery that asks for behalfs of these pods, and how often the key was unlocked for them. */
function renewal(operation: string, pods: readonly string[], revoked?: string) {
  const signed: string[][] = [];
  const work: Operation = async (_args, session) => {
    for (const pod of pods) session.note(pod);
    const signatures = await session.signAll(ALICE, pods);
    for (const [at, pod] of pods.entries()) {
      session.item({
        pod,
        done: "renewed",
        expiresMs: behalf.expiresMs,
        at: signatures[at]!.length,
      });
    }
    return 0;
  };
  const signer = {
    parseBehalf: (pod: string) => ({ ...behalf, pod, ...(revoked ? { revoked } : {}) }),
    signBehalfs: (_person: Fingerprint, documents: readonly string[]) => {
      signed.push([...documents]);
      return Promise.resolve(documents.map((text) => new TextEncoder().encode(text)));
    },
  };
  return { signed, world: { operations: { [operation]: work }, signer } };
}

Deno.test("several behalfs are shown together, agreed to once and signed with one unlocking", async () => {
  const { signed, world } = renewal("behalf.renew", ["hey", "photos"]);
  const asked = { ...world, terminal: true, input: ["y\r"] };
  const { code, stdout, stderr } = await type(["behalf", "renew", "--all"], asked);
  assert.equal(code, 0);
  assert.deepEqual(signed, [["hey", "photos"]]);
  assert.match(stderr, /You are about to sign 2 behalfs\./);
  assert.equal(stderr.match(/Sign this\?/g)?.length, 1);
  for (const shown of ["hey", "photos", "https://home.example", "peri:hey/mail", "2027-11-23"]) {
    assert.ok(stderr.includes(shown), shown);
  }
  assert.match(stdout, /^hey may act until .*\nphotos may act until /);
});

// The server is somebody else's, or broken into: whatever the person types, it would like to have
// more signed than that.
Deno.test("nothing is signed that was not asked for: another pod, a revocation, several at once", async () => {
  const other = renewal("behalf.renew", ["hey", "photos"]);
  const renew = await type(["behalf", "renew", "hey", "--yes"], other.world);
  assert.equal(renew.code, 5);
  assert.match(renew.stderr, /wants a behalf of photos signed, which you did not ask for/);
  const end = renewal("behalf.renew", ["hey"], "retired");
  const sly = await type(["behalf", "renew", "--all", "--yes"], end.world);
  assert.match(sly.stderr, /the end of the behalf of hey signed, which you did not ask for/);
  const many = renewal("pod.install", ["hey"]);
  const files = { "hey.wasm": new Uint8Array(8) };
  const install = await type(["pod", "install", "hey.wasm", "--yes"], { ...many.world, files });
  assert.match(install.stderr, /which you did not ask for/);
  const wrong = renewal("behalf.revoke", ["hey"], "compromised");
  const words = ["behalf", "revoke", "hey", "--reason", "retired", "--yes"];
  assert.match((await type(words, wrong.world)).stderr, /did not ask for/);
  for (const { signed } of [other, end, many, wrong]) assert.deepEqual(signed, []);
});

Deno.test("a revocation is shown as one, and says what takes it back", async () => {
  const { signed, world } = renewal("behalf.revoke", ["hey"], "retired");
  const words = ["behalf", "revoke", "hey", "--reason", "retired", "--yes"];
  const { code, stderr } = await type(words, world);
  assert.equal(code, 0);
  assert.match(stderr, /about to sign 1 revocation\. From then on nothing is believed/);
  assert.match(stderr, /Way back: peri behalf renew hey/);
  assert.equal(signed.length, 1);
});

Deno.test("what cannot be meant is refused before a periphery is asked", async () => {
  for (
    const words of [
      ["renew", "--all", "hey"],
      ["renew", "hey", "--expires", "never"],
      ["renew", "hey", "--expires", "1969-01-01"],
      ["revoke"],
      ["revoke", "hey", "--reason", "boredom"],
    ]
  ) {
    const { code } = await type(["behalf", ...words], {});
    assert.equal(code, 2, words.join(" "));
  }
});
