import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MemoryStore } from "../adapters/memory/store.ts";
import { parseFingerprint, parsePodName, parseResponseToken } from "../model/words.ts";
import { Calls } from "./calls.ts";
import { encodeOpen, keys, type OpenCall } from "./rows.ts";
import { encodeKeyed, Withdrawals } from "./withdraw.ts";

const ALICE = { person: parseFingerprint("A".repeat(40)), pod: parsePodName("hey") };
const BOB = { person: parseFingerprint("B".repeat(40)), pod: parsePodName("hey") };
const FIRST = parseResponseToken("A".repeat(22));
const SECOND = parseResponseToken("B".repeat(21) + "A");
const CALL: OpenCall = {
  to: BOB,
  sequence: 1,
  dueMs: 5_000,
  next: 0,
  continuation: { then: "listen", note: "1", isStream: true },
  key: "news",
};

async function open() {
  const store = new MemoryStore();
  await store.commit({
    puts: [
      { key: keys.open(ALICE, FIRST), value: encodeOpen(CALL) },
      { key: keys.key(ALICE, "news"), value: encodeKeyed(FIRST) },
    ],
  });
  const calls = new Calls(store);
  return { store, calls, withdrawals: new Withdrawals(store, calls) };
}

/** Lets everything happen that waits for nothing. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("a call is withdrawn by its key, and all its rows go", async () => {
  const { withdrawals, calls } = await open();
  const plan = await withdrawals.plan(ALICE, ["news", "news", "other"]);
  deepStrictEqual(plan.items, [{ to: BOB, token: FIRST, dueMs: 5_000 }]);
  deepStrictEqual(plan.deletes, [
    keys.open(ALICE, FIRST),
    keys.due(ALICE, 5_000, FIRST),
    keys.key(ALICE, "news"),
  ]);
  ok(calls.isClaimed(ALICE, FIRST), "an answer that comes now waits for the commit");
  plan.settle(true);
  ok(!calls.isClaimed(ALICE, FIRST));
});

Deno.test("who answers a call just now is waited for; a call that has ended is left out", async () => {
  const { withdrawals, calls, store } = await open();
  const answering = await calls.claim(ALICE, FIRST);
  let planned: { readonly items: readonly unknown[] } | undefined;
  const planning = withdrawals.plan(ALICE, ["news"]).then((plan) => planned = plan);
  await rest();
  strictEqual(planned, undefined);
  await store.commit({ deletes: [keys.open(ALICE, FIRST)] });
  answering!.settle(true);
  await planning;
  deepStrictEqual(planned!.items, []);
});

Deno.test("what earlier plans say counts, though they are not committed yet", async () => {
  const { withdrawals } = await open();
  const first = await withdrawals.plan(ALICE, ["news"]);
  first.opened("news", SECOND, { ...CALL, sequence: 2 });
  const second = await withdrawals.plan(ALICE, ["news"]);
  deepStrictEqual(second.items.map(({ token }) => token), [SECOND]);
  const third = await withdrawals.plan(ALICE, ["news"]);
  deepStrictEqual(third.items, [], "the second plan has freed it");
  for (const plan of [first, second, third]) plan.settle(false);
  const again = await withdrawals.plan(ALICE, ["news"]);
  deepStrictEqual(again.items.map(({ token }) => token), [FIRST], "none of it has happened");
});

Deno.test("a pod that leaves takes what was planned with it", async () => {
  const { withdrawals } = await open();
  const plan = await withdrawals.plan(ALICE, ["news"]);
  withdrawals.drop(ALICE);
  plan.settle(false);
  deepStrictEqual((await withdrawals.plan(ALICE, ["news"])).items.length, 1);
});
