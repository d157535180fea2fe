import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { receiptOf, tap } from "../../tests/attack/forge.ts";
import { House } from "../../tests/sim/house.ts";
import { HEY, makeResident } from "../../tests/sim/people.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Village } from "../../tests/sim/village.ts";
import type { EnvelopeReply } from "../model/envelope.ts";
import { PeriError } from "../model/errors.ts";
import { RETRY_FIRST_MS } from "../model/limits.ts";
import { formatPodRef, parsePodName, parseServerUrl } from "../model/words.ts";
import { decodeDead } from "./rows.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const rowsOf = (house: House, kind: string) =>
  house.disk.rows().filter(({ key }) => key[3] === kind);
const many = (village: Village, to: Village["people"][number], count: number, first = 1) =>
  Array.from(
    { length: count },
    (_, at) => makePost(to.resident.ref, village.token(), `[${first + at}]`),
  );
const counted = async (villager: Village["people"][number]) =>
  (await villager.pod.deeds()).flatMap(({ payload }) =>
    payload ? [Number(payload.slice(1, -1))] : []
  );
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

Deno.test("a message goes out at once, without waiting for any timer", async () => {
  const village = await makeVillage("at once", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const before = village.world.clock.nowMs();
  await alice!.pod.post(...many(village, bob!, 1));
  await village.settle();
  strictEqual((await alice!.pod.deeds()).length, 1);
  strictEqual(village.world.clock.nowMs(), before);
});

Deno.test("what waits for one pod travels together", async () => {
  const village = await makeVillage("together", ["alice", "bob"]);
  const [alice, bob] = village.people;
  village.world.network.drop(bob!.house.server);
  for (let round = 0; round < 5; round++) {
    await alice!.pod.post(...many(village, bob!, 100, round * 100 + 1));
  }
  await village.settle();
  const wire = tap(village.world.network, bob!.house);
  await village.world.clock.advance(HOUR_MS / 2);
  deepStrictEqual(await counted(bob!), upTo(500));
  ok(wire.envelopes.length <= 4, `${wire.envelopes.length} envelopes`);
});

Deno.test("a pod on the same periphery is reached without the network", async () => {
  const village = await makeVillage("local", ["alice"]);
  const [alice] = village.people;
  const endpoint = alice!.house.server;
  const nowMs = village.world.clock.nowMs();
  const pod = parsePodName("photos");
  const photos = await makeResident(village.world.pgp, alice!.person, { pod, endpoint, nowMs });
  alice!.house.admit(photos);
  village.world.network.drop(endpoint);
  await alice!.pod.post(makePost(photos.ref, village.token(), "[1]"));
  await alice!.pod.post(makePost(alice!.resident.ref, village.token(), "[2]"));
  await village.settle();
  strictEqual((await alice!.house.pod(photos.ref).deeds()).length, 1);
  strictEqual((await alice!.pod.deeds()).length, 3, "both answers, and the call to itself");
});

Deno.test("the introduction goes along until it is known to have arrived", async () => {
  const village = await makeVillage("introduction", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  const sizes: number[] = [];
  for (const count of upTo(2)) {
    await alice!.pod.post(...many(village, bob!, 1, count));
    await village.settle();
    sizes.push(wire.envelopes.at(-1)!.sealed.length);
  }
  ok(sizes[1]! < sizes[0]! - 100, `${sizes}`);
  // Bob's periphery has lost its book.
  const fresh = new House(village.world, bob!.house.server, [bob!.resident], bob!.house.disk);
  await fresh.start();
  await alice!.pod.post(...many(village, bob!, 1, 3));
  await village.settle();
  deepStrictEqual((await fresh.pod(bob!.resident.ref).deeds()).length, 3);
});

Deno.test("a renewed behalf is introduced again", async () => {
  const village = await makeVillage("renewed", ["alice", "bob"]);
  const [alice, bob] = village.people;
  await alice!.pod.post(...many(village, bob!, 1));
  await village.settle();
  const { podKey, secretKey, ref } = alice!.resident;
  const key = {
    fingerprint: podKey,
    secretKey,
    certificate: await village.world.pgp.publicPart(secretKey),
  };
  const wishes = { pod: HEY, endpoint: alice!.house.server, nowMs: village.world.clock.nowMs() };
  const renewed = await makeResident(village.world.pgp, alice!.person, {
    ...wishes,
    serial: 2,
    key,
  });
  alice!.house.expel(ref);
  alice!.house.admit(renewed);
  await alice!.house.pod(ref).post(...many(village, bob!, 1, 2));
  await village.settle();
  strictEqual((await bob!.house.directory.recall(ref))?.behalf.serial, 2);
  deepStrictEqual(await counted(bob!), [1, 2]);
});

Deno.test("a pod that nobody knows is tried until the deadline, then its poster is told", async () => {
  const village = await makeVillage("unknown", ["alice", "bob"]);
  const [alice, bob] = village.people;
  village.world.told.clear();
  const [post] = many(village, bob!, 1);
  await alice!.pod.post({ ...post!, deadlineMs: 10 * MINUTE_MS });
  await village.world.clock.advance(9 * MINUTE_MS);
  deepStrictEqual(await alice!.pod.deeds(), []);
  await village.world.clock.advance(2 * MINUTE_MS);
  const [told] = await alice!.pod.deeds();
  strictEqual(told?.token, post!.token);
  const error = told?.answer && "error" in told.answer ? told.answer.error : undefined;
  strictEqual(error?.kind, "not-found");
  ok(error?.subject.includes("nobody knows"), error?.subject);
  deepStrictEqual(rowsOf(alice!.house, "outbox"), []);
  const [dead] = rowsOf(alice!.house, "dead");
  const letter = decodeDead(dead!.value as Uint8Array);
  strictEqual(letter.error.kind, "not-found");
  strictEqual(letter.message.body.token, post!.token);
});

Deno.test("a message that becomes known later is delivered when its pod is heard of", async () => {
  const village = await makeVillage("known later", ["alice", "bob"]);
  const [alice, bob] = village.people;
  village.world.told.clear();
  await alice!.pod.post(...many(village, bob!, 1));
  await village.world.clock.advance(HOUR_MS / 2);
  strictEqual((await bob!.pod.deeds()).length, 0);
  village.world.told.set(formatPodRef(alice!.resident.ref), alice!.resident.introduction);
  await bob!.pod.post(...many(village, alice!, 1));
  await village.settle();
  deepStrictEqual(await counted(bob!), [1], "Bob's message to Alice said where he is");
});

Deno.test("a server that was down is tried again when it is heard of", async () => {
  const village = await makeVillage("heard of", ["alice", "bob"]);
  const [alice, bob] = village.people;
  village.world.network.drop(bob!.house.server);
  await alice!.pod.post(...many(village, bob!, 3));
  await village.world.clock.advance(HOUR_MS / 2);
  tap(village.world.network, bob!.house);
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 0);
  await bob!.pod.post(...many(village, alice!, 1));
  await village.settle();
  deepStrictEqual(await counted(bob!), [1, 2, 3]);
});

Deno.test("a dead server costs the others nothing", async () => {
  const village = await makeVillage("dead", ["alice", "bob", "carol"]);
  const [alice, bob, carol] = village.people;
  // Bob's server takes connections and never answers.
  village.world.network.listen(bob!.house.server, () => new Promise(() => undefined));
  for (let round = 0; round < 10; round++) await alice!.pod.post(...many(village, bob!, 100));
  await village.settle();
  const before = village.world.clock.nowMs();
  await alice!.pod.post(...many(village, carol!, 1));
  await village.settle();
  deepStrictEqual(await counted(carol!), [1]);
  strictEqual(village.world.clock.nowMs(), before);
});

Deno.test("a burst of one pod does not make another wait until it is through", async () => {
  const village = await makeVillage("burst", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const pod = parsePodName("other");
  const wishes = { pod, endpoint: alice!.house.server, nowMs: village.world.clock.nowMs() };
  const other = await makeResident(village.world.pgp, alice!.person, wishes);
  alice!.house.admit(other);
  bob!.pod.isAsleep = true;
  village.world.network.drop(bob!.house.server);
  for (let round = 0; round < 9; round++) await alice!.pod.post(...many(village, bob!, 100));
  await alice!.house.pod(other.ref).post(...many(village, bob!, 1));
  await village.settle();
  const wire = tap(village.world.network, bob!.house);
  await village.world.clock.advance(HOUR_MS / 2);
  const senders = bob!.house.disk.rows().filter(({ key }) => key[3] === "inbox").length;
  strictEqual(senders, 901);
  ok(wire.envelopes.length >= 5);
  bob!.pod.isAsleep = false;
  bob!.pod.wake();
  await village.settle();
  const from = (await bob!.pod.deeds()).map((deed) => deed.from);
  ok(from.indexOf(formatPodRef(other.ref)) <= 400, "after two bundles at most");
});

Deno.test("a busy recipient is asked again after the time it asked for", async () => {
  const village = await makeVillage("busy", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  let asked = 0;
  wire.answer = (envelopes) => {
    asked++;
    return envelopes.map((): EnvelopeReply => ({ hint: "busy", retryAfterMs: 60_000 }));
  };
  await alice!.pod.post(...many(village, bob!, 1));
  await village.world.clock.advance(59_000);
  strictEqual(asked, 1);
  delete wire.answer;
  await village.world.clock.advance(10_000);
  deepStrictEqual(await counted(bob!), [1]);
});

Deno.test("a server that could take nothing is asked again when it is heard of, ever later in vain", async () => {
  const village = await makeVillage("unable", ["alice", "bob"]);
  const { clock } = village.world;
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  let asked = 0;
  wire.answer = (envelopes) => {
    asked++;
    return envelopes.map((): EnvelopeReply => ({ hint: "busy", retryAfterMs: HOUR_MS }));
  };
  await alice!.pod.post(...many(village, bob!, 1));
  await village.settle();
  strictEqual(asked, 1);
  // He is heard of every 100 ms, and in vain for a minute.
  for (let n = 0; n < 600; n++) {
    await bob!.pod.post(...many(village, alice!, 1));
    await clock.advance(100);
  }
  ok(asked > 4 && asked < 9, `asked ${asked} times`);
  delete wire.answer;
  await clock.advance(2 * MINUTE_MS);
  deepStrictEqual(await counted(bob!), [1]);
});

Deno.test("who was heard of just after it refused is asked again as soon as that is due", async () => {
  const village = await makeVillage("unable at once", ["alice", "bob"]);
  const { clock } = village.world;
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  wire.answer = (envelopes) =>
    envelopes.map((): EnvelopeReply => ({ hint: "busy", retryAfterMs: HOUR_MS }));
  await alice!.pod.post(...many(village, bob!, 1));
  await village.settle();
  delete wire.answer;
  await bob!.pod.post(...many(village, alice!, 1));
  await clock.advance(RETRY_FIRST_MS - 1);
  deepStrictEqual(await counted(bob!), []);
  await clock.advance(1);
  await village.settle();
  deepStrictEqual(await counted(bob!), [1]);
});

Deno.test("a moved recipient is followed", async () => {
  const village = await makeVillage("moved", ["alice", "bob"]);
  const [alice, bob] = village.people;
  await alice!.pod.post(...many(village, bob!, 1));
  await village.settle();
  const endpoint = parseServerUrl("http://new.example");
  const wishes = { pod: HEY, endpoint, nowMs: village.world.clock.nowMs(), serial: 2 };
  const moved = await makeResident(village.world.pgp, bob!.person, wishes);
  const there = new House(village.world, endpoint, [moved]);
  await there.start();
  const wire = tap(village.world.network, bob!.house);
  wire.answer = (envelopes) =>
    envelopes.map((envelope) =>
      receiptOf.forged(bob!.resident, envelope, { through: 0, moved: moved.introduction })
    );
  await alice!.pod.post(...many(village, bob!, 1, 2));
  await village.settle();
  const deeds = await there.pod(moved.ref).deeds();
  deepStrictEqual(deeds.map(({ payload }) => payload), ["[2]"]);
});

Deno.test("what waits is delivered by the next life of the periphery", async () => {
  const village = await makeVillage("next life", ["alice", "bob"]);
  const [alice, bob] = village.people;
  village.world.network.drop(bob!.house.server);
  await alice!.pod.post(...many(village, bob!, 3));
  await village.settle();
  await alice!.house.boxes.stop();
  tap(village.world.network, bob!.house);
  const { server, disk } = alice!.house;
  const next = new House(village.world, server, [alice!.resident], disk, {}, 1);
  await next.start();
  await next.pod(alice!.resident.ref).post(...many(village, bob!, 1, 4));
  await village.settle();
  deepStrictEqual(await counted(bob!), [1, 2, 3, 4]);
});

Deno.test("stopping ends at once, whatever is under way", async () => {
  const village = await makeVillage("stopping", ["alice", "bob", "carol"]);
  const [alice, bob, carol] = village.people;
  village.world.network.drop(carol!.house.server);
  await alice!.pod.post(...many(village, carol!, 1));
  village.world.told.delete(formatPodRef(bob!.resident.ref));
  await alice!.pod.post(...many(village, bob!, 1));
  await village.settle();
  await alice!.house.boxes.stop();
  strictEqual(rowsOf(alice!.house, "outbox").length, 2);
});

Deno.test("a full disk on the way out loses nothing", async () => {
  let isFull = false;
  const fault = (apply: () => boolean) =>
    isFull
      ? Promise.reject(new PeriError("over-quota", { op: "write store", subject: "full" }))
      : Promise.resolve(apply());
  const village = await makeVillage("full out", ["alice", "bob"], { alice: { fault } });
  const [alice, bob] = village.people;
  const wire = tap(village.world.network, bob!.house);
  wire.answer = (envelopes) => {
    isFull = true;
    delete wire.answer;
    void bob!.house.boxes.receive(envelopes);
    return envelopes.map((): EnvelopeReply => ({ hint: "busy", retryAfterMs: 1 }));
  };
  await alice!.pod.post(...many(village, bob!, 2));
  await village.world.clock.advance(MINUTE_MS);
  isFull = false;
  await village.world.clock.advance(HOUR_MS);
  deepStrictEqual(await counted(bob!), [1, 2]);
  deepStrictEqual((await alice!.pod.deeds()).length, 2);
});
