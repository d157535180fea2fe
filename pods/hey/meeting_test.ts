import assert from "node:assert/strict";
import {
  ALICE,
  BOB,
  CAROL,
  carry,
  EVE,
  giveNames,
  openHey,
  refusal,
  say,
} from "../../tests/helpers/hey.ts";
import type { FakePeriphery } from "../sdk/testing/fake.ts";
import { Introductions, Profiles, Signatures, Signing, Space } from "./generated.ts";

const BEHALF = new Uint8Array([0xa3, 1, 2, 3]).toBase64();

/** Hey of somebody who has given these names; its periphery knows Carol's behalf. */
async function openKnowing(owner: string, names: Record<string, string>): Promise<FakePeriphery> {
  const hey = openHey(owner);
  const known = (person: unknown) => person === CAROL ? BEHALF : null;
  hey.answersTo.set("introduction", ({ person }) => ({ introduction: known(person) }));
  hey.answersTo.set("introduce", () => null);
  await giveNames(hey, names);
  return hey;
}

const introduce = async (hey: FakePeriphery, by: string, person: string, name = "carol") => {
  const said = { person, name, note: undefined, behalf: undefined };
  return (await hey.ask(Introductions, "introduce", [said], { person: by, pod: "hey" })).failure;
};

Deno.test("Alice introduces Carol to Bob, who lets her in with one command", async () => {
  const alice = await openKnowing(ALICE, { bob: BOB, carol: CAROL });
  const bob = await openKnowing(BOB, { alice: ALICE });
  assert.deepEqual(
    await say(alice, "introduce", "carol", "--to", "bob", "--note", "she has bells, too"),
    ["bob is told who carol is (waits until bob's server takes it)"],
  );
  assert.match((await say(alice, "introductions", "--sent"))[0]!, /^carol to bob {2}.* waiting$/);
  assert.deepEqual(await carry(alice, bob), [undefined]);
  assert.match((await say(alice, "introductions", "--sent"))[0]!, /delivered$/);
  assert.deepEqual(await say(bob), ["1 introduction: peri hey introductions"]);
  assert.deepEqual(await say(bob, "introductions"), [
    "carol  CA40 1000 0000 0000 0000  0000 0000 0000 0000 0000",
    "  introduced by alice, just now",
    "  she has bells, too",
    "peri hey accept <who>, or refuse",
  ]);
  const learned: unknown[] = [];
  bob.answersTo.set("introduce", (argument) => learned.push(argument));
  assert.deepEqual(await say(bob, "accept", "Carol"), [
    "CA40 1000 0000 0000 0000  0000 0000 0000 0000 0000 is carol and let in",
  ]);
  assert.deepEqual(learned, [{ person: CAROL, introduction: BEHALF }]);
  assert.deepEqual(await say(bob, "introductions"), ["nobody was introduced to you"]);
  assert.deepEqual([bob.rows("introduced"), bob.rows("behalfs")], [[], []]);
  assert.equal((await say(bob, "names")).length, 2);
});

Deno.test("who is introduced while they wait is shown with who vouches for them", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  await say(bob, "rules", "--reset");
  const letter = JSON.stringify([{ id: "x", text: "hello", "in-reply-to": null }]);
  await bob.begin({ person: CAROL, pod: "hey" }, "peri:hey/mail", "leave", letter).ended;
  await introduce(bob, ALICE, CAROL);
  assert.equal((await say(bob, "pending"))[1], "  introduced by alice, just now");
  assert.deepEqual((await say(bob, "accept", "carol")).slice(1), [
    "letter 1: peri hey read 1, peri hey answer 1 <text…>",
  ]);
});

Deno.test("names are read without the behalfs that came with them, unless they are of an earlier version", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  const said = { person: CAROL, name: "carol", note: undefined, behalf: new Uint8Array(20_000) };
  await bob.ask(Introductions, "introduce", [said], { person: ALICE, pod: "hey" });
  const [[key, row]] = bob.rows("introduced") as [[string, Record<string, unknown>]];
  assert.deepEqual([key, "behalf" in row, bob.rows("behalfs").length], [
    `${ALICE}/${CAROL}`,
    false,
    1,
  ]);
  bob.tables.delete("behalfs");
  bob.tables.get("introduced")!.set(key, JSON.stringify({ ...row, behalf: BEHALF }));
  const learned: unknown[] = [];
  bob.answersTo.set("introduce", (argument) => learned.push(argument));
  await say(bob, "accept", "carol");
  assert.deepEqual(learned, [{ person: CAROL, introduction: BEHALF }]);
});

Deno.test("both are introduced to each other with one command", async () => {
  const alice = await openKnowing(ALICE, { bob: BOB, carol: CAROL });
  await say(alice, "introduce", "bob", "--to", "carol", "--both");
  assert.deepEqual(alice.posts.map(({ person }) => person), [CAROL, BOB]);
});

Deno.test("only people with names are introduced, and to somebody else", async () => {
  const alice = await openKnowing(ALICE, { bob: BOB });
  assert.equal((await refusal(alice, "introduce", "bob"))[1], "to whom is not said");
  assert.equal((await refusal(alice, "introduce", CAROL, "--to", "bob"))[0], "invalid");
  assert.equal((await refusal(alice, "introduce", "bob", "--to", "bob"))[0], "invalid");
  assert.equal((await refusal(alice, "introduce", "bob", "--to", ALICE))[0], "invalid");
  const note = "x".repeat(501);
  assert.equal(
    (await refusal(alice, "introduce", "bob", "--to", EVE, "--note", note))[0],
    "too-large",
  );
  assert.deepEqual(alice.posts, []);
});

// The hole: Eve says that Alice says that Eve's own key is Carol's.
Deno.test("an introduction speaks for who sent it and for nobody else", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE, mallory: EVE });
  await introduce(bob, EVE, "E0".repeat(20));
  assert.equal((await say(bob, "introductions"))[1], "  introduced by mallory, just now");
  // Nor does a second word of hers make her two people: Alice's word is still missing.
  await introduce(bob, ALICE, CAROL);
  assert.equal((await refusal(bob, "accept", "carol"))[0], "conflict");
});

// The hole: a stranger introduces accomplices until one is accepted by mistake.
Deno.test("strangers introduce nobody, and who is blocked no longer does", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  assert.equal((await introduce(bob, EVE, CAROL))?.kind, "denied");
  await introduce(bob, ALICE, CAROL);
  await say(bob, "block", "alice");
  assert.deepEqual(await say(bob, "introductions"), ["nobody was introduced to you"]);
  assert.equal((await introduce(bob, ALICE, CAROL))?.kind, "denied");
});

Deno.test("introducers who differ in the name leave it to Bob", async () => {
  const dave = "DA7E".padEnd(40, "0");
  const bob = await openKnowing(BOB, { alice: ALICE, dave });
  await introduce(bob, ALICE, CAROL, "carol");
  await introduce(bob, dave, CAROL, "caro");
  assert.equal((await refusal(bob, "accept", "caro"))[0], "invalid");
  await say(bob, "accept", "caro", "--as", "carola");
  assert.match((await say(bob, "names")).join(), /carola {2}CA40/);
});

Deno.test("what an introduction says is bounded and held against its form", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  for (const [person, name] of [["carol", "carol"], [CAROL, "\x1b[1m"], [ALICE, "alice"]]) {
    assert.equal((await introduce(bob, ALICE, person!, name!))?.kind, "invalid");
  }
  for (let n = 0; n < 25; n++) {
    const person = `C${n.toString().padStart(39, "0")}`;
    assert.equal(
      (await introduce(bob, ALICE, person, `c${n}`))?.kind,
      n < 20 ? undefined : "over-quota",
    );
  }
  const behalf = new Uint8Array(24 * 1024 + 1);
  const said = { person: CAROL, name: "carol", note: undefined, behalf };
  const caller = { person: ALICE, pod: "hey" };
  const { failure } = await bob.ask(Introductions, "introduce", [said], caller);
  assert.equal(failure?.kind, "too-large");
});

Deno.test("friends write in a space, and everybody who may reads all of it", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  const write = async (person: string, text: string) =>
    await bob.ask(Space, "write", [text], { person, pod: "hey" });
  assert.equal((await write(ALICE, "happy birthday!")).result, 1);
  assert.deepEqual(await say(bob, "write-in", "me", "thank", "you"), [
    "message 2 stands in your space",
  ]);
  bob.distances.set(CAROL, 2);
  assert.equal((await write(CAROL, "and from me")).failure?.kind, "denied");
  assert.deepEqual(await say(bob, "space"), [
    "2  you, just now",
    "   thank you",
    "1  alice, just now",
    "   happy birthday!",
  ]);
  const read = async (person: string) => {
    const caller = { person, pod: "hey" };
    const handle = `of ${person}`;
    const run = bob.begin(caller, "peri:hey/space", "messages", "[null]", handle);
    const { failure } = await run.ended;
    const parts = bob.answers.splice(0).map(({ part }) => part);
    return failure?.kind ??
      parts.flatMap((part) => part.tag === "item" ? [JSON.parse(part.val)] : part.tag);
  };
  assert.deepEqual(await read(CAROL), [
    { n: 2, author: BOB, "written-ms": bob.nowMs, text: "thank you" },
    { n: 1, author: ALICE, "written-ms": bob.nowMs, text: "happy birthday!" },
    "end",
  ]);
  assert.deepEqual(await read(EVE), "denied");
  const erase = async (n: number, person: string) =>
    (await bob.ask(Space, "erase", [n], { person, pod: "hey" })).failure?.kind;
  assert.deepEqual([await erase(1, CAROL), await erase(1, ALICE)], ["not-found", undefined]);
  assert.deepEqual(await say(bob, "erase", "2"), ["message 2 is gone"]);
  assert.equal((await say(bob, "space")).length, 1);
});

Deno.test("a space is bounded by message and by author", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  const write = async (text: string) =>
    (await bob.ask(Space, "write", [text], { person: ALICE, pod: "hey" })).failure?.kind;
  assert.deepEqual([await write(" "), await write("x".repeat(2_001))], ["invalid", "too-large"]);
  for (let n = 0; n < 100; n++) assert.equal(await write("hi"), undefined);
  assert.equal(await write("hi"), "over-quota");
  await say(bob, "erase", "7");
  assert.equal(await write("hi"), undefined);
});

Deno.test("a profile shows to each what the rules say", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  assert.match((await say(bob, "profile"))[0]!, /^your profile is empty/);
  await say(bob, "profile", "set", "name", "Bob", "the", "Builder");
  await say(bob, "profile", "set", "about", "bicycles and bells");
  assert.deepEqual(await say(bob, "profile", "set", "links", "https://bob.example"), [
    "name   Bob the Builder      everybody",
    "about  bicycles and bells   named, 2, 3",
    "links  https://bob.example  named, 2",
    "who sees what: peri hey rules",
  ]);
  const show = async (person: string) =>
    (await bob.ask(Profiles, "show", [], { person, pod: "hey" })).result;
  assert.deepEqual(await show(ALICE), {
    name: "Bob the Builder",
    about: "bicycles and bells",
    links: ["https://bob.example"],
  });
  assert.deepEqual(await show(EVE), { name: "Bob the Builder", about: null, links: [] });
  await say(bob, "profile", "set", "name");
  assert.deepEqual(await show(EVE), { name: null, about: null, links: [] });
  await say(bob, "block", EVE);
  assert.equal(await show(EVE), undefined);
});

Deno.test("a profile takes no more than fits a glance, and links that are links", async () => {
  const bob = await openKnowing(BOB, {});
  assert.equal((await refusal(bob, "profile", "set", "name", "x".repeat(61)))[0], "too-large");
  assert.equal((await refusal(bob, "profile", "set", "about", "x".repeat(501)))[0], "too-large");
  assert.equal(
    (await refusal(bob, "profile", "set", "links", "javascript:alert(1)"))[0],
    "invalid",
  );
  assert.equal((await refusal(bob, "profile", "set"))[0], "invalid");
  assert.equal((await refusal(bob, "profile", "alice", "name"))[0], "invalid");
});

Deno.test("signatures go to those whom the rules name, and only own ones", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  const certification = (issuer: string, subject: string, byte: number) => ({
    issuer,
    subject,
    certification: new Uint8Array([byte]).toBase64(),
  });
  const taken: unknown[] = [];
  bob.answersTo.set("certifications", ({ take, after }) => {
    if (take !== undefined) return { taken: taken.push(take) };
    return after === undefined
      ? { certifications: [certification(BOB, ALICE, 1), certification(ALICE, BOB, 2)], next: "x" }
      : { certifications: [certification(BOB, CAROL, 3)] };
  });
  const ask = async (person: string) => {
    const caller = { person, pod: "hey" };
    const run = bob.begin(caller, "peri:hey/signatures", "certifications", "[]", `of ${person}`);
    const { failure } = await run.ended;
    const parts = bob.answers.splice(0).map(({ part }) => part);
    return failure?.kind ??
      parts.map((part) => part.tag === "item" ? JSON.parse(part.val) : part.tag);
  };
  assert.deepEqual(await ask(ALICE), ["AQ", "Aw", "end"]);
  assert.equal(await ask(EVE), "denied");
  const give = async (person: string, bytes: number) => {
    const caller = { person, pod: "hey" };
    return (await bob.ask(Signatures, "certified", [new Uint8Array(bytes)], caller)).failure?.kind;
  };
  assert.deepEqual([await give(EVE, 1), await give(ALICE, 40_000)], ["denied", "too-large"]);
  assert.deepEqual([await give(ALICE, 1), taken], [undefined, ["AA=="]]);
});

/** Lets the periphery of a hey pod have what its person has signed: subjects by place. */
function signs(hey: FakePeriphery, signed: Record<string, [subject: string, created: number]>) {
  hey.answersTo.set("certifications", ({ own, at }) => {
    if (own !== true) return { certification: btoa(String(at)) };
    const all = Object.entries(signed);
    return {
      certifications: all.map(([place, [subject, created]]) => {
        return { place, subject, created, revoked: false };
      }),
    };
  });
}

/** To whom what goes; they answer with a refusal, or that they have it. */
async function hands(hey: FakePeriphery, kind?: string): Promise<string[]> {
  await hey.pass(1_000);
  const posts = hey.posts.splice(0);
  for (const post of posts) {
    const error = { kind: kind!, op: "deliver", subject: "no", hint: "" };
    await hey.answer(post, kind === undefined ? { ok: null } : { error });
  }
  const names = new Map([[ALICE, "alice"], [CAROL, "carol"], [EVE, "eve"]]);
  return posts.map(({ person, arguments: text }) => {
    return `${names.get(person)} ${atob(JSON.parse(text)[0])}`;
  }).sort();
}

const DAY_MS = 86_400_000;

Deno.test("what the person signs is told once to those with names, and to whom it is about", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE, carol: CAROL });
  const signed: Record<string, [string, number]> = { one: [CAROL, 1], two: [EVE, 1] };
  signs(bob, signed);
  const tell = async () => assert.equal((await bob.ask(Signing, "signed", [])).failure, undefined);
  await tell();
  const all = ["alice one", "alice two", "carol one", "carol two", "eve two"];
  assert.deepEqual(await hands(bob), all);
  await tell();
  assert.deepEqual(await hands(bob), []);
  signed.two = [EVE, 2];
  await tell();
  assert.deepEqual(await hands(bob), ["alice two", "carol two", "eve two"]);
  await say(bob, "block", "carol");
  signed.three = [ALICE, 3];
  await tell();
  assert.deepEqual(await hands(bob), ["alice three"]);
  await say(bob, "name", "eve", EVE);
  assert.deepEqual(await hands(bob), ["eve one", "eve three", "eve two"]);
  const rules = "[named]\nsignatures = false\n";
  assert.equal((await bob.command(["rules", "--set"], rules)).result, 0);
  signed.four = [ALICE, 4];
  await tell();
  assert.deepEqual(await hands(bob), []);
});

Deno.test("who was not reached is told later, ever more rarely, and at once when they ask", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  const signed: Record<string, [string, number]> = { one: [ALICE, 1] };
  signs(bob, signed);
  const tell = async () => assert.equal((await bob.ask(Signing, "signed", [])).failure, undefined);
  await tell();
  assert.deepEqual(await hands(bob, "unreachable"), ["alice one"]);
  signed.two = [ALICE, 2];
  await tell();
  assert.deepEqual(await hands(bob), [], "they rest");
  await bob.pass(DAY_MS);
  assert.deepEqual(await hands(bob, "denied"), ["alice one", "alice two"]);
  await bob.pass(DAY_MS);
  assert.deepEqual(await hands(bob), []);
  await bob.pass(DAY_MS);
  assert.deepEqual(await hands(bob, "unreachable"), ["alice one", "alice two"]);
  const asked = bob.begin(
    { person: ALICE, pod: "hey" },
    "peri:hey/signatures",
    "certified",
    '["AA"]',
  );
  await asked.ended;
  assert.deepEqual(await hands(bob), ["alice one", "alice two"]);
  for (let day = 0; day < 100; day++) await bob.pass(DAY_MS);
  assert.deepEqual(await hands(bob), []);
});

Deno.test("a hundred signatures go out a few at a time, and wait for who does not answer", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  signs(bob, Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`s${n}`, [CAROL, n]])));
  await bob.ask(Signing, "signed", []);
  assert.equal(bob.posts.filter(({ person }) => person === ALICE).length, 16);
  await bob.ask(Signing, "signed", []);
  await bob.pass(60_000);
  assert.equal(bob.posts.filter(({ person }) => person === ALICE).length, 16);
  const told: string[] = [];
  for (let part; (part = await hands(bob)).length > 0;) told.push(...part);
  assert.equal(new Set(told.filter((one) => one.startsWith("alice"))).size, 100);
  assert.equal(told.length, 200);
});

Deno.test("hey alone shows what is new and how to go on", async () => {
  const bob = await openKnowing(BOB, { alice: ALICE });
  assert.match((await say(bob))[0]!, /^nothing new; peri hey leave-message /);
  const letter = JSON.stringify([{ id: "x", text: "dinner?", "in-reply-to": null }]);
  await bob.begin({ person: ALICE, pod: "hey" }, "peri:hey/mail", "leave", letter).ended;
  assert.deepEqual(await say(bob), [
    "  1 * alice   just now   dinner?",
    "1 unread letter: peri hey read 1, peri hey answer 1 <text…>",
  ]);
  assert.deepEqual(JSON.parse((await say(bob, "inbox", "--json"))[0]!), {
    unread: 1,
    letters: [1],
    pending: { known: 0, unknown: 0 },
    introductions: 0,
    petitions: 0,
    vouched: 0,
  });
  assert.match((await say(bob, "help"))[0]!, /^Letters between people/);
});
