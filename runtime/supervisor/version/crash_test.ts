import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { componentOf, type Guest, idOf } from "../../../tests/helpers/guest.ts";
import { ALICE, certificateOf, SERVER, World } from "../../../tests/helpers/world.ts";
import {
  begun,
  checkAnswers,
  checkWhole,
  driven,
  later,
  REF,
  rollback,
  upgrade,
} from "../../../tests/helpers/versions.ts";

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
