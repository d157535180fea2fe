/**
 * Keys made to harm whoever reads them. A server reads the certificate of everybody who writes to it
 * and of everybody whom friends tell of, so each of these comes from strangers.
 */

import assert from "node:assert/strict";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import { readPackets, TAG } from "../../runtime/adapters/openpgp/packets.ts";
import { type Bytes, concatBytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { MAX_CERTIFICATE_BYTES } from "../../runtime/model/limits.ts";
import { type ErrorKind, PeriError } from "../../runtime/model/errors.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const DAY_MS = 86_400_000;
/** Whatever comes, a server goes on to the next thing after this. */
const AT_MOST_MS = 10_000;

function at(nowMs: number) {
  return openPgp({ nowMs: () => nowMs, sleep: () => Promise.resolve() });
}

const pgp = at(NOW_MS);

/** A packet with the long form of its length. */
function packet(tag: number, body: Uint8Array): Bytes {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return concatBytes([new Uint8Array([0xc0 | tag, 255]), length, body]);
}

const rebuild = (packets: readonly { readonly tag: number; readonly body: Uint8Array }[]) =>
  concatBytes(packets.map(({ tag, body }) => packet(tag, body)));

async function alice() {
  const { certificate, secretKey } = await pgp.makePersonKey({ userId: "Alice", passphrase: "" });
  return { certificate, secretKey, packets: [...readPackets(certificate, "test")] };
}

/** All that a stranger's certificate goes through is refused so, and soon. */
async function refuses(certificate: Uint8Array, kind: ErrorKind, text: string): Promise<void> {
  const own = (await alice()).certificate;
  for (
    const read of [
      () => pgp.inspect(certificate),
      () => pgp.parts(certificate),
      () => pgp.merge(own, certificate),
    ]
  ) {
    const startMs = performance.now();
    await assert.rejects(read(), (error) => {
      assert.ok(error instanceof PeriError, String(error));
      assert.deepEqual([error.kind, error.message.includes(text)], [kind, true], error.message);
      return true;
    });
    assert.ok(performance.now() - startMs < AT_MOST_MS);
  }
}

Deno.test("a key with a thousand user ids is refused before it is parsed", async () => {
  const { packets } = await alice();
  const users = Array.from({ length: 1_000 }, (_, n) => ({
    tag: TAG.userId,
    body: encodeUtf8(`Alice ${n}`),
  }));
  await refuses(rebuild([...packets, ...users]), "too-large", "more than 64 user ids");
});

Deno.test("a key with a hundred subkeys is refused before it is parsed", async () => {
  const { packets } = await alice();
  const subkey = packets.find(({ tag }) => tag === TAG.publicSubkey)!;
  const many = Array.from({ length: 100 }, () => subkey);
  await refuses(rebuild([...packets, ...many]), "too-large", "more than 64 subkeys");
});

Deno.test("a key with thousands of tiny packets is refused before it is parsed", async () => {
  const { packets } = await alice();
  const dust = Array.from(
    { length: 5_000 },
    () => ({ tag: TAG.signature, body: new Uint8Array(1) }),
  );
  await refuses(rebuild([...packets, ...dust]), "too-large", "more than 1000 packets");
});

Deno.test("a key full of its own signatures costs no verification", async () => {
  const { packets } = await alice();
  const [primary, user, own, ...rest] = packets;
  const many = Array.from({ length: 200 }, () => own!);
  await refuses(rebuild([primary!, user!, ...many, ...rest]), "too-large", "signatures of its own");
});

Deno.test("a key of more than 40 KiB is not read at all", async () => {
  const { packets } = await alice();
  const photo = { tag: TAG.userAttribute, body: new Uint8Array(MAX_CERTIFICATE_BYTES) };
  await refuses(rebuild([...packets, photo]), "too-large", "allowed");
});

Deno.test("packets whose lengths lie are torn", async () => {
  const { certificate } = await alice();
  const endless = new Uint8Array([0xc0 | TAG.userId, 255, 255, 255, 255, 255]);
  const partial = new Uint8Array([0xc0 | TAG.userId, 0xe1, 65, 66, 1, 67]);
  const open = new Uint8Array([0x80 | (TAG.userId << 2) | 3, 65]);
  for (const tail of [endless, partial, open]) {
    await refuses(concatBytes([certificate, tail]), "damaged", "torn");
  }
});

Deno.test("a key of an unknown algorithm or version is refused in words", async () => {
  const { packets } = await alice();
  const [primary, ...rest] = packets;
  const changed = (at: number, value: number) => {
    const body = primary!.body.slice();
    body[at] = value;
    return rebuild([{ tag: primary!.tag, body }, ...rest]);
  };
  for (const strange of [changed(0, 3), changed(0, 9), changed(5, 99)]) {
    await refuses(strange, "damaged", "not an OpenPGP key");
  }
});

Deno.test("a subkey of an unknown algorithm is left aside, and the key works", async () => {
  const { packets, secretKey } = await alice();
  const index = packets.findLastIndex(({ tag }) => tag === TAG.publicSubkey);
  const body = packets[index]!.body.slice();
  body[5] = 99;
  const certificate = rebuild(packets.with(index, { tag: TAG.publicSubkey, body }));
  assert.equal((await pgp.inspect(certificate)).canSign, true);
  assert.equal((await pgp.parts(certificate)).length, 3);
  const text = encodeUtf8("a text\n");
  await pgp.verify(certificate, text, await pgp.sign(secretKey, text), NOW_MS);
});

Deno.test("a key from the far future is refused with its date", async () => {
  const future = await at(Date.UTC(2105, 0, 1)).makePersonKey({ userId: "Eve", passphrase: "" });
  const text = "was made in the future, 2105-01-01";
  await assert.rejects(pgp.inspect(future.certificate), (error) => {
    assert.ok(error instanceof PeriError && error.message.includes(text), String(error));
    return error.kind === "damaged";
  });
});

Deno.test("a life of 136 years is one, and no overflow", async () => {
  const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };
  const { secretKey, certificate } = await alice();
  const smith = openKeysmith(clock);
  const longest = NOW_MS + (2 ** 32 - 1) * 1_000;
  const renewed = await smith.renew(secretKey, certificate, longest);
  assert.equal((await pgp.inspect(renewed)).expiresMs, longest);
  await assert.rejects(smith.renew(secretKey, certificate, longest + DAY_MS), { kind: "invalid" });
});
