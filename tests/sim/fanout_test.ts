import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Link } from "../../runtime/adapters/memory/transport.ts";
import { decodePost } from "../../runtime/model/envelope.ts";
import { MAX_POST_ENVELOPES } from "../../runtime/model/limits.ts";
import { formatPodRef, parsePodName, type PodRef } from "../../runtime/model/words.ts";
import { makeResident } from "./people.ts";
import { makePost } from "./pod.ts";
import { makeVillage, type Villager } from "./village.ts";

/** Alice's periphery and bob's, where so many more pods live; envelopes of each POST of alice's. */
async function openFan(pods: number) {
  const posts: number[] = [];
  const link: Link = (request, deliver) => {
    if (request.body !== undefined) posts.push(decodePost(request.body).length);
    return deliver(request);
  };
  const village = await makeVillage("fan", ["alice", "bob"], { alice: { link } });
  const [alice, bob] = village.people as [Villager, Villager];
  const refs: PodRef[] = [];
  for (let number = 1; number <= pods; number++) {
    const pod = parsePodName(`pod-${number}`);
    const nowMs = village.world.clock.nowMs();
    const wishes = { pod, endpoint: bob.house.server, nowMs };
    const resident = await makeResident(village.world.pgp, bob.person, wishes);
    village.world.told.set(formatPodRef(resident.ref), resident.introduction);
    bob.house.admit(resident);
    refs.push(resident.ref);
  }
  return { ...village, alice, bob, refs, posts };
}

for (const count of [1, 2, 10, MAX_POST_ENVELOPES]) {
  Deno.test(`messages to ${count} pods on one server travel in one POST`, async () => {
    const { alice, bob, refs, posts, token, settle } = await openFan(count);
    await alice.pod.post(...refs.map((ref) => makePost(ref, token(), '["hi"]')));
    await settle();
    deepStrictEqual(posts, [count]);
    for (const ref of refs) strictEqual((await bob.house.pod(ref).deeds()).length, 1);
    strictEqual((await alice.pod.deeds()).length, count);
  });
}

Deno.test("more pods than one POST takes need one more", async () => {
  const { alice, refs, posts, token, settle } = await openFan(100);
  await alice.pod.post(...refs.map((ref) => makePost(ref, token(), '["hi"]')));
  await settle();
  deepStrictEqual(posts, [MAX_POST_ENVELOPES, 100 - MAX_POST_ENVELOPES]);
});

Deno.test("a message to many is sealed once for each and never in vain", async () => {
  const { alice, refs, world, token, settle } = await openFan(50);
  let seals = 0;
  const seal = world.pgp.seal.bind(world.pgp);
  world.pgp.seal = (...args) => {
    seals++;
    return seal(...args);
  };
  await alice.pod.post(...refs.map((ref) => makePost(ref, token(), '["hi"]')));
  await settle();
  ok(seals >= 100, "calls and answers");
  strictEqual(seals, 100);
});

Deno.test("what comes while a POST is on its way goes with the next one", async () => {
  const { alice, refs, posts, token, settle } = await openFan(20);
  const halves = [refs.slice(0, 10), refs.slice(10)];
  await Promise.all(
    halves.map((half) => alice.pod.post(...half.map((ref) => makePost(ref, token(), '["hi"]')))),
  );
  await settle();
  ok(posts.length <= 2, `${posts}`);
  strictEqual(posts.reduce((sum, count) => sum + count, 0), 20);
});
