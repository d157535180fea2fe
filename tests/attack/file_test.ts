/** Files of envelopes that somebody made up, changed or kept back. Each test tells the hole first. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  decodeCarried,
  decodeCarriedReplies,
  encodeCarried,
  encodeCarriedReply,
  envelopeId,
  ENVELOPES_LINE,
  REPLIES_LINE,
} from "../../runtime/model/carried.ts";
import { concatBytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { Envelope } from "../../runtime/model/envelope.ts";
import { sealReceipt } from "../../runtime/boxes/receipt.ts";
import { makePost } from "../sim/pod.ts";
import { makeVillage, type Villager } from "../sim/village.ts";

/** Alice has left something for Bob; Eve holds the file. */
async function stolen() {
  const village = await makeVillage("stolen file", ["alice", "bob", "eve"]);
  const [alice, bob, eve] = village.people as [Villager, Villager, Villager];
  for (const { house } of village.people) village.world.network.drop(house.server);
  const token = village.token();
  await alice.pod.post(makePost(bob.resident.ref, token, '["secret"]'));
  await village.settle();
  const left = async () => {
    const { carrier, counter } = alice.house.boxes;
    const departures = await Array.fromAsync(carrier.depart(alice.resident.ref, () => true));
    const waiting = await Array.fromAsync(counter.outbox(alice.resident.ref));
    return {
      envelopes: departures.flatMap((one) => "envelope" in one ? [one.envelope] : []),
      waiting,
    };
  };
  const settle = (replies: Parameters<typeof encodeCarriedReply>[0][]) => {
    const file = concatBytes([encodeUtf8(REPLIES_LINE), ...replies.map(encodeCarriedReply)]);
    const { carrier } = alice.house.boxes;
    return Promise.all(
      decodeCarriedReplies(file).map((one) => carrier.settle([alice.resident.ref], one)),
    );
  };
  return { village, alice, bob, eve, left, settle };
}

Deno.test("who holds a file cannot say in its recipient's name that it was taken", async () => {
  // The hole: a reply file that the sender believes would empty the outbox, and the message is lost.
  const { left, settle } = await stolen();
  const { envelopes: [envelope] } = await left();
  const id = envelopeId(envelope!);
  const outcomes = await settle([
    { envelope: id, reply: sealReceipt(new Uint8Array(32), { through: 1 }) },
    { envelope: id, reply: { hint: "expired" } },
    { envelope: id, reply: { hint: "denied" } },
  ]);
  deepStrictEqual(outcomes.map(({ outcome }) => outcome), ["waits", "waits", "waits"]);
  strictEqual((await left()).waiting.length, 1);
});

Deno.test("an envelope that is addressed anew reaches nobody else", async () => {
  // The hole: `to` stands outside the seal, so a file could be handed to another pod under its name.
  const { bob, eve, left } = await stolen();
  const { envelopes: [envelope] } = await left();
  const bent: Envelope = { ...envelope!, to: eve.resident.podKey };
  const [atEve] = await eve.house.boxes.import([bent]);
  const [atBob] = await bob.house.boxes.import([bent]);
  deepStrictEqual([atEve, atBob], [{ hint: "damaged" }, { hint: "not-found" }]);
  deepStrictEqual(await eve.pod.deeds(), []);
});

Deno.test("a file stuffed with copies and rubbish does once what it should", async () => {
  // The hole: what is imported twice, or beside bytes that cannot be opened, could be doubled or lost.
  const { village, bob, left } = await stolen();
  const { envelopes: [envelope] } = await left();
  const rubbish = { ...envelope!, sealed: envelope!.sealed.map((byte) => byte ^ 0x55) };
  const short = { ...envelope!, sealed: envelope!.sealed.slice(0, 9) };
  const all = [rubbish, envelope!, short, envelope!, rubbish, envelope!];
  const file = concatBytes([encodeUtf8(ENVELOPES_LINE), ...all.map(encodeCarried)]);
  const replies = await bob.house.boxes.import(decodeCarried(file));
  await village.settle();
  deepStrictEqual(replies.map((reply) => "mac" in reply), [false, true, false, true, false, true]);
  strictEqual((await bob.pod.deeds()).length, 1);
});
