/**
 * Letters between whole peripheries.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Town } from "./town.ts";

for (const keys of ["light", "real"] as const) {
  Deno.test(`Alice leaves Bob a letter and reads his answer, with ${keys} keys`, async () => {
    await using town = new Town(keys);
    const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
    await town.befriend(alice, bob);
    const left = await alice.hey("leave-message", "bob", "good", "morning");
    assert.deepEqual(left, ["left for bob (waits until bob's server takes it)"]);
    await town.until(async () => (await bob.letters()).length === 1, "Bob has the letter");
    assert.match((await bob.hey("list"))[0]!, /^ {2}1 \* alice .* good morning$/);
    await bob.hey("answer", "1", "and to you");
    await town.until(async () => (await alice.letters()).length === 1, "Alice has the answer");
    const [sent] = await alice.letters("sent");
    assert.equal(sent!.fate, "delivered");
    assert.match((await alice.hey("read", "2")).join("\n"), /answers: +letter 1\n\nand to you$/);
    assert.deepEqual(town.errors, []);
  });
}
