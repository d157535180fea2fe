import { deepEqual, throws } from "node:assert/strict";
import type { Introduction } from "../identity/behalf.ts";
import { encodeCbor } from "../model/cbor.ts";
import { MAX_NOTICE_ENTRIES, MAX_POST_BYTES, MAX_SIGNATURE_BYTES } from "../model/limits.ts";
import { parseFingerprint, parsePodName, parseServerUrl } from "../model/words.ts";
import {
  decodeHello,
  decodeNotice,
  decodePage,
  decodeSignedNotice,
  decodeWho,
  encodeHello,
  encodeNotice,
  encodePage,
  encodeSignedNotice,
  encodeWho,
} from "./wire.ts";

const REF = { person: parseFingerprint("AB".repeat(20)), pod: parsePodName("periphery") };
const ENTRY: Introduction = {
  certificate: Uint8Array.of(0x99, 2, 3),
  document: "peri behalf 1\n",
  signature: Uint8Array.of(0x88, 5),
};
const NOTICE = {
  from: REF,
  to: parseServerUrl("http://bob.example"),
  sentMs: 1_800_000_000_000,
  entries: [ENTRY],
};

Deno.test("what one directory writes another reads", () => {
  deepEqual(decodeHello(encodeHello(ENTRY)), ENTRY);
  deepEqual(decodeWho(encodeWho({ entry: ENTRY })), { entry: ENTRY });
  deepEqual(decodeWho(encodeWho({})), {});
  for (const isLast of [true, false]) {
    const page = { entries: [ENTRY, ENTRY], through: 1_800_000_000_000, isLast };
    deepEqual(decodePage(encodePage(page)), page);
  }
  deepEqual(decodeNotice(encodeNotice(NOTICE)), NOTICE);
  const signed = { notice: encodeNotice(NOTICE), signature: Uint8Array.of(9) };
  deepEqual(decodeSignedNotice(encodeSignedNotice(signed)), signed);
});

Deno.test("more entries than a notice holds are too large", () => {
  const entries = Array<Introduction>(MAX_NOTICE_ENTRIES + 1).fill(ENTRY);
  throws(() => decodeNotice(encodeNotice({ ...NOTICE, entries })), { kind: "too-large" });
  throws(() => decodePage(encodePage({ entries, through: 1, isLast: true })), {
    kind: "too-large",
  });
});

Deno.test("more bytes than a part may have are too large", () => {
  const big = (size: number) => new Uint8Array(size);
  throws(() => decodePage(big(MAX_POST_BYTES + 1)), { kind: "too-large" });
  throws(() => decodeHello(encodeHello({ ...ENTRY, certificate: big(200_000) })), {
    kind: "too-large",
  });
  const signature = big(MAX_SIGNATURE_BYTES + 1);
  throws(() => decodeSignedNotice(encodeSignedNotice({ notice: big(1), signature })), {
    kind: "too-large",
  });
});

Deno.test("other shapes are damaged, whichever field is wrong", () => {
  const from = `${REF.person}/${REF.pod}`;
  const good = { v: 1, kind: "book", from, to: NOTICE.to, sent: 1, entries: [] };
  decodeNotice(encodeCbor(good));
  const wrong = [
    { v: 2 },
    { kind: "books" },
    { from: from.toLowerCase() },
    { from: 7 },
    { to: "http://bob.example/" },
    { to: "HTTP://bob.example" },
    { sent: "now" },
    { entries: {} },
    { entries: [{ certificate: "", document: "", signature: "" }] },
    { entries: [null] },
  ];
  for (const part of wrong) {
    const bytes = encodeCbor({ ...good, ...part });
    throws(() => decodeNotice(bytes), { kind: "damaged" }, JSON.stringify(part));
  }
  for (const decode of [decodeHello, decodeWho, decodePage, decodeNotice, decodeSignedNotice]) {
    for (const value of [null, 7, [], {}, { v: 1 }]) {
      throws(() => decode(encodeCbor(value)), { kind: "damaged" }, decode.name);
    }
    for (let size = 0; size < 40; size++) {
      const cut = encodeNotice(NOTICE).subarray(0, size);
      throws(() => decode(cut), { kind: "damaged" }, decode.name);
    }
  }
});
