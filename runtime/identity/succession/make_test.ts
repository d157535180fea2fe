/** What is written for others to sign and to believe. */

import assert from "node:assert/strict";
import { recoveryOf, successionOf as named } from "../../../tests/helpers/lineage.ts";
import { MemoryKeyring } from "../../adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../../adapters/openpgp.ts";
import { MemoryClock } from "../../adapters/memory/clock.ts";
import { initPerson, type KeyTools } from "../person.ts";
import { checkLineage } from "./check.ts";
import { joinLineages, successionOf } from "./join.ts";
import { type Lineage, NO_LINEAGE } from "./lineage.ts";
import { nameSuccessor } from "./make.ts";

function computer(): KeyTools {
  const clock = new MemoryClock(Date.UTC(2026, 10, 23));
  const never = () => Promise.reject(new Error("no gpg here"));
  return {
    clock,
    pgp: openPgp(clock),
    smith: openKeysmith(clock),
    keyring: new MemoryKeyring(),
    passphrase: { ask: () => Promise.resolve("old"), reject: () => Promise.resolve(false) },
    gpg: {
      ...{ certificate: never, sign: never, renew: never, certify: never, uncertify: never },
      hasSecret: () => Promise.resolve(false),
    },
  };
}

// Alice never named a recovery. Mallory finds her old key later, and names his own paper with it.
Deno.test("a key that was left by its own word names no recovery behind it", async () => {
  const tools = computer();
  const { pgp, clock } = tools;
  const from = (await initPerson(tools, { userId: "Alice" })).fingerprint;
  const to = (await initPerson(tools, { userId: "Alice" })).fingerprint;
  const wish = { from, to, by: "key", reason: "stolen" } as const;
  const made = await nameSuccessor(tools, NO_LINEAGE, wish, [{ person: from }]);
  const held = (lineage: Lineage) => checkLineage(pgp, lineage, clock.nowMs());
  const known = await held(made);
  assert.deepEqual([known.recoveries.length, known.successions.length], [1, 1]);
  const maker = async (userId: string) => await pgp.makePersonKey({ userId, passphrase: "" });
  const [thief, paper] = [await maker("Alice"), await maker("paper")];
  const secretKey = await pgp.unlock(
    await pgp.dearmor(await tools.keyring.secretKey(from)),
    "old",
  );
  const stolen = { fingerprint: from, certificate: await pgp.publicPart(secretKey), secretKey };
  const issuedMs = clock.nowMs();
  const recoveries = await recoveryOf(pgp, stolen, { key: paper.fingerprint }, { issuedMs });
  const lie = await named(pgp, "recovery", [stolen, thief], {
    ...{ recoveries, issuedMs, serial: 9 },
    signers: [paper, thief],
  });
  assert.equal(successionOf(joinLineages(known, await held(lie)))?.to, to);
});
