import assert from "node:assert/strict";
import { MemoryDisk, MemoryStore } from "../../adapters/memory/store.ts";
import { MAX_INVITATIONS } from "../../model/limits.ts";
import type { PeriError } from "../../model/errors.ts";
import { DEFAULT_SHARE } from "../../model/share.ts";
import { parseFingerprint, parsePodName } from "../../model/words.ts";
import { Rests } from "../life/rests.ts";
import { Guests } from "./guests.ts";
import { Shares } from "./shares.ts";

const BOB = parseFingerprint("B".repeat(40));
const EVE = parseFingerprint("E".repeat(40));
const HEY = { person: BOB, pod: parsePodName("hey") };
const DIARY = { person: BOB, pod: parsePodName("diary") };

const isOf = (kind: string) => (error: PeriError) => error.kind === kind;

const invitation = (id: string, name?: string) => ({
  id,
  share: DEFAULT_SHARE,
  createdMs: 0,
  expiresMs: 1_000,
  ...(name === undefined ? {} : { name }),
});

async function open(disk = new MemoryDisk()) {
  const guests = new Guests(new MemoryStore(disk));
  await guests.load();
  return guests;
}

const newcomer = (person: typeof BOB, id: string) => ({
  person,
  certificate: new Uint8Array(3),
  invitation: id,
});

Deno.test("an invitation lets in one person, also when two come at the same moment", async () => {
  const guests = await open();
  await guests.invite(invitation("a"), 0);
  const ends = await Promise.allSettled(
    [BOB, EVE].map((who) => guests.join(newcomer(who, "a"), 1)),
  );
  assert.deepEqual(ends.map(({ status }) => status), ["fulfilled", "rejected"]);
  assert.deepEqual(guests.all().map(({ person }) => person), [BOB]);
});

Deno.test("guests and invitations are as they were after a restart, and expired ones are not open", async () => {
  const disk = new MemoryDisk();
  const guests = await open(disk);
  for (const id of ["a", "b"]) await guests.invite(invitation(id, id), 0);
  const bob = await guests.join(newcomer(BOB, "a"), 1);
  await guests.change(BOB, { leftMs: 5 });
  const again = await open(disk);
  assert.deepEqual(again.all(), [{ ...bob, leftMs: 5 }]);
  assert.deepEqual([again.get(BOB), again.hasLeft(BOB)], [undefined, true]);
  assert.deepEqual(again.invitations(1).map(({ id }) => id), ["b"]);
  await assert.rejects(again.join(newcomer(EVE, "b"), 1_000), isOf("denied"));
  // Who was sent away does not come back by the invitation they had used.
  await assert.rejects(again.join(newcomer(BOB, "a"), 6), isOf("denied"));
});

Deno.test("names are given once, and so many invitations wait at the most", async () => {
  const guests = await open();
  await guests.invite(invitation("a", "bob"), 0);
  await assert.rejects(guests.invite(invitation("b", "bob"), 0), isOf("exists"));
  for (let at = 1; at < MAX_INVITATIONS; at++) await guests.invite(invitation(`more ${at}`), 0);
  await assert.rejects(guests.invite(invitation("b"), 0), isOf("over-quota"));
  await guests.invite(invitation("b", "bob"), 1_000);
  assert.deepEqual(guests.invitations(0).map(({ id }) => id), ["b"]);
});

Deno.test("a share is the sum over all pods of its person, and binds nobody else", () => {
  const share = { ...DEFAULT_SHARE, pods: 2, stateBytes: 100, messagesPerMinute: 10 };
  const shares = new Shares((person) => person === BOB ? share : undefined);
  const purse = (ref: typeof HEY) => shares.purse(ref, () => ({ stateBytes: 80 }));
  const [hey, diary] = [purse(HEY), purse(DIARY)];
  hey.keep(60, true);
  diary.keep(40, true);
  assert.throws(() => diary.keep(41, true), (error: PeriError) => {
    assert.match(`${error.subject}; ${error.hint}`, /would keep 101 bytes, 100 allowed; .*--state/);
    return error.kind === "over-quota";
  });
  // What was refused is not noted; whoever makes room for others gives it to them.
  hey.keep(59, false);
  diary.keep(41, true);
  assert.throws(() => hey.keep(81, true), /80 allowed/);
  shares.leave(DIARY);
  hey.keep(80, true);
  shares.checkPods(BOB, 1);
  assert.throws(() => shares.checkPods(BOB, 2), isOf("over-quota"));
  assert.equal(hey.post(6, 1_000), 0);
  assert.equal(diary.post(6, 1_000), 12_000);
  assert.equal(diary.post(6, 13_000), 0);
  const eve = shares.purse({ ...HEY, person: EVE }, () => ({ stateBytes: 1_000 }));
  eve.keep(1_000, true);
  assert.equal(eve.post(1_000, 0), 0);
  shares.checkPods(EVE, 1_000);
});

Deno.test("a pod that would take more memory than its person's share waits until another sleeps", async () => {
  const share = { ...DEFAULT_SHARE, memoryBytes: 100 };
  const { wakes } = new Shares((person) => person === BOB ? share : undefined);
  const rests = wakes.rests(BOB, new Rests(10));
  const never = new AbortController().signal;
  const first = await wakes.enter(BOB, 60, never);
  let isIn = false;
  const second = wakes.enter(BOB, 60, never).then((sleep) => {
    isIn = true;
    return sleep!;
  });
  await Promise.resolve();
  assert.equal(isIn, false);
  // One that has come to rest is put to sleep for it at once.
  const rest = new AbortController();
  rests.begin(rest);
  assert.ok(rest.signal.aborted);
  first!();
  const sleep = await second;
  // Who gives up makes room for who comes behind, and one alone may have more than the share.
  const given = new AbortController();
  const third = wakes.enter(BOB, 90, given.signal);
  const fourth = wakes.enter(BOB, 40, never);
  given.abort();
  assert.equal(await third, undefined);
  (await fourth)!();
  sleep();
  assert.ok(await wakes.enter(BOB, 1_000, never));
  assert.ok(await wakes.enter(EVE, 1_000, never));
  assert.ok(await wakes.enter(EVE, 1_000, never));
});

Deno.test("who waits for memory has it as soon as the share is raised", async () => {
  let memoryBytes = 100;
  const { wakes } = new Shares(() => ({ ...DEFAULT_SHARE, memoryBytes }));
  const { signal } = new AbortController();
  await wakes.enter(BOB, 60, signal);
  let entered = 0;
  const waiting = [50, 60].map((bytes) => wakes.enter(BOB, bytes, signal).then(() => entered++));
  memoryBytes = 120;
  wakes.look(BOB);
  await waiting[0];
  assert.equal(entered, 1);
  memoryBytes = 170;
  wakes.look(BOB);
  await waiting[1];
});
