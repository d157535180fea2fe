import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { parsePodName } from "../../model/words.ts";
import { settled } from "../../adapters/memory/clock.ts";
import { BOB, componentOf, COUNT, counter, idOf } from "../../../tests/helpers/guest.ts";
import { ALICE, certificateOf, eventOf, SERVER, World } from "../../../tests/helpers/world.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };

function wish(version = "1.0.0", more: { isUpgrade?: boolean; name?: string } = {}) {
  const component = componentOf("counter", version);
  return { person: ALICE, certificate: certificateOf(ALICE), endpoint: SERVER, component, ...more };
}

Deno.test("an installed pod is there with its key, behalf and manifest after a restart", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const before = world.supervisor.residents.get(ref);
  await world.stop();
  const next = await World.open(world.remains);
  const after = next.supervisor.residents.get(ref);
  assert.deepEqual(after, before);
  assert.equal(next.supervisor.residents.byKey(before.podKey), after);
  assert.match(after.introduction.document, /^capability: test:counter\/count c{64}$/m);
  const info = await next.supervisor.info(ref);
  assert.deepEqual([info.serial, info.waitingEvents, info.stateBytes], [1, 0, 0]);
  assert.equal(info.component, idOf(componentOf("counter")));
  await next.stop();
});

Deno.test("a signature by someone else installs nothing; the draft waits for the right one", async () => {
  const world = await World.open();
  const { installs } = world.supervisor;
  const draft = await installs.planInstall(wish());
  const wrong = await world.sign(BOB, draft.document);
  await assert.rejects(installs.complete(draft, wrong), { kind: "denied" });
  assert.deepEqual(world.remains.disk.rows(), []);
  await installs.complete(draft, await world.sign(ALICE, draft.document));
  await assert.rejects(installs.complete(draft, await world.sign(ALICE, draft.document)), {
    kind: "invalid",
  });
  await world.stop();
});

Deno.test("the certificate of another, a taken name and the server's own name are refused", async () => {
  const world = await World.open();
  const { installs } = world.supervisor;
  const foreign = { ...wish(), certificate: certificateOf(BOB) };
  await assert.rejects(installs.planInstall(foreign), { kind: "denied" });
  await assert.rejects(installs.planInstall(wish("1.0.0", { name: "periphery" })), {
    kind: "denied",
  });
  await assert.rejects(installs.planInstall(wish("1.0.0", { isUpgrade: true })), {
    kind: "not-found",
  });
  const [one, two] = [await installs.planInstall(wish()), await installs.planInstall(wish())];
  await installs.complete(one, await world.sign(ALICE, one.document));
  await assert.rejects(installs.complete(two, await world.sign(ALICE, two.document)), {
    kind: "exists",
  });
  await assert.rejects(installs.planInstall(wish()), (error: PeriError) => {
    assert.equal(error.kind, "exists");
    assert.match(error.hint!, /--upgrade/);
    return true;
  });
  const other = await installs.planInstall(wish("1.0.0", { name: "second" }));
  await installs.complete(other, await world.sign(ALICE, other.document));
  assert.deepEqual(world.supervisor.list().map(({ ref }) => ref.pod), ["counter", "second"]);
  await world.stop();
});

Deno.test("a renewal is a new behalf for the same pod", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { installs, residents } = world.supervisor;
  await world.remains.clock.advance(10_000);
  const draft = await installs.planRenew(ref, certificateOf(ALICE), SERVER);
  const pod = await installs.complete(draft, await world.sign(ALICE, draft.document));
  assert.equal(pod.serial, 2);
  assert.match(residents.get(ref).introduction.document, /^serial: 2$/m);
  world.deliver(ref, 5);
  await world.until(() => world.state(ref, "count", "sum") === 5);
  await world.stop();
});

Deno.test("removing a pod leaves nothing of it but its serial, which never goes back", async () => {
  const world = await World.open();
  const ref = await world.install(async (run) => {
    for (let n = 0; n < 400; n++) run.put("t", `${run.args[0]}/${n}`, n);
    run.log("worked");
    return await counter(run);
  });
  const other = await world.install(counter, "other");
  world.deliver(ref, 1, 2, 3);
  await world.until(() => world.rows(ref, "inbox").length === 0);
  let isRemoved = false;
  world.supervisor.installs.remove(ref).then(() => isRemoved = true);
  await world.until(() => isRemoved);
  assert.equal(world.supervisor.residents.byRef(ref), undefined);
  const left = world.remains.disk.rows().filter(({ key }) => key.includes("counter"));
  assert.deepEqual(left, [{ ...left[0]!, key: ["serial", ALICE, "counter"], value: 1 }]);
  await assert.rejects(world.remains.blobs.get(idOf(componentOf("counter"))), {
    kind: "not-found",
  });
  assert.ok(world.supervisor.residents.byRef(other));
  await world.install(counter);
  assert.equal(world.supervisor.residents.get(ref).serial, 2);
  await assert.rejects(world.supervisor.installs.remove({ ...ref, pod: parsePodName("gone") }), {
    kind: "not-found",
  });
  await world.stop();
});

Deno.test("a component two pods run stays until the second leaves", async () => {
  const world = await World.open();
  const { installs } = world.supervisor;
  for (const name of ["one", "two"]) {
    const draft = await installs.planInstall(wish("1.0.0", { name }));
    await installs.complete(draft, await world.sign(ALICE, draft.document));
  }
  const id = idOf(componentOf("counter"));
  await installs.remove({ person: ALICE, pod: parsePodName("one") });
  assert.ok(await world.remains.blobs.get(id));
  await installs.remove({ person: ALICE, pod: parsePodName("two") });
  await assert.rejects(world.remains.blobs.get(id), { kind: "not-found" });
  await world.stop();
});

Deno.test("a process killed while installing leaves nothing or all of it", async () => {
  for (let killAt = 1; killAt <= 4; killAt++) {
    const world = await World.open();
    let commits = 0;
    world.fault = (apply) => {
      if (++commits === killAt) world.kill();
      return commits >= killAt ? new Promise(() => {}) : Promise.resolve(apply());
    };
    world.install(counter);
    for (let round = 0; round < 20; round++) await settled();
    const next = await World.open(world.remains);
    const pod = next.supervisor.residents.byRef(REF);
    const rows = next.remains.disk.rows();
    const blob = next.remains.blobs.get(idOf(componentOf("counter")));
    if (pod === undefined) {
      assert.deepEqual(rows, [], `killed at ${killAt}`);
      await assert.rejects(blob, { kind: "not-found" });
      await next.install(counter);
    } else assert.ok(await blob);
    next.deliver(REF, 1);
    await next.until(() => next.state(REF, "count", "sum") === 1);
    await next.stop();
  }
});

Deno.test("a process killed while removing goes on at the next start", async () => {
  for (let killAt = 1; killAt <= 4; killAt++) {
    const world = await World.open();
    const ref = await world.install(async (run) => {
      for (let n = 0; n < 400; n++) run.put("t", `${run.args[0]}/${n}`, n);
      return await counter(run);
    });
    world.deliver(ref, 1, 2, 3);
    await world.until(() => world.rows(ref, "inbox").length === 0);
    let commits = 0;
    world.fault = (apply) => {
      if (++commits === killAt) world.kill();
      return commits >= killAt ? new Promise(() => {}) : Promise.resolve(apply());
    };
    world.supervisor.installs.remove(ref);
    await world.rest();
    const next = await World.open(world.remains);
    const rows = next.remains.disk.rows().filter(({ key }) => key[0] !== "serial");
    if (killAt === 1) assert.ok(next.supervisor.residents.byRef(ref), "not begun");
    else assert.deepEqual(rows, [], `killed at ${killAt}`);
    await next.stop();
  }
});

Deno.test("a server has one owner, who may claim it again", async () => {
  const world = await World.open();
  const { installs } = world.supervisor;
  const draft = await installs.planClaim(ALICE, certificateOf(ALICE), SERVER);
  assert.match(draft.document, /^pod: periphery$/m);
  assert.doesNotMatch(draft.document, /^capability:/m);
  const pod = await installs.complete(draft, await world.sign(ALICE, draft.document));
  assert.equal(await installs.owner(), ALICE);
  await assert.rejects(installs.planClaim(BOB, certificateOf(BOB), SERVER), (error: PeriError) => {
    assert.equal(error.kind, "denied");
    assert.ok(error.hint);
    return true;
  });
  await assert.rejects(installs.remove(pod.ref), { kind: "denied" });
  const again = await installs.planClaim(ALICE, certificateOf(ALICE), SERVER);
  const renewed = await installs.complete(again, await world.sign(ALICE, again.document));
  assert.deepEqual([renewed.serial, renewed.podKey], [2, pod.podKey]);
  await world.stop();
  const next = await World.open(world.remains);
  assert.equal(next.supervisor.residents.all().length, 1);
  await next.stop();
});

Deno.test("of two who claim at once the second is refused", async () => {
  const world = await World.open();
  const { installs } = world.supervisor;
  const mine = await installs.planClaim(ALICE, certificateOf(ALICE), SERVER);
  const theirs = await installs.planClaim(BOB, certificateOf(BOB), SERVER);
  await installs.complete(mine, await world.sign(ALICE, mine.document));
  await assert.rejects(installs.complete(theirs, await world.sign(BOB, theirs.document)), {
    kind: "denied",
  });
  assert.equal(await installs.owner(), ALICE);
  await world.stop();
});

Deno.test("calls a pod does not take are refused without waking it", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  const { residents } = world.supervisor;
  const { body } = eventOf(ref, 0, 1).message;
  assert.ok(body.kind === "call");
  assert.equal(residents.refusal(ref, body), undefined);
  const kinds = [
    { ...body, payload: '["one"]' },
    { ...body, payload: "[" },
    { ...body, functionId: "1".repeat(64) as typeof body.functionId },
    { ...body, function: "constructor" as typeof body.function },
    {
      ...body,
      interface: "peri:face/command" as typeof COUNT.interface,
      function: "verbs" as typeof body.function,
      functionId: "0".repeat(64) as typeof body.functionId,
    },
  ].map((call) => residents.refusal(ref, call)?.kind);
  const missing = "missing-implementation";
  assert.deepEqual(kinds, ["invalid", "invalid", missing, missing, missing]);
  assert.equal(world.remains.sandbox.instances.length, 0);
  await world.stop();
});

Deno.test("a removal that the disk stopped half-way does not keep its name taken", async () => {
  const world = await World.open();
  const ref = await world.install(counter);
  let commits = 0;
  // The mark that it leaves is written, what is to be swept is not.
  world.fault = (apply) =>
    ++commits === 1 ? Promise.resolve(apply()) : Promise.reject(new Error("the disk is broken"));
  await assert.rejects(world.supervisor.installs.remove(ref), /broken/);
  world.fault = (apply) => Promise.resolve(apply());
  const { installs, residents } = world.supervisor;
  const draft = await installs.planInstall(wish());
  await installs.complete(draft, await world.sign(ALICE, draft.document));
  assert.equal(residents.get(ref).serial, 2);
  await world.stop();
});
