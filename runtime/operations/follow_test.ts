/** What goes along when somebody has another key, also when that was overridden before it went. */

import assert from "node:assert/strict";
import { recoveryOf, successionOf } from "../../tests/helpers/lineage.ts";
import { makePerson, makePod, silentLog } from "../../tests/helpers/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryPgp } from "../adapters/memory/pgp.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { Book } from "../directory/book.ts";
import { Friends } from "../directory/friends.ts";
import { encodeLineage } from "../identity/succession/lineage.ts";
import { followAll } from "./follow.ts";

// Mallory is first with the stolen key, and the server dies before the friendship has gone to him or
// not. Then Alice's paper comes.
Deno.test("a friendship follows the successor who counts, wherever it was when another was overridden", async () => {
  for (const hasGone of [true, false]) {
    const clock = new MemoryClock();
    const pgp = new MemoryPgp(clock, new SeededEntropy(5));
    const store = new MemoryStore(new MemoryDisk());
    const [alice, next, thief, paper] = [
      await makePerson(pgp, "alice"),
      await makePerson(pgp, "next"),
      await makePerson(pgp, "thief"),
      await makePerson(pgp, "paper"),
    ];
    const [book, friends] = [new Book({ store, pgp, clock }), new Friends(store)];
    const made = await makePod(pgp, clock, alice);
    await book.learn(made.introduction, "friend http://alice.example");
    await friends.add(made.behalf, 0);
    const home = {
      supervisor: { residents: { all: () => [] } },
      directory: { book, friends },
      store,
    } as unknown as Parameters<typeof followAll>[0];
    const follow = () => followAll(home, silentLog);
    const recoveries = await recoveryOf(pgp, alice, { key: paper.fingerprint });
    const lineages = [
      await successionOf(pgp, "key", [alice, thief], { signers: [alice, thief] }),
      await successionOf(pgp, "recovery", [alice, next], { recoveries, signers: [paper, next] }),
    ];
    await book.successions.learn(encodeLineage(lineages[0]!));
    if (hasGone) await follow();
    await book.successions.learn(encodeLineage(lineages[1]!));
    await follow();
    assert.deepEqual((await friends.list()).map(({ owner }) => owner), [next.fingerprint]);
    assert.deepEqual(await book.successions.follows(), []);
  }
});
