import assert from "node:assert/strict";
import { ALICE, BOB, carry, EVE, openHey, refusal, say } from "../../tests/helpers/hey.ts";
import type { FakePeriphery } from "../sdk/testing/fake.ts";
import type { FunctionRef, Stream } from "../sdk/reference.ts";
import { type Acquaintance, Mail, People, Petnames } from "./generated.ts";

/** Hey of somebody whose rules let letters of all people in. */
async function openToAll(owner: string): Promise<FakePeriphery> {
  const hey = openHey(owner);
  const rules = '[unknown]\nletters = "any"\nsize = 16384\npending = false\n';
  assert.equal((await hey.command(["rules", "--set"], rules)).result, 0);
  return hey;
}

const leave = (hey: FakePeriphery, text: string, id = "x") =>
  hey.ask(Mail, "leave", [{ id, text }], { person: EVE, pod: "hey" });

Deno.test("Alice leaves Bob a letter, Bob answers, Alice reads the answer", async () => {
  const [alice, bob] = [openHey(ALICE), openHey(BOB)];
  await say(alice, "name", "bob", BOB);
  await say(bob, "name", "alice", ALICE);
  assert.deepEqual(await say(alice, "leave-message", "Bob", "good", "morning"), [
    "left for bob (waits until bob's server takes it)",
  ]);
  assert.deepEqual(await say(alice, "list", "--sent"), [
    "  1   bob   just now   waiting   good morning",
  ]);
  await carry(alice, bob);
  assert.match((await say(alice, "list", "--sent"))[0]!, / delivered {3}good morning$/);
  bob.nowMs += 5 * 60_000;
  assert.deepEqual(await say(bob, "list"), ["  1 * alice   5 min ago   good morning"]);
  assert.deepEqual(await say(bob, "answer", "1", "and", "to", "you"), [
    "left for alice (waits until alice's server takes it)",
  ]);
  assert.match((await say(bob, "list"))[0]!, /^ {2}1 {3}alice/);
  await carry(bob, alice);
  assert.deepEqual(await say(alice, "read", "2"), [
    "from:     bob, B0B0 0000 0000 0000 0000  0000 0000 0000 0000 0000",
    "when:     2027-01-15 08:00 UTC",
    "answers:  letter 1",
    "",
    "and to you",
  ]);
});

Deno.test("a letter that could not be delivered says why", async () => {
  const alice = openHey(ALICE);
  await say(alice, "leave-message", BOB, "hello");
  const error = { kind: "unreachable", op: "deliver", subject: "no answer\x1b[2J since Monday" };
  await alice.answer(alice.posts[0]!, { error });
  const [line] = await say(alice, "list", "--sent");
  assert.match(line!, /^ {2}1 ! .* failed: no answer\[2J since Monday \(unreachable\) {3}hello$/);
  assert.match((await say(alice, "read", "1"))[2]!, /^fate: +failed: no answer/);
});

Deno.test("an answer with a time no calendar has still tells that the letter is there", async () => {
  const alice = openHey(ALICE);
  for (const ok of [{ "received-ms": -1 }, { "received-ms": 1e300 }]) {
    await say(alice, "leave-message", BOB, "hello");
    const ended = await alice.answer(alice.posts.at(-1)!, { ok });
    assert.equal(ended?.failure, undefined);
  }
  assert.ok((await say(alice, "list", "--sent")).every((line) => line.includes(" delivered ")));
  await say(alice, "read", "2");
});

Deno.test("a letter forgotten while its answer is typed stays forgotten", async () => {
  const bob = await openToAll(BOB);
  await leave(bob, "one");
  const args = JSON.stringify([["answer", "1", "-"], true]);
  const answer = bob.begin({ person: BOB }, "peri:face/command", "run", args);
  await answer.feed("too");
  await say(bob, "forget", "1");
  await answer.endInput();
  assert.equal((await answer.ended).failure?.kind, "not-found");
  assert.deepEqual([bob.rows("received"), bob.posts], [[], []]);
});

Deno.test("numbers stay, whatever is forgotten", async () => {
  const bob = await openToAll(BOB);
  for (const text of ["one", "two", "three"]) await leave(bob, text);
  assert.deepEqual(await say(bob, "forget", "3"), ["forgot letter 3 from EEEEEEEE…"]);
  await leave(bob, "four");
  const numbers = (await say(bob, "list")).map((line) => line.trim().split(/\s+/)[0]);
  assert.deepEqual(numbers, ["4", "2", "1"]);
  assert.deepEqual(await refusal(bob, "read", "3"), [
    "not-found",
    "there is no letter 3",
    "peri hey list --all shows the letters that came, --sent those you wrote",
  ]);
  assert.deepEqual(bob.rows("texts").map(([, text]) => text), ["one", "two", "four"]);
});

Deno.test("an answer that comes after its letter was forgotten changes nothing", async () => {
  const alice = openHey(ALICE);
  await say(alice, "leave-message", BOB, "hello");
  await say(alice, "forget", "1");
  const ended = await alice.answer(alice.posts[0]!, { ok: { "received-ms": 1 } });
  assert.deepEqual([ended?.failure, alice.rows("sent")], [undefined, []]);
});

Deno.test("lists show the newest and say where the others are", async () => {
  const bob = await openToAll(BOB);
  assert.deepEqual(await say(bob, "list"), ["no letters"]);
  for (let n = 1; n <= 21; n++) await leave(bob, `letter ${n}`);
  const lines = await say(bob, "list");
  assert.equal(lines.length, 21);
  assert.match(lines[0]!, /letter 21$/);
  assert.equal(lines.at(-1), "older ones: peri hey list --all");
  assert.equal((await say(bob, "list", "--all")).length, 21);
  const records = (await say(bob, "list", "--json")).map((line) => JSON.parse(line));
  assert.deepEqual(records[0], {
    n: 21,
    from: EVE,
    name: null,
    received: "2027-01-15T08:00:00.000Z",
    unread: true,
    answers: null,
    start: "letter 21",
  });
});

Deno.test("a letter cannot command the terminal", async () => {
  const bob = await openToAll(BOB);
  const text = "\x1b]0;gotcha\x07red\x1b[31m\r\nsecond\u202eline\x9b2J";
  await leave(bob, text);
  const shown = [...await say(bob, "list"), ...await say(bob, "read", "1")].join("\n");
  // deno-lint-ignore no-control-regex -- these are what must not be there
  assert.doesNotMatch(shown, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  const [json] = await say(bob, "read", "1", "--json");
  // deno-lint-ignore no-control-regex -- these are what must not be there
  assert.doesNotMatch(json!, /[\0-\x1f\x7f-\x9f]/);
  assert.equal(JSON.parse(json!).text, text);
});

Deno.test("the text can come from standard input", async () => {
  const alice = openHey(ALICE);
  await alice.command(["leave-message", BOB, "-"], "first line\n\nlast line\n\n");
  const [letter] = JSON.parse(alice.posts[0]!.arguments);
  assert.equal(letter.text, "first line\n\nlast line");
  assert.equal((await alice.command(["leave-message", BOB, "-"], "")).failure?.kind, "invalid");
});

Deno.test("letters are bounded on both sides", async () => {
  const [alice, bob] = [openHey(ALICE), await openToAll(BOB)];
  const long = "é".repeat(8 * 1024);
  assert.equal((await alice.command(["leave-message", BOB, long])).result, 0);
  assert.equal((await refusal(alice, "leave-message", BOB, `${long}x`))[0], "too-large");
  assert.equal((await leave(bob, `${long}x`)).failure?.kind, "too-large");
  assert.equal((await leave(bob, " \n")).failure?.kind, "invalid");
  assert.equal((await leave(bob, "text", "x".repeat(101))).failure?.kind, "invalid");
  assert.deepEqual(bob.rows("received"), []);
});

Deno.test("a stranger cannot tie a letter to one that was sent to somebody else", async () => {
  const alice = await openToAll(ALICE);
  await say(alice, "leave-message", BOB, "between us");
  const [{ id }] = JSON.parse(alice.posts[0]!.arguments);
  const letter = { id: "x", text: "me too", inReplyTo: id };
  await alice.ask(Mail, "leave", [letter], { person: EVE, pod: "hey" });
  assert.ok(!(await say(alice, "read", "2")).some((line) => line.startsWith("answers")));
});

Deno.test("who is a petname, a fingerprint in any form, or a user id", async () => {
  const alice = openHey(ALICE);
  alice.people.set("bob@example.org", { person: BOB, name: "Bob \x1b[1m<bob@example.org>" });
  await say(alice, "name", "robert", BOB);
  for (const who of ["ROBERT", BOB.toLowerCase(), `0x${BOB}`, BOB.replace(/(.{4})/g, "$1 ")]) {
    assert.match((await say(alice, "leave-message", who, "x"))[0]!, /^left for robert \(/);
  }
  await say(alice, "unname", "robert");
  const [line] = await say(alice, "leave-message", "bob@example.org", "x");
  assert.match(line!, /^left for Bob \[1m<bob@example.org> \(/);
  assert.ok(alice.posts.every(({ person, pod }) => person === BOB && pod === "hey"));
});

Deno.test("nobody known is refused with what may have been meant", async () => {
  const alice = openHey(ALICE);
  await say(alice, "name", "carol", EVE);
  assert.deepEqual(await refusal(alice, "leave-message", "carl", "x"), [
    "not-found",
    'nobody is called "carl"',
    "did you mean carol?",
  ]);
  assert.match((await refusal(alice, "leave-message", "zoe", "x"))[2]!, /^peri hey names shows/);
});

Deno.test("one name per person, one person per name", async () => {
  const alice = openHey(ALICE);
  assert.deepEqual(await say(alice, "name", "bob", BOB), ["B0B00000… is bob"]);
  assert.deepEqual(await say(alice, "name", "Bobby", BOB), [
    "B0B00000… is Bobby and no longer bob",
  ]);
  assert.deepEqual(await say(alice, "name", "bobby", EVE), [
    "EEEEEEEE… is bobby",
    "B0B00000… has no name now",
  ]);
  const fingerprint = "EEEE EEEE EEEE EEEE EEEE  EEEE EEEE EEEE EEEE EEEE";
  assert.deepEqual(await say(alice, "names"), [`bobby  ${fingerprint}`]);
  assert.deepEqual(await say(alice, "names", "--json"), [`{"name":"bobby","person":"${EVE}"}`]);
  assert.deepEqual(await say(alice, "unname", "BOBBY"), [`${fingerprint} is no longer bobby`]);
  assert.deepEqual([alice.rows("names"), alice.rows("persons")], [[], []]);
  assert.deepEqual((await refusal(alice, "unname", "bobby"))[0], "not-found");
});

Deno.test("what is no name is refused", async () => {
  const alice = openHey(ALICE);
  for (const name of ["-x", "a b", "", "a/b", "deadbeef", "x".repeat(41), "\x1b[1m", "\u202ebob"]) {
    assert.equal((await refusal(alice, "name", name, BOB))[0], "invalid", JSON.stringify(name));
  }
  assert.deepEqual(await say(alice, "name", "Łukasz-ö_1.2", BOB), ["B0B00000… is Łukasz-ö_1.2"]);
});

Deno.test("the periphery asks for petnames through the face", async () => {
  const alice = openHey(ALICE);
  await alice.ask(Petnames, "setName", ["Bob", BOB]);
  assert.equal((await alice.ask(Petnames, "personOf", ["bob"])).result, BOB);
  assert.equal((await alice.ask(Petnames, "nameOf", [BOB])).result, "Bob");
  assert.equal((await alice.ask(Petnames, "nameOf", [EVE])).result, null);
  assert.equal((await alice.ask(Petnames, "setName", ["eve", "nobody"])).failure?.kind, "invalid");
});

Deno.test("words that are missing or too many are refused with the usage", async () => {
  const alice = openHey(ALICE);
  await leave(alice, "x");
  const refused = [
    ["leave-message"],
    ["leave-message", BOB],
    ["answer", "1"],
    ["answer"],
    ["read"],
    ["read", "1", "2"],
    ["forget"],
    ["list", "all"],
    ["name", "bob"],
    ["unname"],
  ];
  for (const argv of refused) {
    const [kind, , hint] = await refusal(alice, ...argv);
    assert.deepEqual([kind, hint!.startsWith(`peri hey ${argv[0]} `)], ["invalid", true], hint);
  }
  assert.deepEqual(await refusal(alice, "read", "one"), [
    "invalid",
    '"one" is no number of a letter',
    "peri hey list shows the numbers",
  ]);
});

Deno.test("an answer to a letter of one's own is refused", async () => {
  const alice = openHey(ALICE);
  await say(alice, "leave-message", BOB, "x");
  assert.deepEqual((await refusal(alice, "answer", "1", "y"))[1], "letter 1 is one you wrote");
});

Deno.test("completion knows verbs, names and numbers", async () => {
  const bob = await openToAll(BOB);
  await say(bob, "name", "alice", ALICE);
  await leave(bob, "x");
  const complete = async (...argv: string[]) => {
    const args = JSON.stringify([argv]);
    return (await bob.begin({ person: BOB }, "peri:face/command", "complete", args).ended).result;
  };
  assert.deepEqual(await complete("na"), ["name", "names"]);
  assert.deepEqual(await complete("leave-message", "a"), ["alice"]);
  assert.deepEqual(await complete("leave-message", "alice", ""), []);
  assert.deepEqual(await complete("read", ""), ["1"]);
  assert.deepEqual(await complete("list", "--s"), ["--sent"]);
});

Deno.test("strangers have a part of the store, and friends and own letters are not in it", async () => {
  const bob = await openToAll(BOB);
  await say(bob, "name", "alice", ALICE);
  const letter = (text: string) => ({ id: "x", text });
  const from = (person: string, text: string) =>
    bob.ask(Mail, "leave", [letter(text)], { person, pod: "hey" });
  const stranger = (n: number) => String(n).padStart(40, "F");
  const big = "x".repeat(16 * 1024);
  let taken = 0;
  // The answer to each is given to its sender, typed.
  for (; taken < 1000; taken++) {
    const { failure } = await from(stranger(Math.floor(taken / 50)), big);
    if (failure === undefined) continue;
    assert.equal(failure.kind, "over-quota");
    break;
  }
  assert.equal(taken, 256, "4 MiB");
  assert.equal((await from(stranger(99), big)).failure?.kind, "over-quota");
  assert.equal((await from(ALICE, big)).failure, undefined);
  await say(bob, "leave-message", ALICE, "my own");
  await say(bob, "forget", "1");
  assert.equal((await from(stranger(99), big)).failure, undefined);
});

Deno.test("a stranger leaves fifty letters until one is read, and any number with a petname", async () => {
  const bob = await openToAll(BOB);
  for (let n = 0; n < 50; n++) assert.equal((await leave(bob, "hi")).failure, undefined);
  assert.deepEqual([(await leave(bob, "hi")).failure?.kind, bob.rows("received").length], [
    "over-quota",
    50,
  ]);
  await say(bob, "read", "7");
  await say(bob, "read", "7");
  assert.equal((await leave(bob, "hi")).failure, undefined);
  assert.equal((await leave(bob, "hi")).failure?.kind, "over-quota");
  await say(bob, "forget", "8");
  assert.equal((await leave(bob, "hi")).failure, undefined);
  await say(bob, "name", "eve", EVE);
  assert.equal((await leave(bob, "hi")).failure, undefined);
});

Deno.test("whom somebody knows is told to their own pods, and to nobody else's", async () => {
  const alice = openHey(ALICE);
  await say(alice, "name", "carol", EVE);
  await say(alice, "name", "Bob", BOB);
  const { capability, functions: [shape] } = People.shape;
  const { functionId } = shape!;
  const ref = { interface: "peri:hey/people", capability, function: "all", functionId };
  const all = ref as unknown as FunctionRef<[], Stream<Acquaintance>>;
  const own = { person: ALICE, pod: "photos" };
  assert.equal((await alice.open(all, [], "first", own)).failure, undefined);
  assert.deepEqual(alice.answers.map(({ part }) => part.tag === "item" && JSON.parse(part.val)), [
    { person: BOB, name: "Bob" },
    { person: EVE, name: "carol" },
    false,
  ]);
  const other = await alice.open(all, [], "second", { person: BOB, pod: "photos" });
  assert.equal(other.failure?.kind, "denied");
});
