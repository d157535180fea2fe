import { deepEqual, equal, rejects } from "node:assert/strict";
import { type TestServer, Village } from "../../tests/helpers/village.ts";
import { PeriError } from "../model/errors.ts";
import { parsePodName, type PodRef } from "../model/words.ts";
import { encodeWho } from "./wire.ts";

/** Alice's server with Bob's as a friend; Carol is a friend of Bob's alone. */
async function threeServers(village: Village) {
  const [alice, bob, carol] = [
    await village.serve("alice"),
    await village.serve("bob"),
    await village.serve("carol"),
  ];
  await village.befriend(alice, bob);
  await village.befriend(bob, carol);
  await village.inStep(alice, bob, carol);
  village.requests.length = 0;
  return { alice, bob, carol };
}

function refOf({ owner }: TestServer, pod: string): PodRef {
  return { person: owner.fingerprint, pod: parsePodName(pod) };
}

async function install(village: Village, server: TestServer, pod: string, serial = 1) {
  const made = await village.pod(server.owner, { pod, endpoint: server.url, serial });
  await server.directory.book.learn(made.introduction, "somebody");
  return made;
}

Deno.test("what is in the book is found without asking anybody", async () => {
  await using village = new Village();
  const { alice } = await threeServers(village);
  const hey = await install(village, alice, "hey");
  equal((await alice.directory.lookup.find(hey.behalf)).behalf.podKey, hey.behalf.podKey);
  equal(village.requests.length, 0);
});

Deno.test("a friend is asked for what the book does not know, and the answer is kept", async () => {
  await using village = new Village();
  const { alice, bob } = await threeServers(village);
  await install(village, bob, "git");
  const found = await alice.directory.lookup.find(refOf(bob, "git"));
  equal(found.behalf.endpoint, bob.url);
  equal((await alice.directory.book.entry(found.behalf))?.from, `friend ${bob.url}`);
  await alice.directory.lookup.find(refOf(bob, "git"));
  equal(village.requests.length, 1);
});

Deno.test("a friend passes on a stranger's hey pod, and the stranger's home is asked for the rest", async () => {
  await using village = new Village();
  const { alice, bob, carol } = await threeServers(village);
  const hey = await install(village, carol, "hey");
  await install(village, carol, "git");
  await bob.directory.book.learn(hey.introduction, `friend ${carol.url}`);
  const found = await alice.directory.lookup.find(refOf(carol, "git"));
  equal(found.behalf.pod, "git");
  equal((await alice.directory.book.entry(found.behalf))?.from, `home ${carol.url}`);
  deepEqual(village.requests.map(({ server, path }) => `${server}${path.replace(/.*\//, " ")}`), [
    `${bob.url} git`,
    `${bob.url} hey`,
    `${carol.url} git`,
  ]);
});

Deno.test("many who look for one pod ask once", async () => {
  await using village = new Village();
  const { alice, bob } = await threeServers(village);
  await install(village, bob, "git");
  const { lookup } = alice.directory;
  await Promise.all(Array.from({ length: 20 }, () => lookup.find(refOf(bob, "git"))));
  equal(village.requests.length, 1);
});

Deno.test("a pod that nobody knows is not asked for again within half a minute", async () => {
  await using village = new Village();
  const { alice, bob } = await threeServers(village);
  const { lookup } = alice.directory;
  const missing = refOf(bob, "hey");
  await rejects(lookup.find(missing), { kind: "not-found", hint: /peri friend add/ });
  await rejects(lookup.find(missing), { kind: "not-found" });
  equal(village.requests.length, 1);
  await village.clock.advance(30_001);
  await install(village, bob, "hey");
  equal((await lookup.find(missing)).behalf.pod, "hey");
});

Deno.test("what is learned meanwhile is found although it was not known a moment ago", async () => {
  await using village = new Village();
  const { alice, bob } = await threeServers(village);
  await rejects(alice.directory.lookup.find(refOf(bob, "hey")), { kind: "not-found" });
  const hey = await install(village, bob, "hey");
  await alice.directory.lookup.learn(hey.introduction, "bob himself");
  equal((await alice.directory.lookup.find(hey.behalf)).behalf.serial, 1);
});

Deno.test("friends who do not answer make it unreachable, which is not remembered", async () => {
  await using village = new Village();
  const { alice, bob } = await threeServers(village);
  await install(village, bob, "git");
  village.network.drop(bob.url);
  const { lookup } = alice.directory;
  await rejects(lookup.find(refOf(bob, "git")), { kind: "unreachable" });
  village.network.listen(bob.url, async () => ({
    status: 200,
    body: encodeWho({ entry: (await bob.directory.book.recall(refOf(bob, "git")))!.introduction }),
  }));
  equal((await lookup.find(refOf(bob, "git"))).behalf.pod, "git");
});

Deno.test("an expired behalf that nobody can renew is told as expired", async () => {
  await using village = new Village();
  const { alice, carol } = await threeServers(village);
  const hey = await install(village, carol, "hey");
  await alice.directory.book.learn(hey.introduction, "carol");
  await village.clock.advance(31 * 86_400_000);
  await rejects(alice.directory.lookup.find(hey.behalf), { kind: "expired", hint: /renew/ });
});

Deno.test("a friend who answers with another pod, or with a forgery, is not believed", async () => {
  await using village = new Village();
  const { alice, bob, carol } = await threeServers(village);
  const other = await install(village, bob, "other");
  village.network.listen(
    bob.url,
    () => Promise.resolve({ status: 200, body: encodeWho({ entry: other.introduction }) }),
  );
  await rejects(alice.directory.lookup.find(refOf(bob, "git")), { kind: "not-found" });
  const forged = await village.pod(carol.owner, { pod: "git" });
  const introduction = { ...forged.introduction, signature: other.introduction.signature };
  village.network.listen(
    bob.url,
    () => Promise.resolve({ status: 200, body: encodeWho({ entry: introduction }) }),
  );
  await rejects(alice.directory.lookup.find(refOf(carol, "git")), { kind: "not-found" });
  equal(await alice.directory.book.entry(refOf(carol, "git")), undefined);
});

Deno.test("without friends the refusal says what to type", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const bob = await village.person("bob");
  const ref = { person: bob.fingerprint, pod: parsePodName("hey") };
  await rejects(
    alice.directory.lookup.find(ref),
    (error: PeriError) => error.kind === "not-found" && error.message.includes("no friends"),
  );
});
