/** Behalfs in use are held against what others know. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { rest, type TestServer, until, Village } from "../../tests/helpers/village.ts";
import { openKeysmith } from "../adapters/openpgp.ts";
import type { Introduction } from "../identity/behalf.ts";
import { parsePodName, type PodRef } from "../model/words.ts";
import { encodeWho } from "./wire.ts";

const DAY_MS = 86_400_000;
const CAROL = "http://carol.example";

function heyOf({ owner }: Pick<TestServer, "owner">): PodRef {
  return { person: owner.fingerprint, pod: parsePodName("hey") };
}

/** A server that says the same of everybody to whoever asks. */
function says(village: Village, url: string, entry: Introduction | undefined) {
  const body = encodeWho(entry === undefined ? {} : { entry });
  village.network.listen(url as TestServer["url"], () => Promise.resolve({ status: 200, body }));
}

/** Alice has Bob as a friend, and has heard of Carol, whose server says what it likes. */
async function setUp(village: Village) {
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  const carol = { owner: await village.person("carol") };
  const old = await village.pod(carol.owner, { endpoint: CAROL });
  says(village, CAROL, old.introduction);
  village.requests.length = 0;
  const asked = () =>
    village.requests.filter(({ path }) => path.includes("/who/")).map(({ server }) => server);
  return { alice, bob, carol, old, asked };
}

Deno.test("somebody who is written to is asked for once a day, their server and friends", async () => {
  await using village = new Village();
  const { alice, bob, old, asked } = await setUp(village);
  const { lookup, book } = alice.directory;
  await book.learn(old.introduction, "friend http://dave.example");
  for (let n = 0; n < 3; n++) await lookup.find(old.behalf);
  deepEqual(asked(), []);
  await village.clock.advance(DAY_MS);
  for (let n = 0; n < 3; n++) await lookup.find(old.behalf);
  await lookup.rechecks.idle();
  deepEqual(asked(), [CAROL, bob.url]);
});

Deno.test("of a stranger only their own server is asked", async () => {
  await using village = new Village();
  const { alice, old, asked } = await setUp(village);
  const { lookup, book } = alice.directory;
  await book.learn(old.introduction, "carol herself");
  await village.clock.advance(DAY_MS);
  await lookup.recall(old.behalf);
  await lookup.rechecks.idle();
  deepEqual(asked(), [CAROL]);
});

// Carol has left a server that she has quarrelled with. It goes on showing her old behalf, and takes
// what is written to her; Alice, who is no friend of Carol's, would write there for a year.
Deno.test("a server that withholds a newer behalf is found out through a friend", async () => {
  await using village = new Village();
  const { alice, bob, carol, old } = await setUp(village);
  const { lookup, book } = alice.directory;
  await book.learn(old.introduction, "friend http://dave.example");
  const now = await village.pod(carol.owner, { endpoint: "http://new.example", serial: 2 });
  await bob.directory.book.learn(now.introduction, "carol herself");
  await village.clock.advance(DAY_MS);
  equal((await lookup.find(old.behalf)).behalf.serial, 1);
  await lookup.rechecks.idle();
  equal((await lookup.find(old.behalf)).behalf.endpoint, "http://new.example");
});

Deno.test("when a server takes nothing, others are asked before it is tried again", async () => {
  await using village = new Village();
  const { alice, bob, carol, old, asked } = await setUp(village);
  const { lookup, book } = alice.directory;
  await book.learn(old.introduction, "carol herself");
  village.network.drop(CAROL as TestServer["url"]);
  equal((await lookup.find(old.behalf, true)).behalf.serial, 1);
  deepEqual(asked(), [CAROL, bob.url]);
  const now = await village.pod(carol.owner, { endpoint: "http://new.example", serial: 2 });
  await bob.directory.book.learn(now.introduction, "carol herself");
  equal((await lookup.find(old.behalf, true)).behalf.serial, 1, "asked a moment ago");
  await village.clock.advance(600_000);
  equal((await lookup.find(old.behalf, true)).behalf.serial, 2);
});

// Mallory has stolen Carol's key, and Carol has revoked it at her server, of which Alice has heard
// once. Mallory signs a behalf for a server of his own and introduces himself with it.
Deno.test("who comes from another server than before is asked for where they were", async () => {
  await using village = new Village();
  const { alice, carol, old } = await setUp(village);
  const { lookup, book } = alice.directory;
  await book.learn(old.introduction, "carol herself");
  const smith = openKeysmith(village.clock);
  const why = { reason: "compromised", text: "" } as const;
  const revocation = await smith.revoke(carol.owner.secretKey, why);
  const certificate = await smith.withRevocation(carol.owner.certificate, revocation);
  says(village, CAROL, { ...old.introduction, certificate });
  const stolen = await village.pod(carol.owner, { endpoint: "http://mallory.example", serial: 9 });
  await lookup.learn(stolen.introduction, "mallory");
  await until(() => book.isRevoked(carol.owner.fingerprint), "the revocation is known");
  await rejects(lookup.find(old.behalf), { kind: "denied" });
});

Deno.test("an answer that comes a little later and is newer counts more than the first", async () => {
  await using village = new Village();
  const { alice, bob, carol, old } = await setUp(village);
  const dave = await village.serve("dave");
  await alice.directory.befriend(await alice.directory.meet(dave.url));
  await rest();
  const now = await village.pod(carol.owner, { endpoint: "http://new.example", serial: 2 });
  says(village, dave.url, old.introduction);
  village.network.listen(bob.url, async () => {
    await village.clock.sleep(300);
    return { status: 200, body: encodeWho({ entry: now.introduction }) };
  });
  const finding = alice.directory.lookup.find(heyOf(carol));
  for (let round = 0; round < 10; round++) await village.pass(50);
  equal((await finding).behalf.serial, 2);
});

Deno.test("people who sign for many servers cannot have them all asked at once", async () => {
  await using village = new Village();
  const { alice, carol, asked } = await setUp(village);
  const { book, lookup } = alice.directory;
  const key = await village.pgp.makePodKey("peri pod many");
  for (let serial = 1; serial <= 140; serial++) {
    const endpoint = `http://victim${serial}.example`;
    const { introduction } = await village.pod(carol.owner, { endpoint, serial, key });
    await book.learn(introduction, "carol herself");
    await lookup.rechecks.idle();
  }
  equal(asked().length, 120);
});

// Two friends are asked for Carol, whom Alice has not heard of. One says that her key is revoked, the
// other knows nothing of that and is the slower one: Alice believed the second.
Deno.test("of somebody new the friend who says that the key is revoked is believed", async () => {
  await using village = new Village();
  const { alice, bob, carol, old } = await setUp(village);
  const dave = await village.serve("dave");
  await alice.directory.befriend(await alice.directory.meet(dave.url));
  await rest();
  const smith = openKeysmith(village.clock);
  const why = { reason: "compromised", text: "" } as const;
  const revocation = await smith.revoke(carol.owner.secretKey, why);
  const certificate = await smith.withRevocation(carol.owner.certificate, revocation);
  says(village, dave.url, { ...old.introduction, certificate });
  village.network.listen(bob.url, async () => {
    await village.clock.sleep(300);
    return { status: 200, body: encodeWho({ entry: old.introduction }) };
  });
  const finding = alice.directory.lookup.find(heyOf(carol));
  const refused = rejects(finding, { kind: "denied", subject: /revoked/ });
  for (let round = 0; round < 10; round++) await village.pass(50);
  await refused;
});

// Mallory signs a newer behalf of Carol's every day. What is told anew each day was never held
// against what others know.
Deno.test("who is told of anew every day is asked for all the same", async () => {
  await using village = new Village();
  const { alice, carol, asked } = await setUp(village);
  const { lookup, book } = alice.directory;
  for (let day = 1; day <= 3; day++) {
    const wishes = { endpoint: `http://mallory${day}.example`, serial: 10 + day };
    const { introduction, behalf } = await village.pod(carol.owner, wishes);
    await book.learn(introduction, "friend http://dave.example");
    await lookup.find(behalf);
    await lookup.rechecks.idle();
    await village.clock.advance(DAY_MS);
  }
  const rounds = asked().filter((server) => server === "http://bob.example").length;
  equal(rounds, 2);
});

// A pod has left this server, and a friend who had not heard of it told where it lived: here. Nobody
// was asked about it any more.
Deno.test("of somebody who is said to live here and does not, friends are asked", async () => {
  await using village = new Village();
  const { alice, bob, carol } = await setUp(village);
  const { lookup, book } = alice.directory;
  const here = await village.pod(carol.owner, { endpoint: alice.url });
  const now = await village.pod(carol.owner, { endpoint: "http://new.example", serial: 2 });
  await book.learn(here.introduction, `friend ${bob.url}`);
  await bob.directory.book.learn(now.introduction, "carol herself");
  await village.clock.advance(DAY_MS);
  await lookup.find(here.behalf);
  await lookup.rechecks.idle();
  equal((await lookup.find(here.behalf)).behalf.endpoint, "http://new.example");
});
