import assert from "node:assert/strict";
import { KEEP_VERSION_MS } from "../../model/limits.ts";
import { componentOf, type Guest, idOf } from "../../../tests/helpers/guest.ts";
import { World } from "../../../tests/helpers/world.ts";
import {
  answersOf,
  begun,
  driven,
  partsOf,
  REF,
  rollback,
  upgrade,
} from "../../../tests/helpers/versions.ts";

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
