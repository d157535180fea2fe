import assert from "node:assert/strict";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryPgp } from "../adapters/memory/pgp.ts";
import type { Introduction } from "../identity/behalf.ts";
import { encodeIntroduction } from "../identity/introduction.ts";
import { PeriError } from "../model/errors.ts";
import { parsePodName } from "../model/words.ts";
import { makePerson, makePod } from "../../tests/helpers/village.ts";
import { Acquaintances } from "./acquaintances.ts";
import type { Home } from "./home.ts";

const HEY = parsePodName("hey");

async function openAcquaintances() {
  const clock = new MemoryClock();
  const pgp = new MemoryPgp(clock, new SeededEntropy("acquaintances"));
  const [alice, bob, carol] = await Promise.all(
    ["alice", "bob", "carol"].map((name) => makePerson(pgp, name)),
  );
  const learned: [Introduction, string][] = [];
  const home = {
    owner: () => bob!.fingerprint,
    directory: {
      friends: { get: (owner: string) => owner === alice!.fingerprint ? {} : undefined },
      book: {
        recall: () => undefined,
        learn: (one: Introduction, from: string) => void learned.push([one, from]),
      },
    },
  } as unknown as Home;
  const acquaintances = new Acquaintances(Promise.resolve(home));
  const podOf = (person: typeof carol, pod = "hey") => makePod(pgp, clock, person!, { pod });
  return { acquaintances, podOf, learned, alice: alice!, bob: bob!, carol: carol! };
}

const kindOf = async (work: Promise<void>) => {
  const error = await work.then(() => undefined, (thrown) => thrown);
  return error instanceof PeriError ? error.kind : error;
};

Deno.test("an introduction is learned when it is that of the person's hey pod, and no other", async () => {
  // Alice says "meet Carol" and hands over where Mallory lives, or another pod of Carol's.
  const { acquaintances, podOf, learned, alice, bob, carol } = await openAcquaintances();
  const hey = { person: bob.fingerprint, pod: HEY };
  const take = async (pod: Awaited<ReturnType<typeof podOf>>) =>
    await kindOf(
      acquaintances.introduce(hey, carol.fingerprint, encodeIntroduction(pod.introduction)),
    );
  assert.equal(await take(await podOf(alice)), "invalid");
  assert.equal(await take(await podOf(carol, "git")), "invalid");
  const bytes = new Uint8Array([1, 2, 3]);
  assert.equal(await kindOf(acquaintances.introduce(hey, carol.fingerprint, bytes)), "damaged");
  assert.equal(learned.length, 0);
  assert.equal(await take(await podOf(carol)), undefined);
  assert.deepEqual(learned.map(([, from]) => from), [`introduced to ${bob.fingerprint}/hey`]);
});

Deno.test("friends are those of the server's owner, and of nobody else who lives there", async () => {
  const { acquaintances, alice, bob, carol } = await openAcquaintances();
  const isFriend = (of: typeof bob, person: typeof bob) =>
    acquaintances.isFriend({ person: of.fingerprint, pod: HEY }, person.fingerprint);
  assert.deepEqual(
    [await isFriend(bob, alice), await isFriend(bob, carol), await isFriend(carol, alice)],
    [true, false, false],
  );
});
