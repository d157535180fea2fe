/**
 * What malicious callers and malicious answerers try with streams. Each test tells the hole first.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { matchAnswer } from "../../runtime/boxes/respond.ts";
import type { OpenCall } from "../../runtime/boxes/rows.ts";
import {
  MAX_INBOX_PER_SENDER,
  MAX_STREAM_ANSWERS,
  MAX_STREAM_BACKLOG,
  MAX_STREAMS_PER_CALLER,
} from "../../runtime/model/limits.ts";
import type { Answer, Post } from "../../runtime/model/message.ts";
import type { PodRef, ResponseToken } from "../../runtime/model/words.ts";
import { COUNT, makePost } from "../sim/pod.ts";
import { makeVillage, type Villager } from "../sim/village.ts";
import { encodeMessage, envelopeFrom, receiptOf } from "./forge.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A call of a function that gives so many items. */
function ask(to: PodRef, token: ResponseToken, items: number): Post {
  const continuation = { then: "listen", note: "null", isStream: true } as const;
  return makePost(to, token, `[0,${items}]`, { function: COUNT, continuation, deadlineMs: DAY_MS });
}

function itemOf(token: ResponseToken, index: number, end = false): Answer {
  return { kind: "answer", token, index, end, outcome: { ok: end ? "null" : `${index}` } };
}

/** What somebody's pod was told, in short. */
async function told({ pod }: Villager): Promise<string[]> {
  const deeds = (await pod.deeds()).filter(({ answer }) => answer !== undefined);
  return deeds.map(({ answer, index, end }) =>
    end ? `${index} ${"ok" in answer! ? "end" : answer!.error.kind}` : `${index}`
  );
}

function rows({ house }: Villager, part: string): number {
  return house.disk.rows().filter(({ key }) => key[3] === part).length;
}

Deno.test("answers of a pod that was not asked do not get into a stream", async () => {
  // Mallory has seen the token of Alice's subscription and sends news in Bob's name.
  const village = await makeVillage("stolen stream", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people;
  const token = village.token();
  bob!.pod.isAsleep = true;
  await alice!.pod.post(ask(bob!.resident.ref, token, 2));
  await village.settle();
  const nowMs = village.world.clock.nowMs();
  const lies = [itemOf(token, 0), itemOf(token, 1, true)];
  const messages = lies.map((body, at) => encodeMessage({ body, sequence: at + 1, nowMs }));
  const envelope = await envelopeFrom(village, mallory!.resident, alice!.resident, { messages });
  strictEqual(receiptOf(await alice!.house.boxes.receive([envelope])).through, 2);
  bob!.pod.isAsleep = false;
  bob!.pod.wake();
  await village.world.clock.advance(MINUTE_MS);
  deepStrictEqual(await told(alice!), ["0", "1", "2 end"]);
});

Deno.test("who did not ask cannot cancel", async () => {
  // Mallory has seen the token of Alice's subscription and tells Bob that nobody listens any more.
  const village = await makeVillage("stolen cancel", ["alice", "bob", "mallory"]);
  const [alice, bob, mallory] = village.people;
  const token = village.token();
  await alice!.pod.post(ask(bob!.resident.ref, token, 3));
  await village.settle();
  const body = { kind: "cancel", token } as const;
  const messages = [encodeMessage({ body, nowMs: village.world.clock.nowMs() })];
  const envelope = await envelopeFrom(village, mallory!.resident, bob!.resident, { messages });
  strictEqual(receiptOf(await bob!.house.boxes.receive([envelope])).through, 1);
  await village.world.clock.advance(MINUTE_MS);
  deepStrictEqual(await told(alice!), ["0", "1", "2", "3 end"]);
});

Deno.test("what comes twice, out of order or after the end is dropped", async () => {
  // Bob is malicious: he repeats, skips and goes on when he has said that it was all.
  const village = await makeVillage("unruly", ["alice", "bob"]);
  const [alice, bob] = village.people;
  bob!.pod.isAsleep = true;
  const token = village.token();
  await alice!.pod.post(ask(bob!.resident.ref, token, 2));
  await village.settle();
  const said = [
    itemOf(token, 0),
    itemOf(token, 0),
    itemOf(token, 2),
    itemOf(token, 1),
    itemOf(token, 1, true),
    itemOf(token, 2, true),
    itemOf(token, 3),
    itemOf(token, 0),
  ];
  const nowMs = village.world.clock.nowMs();
  const messages = said.map((body, at) => encodeMessage({ body, sequence: at + 1, nowMs }));
  const envelope = await envelopeFrom(village, bob!.resident, alice!.resident, { messages });
  strictEqual(receiptOf(await alice!.house.boxes.receive([envelope])).through, said.length);
  await village.settle();
  deepStrictEqual(await told(alice!), ["0", "1", "2 end"]);
  strictEqual(rows(alice!, "open"), 0);
});

Deno.test("a call for one answer takes one, whatever its answerer says", async () => {
  // Bob answers a plain call again and again, and each answer would run Alice's continuation.
  const village = await makeVillage("again and again", ["alice", "bob"]);
  const [alice, bob] = village.people;
  bob!.pod.isAsleep = true;
  const token = village.token();
  await alice!.pod.post(makePost(bob!.resident.ref, token, "[1]"));
  await village.settle();
  const nowMs = village.world.clock.nowMs();
  const messages = [0, 1, 2].map((index) =>
    encodeMessage({ body: itemOf(token, index), sequence: index + 1, nowMs })
  );
  const envelope = await envelopeFrom(village, bob!.resident, alice!.resident, { messages });
  await alice!.house.boxes.receive([envelope]);
  await village.settle();
  strictEqual((await told(alice!)).length, 1);
});

Deno.test("a million answers are held at the inbox's bound, and a stream at its own", async () => {
  // Bob answers as fast as he can, to fill the disk of a caller whose pod is busy.
  const village = await makeVillage("million", ["alice", "bob"]);
  const [alice, bob] = village.people;
  alice!.pod.isAsleep = bob!.pod.isAsleep = true;
  const token = village.token();
  await alice!.pod.post(ask(bob!.resident.ref, token, 0));
  await village.settle();
  const nowMs = village.world.clock.nowMs();
  let through = 0;
  for (let round = 0; round < 6; round++) {
    const messages = Array.from({ length: 200 }, (_, at) => {
      const index = round * 200 + at;
      return encodeMessage({ body: itemOf(token, index), sequence: index + 1, nowMs });
    });
    const envelope = await envelopeFrom(village, bob!.resident, alice!.resident, { messages });
    through = receiptOf(await alice!.house.boxes.receive([envelope])).through;
  }
  strictEqual(through, MAX_INBOX_PER_SENDER);
  strictEqual(rows(alice!, "inbox"), MAX_INBOX_PER_SENDER);
  const continuation = { then: "listen", note: "null", isStream: true } as const;
  const to = bob!.resident.ref;
  const next = MAX_STREAM_ANSWERS - 1;
  const open: OpenCall = { to, sequence: 1, dueMs: nowMs, next, continuation };
  const match = matchAnswer(to, itemOf(token, next), open);
  ok(match.kind === "taken" && !match.left && match.outcome && "error" in match.outcome);
  strictEqual(match.outcome.error.kind, "too-large");
});

Deno.test("a thousand subscriptions of one caller are held at a bound, and each is told", async () => {
  // Mallory opens streams without end, each of them a row at Bob's for as long as she wishes.
  const village = await makeVillage("many streams", ["mallory", "bob"]);
  const [mallory, bob] = village.people;
  const to = bob!.resident.ref;
  const wanted = MAX_STREAMS_PER_CALLER + 60;
  for (let at = 0; at < wanted; at += 40) {
    await mallory!.pod.post(
      ...Array.from({ length: 40 }, () => ask(to, village.token(), 1_000)),
    );
  }
  await village.settle();
  ok(rows(bob!, "owed") <= wanted);
  await village.world.clock.advance(10_000);
  ok(rows(bob!, "owed") <= MAX_STREAMS_PER_CALLER, `${rows(bob!, "owed")} streams are open`);
  const refused = (await told(mallory!)).filter((text) => text.endsWith("busy"));
  ok(refused.length >= wanted - MAX_STREAMS_PER_CALLER, `${refused.length} were told`);
});

Deno.test("two calls with one token are one stream, which the second does not touch", async () => {
  // Mallory names two calls with one token: what Bob's pod gives to the second would go into the
  // stream of the first, of another type or behind its end, and each run that does is refused, with
  // all that it gives to others.
  const village = await makeVillage("one token", ["mallory", "bob"]);
  const [mallory, bob] = village.people;
  const token = village.token();
  const nowMs = village.world.clock.nowMs();
  const messages = [50, 0].map((items, at) => {
    const { to: _, deadlineMs: __, continuation: ___, ...call } = ask(
      bob!.resident.ref,
      token,
      items,
    );
    return encodeMessage({ body: { kind: "call", ...call }, sequence: at + 1, nowMs });
  });
  const envelope = await envelopeFrom(village, mallory!.resident, bob!.resident, { messages });
  await bob!.house.boxes.receive([envelope]);
  await village.settle();
  strictEqual(rows(bob!, "owed"), 1);
  const given = bob!.house.disk.rows().filter(({ key }) => key[3] === "stream");
  deepStrictEqual(given.map(({ value }) => (value as { total: number }).total), [50]);
});

Deno.test("a subscriber who takes nothing is given up when too much waits for it", async () => {
  // Mallory subscribes and takes her server off the net; every item is kept for her for days.
  const village = await makeVillage("gone", ["mallory", "bob"]);
  const [mallory, bob] = village.people;
  await mallory!.pod.post(ask(bob!.resident.ref, village.token(), 1_000_000));
  await village.settle();
  village.world.network.drop(mallory!.house.server);
  await village.world.clock.advance(0.8 * MAX_STREAM_BACKLOG * 1_000);
  strictEqual(rows(bob!, "owed"), 0);
  ok(rows(bob!, "outbox") <= MAX_STREAM_BACKLOG + 2, `${rows(bob!, "outbox")} answers wait`);
  await village.world.clock.advance(2 * DAY_MS);
  deepStrictEqual([rows(bob!, "outbox"), rows(bob!, "dead")], [0, 0]);
});
