/**
 * How a periphery is, what is wrong with it, and what waits in it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Home, type House, ownerOf, Town } from "./town.ts";

const DAY_MS = 86_400_000;

async function warningsOf(house: House): Promise<unknown> {
  return (await house.visit("status")).items[0]!.warnings;
}

/** What doctor finds wrong: the check, the finding, the hint. */
async function wrongs(house: House): Promise<unknown[]> {
  const visitor = await house.visit("doctor");
  const wrong = visitor.items.filter(({ ok }) => !ok);
  assert.equal(visitor.exitCode, wrong.length === 0 ? 0 : 1);
  return wrong.map(({ check, finding, hint }) => [check, finding, hint]);
}

/** Moves to so many days before the owner's first behalfs expire. */
function untilExpiry(town: Town, days: number): void {
  town.clock.jump((365 - days) * DAY_MS);
}

Deno.test("status tells everybody at the door how the periphery is", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  const [before] = (await house.visit("status", {}, { as: null })).items;
  assert.deepEqual(before, {
    server: house.url,
    version: "0.0.0-test",
    serving: true,
    pods: 0,
    friends: 0,
    waitingMessages: 0,
    warnings: ["nobody owns this server yet: peri claim"],
  });
  const bob = await town.settle("bob");
  await house.claim();
  await house.install("hey");
  await house.visit("friend.add", { url: bob.url });
  await house.hey("leave-message", "F".repeat(40), "nobody");
  const [after] = (await house.visit("status")).items;
  assert.deepEqual(
    [after!.owner, after!.pods, after!.friends, after!.waitingMessages, after!.warnings],
    [house.owner!.fingerprint, 1, 1, 1, []],
  );
});

Deno.test("status warns a month before a behalf expires, and when it has", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  untilExpiry(town, 31);
  assert.deepEqual(await warningsOf(alice), []);
  town.clock.jump(2 * DAY_MS);
  assert.deepEqual(await warningsOf(alice), [
    "the behalf of hey expires in 29 days: peri behalf renew",
    "the behalf of periphery expires in 29 days: peri behalf renew",
  ]);
  await alice.visit("pod.renew", { pod: "hey" });
  await alice.claim();
  assert.deepEqual(await warningsOf(alice), []);
  untilExpiry(town, 0);
  // The very moment of expiry: from here on nobody takes it.
  assert.deepEqual(await warningsOf(alice), [
    "the behalf of hey has expired: peri behalf renew",
    "the behalf of periphery has expired: peri behalf renew",
  ]);
});

Deno.test("the last day of a behalf is told in hours", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  untilExpiry(town, 1.5);
  assert.match(String(await warningsOf(alice)), /hey expires in 1 day:/);
  town.clock.jump(DAY_MS);
  assert.match(String(await warningsOf(alice)), /hey expires in less than a day:/);
});

Deno.test("status and doctor tell of a pod that fails", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  bob.broken.add("hey");
  for (let n = 0; n < 3; n++) await alice.hey("leave-message", "bob", `${n}`);
  const fails = "hey fails: trap: it broke";
  await town.until(async () => String(await warningsOf(bob)).includes(fails), "status warns");
  assert.deepEqual(await wrongs(bob), [["pod hey", fails, "peri pod logs hey"]]);
  const [info] = (await bob.visit("pod.info", { pod: "hey" })).items;
  assert.equal(info!.lastFault, "trap: it broke");
  assert.ok(Number(info!.restarts) >= 3);
});

Deno.test("doctor finds nothing wrong with a good periphery", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  const visitor = await alice.visit("doctor");
  assert.deepEqual(visitor.items, [
    { check: "state", ok: true, finding: "the disk takes what is written" },
    { check: "owner", ok: true, finding: ownerOf(alice) },
    { check: "server", ok: true, finding: `answers at ${alice.url}` },
    { check: "pod hey", ok: true, finding: "works and may act" },
    { check: "pod periphery", ok: true, finding: "works and may act" },
    { check: `friend ${bob.url}`, ok: true, finding: "answers" },
  ]);
  assert.equal(visitor.exitCode, 0);
});

Deno.test("doctor finds what is wrong, and goes on looking", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  const carol = await town.settle("carol");
  await town.befriend(alice, bob);
  await town.befriend(alice, carol);
  await town.rest();
  await bob.stop();
  await carol.stop();
  const heir = await town.build("carol", await town.person("heir"));
  await heir.claim();
  untilExpiry(town, -1);
  await heir.claim();
  alice.fault = () => Promise.reject(new PeriError("over-quota", { op: "write", subject: "full" }));
  town.network.drop(alice.url);
  const found = await wrongs(alice);
  alice.fault = (apply) => Promise.resolve(apply());
  assert.deepEqual(found, [
    ["state", "cannot write: full", undefined],
    [
      "server",
      `cannot be reached at ${alice.url}: cannot reach server: ${alice.url} is down`,
      "set `url` to what others can reach, or `allow-private` if it is only for your net",
    ],
    ["pod hey", "the behalf of hey has expired", "peri behalf renew"],
    ["pod periphery", "the behalf of periphery has expired", "peri behalf renew"],
    ...[
      [
        `friend ${bob.url}`,
        `cannot reach server: ${bob.url} is down`,
        "messages wait until it answers",
      ],
      [`friend ${carol.url}`, `now belongs to ${heir.owner!.fingerprint}`, undefined],
    ].sort(byOwner(bob, carol)),
  ]);
});

/** Friends come in order of their owners' fingerprints. */
function byOwner(...homes: Home[]) {
  const place = (check: unknown) => {
    const home = homes.find(({ url }) => String(check).endsWith(url))!;
    return ownerOf(home);
  };
  return ([a]: unknown[], [b]: unknown[]) => place(a) < place(b) ? -1 : 1;
}

Deno.test("doctor knows an unclaimed server, and one that does not run", async () => {
  await using town = new Town();
  const house = await town.build("alice", await town.person("alice"));
  assert.deepEqual(await wrongs(house), [["owner", "nobody owns this server", "peri claim"]]);
  await house.claim();
  await house.stop();
  await house.open({ isServing: false });
  assert.deepEqual(await wrongs(house), [
    ["server", "no server runs; messages wait until one does", "peri serve"],
  ]);
});

Deno.test("doctor leaves no trace", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const rows = alice.disk.rows().map(({ key }) => key);
  await alice.visit("doctor");
  assert.deepEqual(alice.disk.rows().map(({ key }) => key), rows);
});

Deno.test("a pod is listed at a glance and shown in full", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const installedMs = town.clock.nowMs();
  const glance = {
    name: "hey",
    version: "0.1.0",
    about: "Letters between people, and the names you give them.",
    state: "resting",
    restarts: 0,
    serial: 1,
    installedMs,
    expiresMs: installedMs + 365 * DAY_MS,
  };
  assert.deepEqual((await alice.visit("pod.list")).items, [glance]);
  await alice.hey("name", "bob", "B".repeat(40));
  const [info] = (await alice.visit("pod.info", { pod: "hey" })).items;
  const { component, podKey, server, offers, needs, stateBytes, ...rest } = info!;
  assert.match(String(component), /^[0-9a-f]{64}$/);
  assert.match(String(podKey), /^[0-9A-F]{40}$/);
  assert.equal(server, alice.url);
  for (const offer of [...offers as string[], ...needs as string[]]) {
    assert.match(offer, /^peri:[a-z]+\/[a-z]+ [0-9a-f]{64}$/);
  }
  assert.ok(Number(stateBytes) > 0);
  const MIB = 1024 * 1024;
  assert.deepEqual(rest, {
    ...glance,
    state: "running",
    maxStateBytes: 64 * MIB,
    maxMemoryBytes: 64 * MIB,
    maxSliceMs: 200,
    messagesThisMinute: 0,
    maxMessagesPerMinute: 60_000,
    maxMessageBytes: 48 * 1024,
    maxStreams: 10_000,
    maxLogPerMinute: 3000,
    waitingEvents: 0,
    waitingRuns: 0,
    failures: 0,
    next: [],
  });
});

Deno.test("a periphery starts whatever has expired in it, and says so", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  await alice.stop();
  town.clock.jump(400 * DAY_MS);
  await alice.open();
  // An hour later the book is swept, which forgets what expired more than a month ago.
  await town.clock.advance(2 * 3_600_000);
  await alice.restart();
  assert.match(String(await warningsOf(alice)), /hey has expired.*periphery has expired/);
  await alice.claim();
  await alice.visit("pod.renew", { pod: "hey" });
  assert.deepEqual(await wrongs(alice), []);
});

Deno.test("a pod that was removed is published no longer, not even after a crash", async () => {
  for (const commits of [Infinity, 1, 2, 3, 4]) {
    await using town = new Town();
    const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
    await alice.visit("friend.add", { url: bob.url });
    await bob.visit("friend.add", { url: alice.url });
    await town.rest();
    alice.crashAfter({ commits, isHeard: true });
    void alice.visit("pod.remove", { pod: "hey" });
    await town.rest();
    if (!alice.isRunning) await alice.open();
    const carol = await town.settle("carol");
    await carol.visit("friend.add", { url: alice.url });
    await town.rest();
    const [known] = (await carol.visit("who", { text: ownerOf(alice) })).items;
    const pods = (known!.pods as { pod: string }[]).map(({ pod }) => pod);
    assert.deepEqual(pods, ["periphery"], `${commits} commits`);
  }
});

Deno.test("a pod's limits are shown with what is used of them, set with units and taken back", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const limit = async (limits: Record<string, string> = {}) =>
    (await alice.visit("pod.limit", { pod: "hey", limits })).items;
  const before = await limit();
  assert.deepEqual(before.map(({ limit }) => limit), [
    "memory",
    "state",
    "slice",
    "messages",
    "message-size",
    "streams",
    "log",
  ]);
  assert.ok(before.every(({ own, value, default: usual }) => own === false && value === usual));
  const [memory, state, slice] = await limit({ memory: "32M", slice: "1s", state: "default" });
  assert.deepEqual(memory, { ...before[0], value: 32 << 20, own: true });
  assert.deepEqual([state!.used, slice!.value, slice!.own], [0, 1000, true]);
  await alice.visit("pod.renew", { pod: "hey" });
  await alice.restart();
  assert.deepEqual((await limit())[2], slice);
  assert.deepEqual(await limit({ memory: "default", slice: "default" }), before);
  for (const limits of [{ memory: "much" }, { memory: "1K" }, { speed: "1" }]) {
    await assert.rejects(limit(limits as Record<string, string>), isInvalid);
  }
});

const isInvalid = (thrown: unknown) => thrown instanceof PeriError && thrown.kind === "invalid";

Deno.test("a stopped pod is told of by list, status and doctor, and works when it is started", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  const [{ sinceMs }] = (await bob.visit("pod.stop", { pod: "hey" })).items as [
    { sinceMs: number },
  ];
  await alice.hey("leave-message", "bob", "are you there?");
  await bob.restart();
  await town.rest();
  const [listed] = (await bob.visit("pod.list")).items;
  const { state, stoppedMs, why } = listed!;
  assert.deepEqual([state, stoppedMs, why], ["stopped", sinceMs, "by its person"]);
  assert.match(String(await warningsOf(bob)), /^hey is stopped since .*: peri pod start hey$/);
  assert.equal((await wrongs(bob)).length, 1);
  await assert.rejects(bob.hey("list"), /is stopped since/);
  await town.until(async () => (await bob.visit("inbox.list")).items.length > 0, "it waits");
  const [started] = (await bob.visit("pod.start", { pod: "hey" })).items;
  assert.deepEqual(started, { name: "hey", was: "stopped", why: "by its person" });
  await town.until(async () => /are you there/.test((await bob.hey("list")).join()), "it arrives");
  assert.deepEqual(await warningsOf(bob), []);
});
