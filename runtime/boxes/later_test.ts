import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { House } from "../../tests/sim/house.ts";
import { NO_WORK } from "../../tests/sim/turn.ts";
import { makeVillage, type Village, type Villager } from "../../tests/sim/village.ts";
import type { CommitFault } from "../adapters/memory/store.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_INBOX_PER_SENDER, MAX_LATER_ERRANDS } from "../model/limits.ts";
import type { Errand } from "../model/message.ts";
import { keys } from "./rows.ts";

const SECOND_MS = 1_000;
const DAY_MS = 24 * 3_600 * SECOND_MS;

const later = (delayMs: number, note: string, key?: string): Errand => ({
  continuation: { then: "wake", note: JSON.stringify(note) },
  payload: "null",
  later: key === undefined ? { delayMs } : { delayMs, key },
});

interface Wish {
  readonly errands?: readonly Errand[];
  readonly cancels?: readonly string[];
  readonly happens?: boolean;
}

async function plan({ house, resident: { ref } }: Villager, { errands = [], cancels = [] }: Wish) {
  return await house.boxes.mailbox.plan(ref, [], [], errands, { ...NO_WORK, cancels });
}

async function leave(villager: Villager, wish: Wish): Promise<void> {
  const mail = await plan(villager, wish);
  const isHappening = wish.happens ?? true;
  mail.settle(isHappening && await villager.house.store.commit(mail.change));
}

async function notes({ pod }: Villager): Promise<string[]> {
  return (await pod.deeds()).map(({ note }) => JSON.parse(note!));
}

/** Rows of errands that wait. */
function rows({ house }: Villager): number {
  return house.disk.rows().filter(({ key }) => ["later", "when"].includes(String(key[3]))).length;
}

/** The same disk under another process. */
async function rise({ world }: Village, alice: Villager, lives: number): Promise<Villager> {
  const { house: { disk, server }, resident } = alice;
  const house = new House(world, server, [resident], disk, {}, lives);
  await house.start();
  return { ...alice, house, pod: house.pod(resident.ref) };
}

async function alone(seed: string, fault?: CommitFault): Promise<[Village, Villager]> {
  const village = await makeVillage(seed, ["alice"], fault ? { alice: { fault } } : {});
  return [village, village.people[0]!];
}

Deno.test("errands come in the order of their times, never early, and leave no row", async () => {
  const [{ world: { clock } }, alice] = await alone("order");
  await leave(alice, { errands: [later(3_000, "third"), later(1_000, "first")] });
  await leave(alice, { errands: [later(2_000, "second", "key")] });
  await leave(alice, { errands: [later(500, "never")], happens: false });
  await clock.advance(999);
  deepStrictEqual(await notes(alice), []);
  await clock.advance(1);
  deepStrictEqual(await notes(alice), ["first"]);
  await clock.advance(2_000);
  deepStrictEqual(await notes(alice), ["first", "second", "third"]);
  strictEqual(rows(alice), 0);
});

Deno.test("a key cancels an errand, and another of the same key takes its place", async () => {
  const [{ world: { clock } }, alice] = await alone("keys");
  await leave(alice, { errands: [later(1_000, "a", "a"), later(1_000, "b", "b")] });
  await leave(alice, { cancels: ["a", "unknown"], errands: [later(9_000, "b again", "b")] });
  await leave(alice, { cancels: ["b"], happens: false });
  await clock.advance(5_000);
  deepStrictEqual(await notes(alice), []);
  await clock.advance(5_000);
  deepStrictEqual(await notes(alice), ["b again"]);
  strictEqual(rows(alice), 0);
});

Deno.test("plans that are not committed yet know of each other", async () => {
  const [{ world: { clock } }, alice] = await alone("plans");
  const plans = [
    await plan(alice, { errands: [later(1_000, "a", "a"), later(1_000, "b", "b")] }),
    await plan(alice, { cancels: ["a"], errands: [later(2_000, "b", "b")] }),
    await plan(alice, { errands: [later(2_000, "a again", "a")] }),
  ];
  for (const mail of plans) mail.settle(await alice.house.store.commit(mail.change));
  strictEqual(rows(alice), 4);
  await clock.advance(3_000);
  deepStrictEqual(await notes(alice), ["a again", "b"]);
  strictEqual(rows(alice), 0);
});

Deno.test("an errand whose end is planned is not given before that has happened or not", async () => {
  for (const happens of [true, false]) {
    const [{ world: { clock } }, alice] = await alone("held");
    await leave(alice, { errands: [later(1_000, "a", "a")] });
    const mail = await plan(alice, { cancels: ["a"] });
    await clock.advance(1_500);
    deepStrictEqual(await notes(alice), []);
    mail.settle(happens && await alice.house.store.commit(mail.change));
    await clock.advance(SECOND_MS);
    deepStrictEqual(await notes(alice), happens ? [] : ["a"]);
  }
});

Deno.test("after a restart errands wait on, and what is overdue comes at once", async () => {
  const [village, first] = await alone("restart");
  const { clock } = village.world;
  await leave(first, { errands: [later(1_000, "soon"), later(DAY_MS, "late", "late")] });
  await first.house.boxes.stop();
  await clock.advance(5_000);
  const second = await rise(village, first, 1);
  await clock.advance(0);
  deepStrictEqual(await notes(second), ["soon"]);
  await leave(second, { cancels: ["late"], errands: [later(2_000, "other")] });
  await clock.advance(2 * DAY_MS);
  deepStrictEqual(await notes(second), ["soon", "other"]);
});

Deno.test("a clock that is set forward brings errands, one that is set back holds them", async () => {
  const [{ world: { clock } }, alice] = await alone("clock");
  await leave(alice, { errands: [later(DAY_MS, "tomorrow")] });
  await clock.advance(0);
  clock.jump(-DAY_MS);
  // What is new goes by the time it is now, and wakes whoever sleeps by the old one.
  await leave(alice, { errands: [later(1_000, "soon")] });
  await clock.advance(1_000);
  deepStrictEqual(await notes(alice), ["soon"]);
  await clock.advance(DAY_MS);
  deepStrictEqual(await notes(alice), ["soon"]);
  clock.jump(DAY_MS);
  await clock.advance(60_000);
  deepStrictEqual(await notes(alice), ["soon", "tomorrow"]);
  clock.jump(DAY_MS);
  await leave(alice, { errands: [later(1_000, "after")] });
  await clock.advance(1_000);
  deepStrictEqual(await notes(alice), ["soon", "tomorrow", "after"]);
});

Deno.test("rows that came from elsewhere are looked for, those of a pod that left are not", async () => {
  const [{ world: { clock } }, alice] = await alone("move");
  const { house: { boxes, disk, store }, resident: { ref } } = alice;
  await leave(alice, { errands: [later(1_000, "moved", "moved"), later(9_000, "gone", "gone")] });
  boxes.drop(ref);
  await clock.advance(2_000);
  deepStrictEqual(await notes(alice), []);
  const gone = disk.rows().filter(({ key }) => key.includes("gone")).map(({ key }) => key);
  await store.commit({ deletes: gone });
  await boxes.adopt(ref);
  await clock.advance(0);
  deepStrictEqual(await notes(alice), ["moved"]);
  await clock.advance(10_000);
  deepStrictEqual(await notes(alice), ["moved"]);
});

Deno.test("a pod whose inbox is full of errands gets the others when there is room", async () => {
  const [{ world: { clock } }, alice] = await alone("full");
  alice.pod.isAsleep = true;
  const all = Array.from({ length: MAX_INBOX_PER_SENDER + 50 }, (_, at) => later(1_000, `${at}`));
  for (let at = 0; at < all.length; at += 100) {
    await leave(alice, { errands: all.slice(at, at + 100) });
  }
  await clock.advance(5_000);
  strictEqual(rows(alice), 2 * 50);
  alice.pod.isAsleep = false;
  alice.pod.wake();
  await clock.advance(5_000);
  strictEqual(new Set(await notes(alice)).size, all.length);
  strictEqual((await notes(alice)).length, all.length);
});

Deno.test("no more errands wait than may, and one takes the place of another even then", async () => {
  const [, alice] = await alone("bound");
  const { house: { store, boxes }, resident: { ref } } = alice;
  for (let at = 0; at < MAX_LATER_ERRANDS; at += 500) {
    const puts = Array.from({ length: 500 }, (_, index) => ({
      key: keys.when(ref, `${at + index}`),
      value: 9_999_999_999_999,
    }));
    await store.commit({ puts });
  }
  boxes.drop(ref);
  await rejects(leave(alice, { errands: [later(1_000, "one more")] }), { kind: "over-quota" });
  await leave(alice, { errands: [later(1_000, "instead", "7")] });
  await leave(alice, { cancels: ["8"] });
  await leave(alice, { errands: [later(1_000, "one more")] });
  await rejects(leave(alice, { errands: [later(1_000, "another")] }), { kind: "over-quota" });
});

Deno.test("an errand is given once though the disk failed when its time came", async () => {
  let failures = 0;
  const [{ world: { clock } }, alice] = await alone("disk", (apply, { deletes = [] }) => {
    const isGiving = deletes.some(({ 3: kind }) => kind === "later");
    if (!isGiving || ++failures > 2) return Promise.resolve(apply());
    throw new PeriError("over-quota", { op: "write store", subject: "disk full" });
  });
  await leave(alice, { errands: [later(1_000, "once")] });
  await clock.advance(30_000);
  deepStrictEqual(await notes(alice), ["once"]);
  strictEqual(failures, 3);
});

Deno.test("errands that are due come though one of them was ended in that moment", async () => {
  let isMoment = true;
  const [{ world: { clock } }, alice] = await alone("moment", (apply, { deletes = [] }) => {
    const isGiving = deletes.some(({ 3: kind }) => kind === "later");
    if (!isGiving || !isMoment) return Promise.resolve(apply());
    isMoment = false;
    const ended = deletes.filter((key) => key.includes("ended"));
    void alice.house.store.commit({ deletes: ended });
    return Promise.resolve(false);
  });
  await leave(alice, { errands: [later(1_000, "ended", "ended"), later(1_000, "other")] });
  await clock.advance(2_000);
  deepStrictEqual(await notes(alice), ["other"]);
  strictEqual(rows(alice), 0);
});

Deno.test("people see which errands wait, the next one first", async () => {
  const [{ world: { clock } }, alice] = await alone("list");
  const { house: { boxes: { mailbox } }, resident: { ref } } = alice;
  await leave(alice, { errands: [later(9_000, "b", "b"), later(1_000, "a")] });
  const nowMs = clock.nowMs();
  deepStrictEqual(await mailbox.later(ref, 10), [
    { dueMs: nowMs + 1_000, then: "wake" },
    { dueMs: nowMs + 9_000, key: "b", then: "wake" },
  ]);
  strictEqual((await mailbox.later(ref, 1)).length, 1);
});
