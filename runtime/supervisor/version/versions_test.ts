import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { KEEP_VERSION_MS } from "../../model/limits.ts";
import type { Reply } from "../../model/message.ts";
import { parsePodName, type PodRef } from "../../model/words.ts";
import { componentOf, counter, type Guest, idOf } from "../../../tests/helpers/guest.ts";
import { ALICE, certificateOf, eventOf, SERVER, World } from "../../../tests/helpers/world.ts";
import type { Watcher } from "./copy.ts";
import type { InstallWish } from "./install.ts";
import type { ResidentPod } from "../resident.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };

/** A later version: its sum is kept under another name, a hundred higher. */
const later: Guest = async (run) => {
  const [n] = run.args as [number];
  const total = await run.get("count", "total") as number + n;
  run.put("count", "total", total);
  return total;
};

/** Brings the state of {@link counter} up to date. */
const migrate: Guest = async (run) => {
  const [{ from }] = run.args as [{ from: string | null }];
  if (from === null) return;
  run.put("count", "total", 100 + (await run.get("count", "sum") as number ?? 0));
  run.put("count", "sum", undefined);
  for (let n = 0; n < 300; n++) run.put("log", `${n}`, n);
};

interface Wishes extends Partial<InstallWish> {
  readonly guest?: Guest;
  readonly begin?: Guest;
}

async function upgrade(
  world: World,
  version: string,
  { guest = later, begin = migrate, ...more }: Wishes = {},
  watcher?: Watcher,
): Promise<ResidentPod> {
  const component = componentOf("counter", version);
  const { guests, beginnings } = world.remains.sandbox;
  guests.set(idOf(component), guest);
  beginnings.set(idOf(component), begin);
  const { installs } = world.supervisor;
  const certificate = certificateOf(ALICE);
  const wish = { person: ALICE, certificate, endpoint: SERVER, component, isUpgrade: true };
  const draft = await installs.planInstall({ ...wish, ...more });
  const upgrading = installs.complete(draft, await world.sign(ALICE, draft.document), watcher);
  return await driven(world, upgrading);
}

async function rollback(world: World): Promise<ResidentPod> {
  const { installs } = world.supervisor;
  const draft = await installs.planRollback(REF, certificateOf(ALICE), SERVER);
  return await driven(world, installs.complete(draft, await world.sign(ALICE, draft.document)));
}

/** Lets time pass until something is over. */
async function driven<Value>(world: World, work: Promise<Value>): Promise<Value> {
  let isOver = false;
  work.then(() => isOver = true, () => isOver = true);
  for (let round = 0; !isOver && !world.isKilled; round++) {
    assert.ok(round < 1_000, "it comes to an end");
    await world.rest();
    await world.remains.clock.advance(200);
  }
  return world.isKilled ? undefined as Value : await work;
}

/** What is kept of what a pod said, whatever became of it. */
const SAID = new Set(["log", "run", "ran"]);

/** Names of what stands in a pod's partition, without what it said. */
function partsOf(world: World, ref: PodRef): string[] {
  const rows = world.remains.disk.rows().filter(({ key }) =>
    key[0] === "pod" && key[2] === ref.pod
  );
  return [...new Set(rows.map(({ key }) => String(key[3])))].filter((part) => !SAID.has(part));
}

function answersOf(world: World): unknown[] {
  return world.rows<Reply>(REF, "sent").map(({ outcome }) => outcome);
}

async function begun(...sums: number[]): Promise<World> {
  const world = await World.open();
  const ref = await world.install(counter);
  world.deliver(ref, ...sums);
  await world.until(world.isDone(ref));
  return world;
}

Deno.test("an upgrade brings a copy of the state up to date; key stays, serial grows", async () => {
  const world = await begun(5);
  const before = world.supervisor.residents.get(REF);
  const after = await upgrade(world, "2.0.0");
  assert.deepEqual([after.podKey, after.serial], [before.podKey, 2]);
  assert.equal(after.manifest.version, "2.0.0");
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  assert.deepEqual(answersOf(world), [{ ok: "5" }, { ok: "106" }]);
  assert.equal(world.state(REF, "count", "sum"), undefined);
  assert.equal(world.rows(REF, "state").length, 2, "the state before is as it was");
  const { stateBytes } = await world.supervisor.info(REF);
  const bytes = world.remains.disk.rows()
    .filter(({ key }) => key[3] === "state.1")
    .reduce((sum, { key, value }) => sum + `${key[4]}${key[5]}${value}`.length, 0);
  assert.equal(stateBytes, bytes);
  await world.stop();
});

Deno.test("what a version refuses to begin with leaves the one before as it was", async () => {
  const world = await begun(5);
  const rows = world.remains.disk.rows().filter(({ key }) => !SAID.has(String(key[3])));
  const refusals: [Guest, string][] = [
    [(run) => (run.put("count", "sum", 0), Promise.reject(new Error("no"))), "internal"],
    [() => Promise.reject(new PeriError("over-quota", { op: "a", subject: "b" })), "over-quota"],
    [(run) => run.die("trap"), "internal"],
    [(run) => run.read(), "invalid"],
    [(run) => new Promise(() => run), "expired"],
    [(run) => run.post({ interface: "test:other/secret" }), "denied"],
    [(run) => run.put("t", "k", "x".repeat(9 * 1024 * 1024)), "too-large"],
    [(run) => run.put("", "k", 1), "invalid"],
  ];
  for (const [begin, kind] of refusals) {
    await assert.rejects(upgrade(world, "2.0.0", { begin }), { kind });
    const now = world.remains.disk.rows()
      .filter(({ key }) => !SAID.has(String(key[3])) && key[0] !== "serial");
    assert.deepEqual(
      now.map(({ key, value }) => [key, value]),
      rows.filter(({ key }) => key[0] !== "serial").map(({ key, value }) => [key, value]),
      kind,
    );
    await assert.rejects(world.remains.blobs.get(idOf(componentOf("counter", "2.0.0"))), {
      kind: "not-found",
    });
  }
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  assert.deepEqual(answersOf(world), [{ ok: "5" }, { ok: "6" }]);
  await world.stop();
});

Deno.test("a pod that refuses its first version is not there", async () => {
  const world = await World.open();
  const component = componentOf("counter");
  world.remains.sandbox.beginnings.set(idOf(component), (run) => {
    run.put("count", "sum", 1);
    throw new PeriError("invalid", { op: "look", subject: "it does not work here" });
  });
  await assert.rejects(driven(world, world.install(counter)), { kind: "invalid" });
  assert.deepEqual(world.remains.disk.rows(), []);
  await assert.rejects(world.remains.blobs.get(idOf(component)), { kind: "not-found" });
  world.remains.sandbox.beginnings.delete(idOf(component));
  await world.install(counter);
  await world.stop();
});

Deno.test("a version says what it posts when it begins, and only once it has", async () => {
  const world = await begun(5);
  const posting: Guest = (run) => run.post({});
  await upgrade(world, "2.0.0", { begin: posting });
  assert.equal(world.rows(REF, "sent").length, 2);
  await assert.rejects(
    upgrade(world, "3.0.0", {
      begin: (run) => {
        run.post({});
        throw new Error("no");
      },
    }),
  );
  assert.equal(world.rows(REF, "sent").length, 2);
  await world.stop();
});

Deno.test("messages wait while a version begins, and come to it in order", async () => {
  const world = await begun(5);
  const gate = Promise.withResolvers<void>();
  const begin: Guest = async (run) => {
    await gate.promise;
    await migrate(run);
  };
  const upgrading = upgrade(world, "2.0.0", { begin });
  await world.rest();
  for (let n = 0; n < 20; n++) {
    world.deliver(REF, n);
    await world.rest();
  }
  assert.equal(world.rows(REF, "inbox").length, 20);
  gate.resolve();
  await upgrading;
  await world.until(world.isDone(REF));
  let total = 105;
  const expected = [
    { ok: "5" },
    ...Array.from({ length: 20 }, (_, n) => ({ ok: `${total += n}` })),
  ];
  assert.deepEqual(answersOf(world), expected);
  await world.stop();
});

Deno.test("one who interrupts an upgrade keeps the version before", async () => {
  const world = await begun(5);
  const stop = new AbortController();
  const begin: Guest = () => new Promise(() => stop.abort());
  const watcher = { signal: stop.signal };
  await assert.rejects(upgrade(world, "2.0.0", { begin }, watcher), { kind: "expired" });
  assert.equal(world.supervisor.residents.get(REF).manifest.version, "1.0.0");
  assert.deepEqual(partsOf(world, REF), ["resident", "sent", "state", "used"]);
  await world.stop();
});

Deno.test("the way back is to the state before; what was answered stays answered", async () => {
  const world = await begun(5);
  await upgrade(world, "2.0.0");
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  const back = await rollback(world);
  assert.deepEqual([back.manifest.version, back.serial], ["1.0.0", 3]);
  assert.equal(back.previous?.version, "2.0.0");
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  assert.deepEqual(answersOf(world), [{ ok: "5" }, { ok: "106" }, { ok: "6" }]);
  const again = await rollback(world);
  assert.equal(again.manifest.version, "2.0.0");
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  assert.deepEqual(answersOf(world).at(-1), { ok: "107" }, "as it was left");
  await world.stop();
  const next = await World.open(world.remains);
  assert.deepEqual(next.supervisor.residents.get(REF), again);
  assert.deepEqual(partsOf(next, REF), [
    "kept",
    "resident",
    "sent",
    "state.2",
    "state.3",
    "used.2",
    "used.3",
  ]);
  await next.stop();
});

Deno.test("a version that is confirmed leaves no way back, nor anything of the one before", async () => {
  const world = await begun(5);
  await upgrade(world, "2.0.0");
  await world.supervisor.installs.confirm(REF);
  await assert.rejects(rollback(world), { kind: "not-found" });
  await assert.rejects(world.supervisor.installs.confirm(REF), { kind: "not-found" });
  assert.deepEqual(partsOf(world, REF), ["resident", "sent", "state.1", "used.1"]);
  await assert.rejects(world.remains.blobs.get(idOf(componentOf("counter"))), {
    kind: "not-found",
  });
  world.deliver(REF, 1);
  await world.until(world.isDone(REF));
  assert.deepEqual(answersOf(world).at(-1), { ok: "106" });
  await world.stop();
});

Deno.test("a version is confirmed after a week, also when the server was away then", async () => {
  for (const isAway of [false, true]) {
    let world = await begun(5);
    await upgrade(world, "2.0.0");
    await world.remains.clock.advance(KEEP_VERSION_MS - 1000);
    assert.ok(world.supervisor.residents.get(REF).previous);
    if (isAway) await world.stop();
    await world.remains.clock.advance(2000);
    if (isAway) world = await World.open(world.remains);
    await world.until(() => world.supervisor.residents.get(REF).previous === undefined);
    await world.until(() => !partsOf(world, REF).includes("state"));
    await world.stop();
  }
});

Deno.test("the next upgrade confirms the one before it", async () => {
  const world = await begun(5);
  await upgrade(world, "2.0.0");
  await upgrade(world, "3.0.0", { begin: () => {} });
  assert.equal(world.supervisor.residents.get(REF).previous?.version, "2.0.0");
  assert.deepEqual(
    partsOf(world, REF).filter((part) => part.startsWith("state")),
    ["state.1", "state.2"],
  );
  await assert.rejects(world.remains.blobs.get(idOf(componentOf("counter"))), {
    kind: "not-found",
  });
  assert.equal((await rollback(world)).manifest.version, "2.0.0");
  await world.stop();
});

Deno.test("versions that are only tried are not kept; the one before them is", async () => {
  const world = await begun(5);
  for (const version of ["2.0.0-a", "2.0.0-b", "2.0.0-c"]) {
    const after = await upgrade(world, version, { isDraft: true, begin: () => {} });
    assert.equal(after.previous?.version, "1.0.0");
  }
  const parts = partsOf(world, REF).filter((part) => part.startsWith("state"));
  assert.deepEqual(parts, ["state", "state.3"]);
  assert.equal((await rollback(world)).manifest.version, "1.0.0");
  await world.stop();
});

Deno.test("a large state is copied in commits that fit, and a full disk refuses the upgrade", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    for (let n = 0; n < 8; n++) run.put("t", `${run.args[0]}/${n}`, "x".repeat(50_000));
    return 0;
  });
  world.deliver(ref, ...Array.from({ length: 60 }, (_, n) => n));
  await world.until(world.isDone(ref));
  let copied = 0;
  world.fault = (apply, { puts = [] }) => {
    copied += puts.filter(({ key }) => key[3] === "state.1").length;
    if (copied <= 200) return Promise.resolve(apply());
    return Promise.reject(
      new PeriError("over-quota", { op: "write", subject: "the disk is full" }),
    );
  };
  await assert.rejects(upgrade(world, "2.0.0"), { kind: "over-quota" });
  world.fault = (apply) => Promise.resolve(apply());
  assert.equal(world.supervisor.residents.get(REF).manifest.version, "1.0.0");
  const notes: string[] = [];
  await upgrade(world, "2.0.0", { begin: () => {} }, { note: (text) => void notes.push(text) });
  assert.equal(world.rows(ref, "state.1").length, 480);
  assert.ok(notes.some((note) => /copying the state: \d+ %/.test(note)), notes.join("; "));
  assert.deepEqual(world.rows(ref, "used.1"), world.rows(ref, "used"));
  await world.stop();
});

Deno.test("runs that have gone on since are not in the state that comes back", async () => {
  const world = await World.open();
  const ref = await world.install((run) => {
    for (const name of ["a", "b", "c"]) {
      run.put("sdk:runs", `run/${name}`, {});
      run.put("sdk:runs", `open/${name}`, "");
      run.put("sdk:runs", `log/${name}/000000`, [["cut"]]);
    }
    return 0;
  });
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  const notes: string[] = [];
  const guest: Guest = (run) => {
    for (const part of ["run/a", "open/a", "log/a/000000"]) run.put("sdk:runs", part, undefined);
    run.put("sdk:runs", "log/b/000000", [["cut"], ["told"]]);
    return 0;
  };
  const watcher = { note: (text: string) => void notes.push(text) };
  await upgrade(world, "2.0.0", { guest, begin: () => {} }, watcher);
  assert.ok(notes.includes("runs that still await others: 3; they go on with counter 2.0.0"));
  world.deliver(ref, 1);
  await world.until(world.isDone(ref));
  await rollback(world);
  const keys = world.remains.disk.rows()
    .filter(({ key }) => key[3] === "state.2").map(({ key }) => key[5]);
  assert.deepEqual(keys, ["log/c/000000", "open/c", "run/c"]);
  await world.stop();
});

Deno.test("a process killed anywhere in an upgrade, a way back or a confirmation leaves one version", async () => {
  const acts: [name: string, act: (world: World) => Promise<unknown>][] = [
    ["upgrade", (world) => upgrade(world, "2.0.0")],
    ["rollback", (world) => rollback(world)],
    ["confirm", (world) => driven(world, world.supervisor.installs.confirm(REF))],
  ];
  for (const [name, act] of acts) {
    const versions = new Set<string>();
    let hasEnded = false;
    for (let killAt = 1; !hasEnded; killAt++) {
      assert.ok(killAt < 60);
      for (const isWritten of [true, false]) {
        let world = await begun(5);
        if (name !== "upgrade") await upgrade(world, "2.0.0");
        world.deliver(REF, 1);
        await world.until(world.isDone(REF));
        // Some wait, and more come meanwhile.
        world.deliver(REF, 2, 3);
        let commits = 0;
        world.fault = (apply) => {
          if (commits === 4) world.deliver(REF, 4);
          const isDeath = ++commits === killAt;
          if (commits < killAt) return Promise.resolve(apply());
          if (isDeath && isWritten) apply();
          if (isDeath) world.kill();
          return new Promise(() => {});
        };
        await act(world);
        hasEnded = !world.isKilled;
        world = await World.open(world.remains);
        // A confirmation is made up for at once.
        await world.until(() => world.supervisor.residents.get(REF).previous?.untilMs !== 0);
        versions.add(checkWhole(world, `${name} killed at ${killAt}`));
        world.deliver(REF, 5);
        await world.until(world.isDone(REF));
        checkAnswers(world, `${name} killed at ${killAt}`);
        await world.stop();
      }
    }
    assert.equal(versions.size, name === "confirm" ? 1 : 2, name);
  }
});

/** Each message was answered once, in order, by the version that knew what came before it. */
function checkAnswers(world: World, label: string): void {
  const tokens = world.rows<Reply>(REF, "sent").map(({ token }) => token);
  const asked = Array.from(tokens, (_, arrival) => eventOf(REF, arrival, 0).message.body.token);
  assert.deepEqual(tokens, asked, label);
  assert.equal(tokens.length, world.remains.arrivals, label);
  for (const outcome of answersOf(world)) assert.ok("ok" in (outcome as object), label);
}

/** Nothing but what the version that runs and the one that is kept need is there. */
function checkWhole(world: World, label: string): string {
  const { generation, previous, manifest, component } = world.supervisor.residents.get(REF);
  const allowed = [generation, ...previous === undefined ? [] : [previous.generation]]
    .map((one) => one === 0 ? "state" : `state.${one}`);
  const states = partsOf(world, REF).filter((part) => part.startsWith("state"));
  for (const state of states) assert.ok(allowed.includes(state), `${label}: ${state}`);
  const kept = world.remains.disk.rows().filter(({ key }) => key[3] === "kept");
  const keptOf = new Set(kept.map(({ key }) => key[4]));
  assert.deepEqual([...keptOf], previous === undefined ? [] : [previous.generation], label);
  const isOld = manifest.version === "1.0.0";
  const sum = world.state(REF, "count", "sum");
  const total = world.state(REF, "count", "total");
  const isMigrated =
    world.rows(REF, `state${generation === 0 ? "" : `.${generation}`}`).length > 100;
  assert.deepEqual(
    [sum !== undefined, total !== undefined, isMigrated],
    [isOld, !isOld, !isOld],
    label,
  );
  assert.equal(component, idOf(componentOf("counter", manifest.version)), label);
  return manifest.version;
}

Deno.test("a disk that fails once, anywhere in an upgrade or on a way back, leaves a pod that works", async () => {
  const acts: [name: string, act: (world: World) => Promise<unknown>][] = [
    ["upgrade", (world) => upgrade(world, "2.0.0")],
    ["rollback", (world) => rollback(world)],
    ["confirm", (world) => driven(world, world.supervisor.installs.confirm(REF))],
  ];
  for (const [name, act] of acts) {
    let hasFailed = true;
    for (let failAt = 1; hasFailed; failAt++) {
      assert.ok(failAt < 60);
      const label = `${name} failed at ${failAt}`;
      let world = await begun(5);
      if (name !== "upgrade") await upgrade(world, "2.0.0");
      let commits = 0;
      world.fault = (apply) =>
        ++commits === failAt
          ? Promise.reject(new PeriError("internal", { op: "write", subject: "the disk failed" }))
          : Promise.resolve(apply());
      await act(world).catch((error: PeriError) => assert.equal(error.kind, "internal", label));
      hasFailed = commits >= failAt;
      world.deliver(REF, 1, 2);
      await world.until(world.isDone(REF));
      checkAnswers(world, label);
      await world.remains.clock.advance(2 * 60 * 60 * 1000);
      await world.rest();
      await world.stop();
      world = await World.open(world.remains);
      checkWhole(world, label);
      world.deliver(REF, 3);
      await world.until(world.isDone(REF));
      await world.stop();
    }
  }
});

Deno.test("a server that ends does not wait for a version that begins", async () => {
  const world = await begun(5);
  const begin: Guest = () => new Promise(() => {});
  const component = componentOf("counter", "2.0.0");
  world.remains.sandbox.guests.set(idOf(component), later);
  world.remains.sandbox.beginnings.set(idOf(component), begin);
  const { installs } = world.supervisor;
  const wish = { person: ALICE, certificate: certificateOf(ALICE), endpoint: SERVER, component };
  const draft = await installs.planInstall({ ...wish, isUpgrade: true });
  const upgrading = installs.complete(draft, await world.sign(ALICE, draft.document));
  const refused = assert.rejects(upgrading, { kind: "expired" });
  await world.rest();
  await world.stop();
  await refused;
  const next = await World.open(world.remains);
  assert.equal(checkWhole(next, "ended"), "1.0.0");
  await next.stop();
});

Deno.test("removing a pod leaves nothing of the version that is kept", async () => {
  const world = await begun(5);
  await upgrade(world, "2.0.0");
  await driven(world, world.supervisor.installs.remove(REF));
  assert.deepEqual(world.remains.disk.rows().map(({ key }) => key[0]), ["serial"]);
  for (const version of ["1.0.0", "2.0.0"]) {
    await assert.rejects(world.remains.blobs.get(idOf(componentOf("counter", version))), {
      kind: "not-found",
    });
  }
  await world.stop();
});

Deno.test("a record from before there were generations is one of the first", async () => {
  const world = await begun(5);
  const row = world.remains.disk.rows().find(({ key }) => key[3] === "resident")!;
  assert.ok(row.value instanceof Uint8Array);
  const { decodeCbor, encodeCbor } = await import("../../model/cbor.ts");
  const fields = decodeCbor(row.value, 1e6, "record") as Record<string, never>;
  const { generation: _1, previous: _2, draft: _3, ...old } = fields;
  world.remains.disk.apply({ puts: [{ key: row.key, value: encodeCbor(old) }] });
  await world.stop();
  const next = await World.open(world.remains);
  assert.equal(next.state(REF, "count", "sum"), 5);
  next.deliver(REF, 1);
  await next.until(next.isDone(REF));
  assert.deepEqual(answersOf(next).at(-1), { ok: "6" });
  await next.stop();
});

Deno.test("a draft for a pod that was changed since is refused", async () => {
  const world = await begun(5);
  const { installs } = world.supervisor;
  const component = componentOf("counter", "2.0.0");
  const wish = { person: ALICE, certificate: certificateOf(ALICE), endpoint: SERVER };
  const draft = await installs.planInstall({ ...wish, component, isUpgrade: true });
  await upgrade(world, "3.0.0");
  const signature = await world.sign(ALICE, draft.document);
  await assert.rejects(driven(world, installs.complete(draft, signature)), { kind: "conflict" });
  assert.equal(world.supervisor.residents.get(REF).manifest.version, "3.0.0");
  assert.ok(encodeUtf8(draft.document).length > 0);
  await world.stop();
});
