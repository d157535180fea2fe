import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import { decodeUtf8 } from "../model/bytes.ts";
import { parseSshFingerprint } from "../model/ssh/key.ts";
import { parseFingerprint } from "../model/words.ts";
import { formatToken, parseToken, planToken, TakenTokens, tokenText } from "./token.ts";

const ALICE = parseFingerprint("5A".repeat(20));
const SERVER = parseSshFingerprint(`SHA256:${"a".repeat(43)}`);
const NOW = Date.parse("2026-11-23T07:24:00.400Z");
const SIGNATURE = new Uint8Array(119).fill(7);
const plan = (nowMs = NOW, lifeMs = 60_000, id = new Uint8Array(16)) =>
  planToken(ALICE, SERVER, nowMs, id, lifeMs);

Deno.test("what is signed names the person, the one server and the time", () => {
  equal(
    decodeUtf8(tokenText(plan())),
    `peri token 1
person: ${ALICE}
server: ${SERVER}
issued: 2026-11-23T07:24:00Z
expires: 2026-11-23T07:25:00Z
id: AAAAAAAAAAAAAAAAAAAAAA
`,
  );
});

Deno.test("a token is read as it was written, also of a long fingerprint, and pasted with blanks", () => {
  for (const person of [ALICE, parseFingerprint("C3".repeat(32))]) {
    const claims = planToken(person, SERVER, NOW, new Uint8Array(16).fill(255), 300_000);
    const text = `  ${formatToken(claims, SIGNATURE)}\n`;
    const token = { ...claims, signature: SIGNATURE };
    deepEqual(parseToken(text, SERVER, NOW), token);
  }
});

Deno.test("a token of an RSA key with 4096 bits is short enough for OpenSSH to read", () => {
  equal(formatToken(plan(), new Uint8Array(566)).length < 1_023, true);
});

Deno.test("a token for another server is a token over another text", () => {
  const token = formatToken(plan(), SIGNATURE);
  const other = parseSshFingerprint(`SHA256:${"b".repeat(43)}`);
  const [here, there] = [parseToken(token, SERVER, NOW), parseToken(token, other, NOW)];
  notEqual(decodeUtf8(tokenText(here)), decodeUtf8(tokenText(there)));
});

Deno.test("a token that is too old, too early or too long is refused", () => {
  const read = (issuedMs: number, lifeMs = 60_000) =>
    parseToken(formatToken(plan(issuedMs, lifeMs), SIGNATURE), SERVER, NOW);
  read(NOW - 59_000);
  read(NOW + 29_000);
  read(NOW, 300_000);
  for (const [issuedMs, lifeMs] of [[NOW - 61_000], [NOW + 32_000], [NOW, 301_000]] as const) {
    throws(() => read(issuedMs, lifeMs), { kind: "expired" });
  }
});

Deno.test("anything else is no token, however long", () => {
  const token = formatToken(plan(), SIGNATURE);
  const texts = [
    "",
    "password",
    token.slice(0, 80),
    token.replace("peri1", "peri2"),
    token.toLowerCase(),
    token.replaceAll(".", ":"),
    `${token} ${token}`,
    "x".repeat(1_000_000),
  ];
  for (const text of texts) {
    throws(() => parseToken(text, SERVER, NOW), { kind: "damaged" }, text.slice(0, 80));
  }
});

Deno.test("a token is taken once, also when others have come meanwhile", () => {
  const taken = new TakenTokens(NOW - 100_000);
  equal(taken.take(plan(), NOW), true);
  equal(taken.take(plan(), NOW + 1), false);
  equal(taken.take(plan(NOW, 60_000, new Uint8Array(16).fill(1)), NOW + 2), true);
  equal(taken.take(plan(), NOW + 59_000), false);
});

Deno.test("a token from before the server was started may have been taken and is refused", () => {
  const taken = new TakenTokens(NOW);
  equal(taken.take(plan(NOW - 2_000), NOW), false);
  equal(taken.take(plan(NOW), NOW), true);
});

Deno.test("somebody who takes one token after the other keeps nobody else out", () => {
  const taken = new TakenTokens(NOW - 100_000);
  const id = (at: number) => Uint8Array.from([at >> 8, at & 255, ...Array(14).fill(0)]);
  const greedy = Array.from(
    { length: 1_001 },
    (_, at) => taken.take(plan(NOW, 60_000, id(at)), NOW),
  );
  equal(greedy.at(-1), false);
  equal(taken.take({ ...plan(), person: parseFingerprint("C".repeat(40)) }, NOW), true);
  equal(taken.take(plan(NOW + 60_000), NOW + 60_000), true);
});
