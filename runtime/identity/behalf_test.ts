/** The text of behalfs: exact, ordered, bounded. */

import assert from "node:assert/strict";
import { type ErrorKind, PeriError } from "../model/errors.ts";
import { MAX_BEHALF_BYTES } from "../model/limits.ts";
import {
  parseCapabilityId,
  parseFingerprint,
  parseInterfaceName,
  parsePodName,
  parseServerUrl,
} from "../model/words.ts";
import { type Behalf, draftBehalf, formatBehalf, isInForceAt, parseBehalf } from "./behalf.ts";

const ISSUED_MS = Date.UTC(2026, 10, 23, 7, 24, 0);

function offer(name: string, digit: string): Behalf["capabilities"][number] {
  return {
    interface: parseInterfaceName(name),
    capability: parseCapabilityId(digit.repeat(64)),
  };
}

const FIELDS: Behalf = {
  person: parseFingerprint("5A".repeat(20)),
  pod: parsePodName("hey"),
  endpoint: parseServerUrl("https://bob.example"),
  capabilities: [offer("peri:hey/mail", "3"), offer("peri:face/command", "9")],
  podKey: parseFingerprint("77".repeat(20)),
  podCertificate: new Uint8Array([0x98, 0x33, 0x04]),
  serial: 3,
  issuedMs: ISSUED_MS + 999,
  expiresMs: ISSUED_MS + 365 * 86_400_000 + 1,
};

const TEXT = `peri behalf 1
person: ${"5A".repeat(20)}
pod: hey
endpoint: https://bob.example
capability: peri:face/command ${"9".repeat(64)}
capability: peri:hey/mail ${"3".repeat(64)}
pod-key: ${"77".repeat(20)}
public-key: mDME
serial: 3
issued: 2026-11-23T07:24:00Z
expires: 2027-11-23T07:24:00Z
`;

function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

Deno.test("a draft is sorted, cut to seconds and written as the protocol says", () => {
  const behalf = draftBehalf(FIELDS);
  assert.equal(formatBehalf(behalf), TEXT);
  assert.deepEqual(parseBehalf(TEXT), behalf);
});

Deno.test("a pod that offers nothing has a behalf too", () => {
  const behalf = draftBehalf({ ...FIELDS, capabilities: [] });
  assert.deepEqual(parseBehalf(formatBehalf(behalf)), behalf);
});

Deno.test("a draft that cannot stand is invalid", () => {
  const twice = [offer("peri:hey/mail", "3"), offer("peri:hey/mail", "4")];
  const wrong: [Partial<Behalf>, string][] = [
    [{ serial: 0 }, "serial"],
    [{ serial: 1.5 }, "serial"],
    [{ serial: 2 ** 53 }, "serial"],
    [{ capabilities: twice }, "each named once"],
    [{ expiresMs: FIELDS.issuedMs }, "expires before"],
    [{ expiresMs: Infinity }, "out of range"],
    [{ issuedMs: -1 }, "out of range"],
    [{ podCertificate: new Uint8Array() }, "pod key"],
  ];
  for (const [fields, text] of wrong) {
    assert.throws(() => draftBehalf({ ...FIELDS, ...fields }), fails("invalid", text));
  }
  const large = new Uint8Array(MAX_BEHALF_BYTES);
  assert.throws(() => draftBehalf({ ...FIELDS, podCertificate: large }), fails("too-large"));
});

Deno.test("a behalf of every line's own length fits, one byte more does not", () => {
  const room = MAX_BEHALF_BYTES - (TEXT.length - 4);
  const largest = new Uint8Array(Math.floor(room / 4) * 3);
  const text = formatBehalf(draftBehalf({ ...FIELDS, podCertificate: largest }));
  assert.ok(text.length <= MAX_BEHALF_BYTES && text.length > MAX_BEHALF_BYTES - 4);
  assert.equal(parseBehalf(text).podCertificate.length, largest.length);
  assert.throws(() => parseBehalf(" ".repeat(MAX_BEHALF_BYTES + 1)), fails("too-large"));
});

Deno.test("no other spelling of the same behalf is taken", () => {
  const change = (from: string | RegExp, to: string) => {
    const changed = TEXT.replace(from, to);
    assert.notEqual(changed, TEXT, String(from));
    return changed;
  };
  const [first, second] = TEXT.match(/capability: .*\n/g)!;
  const spellings = [
    change("peri behalf 1", "peri behalf 2"),
    change("peri behalf 1\n", ""),
    change(/\n$/, ""),
    change(/$/, "\n"),
    change(/$/, "note: x\n"),
    change(/\n/g, "\r\n"),
    change("person: ", "person:"),
    change("person: ", "Person: "),
    change("5A5A", "5a5a"),
    change("5A5A", "5A 5A"),
    change("pod: hey\n", ""),
    change("pod: hey", "pod: Hey"),
    change("pod: hey", "pod: hey\npod: hey"),
    change("https://bob.example", "https://bob.example/"),
    change("https://bob.example", "https://BOB.example"),
    change("https://bob.example", "https://bob.example:443"),
    change("https://bob.example", "ftp://bob.example"),
    change(first! + second!, second! + first!),
    change(first!, first! + first!),
    change(first!, first!.replace("\n", " extra\n")),
    change(first!, first!.replace(" 9", " ")),
    change("mDME", "mDME\n"),
    change("mDME", " mDME"),
    change("mDME", "mDM"),
    change("mDME", ""),
    change("serial: 3", "serial: 03"),
    change("serial: 3", "serial: 3.0"),
    change("serial: 3", "serial: 0x3"),
    change("serial: 3", "serial: -3"),
    change("serial: 3", "serial: 9007199254740992"),
    change("07:24:00Z", "07:24:00.000Z"),
    change("07:24:00Z", "07:24:00+00:00"),
    change("2026-11-23T", "2026-11-23t"),
    change("2026-11-23", "2026-02-30"),
    change("2027-11-23", "2025-11-23"),
    "",
    "\n",
  ];
  for (const text of spellings) {
    assert.throws(() => parseBehalf(text), fails("damaged"), JSON.stringify(text));
  }
});

Deno.test("a behalf cut anywhere is damaged", () => {
  for (let size = 0; size < TEXT.length; size++) {
    assert.throws(() => parseBehalf(TEXT.slice(0, size)), fails("damaged"));
  }
});

Deno.test("what an interface supersedes follows it, sorted, and comes back from the text", () => {
  const mail = offer("peri:hey/mail", "3");
  const older = ["2", "1"].map((digit) => parseCapabilityId(digit.repeat(64)));
  const capabilities = [{ ...mail, supersedes: older }, offer("peri:face/command", "9")];
  const behalf = draftBehalf({ ...FIELDS, capabilities });
  const text = formatBehalf(behalf);
  const line = `capability: peri:hey/mail ${"3".repeat(64)}\n`;
  const [one, two] = ["1", "2"].map((digit) => `supersedes: ${digit.repeat(64)}\n`);
  assert.equal(text, TEXT.replace(line, `${line}${one}${two}`));
  assert.deepEqual(parseBehalf(text), behalf);
  const swapped = text.replace(`${one}${two}`, `${two}${one}`);
  assert.throws(() => parseBehalf(swapped), fails("damaged", "not in order"));
  const bare = text.replaceAll(/^capability: .*\n/gm, "");
  assert.throws(() => parseBehalf(bare), fails("damaged", '"pod-key: …"'));
  const doubled = text.replace(one!, `${one}${one}`);
  assert.throws(() => parseBehalf(doubled), fails("damaged", "each named once"));
});

Deno.test("an interface supersedes at most sixteen", () => {
  const ids = (count: number) =>
    Array.from({ length: count }, (_, at) => parseCapabilityId(String(at).padStart(64, "0")));
  const draft = (count: number) =>
    draftBehalf({
      ...FIELDS,
      capabilities: [{ ...offer("peri:hey/mail", "3"), supersedes: ids(count) }],
    });
  assert.equal(draft(16).capabilities[0]?.supersedes?.length, 16);
  assert.throws(() => draft(17), fails("invalid", "at most 16"));
  assert.deepEqual(draft(0).capabilities, [offer("peri:hey/mail", "3")]);
});

Deno.test("a revocation offers nothing, and says why in one of the known words", () => {
  const over = draftBehalf({ ...FIELDS, capabilities: [], serial: 4, revoked: "compromised" });
  const text = formatBehalf(over);
  assert.ok(text.endsWith("\nrevoked: compromised\n"));
  assert.deepEqual(parseBehalf(text), over);
  assert.throws(() => draftBehalf({ ...FIELDS, revoked: "retired" }), fails("invalid", "offers"));
  for (const other of ["lost", "", "Retired", "retired\nrevoked: retired"]) {
    const wrong = text.replace("revoked: compromised", `revoked: ${other}`);
    assert.throws(() => parseBehalf(wrong), fails("damaged"), other);
  }
  // Whoever drops the line has another text, and no signature for it.
  assert.equal(parseBehalf(text.replace("revoked: compromised\n", "")).revoked, undefined);
});

Deno.test("a behalf is in force until it expires, and not at all when it is a revocation", () => {
  const behalf = draftBehalf(FIELDS);
  assert.equal(isInForceAt(behalf, behalf.expiresMs - 1), true);
  assert.equal(isInForceAt(behalf, behalf.expiresMs), false);
  const over = draftBehalf({ ...FIELDS, capabilities: [], revoked: "retired" });
  assert.equal(isInForceAt(over, over.issuedMs), false);
});
