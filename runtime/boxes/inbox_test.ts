import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { encodeMessage, envelopeFrom, hintOf, receiptOf } from "../../tests/attack/forge.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage } from "../../tests/sim/village.ts";
import type { EnvelopeReply, Hint } from "../model/envelope.ts";
import { PeriError } from "../model/errors.ts";
import { parseFunctionName } from "../model/words.ts";

Deno.test("a bundle is one commit, and its receipt comes after it", async () => {
  let commits = 0;
  let release: (() => void) | undefined;
  const village = await makeVillage("one commit", ["alice", "bob"], {
    bob: {
      fault: async (apply) => {
        commits++;
        await new Promise<void>((resolve) => release = resolve);
        return apply();
      },
    },
  });
  const [alice, bob] = village.people;
  bob!.pod.isAsleep = true;
  const nowMs = village.world.clock.nowMs();
  const messages = [1, 2, 3].map((sequence) =>
    encodeMessage({ sequence, nowMs, token: village.token() })
  );
  const envelope = await envelopeFrom(village, alice!.resident, bob!.resident, { messages });
  let replies: EnvelopeReply[] | undefined;
  const receiving = bob!.house.boxes.receive([envelope]).then((all) => replies = all);
  await village.settle();
  strictEqual(replies, undefined);
  release!();
  strictEqual(receiptOf(await receiving).through, 3);
  strictEqual(commits, 1);
});

Deno.test("a bundle that was partly seen takes effect for the rest", async () => {
  const village = await makeVillage("partly", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const nowMs = village.world.clock.nowMs();
  const messages = [1, 2, 5, 6].map((sequence) =>
    encodeMessage({ sequence, nowMs, token: village.token() })
  );
  for (const part of [messages.slice(0, 2), messages, messages.slice(1, 3)]) {
    const envelope = await envelopeFrom(village, alice!.resident, bob!.resident, {
      messages: part,
    });
    receiptOf(await bob!.house.boxes.receive([envelope]));
  }
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 4);
});

Deno.test("two envelopes of one lane in one post take effect in their order", async () => {
  const village = await makeVillage("two", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const nowMs = village.world.clock.nowMs();
  const envelopes = await Promise.all(
    [1, 2].map((sequence) =>
      envelopeFrom(village, alice!.resident, bob!.resident, {
        messages: [encodeMessage({ sequence, nowMs, token: village.token() })],
      })
    ),
  );
  const replies = await bob!.house.boxes.receive(envelopes);
  deepStrictEqual(replies.map((reply) => receiptOf([reply]).through), [1, 2]);
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 2);
});

Deno.test("a call that cannot be taken is answered with why, without waking its pod", async () => {
  const village = await makeVillage("refused call", ["alice", "bob"]);
  const [alice, bob] = village.people;
  const missing = { function: parseFunctionName("missing") };
  await alice!.pod.post(makePost(bob!.resident.ref, village.token(), "[1]", missing));
  await village.settle();
  deepStrictEqual(await bob!.pod.deeds(), []);
  const [told] = await alice!.pod.deeds();
  const error = told?.answer && "error" in told.answer ? told.answer.error : undefined;
  strictEqual(error?.kind, "missing-implementation");
  strictEqual(error?.subject, "peri:sim/mail#missing");
});

Deno.test("a call that comes too late is answered with that", async () => {
  const village = await makeVillage("late", ["alice", "bob"], { bob: { skewMs: 3_700_000 } });
  const [alice, bob] = village.people;
  await alice!.pod.post(makePost(bob!.resident.ref, village.token(), "[1]"));
  await village.settle();
  deepStrictEqual(await bob!.pod.deeds(), []);
  const [told] = await alice!.pod.deeds();
  strictEqual(told?.answer && "error" in told.answer && told.answer.error.kind, "expired");
});

Deno.test("on a full disk nothing is acknowledged, and the sender is told to come again", async () => {
  let isFull = true;
  const village = await makeVillage("full in", ["alice", "bob"], {
    bob: {
      fault: (apply) =>
        isFull
          ? Promise.reject(new PeriError("over-quota", { op: "write store", subject: "full" }))
          : Promise.resolve(apply()),
    },
  });
  const [alice, bob] = village.people;
  const envelope = await envelopeFrom(village, alice!.resident, bob!.resident, {});
  const replies = await bob!.house.boxes.receive([envelope]);
  strictEqual(hintOf(replies), "busy");
  strictEqual((replies[0] as Hint).retryAfterMs! > 0, true);
  strictEqual(bob!.house.disk.rows().length, 0);
  isFull = false;
  strictEqual(receiptOf(await bob!.house.boxes.receive([envelope])).through, 1);
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 1);
});

Deno.test("a stranger without introduction is asked for it", async () => {
  const village = await makeVillage("stranger", ["alice", "bob"]);
  const [alice, bob] = village.people.map(({ resident }) => resident);
  const { boxes } = village.people[1]!.house;
  const bare = await envelopeFrom(village, alice!, bob!, { head: { introduction: undefined } });
  deepStrictEqual(receiptOf(await boxes.receive([bare])), { through: 0, introduce: true });
  const introduced = await envelopeFrom(village, alice!, bob!, {});
  strictEqual(receiptOf(await boxes.receive([introduced])).through, 1);
  strictEqual(receiptOf(await boxes.receive([bare])).through, 1, "known by now");
});

Deno.test("an event is not given to its pod before an earlier one that is still being written", async () => {
  const village = await makeVillage("arrivals", ["alice", "bob", "carol"]);
  const [alice, bob, carol] = village.people;
  const held: (() => void)[] = [];
  const { house } = bob!;
  const commit = house.store.commit.bind(house.store);
  house.store.commit = async (change) => {
    if (held.length === 0) await new Promise<void>((resolve) => held.push(resolve));
    return await commit(change);
  };
  bob!.pod.isAsleep = true;
  const first = house.boxes.receive([
    await envelopeFrom(village, alice!.resident, bob!.resident, {}),
  ]);
  await village.settle();
  await house.boxes.receive([await envelopeFrom(village, carol!.resident, bob!.resident, {})]);
  deepStrictEqual(await house.boxes.mailbox.waiting(bob!.resident.ref, -1, 10), []);
  held[0]!();
  await first;
  const waiting = await house.boxes.mailbox.waiting(bob!.resident.ref, -1, 10);
  deepStrictEqual(waiting.map(({ message }) => message.from), [
    alice!.resident.ref,
    carol!.resident.ref,
  ]);
});

Deno.test("what came behind an event that could not be written is worked on at once", async () => {
  const village = await makeVillage("behind", ["alice", "bob", "carol"]);
  const [alice, bob, carol] = village.people;
  const { house } = bob!;
  const commit = house.store.commit.bind(house.store);
  let fail: (() => void) | undefined;
  house.store.commit = async (change) => {
    if (fail) return await commit(change);
    await new Promise<void>((_, reject) => fail = () => reject(new Error("disk")));
    return false;
  };
  const first = house.boxes.receive([
    await envelopeFrom(village, alice!.resident, bob!.resident, {}),
  ]);
  await village.settle();
  await house.boxes.receive([await envelopeFrom(village, carol!.resident, bob!.resident, {})]);
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 0);
  fail!();
  strictEqual(hintOf(await first), "busy");
  await village.settle();
  strictEqual((await bob!.pod.deeds()).length, 1);
});
