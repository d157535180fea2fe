/** The web of trust as it is kept, over OpenPGP and a store in memory. */

import assert from "node:assert/strict";
import { MemoryClock } from "../../adapters/memory/clock.ts";
import { type CommitFault, MemoryDisk, MemoryStore } from "../../adapters/memory/store.ts";
import { openKeysmith, openPgp } from "../../adapters/openpgp.ts";
import type { Fingerprint } from "../../model/words.ts";
import { Web } from "./trust.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
const DAY_MS = 86_400_000;

const clock = new MemoryClock(NOW_MS);
const pgp = openPgp(clock);
const smith = openKeysmith(clock);
const [alice, bob, carol] = await Promise.all(
  ["Alice", "Bob", "Carol"].map((userId) =>
    openPgp(new MemoryClock(NOW_MS - DAY_MS)).makePersonKey({ userId, passphrase: "" })
  ),
) as [Key, Key, Key];
type Key = Awaited<ReturnType<typeof pgp.makePersonKey>>;

const revoked = new Set<Fingerprint>();
const book = new Map([alice, bob].map((key) => [key.fingerprint, key.certificate]));

function webOn(disk: MemoryDisk, fault?: CommitFault): Web {
  return new Web({
    store: new MemoryStore(disk, fault),
    pgp,
    clock,
    hosted: () => [alice.fingerprint],
    certificate: (person) => Promise.resolve(book.get(person)),
    revoked: () => Promise.resolve(revoked),
  });
}

async function ringOf(by: Key, of: Key, name: string, depth = 0): Promise<Uint8Array> {
  const amount = depth === 0 ? 0 : 120;
  return await smith.certify(by.secretKey, of.certificate, { userIds: [name], depth, amount });
}

async function near(web: Web, ...others: Key[]): Promise<string> {
  const found = others.map(async (other) =>
    (await web.standing(alice.fingerprint, other.fingerprint)).distance ?? "-"
  );
  return (await Promise.all(found)).join(" ");
}

Deno.test("what was taken is there after the next start, and the same again is known", async () => {
  const disk = new MemoryDisk();
  const web = webOn(disk);
  const ring = await ringOf(alice, bob, "Bob", 1);
  assert.equal((await web.take(ring)).taken.length, 1);
  assert.deepEqual(await web.take(ring), { taken: [], known: 1, refused: 0 });
  await web.take(await ringOf(bob, carol, "Carol"));
  const later = webOn(disk);
  assert.equal(await near(later, alice, bob, carol), "0 1 2");
  assert.deepEqual(await later.certified(alice.fingerprint), [
    { person: bob.fingerprint, distance: 1 },
    { person: carol.fingerprint, distance: 2 },
  ]);
  const all = await later.about(bob.fingerprint);
  assert.deepEqual(all.map(({ issuer }) => issuer), [bob.fingerprint, alice.fingerprint]);
  const passed = await webOn(new MemoryDisk()).take((await later.keyring(all[1]!))!);
  assert.equal(passed.taken.length, 1, "what travels is enough to be checked");
});

Deno.test("a signature without the certificate of who made it is taken when the book has that", async () => {
  const ring = await ringOf(bob, carol, "Carol");
  const [said] = (await pgp.certifications(ring, [])).certifications;
  const alone = await pgp.attach([carol.certificate], [said!]);
  assert.equal((await webOn(new MemoryDisk()).take(alone)).taken.length, 1);
  const other = await pgp.attach([bob.certificate], [
    ...(await pgp.certifications(await ringOf(carol, bob, "Bob"), [])).certifications,
  ]);
  assert.equal((await webOn(new MemoryDisk()).take(other)).taken.length, 0, "nobody knows Carol");
});

Deno.test("a process that dies at any commit leaves what can be taken again", async () => {
  const ring = await ringOf(alice, bob, "Bob", 1);
  for (let last = 0; last < 4; last++) {
    const disk = new MemoryDisk();
    let commits = 0;
    const web = webOn(disk, (apply) => {
      if (commits++ >= last) return Promise.reject(new Error("the process is gone"));
      return Promise.resolve(apply());
    });
    const outcome = await web.take(ring).then(() => "taken", () => "died");
    const again = webOn(disk);
    assert.equal(await near(again, bob), outcome === "taken" ? "1" : "-", `${last} commits`);
    await again.take(ring);
    assert.equal(await near(again, bob), "1");
    assert.equal(await near(webOn(disk), bob), "1");
  }
});

Deno.test("what becomes of a key elsewhere counts here: revoked, renewed, another name", async () => {
  const disk = new MemoryDisk();
  const web = webOn(disk);
  await web.take(await ringOf(alice, bob, "Bob", 1));
  await web.take(await ringOf(bob, carol, "Carol"));
  assert.equal(await near(web, bob, carol), "1 2");
  revoked.add(bob.fingerprint);
  await clock.advance(60_001);
  assert.equal(await near(web, bob, carol), "- -");
  assert.equal(await near(webOn(disk), bob, carol), "- -");
  revoked.clear();
  const renewed = await smith.renew(carol.secretKey, carol.certificate, clock.nowMs() + DAY_MS);
  const last = webOn(disk);
  await last.heard(carol.fingerprint, renewed);
  assert.equal(await near(last, bob, carol), "1 2");
  await clock.advance(2 * DAY_MS);
  assert.equal(await near(last, bob, carol), "1 -", "her key has expired");
  const ended = await pgp.dearmor(await pgp.armor(bob.certificate));
  const armor = await smith.revoke(bob.secretKey, { reason: "compromised", text: "" });
  await last.heard(bob.fingerprint, await smith.withRevocation(ended, armor));
  assert.equal(await near(last, bob), "-");
  assert.equal(await near(webOn(disk), bob), "-");
});
