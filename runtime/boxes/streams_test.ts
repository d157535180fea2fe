import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { MemoryStore } from "../adapters/memory/store.ts";
import { MAX_PAYLOAD_BYTES, MAX_STREAM_ANSWERS } from "../model/limits.ts";
import type { StreamAnswer, StreamWork } from "../model/message.ts";
import {
  formatStreamHandle,
  parseFingerprint,
  parseFunctionId,
  parsePodName,
  parseResponseToken,
  parseStreamHandle,
} from "../model/words.ts";
import { decodeOwed, encodeOwed, keys } from "./rows.ts";
import { Streams } from "./streams.ts";

const POD = { person: parseFingerprint("A".repeat(40)), pod: parsePodName("news") };
const CALLER = { person: parseFingerprint("B".repeat(40)), pod: parsePodName("reader") };
const STREAM = { caller: CALLER, token: parseResponseToken("A".repeat(22)) };
const OPENED = { ...STREAM, functionId: parseFunctionId("f".repeat(64)), dueMs: 9_000 };
const NOW = 1_000;

const work = (some: Partial<StreamWork>): StreamWork => ({
  answers: [],
  cancels: [],
  isOffered: () => true,
  fault: (_, item) => item === "bad" ? "it is bad" : undefined,
  ...some,
});

const answers = (...parts: StreamAnswer["part"][]) => parts.map((part) => ({ ...STREAM, part }));

function open(backlog = 0, most?: number) {
  const store = new MemoryStore();
  const dues: number[] = [];
  const due = (_: unknown, dueMs: number) => void dues.push(dueMs);
  const streams = new Streams({
    store,
    backlog: () => backlog,
    due,
    ...(most === undefined ? {} : { most: () => most }),
  });
  const run = async (some: Partial<StreamWork>) => {
    const plan = await streams.plan(POD, work(some), NOW);
    plan.settle(await store.commit(plan.change));
    return plan.replies.map(({ outcome, place }) =>
      `${place!.index} ${"ok" in outcome ? outcome.ok : outcome.error.kind}${place!.end ? "!" : ""}`
    );
  };
  const row = async () => {
    const entry = await store.get<Uint8Array>(keys.owed(POD, STREAM));
    return entry && decodeOwed(entry.value);
  };
  return { store, streams, dues, run, row };
}

Deno.test("a stream counts its answers from run to run and leaves no row", async () => {
  const { store, run, row, dues } = open();
  deepStrictEqual(await run({ opened: OPENED, answers: answers({ item: "1" }) }), ["0 1"]);
  strictEqual((await row())?.next, 1);
  deepStrictEqual(dues, [9_000]);
  deepStrictEqual(await run({ answers: answers({ item: "2" }, { item: "3" }) }), ["1 2", "2 3"]);
  deepStrictEqual(await run({ answers: answers({ end: true }) }), ["3 null!"]);
  deepStrictEqual(await store.list({ prefix: ["pod"], limit: 10 }), []);
});

Deno.test("a stream that ends in the run that opens it makes no row", async () => {
  const { run, store } = open();
  const whole = { opened: OPENED, answers: answers({ item: "1" }, { end: true }) };
  deepStrictEqual(await run(whole), ["0 1", "1 null!"]);
  deepStrictEqual(await store.list({ prefix: ["pod"], limit: 10 }), []);
});

Deno.test("answers to no stream, of no type or too long are refused, and nothing is planned", async () => {
  const { run, row } = open();
  await rejects(run({ answers: answers({ item: "1" }) }), { kind: "invalid" });
  await run({ opened: OPENED });
  await rejects(run({ answers: answers({ item: "1" }, { item: "bad" }) }), { kind: "invalid" });
  const long = `"${"x".repeat(MAX_PAYLOAD_BYTES)}"`;
  await rejects(run({ answers: answers({ item: long }) }), { kind: "too-large" });
  strictEqual((await row())?.next, 0);
  await run({ answers: answers({ end: true }) });
  await rejects(run({ answers: answers({ item: "1" }) }), { kind: "invalid" });
});

Deno.test("plans that are not committed yet count, and do not when they fail", async () => {
  const { streams, run } = open();
  await run({ opened: OPENED });
  const first = await streams.plan(POD, work({ answers: answers({ item: "1" }) }), NOW);
  const second = await streams.plan(POD, work({ answers: answers({ item: "2" }) }), NOW);
  strictEqual(second.replies[0]?.place?.index, 1);
  first.settle(false);
  second.settle(false);
  deepStrictEqual(await run({ answers: answers({ item: "3" }) }), ["0 3"]);
});

Deno.test("what the caller cancelled, or whose time is over, is answered no more", async () => {
  const { run, row } = open();
  await run({ opened: OPENED });
  deepStrictEqual(await run({ ended: STREAM, answers: answers({ item: "1" }) }), []);
  strictEqual(await row(), undefined);
  await run({ opened: { ...OPENED, dueMs: NOW } });
  deepStrictEqual(await run({ answers: answers({ item: "1" }) }), []);
});

Deno.test("a stream that may not go on ends with an error, and its pod is told soon", async () => {
  const { run, row, dues } = open(1_000);
  await run({ opened: OPENED });
  deepStrictEqual(await row(), { ...without(OPENED), next: 0, dueMs: NOW, isClosing: true });
  deepStrictEqual(dues, [NOW]);
  deepStrictEqual(await run({ answers: answers({ item: "1" }) }), []);
  deepStrictEqual(await run({ ended: STREAM }), []);
  strictEqual(await row(), undefined);
});

Deno.test("a pod with as many streams as its person allows opens no more, and says so", async () => {
  const { run } = open(0, 1);
  let refused = 0;
  const full = () => void refused++;
  const other = { ...OPENED, token: parseResponseToken("B".repeat(22)) };
  deepStrictEqual(await run({ opened: OPENED, full }), []);
  deepStrictEqual(await run({ opened: other, full }), ["0 busy!"]);
  strictEqual(refused, 1);
  await run({ answers: answers({ end: true }) });
  const third = { ...OPENED, token: parseResponseToken("C".repeat(22)) };
  // The one that was closed stands until its pod has been told.
  await run({ ended: other });
  deepStrictEqual(await run({ opened: third, full }), []);
  strictEqual(refused, 1);
});

Deno.test("a stream ends at the most answers anybody may give", async () => {
  const { store, run, row } = open();
  const next = MAX_STREAM_ANSWERS - 2;
  const value = encodeOwed({ ...without(OPENED), next, isClosing: false });
  await store.commit({ puts: [{ key: keys.owed(POD, STREAM), value }] });
  const said = await run({ answers: answers({ item: "1" }, { item: "2" }, { item: "3" }) });
  deepStrictEqual(said, [`${next} 1`, `${next + 1} too-large!`]);
  strictEqual((await row())?.isClosing, true);
});

Deno.test("a call that a later run answers takes one answer, and leaves no row", async () => {
  const once = { ...OPENED, isOnce: true as const };
  for (
    const [part, said] of [
      [{ item: "7" }, "0 7!"],
      [{ item: "bad" }, "0 invalid!"],
      [{ end: true as const }, "0 invalid!"],
      [{ error: { kind: "busy", op: "x", subject: "y" } as const }, "0 busy!"],
    ] as const
  ) {
    const { run, row, store } = open();
    deepStrictEqual(await run({ opened: once }), []);
    strictEqual((await row())?.isOnce, true);
    deepStrictEqual(await run({ answers: answers(part) }), [said]);
    deepStrictEqual(await store.list({ prefix: ["pod"], limit: 10 }), []);
    await rejects(run({ answers: answers(part) }), { kind: "invalid" });
  }
});

Deno.test("a handle is read as it was written, and nothing else is one", () => {
  deepStrictEqual(parseStreamHandle(formatStreamHandle(STREAM)), STREAM);
  const token = "A".repeat(22);
  for (const text of ["", "/", token, `x/reader/${token}`, `${"B".repeat(40)}/${token}`]) {
    throws(() => parseStreamHandle(text), { kind: "invalid" });
  }
});

function without({ functionId, dueMs }: typeof OPENED) {
  return { functionId, dueMs };
}

Deno.test("a stream of a function that a new version of the pod has not ends, and hinders no other", async () => {
  const { run, row } = open();
  const other = { ...OPENED, token: parseResponseToken("B".repeat(22)) };
  const functionId = parseFunctionId("e".repeat(64));
  deepStrictEqual(await run({ opened: OPENED }), []);
  deepStrictEqual(await run({ opened: { ...other, functionId } }), []);
  const isOffered = (id: string) => id === functionId;
  const item = { part: { item: "1" } };
  const all = [{ ...STREAM, ...item }, { caller: CALLER, token: other.token, ...item }];
  deepStrictEqual(await run({ answers: all, isOffered }), ["0 missing-implementation!", "0 1"]);
  strictEqual((await row())?.isClosing, true);
});

Deno.test("a second call with the token of an open stream, or of a call that waits, opens none", async () => {
  for (const once of [{}, { isOnce: true as const }]) {
    const { run, row } = open();
    deepStrictEqual(await run({ opened: { ...OPENED, ...once } }), []);
    const before = await row();
    await rejects(run({ opened: OPENED, answers: answers({ end: true }) }), { kind: "invalid" });
    deepStrictEqual(await row(), before);
  }
});
