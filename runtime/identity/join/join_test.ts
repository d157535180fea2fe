import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { parseFingerprint, parseServerUrl } from "../../model/words.ts";
import { formatInvitation, invitationId, parseInvitation } from "./invitation.ts";
import { checkJoinTimes, draftJoin, formatJoin, parseJoin } from "./text.ts";
import {
  decodeJoinReply,
  decodeJoinRequest,
  decodeSealedJoin,
  encodeJoinReply,
  encodeJoinRequest,
  encodeSealedJoin,
} from "./wire.ts";

const KEY = parseFingerprint("77D2E4".padEnd(40, "0"));
const PERSON = parseFingerprint("5A1F".padEnd(40, "0"));
const SERVER = parseServerUrl("https://alice.example:8443");
const SECRET = new Uint8Array(16).fill(7);
const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0, 500);
const DAY_MS = 86_400_000;

const LINE = "https://alice.example:8443/#join.d9LkAAAAAAAAAAAAAAAAAAAAAAA.BwcHBwcHBwcHBwcHBwcHBw";
const TEXT = `peri join 1
person: ${PERSON}
server: https://alice.example:8443
server-key: ${KEY}
invitation: 211c424d2b80f482395b3acd7ec6f986be900f3e4301b02210b2fe94726b1f7f
issued: 2026-11-23T07:24:00Z
expires: 2026-11-23T08:24:00Z
`;

const isOf = (kind: string) => (error: unknown) =>
  error instanceof PeriError && error.kind === kind;

function join() {
  const fields = { person: PERSON, server: SERVER, serverKey: KEY };
  return draftJoin({ ...fields, invitation: invitationId(SECRET) }, NOW_MS);
}

Deno.test("an invitation is one line, of these very bytes, with or without blanks around it", () => {
  assert.equal(formatInvitation({ server: SERVER, key: KEY, secret: SECRET }), LINE);
  const { server, key, secret } = parseInvitation(`  ${LINE}\n`);
  assert.deepEqual([server, key, secret], [SERVER, KEY, SECRET]);
});

Deno.test("what is no invitation is refused, and not repeated", () => {
  const garbage = [
    "",
    "https://alice.example",
    LINE.slice(0, -1),
    `${LINE}A`,
    LINE.replace("#", "?"),
  ];
  for (const text of [...garbage, LINE.replace("https", "ftp"), "x".repeat(100_000)]) {
    assert.throws(() => parseInvitation(text), (error: PeriError) => {
      assert.equal(error.kind, "invalid");
      return !`${error.message}${error.hint}`.includes("BwcHBw");
    });
  }
});

Deno.test("the text of a join is written in one form only", () => {
  const text = formatJoin(join());
  assert.equal(text, TEXT);
  assert.deepEqual(parseJoin(text), join());
  const others = [
    text.slice(0, -1),
    `${text}\n`,
    text.replace("join 1", "join 2"),
    text.replace("join 1", "behalf 1"),
    text.replaceAll("\n", "\r\n"),
    text.replace("5A1F", "5a1f"),
    text.replace(":8443", ":8443/"),
    text.replace("11-23T07", "13-23T07"),
    text.replace("person", "pod"),
    "x".repeat(100_000),
  ];
  for (const other of others) assert.throws(() => parseJoin(other), isOf("damaged"), other);
});

Deno.test("the text of a join is in force for its hour, as far as clocks may differ", () => {
  const one = join();
  for (const atMs of [0, DAY_MS, -DAY_MS]) checkJoinTimes(one, one.issuedMs + atMs);
  const late = one.expiresMs + DAY_MS + 1;
  assert.throws(() => checkJoinTimes(one, late), isOf("expired"));
  assert.throws(() => checkJoinTimes(one, one.issuedMs - DAY_MS - 1), isOf("denied"));
  const long = { ...one, expiresMs: one.issuedMs + DAY_MS };
  assert.throws(() => checkJoinTimes(long, one.issuedMs), isOf("denied"));
});

Deno.test("requests and replies are read as they were written, and nothing else is", () => {
  const request = {
    secret: SECRET,
    document: TEXT,
    signature: Uint8Array.of(1, 2),
    certificate: Uint8Array.of(3),
  };
  const bytes = encodeJoinRequest(request);
  assert.deepEqual(decodeJoinRequest(bytes), request);
  assert.deepEqual(decodeSealedJoin(encodeSealedJoin(bytes)), bytes);
  const reply = { joined: new Uint8Array(32), signature: Uint8Array.of(9) };
  assert.deepEqual(decodeJoinReply(encodeJoinReply(reply)), reply);
  const bad = [
    { ...request, secret: SECRET.slice(1) },
    { ...request, certificate: new Uint8Array(41 * 1024) },
    { ...request, signature: new Uint8Array(3 * 1024) },
  ];
  for (const one of bad) {
    assert.throws(() => decodeJoinRequest(encodeJoinRequest(one)), isOf("damaged"));
  }
  for (const cut of [0, 1, bytes.length - 1]) {
    assert.throws(() => decodeJoinRequest(bytes.slice(0, cut)), isOf("damaged"));
  }
  assert.throws(() => decodeJoinRequest(new Uint8Array(1024 * 1024)), isOf("too-large"));
});
