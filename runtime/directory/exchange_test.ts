import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { rest, silentLog, type TestServer, until, Village } from "../../tests/helpers/village.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { PeriError } from "../model/errors.ts";
import { Asker } from "./ask.ts";
import { Exchange } from "./exchange.ts";
import { decodeSignedNotice } from "./wire.ts";

async function knows(server: TestServer, of: { behalf: { podKey: string } }): Promise<boolean> {
  for await (const { behalf } of server.directory.book.list()) {
    if (behalf.podKey === of.behalf.podKey) return true;
  }
  return false;
}

function podOf(village: Village, { owner, url }: TestServer, pod: string, serial = 1) {
  return village.pod(owner, { pod, endpoint: url, serial });
}

Deno.test("at friend add both sides read each other's book", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  const [hers, his] = [await podOf(village, alice, "hey"), await podOf(village, bob, "hey")];
  await alice.directory.announce(hers);
  await bob.directory.announce(his);
  await village.befriend(alice, bob);
  await until(() => knows(alice, his), "alice knows bob's hey pod");
  await until(() => knows(bob, hers), "bob knows alice's hey pod");
});

Deno.test("a renewed behalf reaches friends at once", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  const first = await podOf(village, alice, "hey");
  await alice.directory.announce(first);
  await until(() => knows(bob, first), "bob knows the first");
  const second = await podOf(village, alice, "hey", 2);
  await alice.directory.announce(second);
  await until(() => knows(bob, second), "bob knows the second");
  ok(bob.contacts.includes(alice.url), "bob's delivery is told that alice was heard");
});

Deno.test("a friend that is down is told when it is back, without being asked all the time", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  const before = village.requests.length;
  village.network.drop(bob.url);
  const hey = await podOf(village, alice, "hey");
  await alice.directory.announce(hey);
  for (let step = 0; step < 20; step++) await village.pass(180_000);
  const tries = village.requests.length - before;
  ok(tries >= 5 && tries <= 25, `${tries} tries in an hour`);
  const again = await village.serve("bob", { before: bob });
  await until(async () => {
    await village.pass(60_000);
    return await knows(again, hey);
  }, "bob was told");
});

Deno.test("what was to be told when the process died is told after the next start", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  village.network.drop(bob.url);
  const hey = await podOf(village, alice, "hey");
  await alice.directory.announce(hey);
  await alice.stop();
  const back = await village.serve("bob", { before: bob });
  await village.serve("alice", { before: alice });
  await until(() => knows(back, hey), "bob was told by the second process");
});

Deno.test("many changes travel in few notices, none of them twice", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  village.network.drop(bob.url);
  const key = await village.pgp.makePodKey("peri pod many");
  for (let index = 0; index < 100; index++) {
    const wishes = { pod: `p${index}`, endpoint: alice.url, key };
    await alice.directory.book.learn(
      (await village.pod(alice.owner, wishes)).introduction,
      "this server",
    );
  }
  const back = await village.serve("bob", { before: bob });
  village.requests.length = 0;
  await alice.directory.announce(await podOf(village, alice, "last"));
  await until(async () => {
    const friend = await alice.directory.friends.get(bob.owner.fingerprint);
    return (await alice.directory.book.places.own(friend!.publishedThrough, 1)).length === 0;
  }, "all is told");
  equal((await Array.fromAsync(back.directory.book.list(alice.owner.fingerprint))).length, 102);
  const notices = village.requests.filter(({ server, body }) => server === bob.url && body);
  equal(notices.length, 2);
  ok(notices.every(({ body }) => decodeSignedNotice(body!).notice.length < 4 * 1024 * 1024));
});

Deno.test("a server that became a friend on one side only is told when the other side follows", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  const hey = await podOf(village, alice, "git");
  await alice.directory.announce(hey);
  await alice.directory.befriend(await alice.directory.meet(bob.url));
  await rest();
  equal(await knows(bob, hey), false);
  await bob.directory.befriend(await bob.directory.meet(alice.url));
  await until(() => knows(bob, hey), "bob read alice's book");
});

Deno.test("a friend's renewed server key comes with the notice that it signs", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  await alice.stop();
  const renewed = await podOf(village, alice, "periphery", 2);
  const again = await village.serve("alice", { before: { ...alice, periphery: renewed } });
  const hey = await podOf(village, again, "git");
  await again.directory.announce(hey);
  await until(() => knows(bob, hey), "bob takes a notice by the new key");
});

Deno.test("a friend that is heard while we fail to tell it is told again at once", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  const { book, friends } = alice.directory;
  await alice.directory.close();
  const asker = new Asker(village.transport());
  let tries = 0;
  asker.notify = async () => {
    if (tries++ > 0) return;
    await exchange.wake(bob.owner.fingerprint);
    throw new PeriError("denied", { op: "test", subject: "not a friend yet" });
  };
  const { periphery: owner, url: server } = alice;
  const exchange = new Exchange({
    book,
    friends,
    asker,
    pgp: village.pgp,
    clock: village.clock,
    entropy: new SeededEntropy(1),
    log: silentLog,
    self: () => ({ server, owner, secretKey: owner.secretKey }),
  });
  await book.learn((await podOf(village, alice, "git")).introduction, "this server");
  await exchange.wake();
  await until(() => tries === 2, "the second try, although the clock stands still");
  await exchange.close();
});

Deno.test("friends are listed, met only once, and removed", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  const met = await alice.directory.meet(bob.url);
  await alice.directory.befriend(met);
  await rejects(alice.directory.befriend(met), { kind: "exists" });
  deepEqual((await alice.directory.friends.list()).map(({ server }) => server), [bob.url]);
  await alice.directory.friends.remove(bob.owner.fingerprint);
  deepEqual(await alice.directory.friends.list(), []);
  const gone = alice.directory.friends.remove(bob.owner.fingerprint);
  await rejects(gone, (error: PeriError) => error.kind === "not-found");
});

Deno.test("a server that shows the hello of another, or of no server, is not met", async () => {
  await using village = new Village();
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  const url = village.person("mallory").then(() => "http://mallory.example" as typeof bob.url);
  village.network.listen(await url, async ({ path }) => ({
    status: 200,
    body: path.endsWith("hello") ? await bob.directory.answers.hello() : new Uint8Array(0),
  }));
  const met = alice.directory.meet(await url);
  await rejects(met, { kind: "denied", hint: /http:\/\/bob\.example/ });
});
