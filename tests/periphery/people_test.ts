/**
 * Several people on one server: they come by invitation, have what is theirs, and leave.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JsonRecord } from "../../runtime/model/control.ts";
import type { PeriError } from "../../runtime/model/errors.ts";
import { encodeLineage, type Signed } from "../../runtime/identity/succession/lineage.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import { recoveryOf, successionOf } from "../helpers/lineage.ts";
import { invite, join, lodge } from "./lodge.ts";
import type { TestPerson } from "../helpers/village.ts";
import { type Home, Town } from "./town.ts";

const DAY_MS = 86_400_000;

const isOf = (kind: string) => (error: PeriError) => error.kind === kind;

async function people(house: Home): Promise<JsonRecord[]> {
  const { items } = await house.visit("person.list");
  for (const { untilMs = Infinity } of items) assert.ok(Number(untilMs) > house.town.clock.nowMs());
  return items;
}

for (const keys of ["light", "real"] as const) {
  Deno.test(`whoever has an invitation joins with their own key, once, with ${keys} keys`, async () => {
    await using town = new Town(keys);
    const alice = await town.settle("alice");
    const [bob, eve] = [await town.person("bob"), await town.person("eve")];
    const line = await invite(alice, { name: "bob", share: { pods: "2", state: "5M" } });
    assert.match(line, /^http:\/\/alice\.example\/#join\./);
    assert.deepEqual((await people(alice)).map(({ state }) => state), ["owner", "invited"]);
    await join(town, line, bob);
    // The reply was lost, perhaps: the same again is the same.
    await join(town, line, bob);
    await assert.rejects(join(town, line, eve), isOf("denied"));
    await alice.restart();
    const [, guest] = await people(alice);
    const { name, person, state, pods, maxPods, maxStateBytes } = guest!;
    assert.deepEqual([name, person, state], ["bob", bob.fingerprint, "guest"]);
    assert.deepEqual([pods, maxPods, maxStateBytes], [0, 2, 5 * 1024 * 1024]);
    assert.equal((await people(alice)).length, 2);
  });
}

Deno.test("an invitation ends by its time, when it is taken back, and with a restart it stays", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const bob = await town.person("bob");
  const [late, back, good] = [
    await invite(alice, { lifeMs: DAY_MS }),
    await invite(alice, { name: "back" }),
    await invite(alice),
  ];
  await town.clock.advance(DAY_MS);
  await assert.rejects(join(town, late, bob), isOf("denied"));
  await alice.visit("person.remove", { person: "back" });
  await assert.rejects(join(town, back, bob), isOf("denied"));
  await alice.restart();
  await join(town, good, bob);
});

Deno.test("owner and guest both have a hey, mail goes to each and between them, and from afar", async () => {
  await using town = new Town();
  const [alice, carol] = [await town.settle("alice"), await town.settle("carol")];
  const bob = await lodge(town, alice, "bob");
  await town.befriend(alice, carol);
  await alice.install("hey", {}, bob);
  const hey = async (...argv: string[]) =>
    (await alice.visit("pod.run", { pod: "hey", argv }, bob)).lines;
  const fingerprint = bob.as.fingerprint;
  // One server carries the news of both; the friend's server finds the guest as it finds the owner.
  await town.until(
    async () => (await carol.visit("who", { text: fingerprint }).catch(() => null)) !== null,
    "carol's server hears of bob",
  );
  await hey("name", "carol", carol.owner.fingerprint);
  await carol.hey("leave-message", fingerprint, "hello bob");
  await alice.hey("leave-message", fingerprint, "welcome");
  const bodies = async () =>
    (await hey("list", "--all", "--json")).map((line) => JSON.stringify(JSON.parse(line)));
  await town.until(async () => (await bodies()).length === 1, "bob has a letter");
  assert.ok((await bodies()).some((body) => body.includes("hello bob")));
  // Whoever runs his server is a stranger to him like any other, until he says so.
  const waiting = async () => (await hey("pending")).join("\n");
  await town.until(async () => (await waiting()).includes("welcome"), "the owner's greeting waits");
  await carol.hey("name", "bob", fingerprint);
  await hey("leave-message", "carol", "bob here");
  await town.until(async () => (await carol.letters()).length === 1, "carol has an answer");
  assert.deepEqual((await alice.letters()).length, 0);
  const pods = (await alice.visit("pod.list", {}, bob)).items;
  assert.deepEqual(pods.map(({ name }) => name), ["hey"]);
});

Deno.test("a guest is sent away: sessions, pods and names end; within a month all of it comes back", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const bob = await lodge(town, alice, "bob");
  await alice.install("probe", {}, bob);
  const count = async () =>
    (await alice.visit("pod.run", { pod: "probe", argv: ["count"] }, bob)).lines;
  assert.deepEqual(await count(), ["1"]);
  await alice.visit("person.remove", { person: "bob" });
  assert.equal(
    (await alice.refusal("pod.run", { pod: "probe", argv: ["count"] }, bob)).kind,
    "denied",
  );
  await alice.restart();
  assert.equal((await alice.refusal("pod.list", {}, bob)).kind, "denied");
  assert.equal((await people(alice))[1]!.state, "left");
  await town.clock.advance(29 * DAY_MS);
  await join(town, await invite(alice, { name: "bob" }), bob.as);
  assert.deepEqual(await count(), ["2"]);
  await alice.visit("person.remove", { person: "bob" });
  await town.clock.advance(31 * DAY_MS);
  await town.until(async () => (await people(alice)).length === 1, "bob is forgotten", 60_000);
  const left = alice.disk.rows().filter(({ key }) => key.includes(bob.as.fingerprint));
  assert.deepEqual(left.map(({ key }) => key[0]), ["serial"]);
});

async function succeed(
  town: Town,
  house: Home,
  from: TestPerson,
  to: TestPerson,
  by: { readonly paper?: TestPerson; readonly recoveries?: Signed[] } = {},
): Promise<void> {
  const { paper, recoveries = [] } = by;
  const kind = paper === undefined ? "key" : "recovery";
  const lineage = await successionOf(town.pgp, kind, [from, to], {
    ...{ recoveries, signers: [paper ?? from, to], issuedMs: town.clock.nowMs() },
  });
  await house.visit("key.succeed", {
    lineage: formatBase64(encodeLineage(lineage)),
    certificate: formatBase64(to.certificate),
  }, { as: to });
}

// A guest who has named themselves a successor, and that one another, would have pods beyond any
// share, which nobody could send away.
Deno.test("a guest's place without pods goes along at once, and back from a thief, whose pods stop", async () => {
  for (const isPodded of [false, true]) {
    await using town = new Town();
    const alice = await town.settle("alice");
    const bob = await lodge(town, alice, "bob", { pods: "2" });
    const paper = await town.person("paper");
    const [thief, next] = [{ as: await town.person("thief") }, { as: await town.person("bob") }];
    const issuedMs = town.clock.nowMs();
    const recoveries = await recoveryOf(town.pgp, bob.as, { key: paper.fingerprint }, { issuedMs });
    const known = formatBase64(encodeLineage({ recoveries, successions: [] }));
    await alice.visit("key.tell", { lineage: known });
    if (isPodded) await alice.install("probe", { name: "old" }, bob);
    await succeed(town, alice, bob.as, thief.as);
    if (isPodded) await alice.restart();
    assert.equal((await alice.refusal("pod.list", {}, bob)).kind, "denied");
    await alice.install("probe", { name: "new" }, thief);
    await succeed(town, alice, bob.as, next.as, { paper, recoveries });
    for (const _again of [1, 2]) {
      if (isPodded || _again === 2) await alice.restart();
      assert.equal((await alice.refusal("pod.list", {}, thief)).kind, "denied");
      const pods = (await alice.visit("pod.list", {}, next)).items;
      assert.deepEqual(pods.map(({ name }) => name), isPodded ? ["old"] : []);
      const all = (await people(alice)).slice(1).map(({ person, state }) => [person, state]);
      assert.deepEqual(
        new Map(all as [string, string][]),
        new Map([[next.as.fingerprint, "guest"], [thief.as.fingerprint, "left"]]),
      );
    }
    await alice.visit("person.remove", { person: thief.as.fingerprint, now: true });
    assert.equal((await people(alice)).length, 2);
  }
});

Deno.test("a guest's place goes with their pods to the key that takes the place of theirs", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const bob = await lodge(town, alice, "bob", { pods: "2" });
  await alice.install("probe", {}, bob);
  const count = async (wishes: typeof bob) =>
    (await alice.visit("pod.run", { pod: "probe", argv: ["count"] }, wishes)).lines;
  assert.deepEqual(await count(bob), ["1"]);
  const next = { as: await town.person("bob") };
  await succeed(town, alice, bob.as, next.as);
  // What is written of a pod from here on would be overwritten by what was decided.
  const limited = { pod: "probe", limits: { state: "1M" } };
  assert.equal((await alice.refusal("pod.limit", limited, bob)).kind, "busy");
  assert.equal((await alice.refusal("pod.remove", { pod: "probe" }, bob)).kind, "busy");
  await alice.restart();
  assert.deepEqual(await count(next), ["2"]);
  assert.equal((await alice.refusal("pod.list", {}, bob)).kind, "denied");
  const [, guest, ...more] = await people(alice);
  assert.deepEqual([guest!.name, guest!.person, guest!.maxPods, more], [
    "bob",
    next.as.fingerprint,
    2,
    [],
  ]);
});

Deno.test("a guest is held to their share: pods, what these keep, what they post, and memory", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const bob = await lodge(town, alice, "bob", { pods: "3", memory: "128M" });
  for (const name of ["a", "b", "c"]) await alice.install("probe", { name }, bob);
  const another = alice.install("probe", { name: "d" }, bob);
  await assert.rejects(another, (error: PeriError) => {
    assert.match(
      `${error.message} ${error.hint}`,
      /3 pods of yours are here, 3 allowed.*peri person limit/,
    );
    return error.kind === "over-quota";
  });
  const run = async (pod: string, ...argv: string[]) =>
    (await alice.visit("pod.run", { pod, argv }, bob)).lines;
  // Two of them have room at once; one that rests makes room for the third.
  for (const pod of ["a", "b", "c", "a", "c"]) await town.drive(run(pod, "count"), `${pod} runs`);
  assert.deepEqual(await run("a", "count"), ["3"]);
  const limited = (limits: JsonRecord) => alice.refusal("pod.limit", { pod: "a", limits }, bob);
  assert.equal((await limited({ memory: "256M" })).kind, "over-quota");
  assert.equal((await limited({ slice: "5s" })).kind, "over-quota");
  assert.equal((await limited({ log: "60000/min" })).kind, "over-quota");
  await alice.visit("pod.limit", { pod: "a", limits: { state: "1G", slice: "50ms" } }, bob);
  // The owner makes the share smaller: what is there stays, and what they free they may use again.
  await alice.visit("person.limit", { person: "bob", share: { pods: "2" } });
  await alice.visit("pod.remove", { pod: "c" }, bob);
  assert.equal((await alice.refusal("pod.install", {}, { ...bob, input: "x" })).kind, "invalid");
  await assert.rejects(alice.install("probe", { name: "e" }, bob), isOf("over-quota"));
  await alice.visit("pod.remove", { pod: "b" }, bob);
  await alice.install("probe", { name: "e" }, bob);
  // Nobody but the owner is told how the others do.
  assert.deepEqual((await alice.visit("person.list", {}, bob)).items.map(({ name }) => name), [
    "bob",
  ]);
});

Deno.test("a server that dies while a guest leaves or is swept away goes on with it, and with nobody else", async () => {
  for (const now of [false, true]) {
    for (let commits = 1; commits <= (now ? 7 : 2); commits++) {
      await using town = new Town();
      const alice = await town.settle("alice");
      const bob = await lodge(town, alice, "bob");
      for (const name of ["a", "b"]) await alice.install("probe", { name }, bob);
      await alice.install("probe", { name: "a" });
      for (const wishes of [bob, {}]) {
        await alice.visit("pod.run", { pod: "a", argv: ["count"] }, wishes);
      }
      alice.crashAfter({ commits, isHeard: commits % 2 === 0 });
      const left = alice.visit("person.remove", { person: "bob", now }).then(() => "done");
      await Promise.race([left, alice.gone.catch(() => "dead")]);
      if (alice.isRunning) alice.kill();
      alice.crashAfter();
      await alice.open();
      const what = `${now} ${commits}`;
      const counted = (await alice.visit("pod.run", { pod: "a", argv: ["count"] })).lines;
      assert.deepEqual(counted, ["2"], what);
      if (now) await town.until(async () => (await people(alice)).length === 1, what);
      assert.equal((await alice.refusal("pod.list", {}, bob)).kind, "denied", what);
      const rows = alice.disk.rows().filter(({ key }) => key.includes(bob.as.fingerprint));
      if (now) assert.deepEqual([...new Set(rows.map(({ key }) => key[0]))], ["serial"], what);
      if (now) continue;
      await join(town, await invite(alice), bob.as);
      const again = (await alice.visit("pod.run", { pod: "a", argv: ["count"] }, bob)).lines;
      assert.deepEqual(again, ["2"], what);
    }
  }
});
