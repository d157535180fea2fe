/** Broken keys, signatures and messages: whatever the bytes, a refusal with a kind and a bound. */

import assert from "node:assert/strict";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import { decodeUtf8, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";

const ROUNDS = Number(Deno.env.get("PERI_FUZZ_ROUNDS") ?? 150);
const SEED = Number(Deno.env.get("PERI_FUZZ_SEED") ?? 1);
const NOW_MS = Date.UTC(2026, 10, 23);
const CONTENT = new Uint8Array(100);

const pgp = openPgp({ nowMs: () => NOW_MS, sleep: () => Promise.resolve() });

/** Numbers below `limit`, the same for one seed (Numerical Recipes' generator). */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}

/** One to three bytes changed, taken away or put in. */
function damage(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  const changed = [...bytes];
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(changed.length);
    const way = below(3);
    if (way === 0) changed[at] = below(256);
    else if (way === 1) changed.splice(at, 1 + below(5));
    else changed.splice(at, 0, below(256));
  }
  return new Uint8Array(changed);
}

async function refusalOf(task: Promise<unknown>, allowed: readonly string[]): Promise<void> {
  const error = await task.then(() => undefined, (thrown: unknown) => thrown);
  if (error === undefined) return;
  assert.ok(error instanceof PeriError, `seed ${SEED}: ${error}`);
  assert.ok(allowed.includes(error.kind), `seed ${SEED}: ${error.kind} ${error.message}`);
}

Deno.test("a certificate that was damaged on its way changes nothing for the worse", async () => {
  const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() };
  const smith = openKeysmith(clock);
  const { secretKey, certificate, revocation } = await pgp.makePersonKey({
    userId: "Alice",
    passphrase: "",
  });
  const below = numbersFrom(SEED + 1);
  for (let round = 0; round < ROUNDS; round++) {
    const merged = await pgp.merge(certificate, damage(certificate, below)).catch(() => undefined);
    if (merged === undefined) continue;
    const { revoked, canSign, canEncrypt } = await pgp.inspect(merged);
    assert.deepEqual([revoked, canSign, canEncrypt], [false, true, true], `seed ${SEED}`);
    const broken = damage(certificate, below);
    await refusalOf(smith.adopt(secretKey, broken), ["damaged", "denied"]);
    await refusalOf(smith.renew(secretKey, broken, undefined), ["damaged", "denied"]);
    const text = decodeUtf8(damage(encodeUtf8(revocation!), below).map((byte) => byte & 0x7f));
    await refusalOf(smith.withRevocation(certificate, text), ["damaged", "denied"]);
  }
});

Deno.test("damaged keys, signatures and messages are refused in the open", async () => {
  const person = await pgp.makePersonKey({ userId: "Alice", passphrase: "" });
  const pod = await pgp.makePodKey("hey");
  const signature = await pgp.sign(person.secretKey, CONTENT);
  const sealed = await pgp.seal(pod.secretKey, pod.certificate, CONTENT);
  const below = numbersFrom(SEED);
  const broken = (bytes: Uint8Array) => damage(bytes, below);
  for (let round = 0; round < ROUNDS; round++) {
    const certificate = broken(person.certificate);
    await refusalOf(pgp.inspect(certificate), ["damaged"]);
    await refusalOf(pgp.parts(certificate), ["damaged"]);
    await refusalOf(pgp.merge(person.certificate, certificate), ["damaged", "denied"]);
    await refusalOf(pgp.verify(certificate, CONTENT, signature, NOW_MS), ["damaged", "denied"]);
    const forged = broken(signature);
    await refusalOf(pgp.verify(person.certificate, CONTENT, forged, NOW_MS), ["damaged", "denied"]);
    await refusalOf(pgp.seal(pod.secretKey, broken(pod.certificate), CONTENT), [
      "damaged",
      "invalid",
    ]);
    await refusalOf(pgp.sign(broken(person.secretKey), CONTENT), ["damaged", "invalid"]);
    await refusalOf(pgp.unlock(broken(person.secretKey), ""), ["damaged", "denied"]);
    const opened = pgp.open(pod.secretKey, broken(sealed), 1_000).then((unsealed) =>
      assert.deepEqual(unsealed.content, CONTENT)
    );
    await refusalOf(opened, ["damaged"]);
  }
});
