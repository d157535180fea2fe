/**
 * What people sign of each other, as a periphery keeps it, weighs it and tells its pods.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openKeysmith } from "../../runtime/adapters/openpgp.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import { AMOUNT } from "../../runtime/ports/certification.ts";
import type { TestPerson } from "../helpers/village.ts";
import { Town } from "./town.ts";

/** A keyring in which somebody signs all user ids of another. */
async function signs(town: Town, by: TestPerson, of: TestPerson, depth = 0, amount = 0) {
  const { userIds } = await town.pgp.inspect(of.certificate);
  const wish = { userIds, depth, amount };
  const ring = await openKeysmith(town.clock).certify(by.secretKey, of.certificate, wish);
  return { keyring: formatBase64(ring) };
}

Deno.test("what the owner signs counts at once, what others sign as far as they are trusted", async () => {
  await using town = new Town("real");
  const alice = await town.build("alice", await town.person("alice"));
  await alice.claim();
  const [bob, carol, dave] = await Promise.all(["bob", "carol", "dave"].map((n) => town.person(n)));
  const take = async (ring: { keyring: string }) =>
    (await alice.visit("trust.take", ring)).items[0];
  const paths = async (of: TestPerson) =>
    (await alice.visit("trust.show", { text: of.fingerprint })).items[0]!;
  await take(await signs(town, bob!, carol!));
  assert.equal((await paths(carol!)).distance, null);
  assert.equal(
    ((await take(await signs(town, alice.owner!, bob!, 1, AMOUNT.full)))!.taken as unknown[])
      .length,
    1,
  );
  assert.equal((await paths(bob!)).distance, 1);
  assert.equal((await paths(carol!)).distance, 2);
  await take(await signs(town, carol!, dave!));
  assert.equal((await paths(dave!)).distance, null, "carol is certified, and not trusted to");
  await alice.restart();
  assert.equal((await paths(carol!)).distance, 2);
  const all = (await alice.visit("trust.show")).items.map((
    { person, distance },
  ) => [person, distance]);
  assert.deepEqual(all, [[bob!.fingerprint, 1], [carol!.fingerprint, 2]]);
});
