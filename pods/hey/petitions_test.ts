/** Requests to vouch for a new key: who may ask, who may answer, and that nothing happens by itself. */

import assert from "node:assert/strict";
import { openStaged, stagePod } from "../build/stage.ts";
import type { FakePeriphery } from "../sdk/testing/fake.ts";
import { Petitions, Vouching } from "./generated.ts";

const HEY = await stagePod(import.meta.dirname!);
const [ALICE, BOB, EVE] = ["A11CE".padEnd(40, "0"), "B0B".padEnd(40, "0"), "E".repeat(40)];
const NEW = "A2".padEnd(40, "0");

/** What stands in for a lineage: `<from> <to> <who has signed …>`, of which `!` does not hold. */
const lineage = (from: string, to: string, ...vouched: string[]) =>
  new TextEncoder().encode([from, to, ...vouched].join(" "));

let checks = 0;

function open(owner: string): FakePeriphery {
  const hey = openStaged(HEY, owner);
  hey.answersTo.set("petition", (argument) => {
    checks++;
    const [from, to, ...vouched] = atob(String(argument.lineage)).split(" ");
    return { from, to, vouched, named: vouched[0] !== "unnamed" };
  });
  return hey;
}

const asks = async (hey: FakePeriphery, person: string, bytes: Uint8Array) =>
  (await hey.ask(Petitions, "ask", [bytes], { person, pod: "hey" })).failure?.kind;
const answers = async (hey: FakePeriphery, person: string, bytes: Uint8Array) =>
  (await hey.ask(Petitions, "answer", [bytes], { person, pod: "hey" })).failure?.kind;
const waiting = async (hey: FakePeriphery) =>
  ((await hey.ask(Vouching, "waiting", [])).result as { to: string; why: string | null }[])
    .map(({ to, why }) => why === null ? to : `${to} ${why}`);
const says = async (hey: FakePeriphery) => (await hey.command([])).stdout;

Deno.test("a petition waits, is answered by its person alone, and the answer goes to who asked", async () => {
  const [alice, bob] = [open(ALICE), open(BOB)];
  await bob.command(["name", "alice", ALICE]);
  const made = lineage(ALICE, NEW);
  await alice.ask(Vouching, "ask", [ALICE, NEW, made, [BOB, EVE]]);
  const [post] = alice.posts;
  assert.deepEqual(alice.posts.map(({ person }) => person), [BOB, EVE]);
  assert.equal(await asks(bob, ALICE, made), undefined);
  await alice.answer(post!, { ok: null });
  assert.deepEqual(await waiting(bob), [NEW]);
  assert.match(await says(bob), /1 person asks you to vouch .* peri key vouch/);
  assert.deepEqual(bob.posts, [], "nothing is answered by itself");
  const signed = lineage(ALICE, NEW, BOB);
  await bob.ask(Vouching, "answer", [ALICE, NEW, signed]);
  assert.deepEqual(await waiting(bob), []);
  assert.deepEqual(bob.posts.map(({ person, function: called }) => [person, called]), [
    [ALICE, "answer"],
  ]);
  assert.equal(await answers(alice, BOB, signed), undefined);
  const asked = (await alice.ask(Vouching, "asked", [ALICE, NEW])).result;
  assert.deepEqual(asked, [{ person: BOB, fate: "answered" }, { person: EVE, fate: "waiting" }]);
  const kept = (await alice.ask(Vouching, "answered", [ALICE, NEW, BOB])).result;
  assert.equal(atob(String(kept)), `${ALICE} ${NEW} ${BOB}`);
  assert.match(await says(alice), /1 friend has vouched .* peri key succeed --answers/);
  // An answer that did not come there is to be given again.
  const error = { kind: "unreachable", op: "deliver", subject: "gone", hint: "" };
  await bob.answer(bob.posts[0]!, { error });
  assert.deepEqual(await waiting(bob), [`${NEW} failed: gone (unreachable)`]);
  await bob.ask(Vouching, "answer", [ALICE, NEW, undefined]);
  assert.deepEqual([await waiting(bob), bob.posts.length], [[], 1]);
});

Deno.test("nobody asks for others, and nobody answers who was not asked or has not signed", async () => {
  const [alice, bob] = [open(ALICE), open(BOB)];
  assert.equal(await asks(bob, EVE, lineage(ALICE, NEW)), "denied");
  assert.equal(await asks(bob, NEW, lineage(ALICE, NEW, "unnamed")), "denied");
  assert.equal(await asks(bob, NEW, new Uint8Array(33_000)), "too-large");
  assert.deepEqual(await waiting(bob), []);
  await bob.command(["block", EVE]);
  assert.equal(await asks(bob, EVE, lineage(ALICE, EVE)), "denied");
  checks = 0;
  assert.equal(await answers(alice, BOB, lineage(ALICE, NEW, BOB)), "denied");
  assert.equal(checks, 0, "whom nobody asked costs no signature");
  await alice.ask(Vouching, "ask", [ALICE, NEW, lineage(ALICE, NEW), [BOB]]);
  assert.equal(await answers(alice, BOB, lineage(ALICE, EVE, BOB)), "denied");
  assert.equal(await answers(alice, BOB, lineage(ALICE, NEW, EVE)), "denied");
});

Deno.test("a crowd of strangers leaves room for those with names, and costs no signature", async () => {
  const bob = open(BOB);
  await bob.command(["name", "alice", ALICE]);
  const stranger = (n: number) => `D${n}`.padEnd(40, "F");
  for (let n = 0; n < 5; n++) {
    assert.equal(await asks(bob, stranger(n), lineage(ALICE, stranger(n))), undefined);
  }
  checks = 0;
  for (let n = 5; n < 30; n++) {
    assert.equal(await asks(bob, stranger(n), lineage(ALICE, stranger(n))), "over-quota");
  }
  assert.equal(checks, 0);
  assert.equal(await asks(bob, ALICE, lineage(ALICE, NEW)), undefined);
  bob.nowMs += 61 * 86_400_000;
  assert.deepEqual(await waiting(bob), []);
});
