import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { makeVillage, type Villager } from "../../tests/sim/village.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { MAX_INBOX_PER_SENDER } from "../model/limits.ts";
import type { Errand } from "../model/message.ts";

const errand = (note: string): Errand => ({
  continuation: { then: "later", note },
  payload: `["${note}"]`,
});

async function leave({ house, resident }: Villager, errands: readonly Errand[], happens = true) {
  const mail = await house.boxes.mailbox.plan(resident.ref, [], [], errands);
  mail.settle(happens && await house.store.commit(mail.change));
}

Deno.test("errands come back to their pod once, in order, and go to nobody else", async () => {
  const { people: [alice, bob], settle } = await makeVillage(1, ["alice", "bob"]);
  await leave(alice!, [errand("1"), errand("2")]);
  await leave(alice!, [errand("never")], false);
  await leave(alice!, [errand("3")]);
  await settle();
  const deeds = await alice!.pod.deeds();
  deepStrictEqual(deeds.map(({ note, answer }) => [note, answer]), [
    ["1", { ok: '["1"]' }],
    ["2", { ok: '["2"]' }],
    ["3", { ok: '["3"]' }],
  ]);
  deepStrictEqual(await bob!.pod.deeds(), []);
  strictEqual(alice!.house.disk.rows().some(({ key }) => key[3] === "outbox"), false);
});

Deno.test("a pod cannot fill its inbox with errands", async () => {
  const { people: [alice] } = await makeVillage(1, ["alice"]);
  alice!.pod.isAsleep = true;
  const many = Array.from({ length: MAX_INBOX_PER_SENDER }, (_, at) => errand(`${at}`));
  for (let at = 0; at < many.length; at += 100) await leave(alice!, many.slice(at, at + 100));
  await rejects(leave(alice!, [errand("a"), errand("b")]), { kind: "over-quota" });
});

Deno.test("an errand has its place, however much a pod has sent itself", async () => {
  const { people: [alice], token, settle } = await makeVillage(1, ["alice"]);
  const { pod, house, resident: { ref } } = alice!;
  pod.isAsleep = true;
  for (let at = 0; at < MAX_INBOX_PER_SENDER; at += 100) {
    await pod.post(...Array.from({ length: 100 }, () => makePost(ref, token(), "[]")));
    await settle();
  }
  await leave(alice!, [errand("a"), errand("b")]);
  const waiting = house.disk.rows().filter(({ key }) => key[3] === "inbox");
  strictEqual(waiting.length, MAX_INBOX_PER_SENDER + 2);
});
