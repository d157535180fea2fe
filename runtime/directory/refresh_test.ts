import { deepEqual, equal } from "node:assert/strict";
import { type TestServer, Village } from "../../tests/helpers/village.ts";
import { FRESH_BEHALF_MS } from "../model/limits.ts";

/** Bob's hey pod, which Alice knows with serial 1, and what else Bob's server says of it. */
async function known(village: Village) {
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  const make = (serial: number, server: TestServer = bob) =>
    village.pod(bob.owner, { pod: "hey", endpoint: server.url, serial });
  const first = await make(1);
  await alice.directory.book.learn(first.introduction, "somebody");
  return { alice, bob, first, make };
}

Deno.test("the server of a pod confirms what is known, once in half a minute", async () => {
  await using village = new Village();
  const { alice, bob, first } = await known(village);
  await bob.directory.book.learn(first.introduction, "itself");
  village.requests.length = 0;
  for (let round = 0; round < 3; round++) {
    equal((await alice.directory.lookup.refresh(first.behalf))?.behalf.serial, 1);
  }
  equal(village.requests.length, 1);
  await village.clock.advance(FRESH_BEHALF_MS + 1);
  await Promise.all([1, 2].map(() => alice.directory.lookup.refresh(first.behalf)));
  equal(village.requests.length, 2);
});

Deno.test("a newer behalf is learned from there", async () => {
  await using village = new Village();
  const { alice, bob, first, make } = await known(village);
  await bob.directory.book.learn((await make(4)).introduction, "itself");
  equal((await alice.directory.lookup.refresh(first.behalf))?.behalf.serial, 4);
  equal((await alice.directory.lookup.recall(first.behalf))?.behalf.serial, 4);
});

Deno.test("a server that says nothing, or that the pod lives elsewhere, confirms nothing", async () => {
  await using village = new Village();
  const { alice, bob, first, make } = await known(village);
  equal(await alice.directory.lookup.refresh(first.behalf), undefined);
  village.requests.length = 0;
  equal(await alice.directory.lookup.refresh(first.behalf), undefined);
  deepEqual(village.requests, []);
  await village.clock.advance(FRESH_BEHALF_MS + 1);
  await bob.directory.book.learn((await make(2, alice)).introduction, "itself");
  equal(await alice.directory.lookup.refresh(first.behalf), undefined);
});

Deno.test("a pod that is not in the book is not asked for", async () => {
  await using village = new Village();
  const { alice, bob } = await known(village);
  const other = await village.pod(bob.owner, { pod: "git", endpoint: bob.url, serial: 1 });
  village.requests.length = 0;
  equal(await alice.directory.lookup.refresh(other.behalf), undefined);
  deepEqual(village.requests, []);
});
