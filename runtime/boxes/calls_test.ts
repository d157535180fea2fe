import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MemoryStore } from "../adapters/memory/store.ts";
import type { Answer } from "../model/message.ts";
import { epochFromBytes, parseFingerprint, parsePodRef, tokenFromBytes } from "../model/words.ts";
import { planAcceptance } from "./accept.ts";
import { Calls } from "./calls.ts";
import { encodeOpen, keys, type OpenCall } from "./rows.ts";

const POD = parsePodRef(`${"A".repeat(40)}/hey`);
const ASKED = parsePodRef(`${"B".repeat(40)}/hey`);
const TOKEN = tokenFromBytes(new Uint8Array(16));
const CALL: OpenCall = { to: ASKED, sequence: 1, dueMs: 1_000, next: 0 };

async function open(): Promise<{ calls: Calls; close(): Promise<boolean> }> {
  const store = new MemoryStore();
  const key = keys.open(POD, TOKEN);
  await store.commit({ puts: [{ key, value: encodeOpen(CALL) }] });
  return { calls: new Calls(store), close: () => store.commit({ deletes: [key] }) };
}

Deno.test("an answer and a deadline that meet do not both end a call", async () => {
  const { calls, close } = await open();
  const both = await Promise.all([calls.claim(POD, TOKEN), calls.claim(POD, TOKEN)]);
  const [claim, ...others] = both.filter((one) => one !== undefined);
  deepStrictEqual([claim?.call, others.length], [CALL, 0]);
  ok(calls.isClaimed(POD, TOKEN));
  claim!.settle(false);
  const again = await calls.claim(POD, TOKEN);
  ok(again, "who could not end it leaves it to others");
  await close();
  again.settle(true);
  strictEqual(await calls.claim(POD, TOKEN), undefined, "it has ended");
});

Deno.test("the plan of a run waits for whoever is ending the call", async () => {
  const { calls, close } = await open();
  const claim = await calls.claim(POD, TOKEN);
  let seized: unknown = "waits";
  const seizing = calls.seize(POD, TOKEN).then((found) => seized = found);
  await Promise.resolve();
  strictEqual(seized, "waits");
  await close();
  claim!.settle(true);
  strictEqual(await seizing, undefined);
});

Deno.test("an answer to a call that somebody is just ending is left for later, not dropped", () => {
  const body: Answer = { kind: "answer", token: TOKEN, index: 0, end: true, outcome: { ok: "1" } };
  const bundle = {
    from: ASKED,
    to: POD,
    key: parseFingerprint("C".repeat(40)),
    serial: 1,
    introduction: undefined,
    epoch: epochFromBytes(new Uint8Array(16)),
    receiptKey: new Uint8Array(32),
    sentMs: 0,
    messages: [{ sequence: 1, createdMs: 0, expiresMs: 1_000, body }],
  };
  const around = { through: 0, room: 10, nowMs: 0, refusal: () => undefined };
  const busy = planAcceptance(bundle, { ...around, open: new Map(), busy: new Set([TOKEN]) });
  deepStrictEqual([busy.through, busy.isBusy, busy.dropped], [0, true, []]);
  const open = new Map([[TOKEN, CALL]]);
  const free = planAcceptance(bundle, { ...around, open, busy: new Set() });
  deepStrictEqual([free.through, free.isBusy, [...free.answered.keys()]], [1, false, [TOKEN]]);
});
