import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { componentOf, counter, type Guest, idOf } from "../../../tests/helpers/guest.ts";
import { ALICE, certificateOf, SERVER, World } from "../../../tests/helpers/world.ts";
import {
  answersOf,
  begun,
  driven,
  migrate,
  partsOf,
  REF,
  SAID,
  upgrade,
} from "../../../tests/helpers/versions.ts";

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
