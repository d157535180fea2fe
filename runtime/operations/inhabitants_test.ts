/** Who may come in when a key has a successor. */

import assert from "node:assert/strict";
import { recoveryOf, successionOf } from "../../tests/helpers/lineage.ts";
import { makePerson, makePod } from "../../tests/helpers/village.ts";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryPgp } from "../adapters/memory/pgp.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { Book } from "../directory/book.ts";
import { encodeLineage } from "../identity/succession/lineage.ts";
import { decodeTold, encodeTelling } from "../identity/succession/telling.ts";
import type { PeriError } from "../model/errors.ts";
import { inhabitants } from "./inhabitants.ts";
import { openHearing } from "./key/hear.ts";

Deno.test("a server hears from anybody who has taken whose place, and lets in the successor instead", async () => {
  const clock = new MemoryClock();
  const pgp = new MemoryPgp(clock, new SeededEntropy(5));
  const [alice, next, paper, mallory] = [
    await makePerson(pgp, "alice"),
    await makePerson(pgp, "next"),
    await makePerson(pgp, "paper"),
    await makePerson(pgp, "mallory"),
  ];
  const book = new Book({ store: new MemoryStore(new MemoryDisk()), pgp, clock });
  await book.learn((await makePod(pgp, clock, alice)).introduction, "here");
  const residents = { get: () => ({ introduction: { certificate: alice.certificate } }) };
  const home = {
    supervisor: { household: { guests: { present: () => [], get: () => undefined } }, residents },
    directory: { book, tell: (bytes: Uint8Array) => book.successions.learn(bytes as never) },
    owner: () => alice.fingerprint,
    livesHere: (person: string) => person === alice.fingerprint,
    clock,
    pgp,
  } as unknown as Parameters<typeof inhabitants>[0] & Parameters<typeof openHearing>[0];
  const hear = openHearing(home);
  const said = async (signers: (typeof alice)[], from = alice) =>
    encodeTelling(encodeLineage(
      await successionOf(pgp, "recovery", [from, next], {
        recoveries: await recoveryOf(pgp, from, { key: paper.fingerprint }),
        signers,
      }),
    ));
  const who = async () => (await inhabitants(home)).map(({ person }) => person);
  const isOf = (kind: string) => (error: PeriError) => error.kind === kind;
  await assert.rejects(hear(await said([paper, next], mallory)), isOf("not-found"));
  await assert.rejects(hear(await said([mallory, next])), isOf("denied"));
  assert.deepEqual(await who(), [alice.fingerprint]);
  assert.equal(decodeTold(await hear(await said([paper, next]))), next.fingerprint);
  assert.deepEqual(await inhabitants(home), [
    { person: next.fingerprint, certificate: next.certificate },
  ]);
  for (let times = 0; times < 40; times++) {
    await hear(await said([paper, next])).catch((error: PeriError) => {
      assert.equal(error.kind, "busy");
    });
  }
  await assert.rejects(hear(await said([paper, next])), isOf("busy"));
});
