/**
 * Every decoder of the boxes on bytes that are almost right: it reads what it would write the same,
 * or refuses with an error of peri; it never breaks and never reads one thing for another.
 *
 * `SEED=7 deno test -A tests/fuzz/boxes_test.ts` runs other cases, `CASES=100000` more of them.
 *
 * @module
 */

import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { messageFromCbor, messageToCbor } from "../../runtime/boxes/body.ts";
import { decodeBundle, encodeBundle } from "../../runtime/boxes/bundle.ts";
import { decodeReceipt, encodeReceipt } from "../../runtime/boxes/receipt.ts";
import { type Bytes, parseHex } from "../../runtime/model/bytes.ts";
import { decodeCbor, encodeCbor } from "../../runtime/model/cbor.ts";
import {
  decodePost,
  decodeReplies,
  encodePost,
  encodeReplies,
} from "../../runtime/model/envelope.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { mutate } from "./mutate.ts";

const CASES = Number(Deno.env.get("CASES") ?? 1_500);
const SEED = Deno.env.get("SEED") ?? "1";

interface Vector {
  readonly kind: string;
  readonly hex: string;
}

const vectors: readonly Vector[] = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/envelope/vectors.json", import.meta.url)),
);

/** Reads bytes and writes again what was read. */
const CODECS: Readonly<Record<string, (bytes: Bytes) => Bytes>> = {
  post: (bytes) => encodePost(decodePost(bytes)),
  replies: (bytes) => encodeReplies(decodeReplies(bytes)),
  receipt: (bytes) => encodeReceipt(decodeReceipt(bytes)),
  bundle: (bytes) => {
    const { messages, ...head } = decodeBundle(bytes);
    return encodeBundle(head, messages.map((message) => encodeCbor(messageToCbor(message))));
  },
};

function tryCase(codec: (bytes: Bytes) => Bytes, bytes: Bytes): "read" | "refused" {
  try {
    deepStrictEqual(codec(bytes), bytes, `read as something else: ${bytes.toHex()}`);
    return "read";
  } catch (error) {
    if (!(error instanceof PeriError)) throw error;
    ok(["damaged", "too-large"].includes(error.kind), `${error.kind}: ${bytes.toHex()}`);
    return "refused";
  }
}

for (const [kind, codec] of Object.entries(CODECS)) {
  Deno.test(`${kind}: bytes that are almost right are read for what they are, or refused`, () => {
    const chance = new SeededEntropy(`${SEED} ${kind}`);
    const seeds = vectors.filter((vector) => vector.kind === kind).map(({ hex }) => parseHex(hex));
    let refused = 0;
    for (let count = 0; count < CASES; count++) {
      const bytes = mutate(seeds[chance.below(seeds.length)]!, chance);
      if (tryCase(codec, bytes) === "refused") refused++;
    }
    ok(refused > CASES / 2, `only ${refused} of ${CASES} were refused: they are not wrong enough`);
    for (const seed of seeds) ok(tryCase(codec, seed) === "read");
  });
}

Deno.test("CBOR: whatever is read is written the same again", () => {
  const chance = new SeededEntropy(`${SEED} cbor`);
  const codec = (bytes: Bytes) => encodeCbor(decodeCbor(bytes, 100_000, "it"));
  for (let count = 0; count < CASES; count++) {
    const random = chance.below(2) === 0;
    const vector = parseHex(vectors[chance.below(vectors.length)]!.hex);
    tryCase(codec, random ? chance.bytes(1 + chance.below(40)) : mutate(vector, chance));
  }
});

Deno.test("message: a shape with one value of another kind is refused", () => {
  const bundle = vectors.find(({ kind }) => kind === "bundle")!;
  const whole = messageToCbor(decodeBundle(parseHex(bundle.hex)).messages[0]!);
  const others = [null, true, -1, 1.5, "", "x", new Uint8Array(3), [], {}, Number.MAX_VALUE];
  for (const key of Object.keys(whole as object)) {
    for (const other of others) {
      const changed = { ...whole as Record<string, never>, [key]: other };
      try {
        messageFromCbor(changed as never);
      } catch (error) {
        ok(error instanceof PeriError && error.kind === "damaged", `${key}: ${error}`);
        continue;
      }
      ok(false, `${key} may be ${JSON.stringify(other)}`);
    }
  }
});

Deno.test("message: a body that is neither one thing nor the other is refused", () => {
  const token = new Uint8Array(16);
  const outcome = { ok: "null" };
  const bodies = [
    { kind: "cancel" },
    { kind: "cancel", token: token.subarray(1) },
    { kind: "cancel", token, index: 0 },
    { kind: "cancel", token, outcome },
    { kind: "answer", token },
    { kind: "answer", token, index: -1, end: true, outcome },
    { kind: "answer", token, index: 0.5, end: true, outcome },
    { kind: "answer", token, index: 2 ** 53, end: true, outcome },
    { kind: "call", token, outcome },
    { kind: "ask", token },
    { kind: ["cancel"], token },
    { token },
  ];
  for (const body of bodies) {
    const message = { sequence: 1, created: 1, expires: 2, body };
    throws(() => messageFromCbor(message as never), { kind: "damaged" }, JSON.stringify(body));
  }
});
