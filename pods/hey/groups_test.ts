import assert from "node:assert/strict";
import {
  ALICE,
  BOB,
  CAROL,
  DAVE,
  giveNames,
  openHey,
  refusal,
  say,
} from "../../tests/helpers/hey.ts";
import type { FakePeriphery } from "../sdk/testing/fake.ts";
import { Mail } from "./generated.ts";

/** Alice's pod, which knows bob, carol and dave by name. */
async function openAlice(): Promise<FakePeriphery> {
  const alice = openHey(ALICE);
  await giveNames(alice, { bob: BOB, carol: CAROL, dave: DAVE });
  return alice;
}

const recipients = (hey: FakePeriphery) => hey.posts.splice(0).map(({ person }) => person);
const personOf = (number: number) => number.toString(16).toUpperCase().padStart(40, "0");

Deno.test("one letter goes to several people and has a fate at each", async () => {
  const alice = await openAlice();
  assert.deepEqual(await say(alice, "leave-message", "bob,carol,dave", "dinner", "at", "eight?"), [
    "left for bob, carol and dave (waits until their servers take it)",
  ]);
  const [bob, carol, dave] = alice.posts;
  assert.deepEqual(recipients(alice), [BOB, CAROL, DAVE]);
  assert.equal(bob!.arguments, dave!.arguments);
  const list = async () => (await say(alice, "list", "--sent"))[0]!;
  const start = "bob, carol and dave   just now";
  assert.equal(await list(), `  1   ${start}   delivered 0 of 3   dinner at eight?`);
  await alice.answer(bob!, { ok: { "received-ms": alice.nowMs } });
  await alice.answer(dave!, { ok: { "received-ms": alice.nowMs } });
  assert.equal(await list(), `  1   ${start}   delivered 2 of 3   dinner at eight?`);
  const error = { kind: "unreachable", op: "deliver", subject: "no server" };
  await alice.answer(carol!, { error });
  assert.equal(await list(), `  1 ! ${start}   delivered 2 of 3, 1 failed   dinner at eight?`);
  const shown = await say(alice, "read", "1");
  assert.match(shown[0]!, /^to: {4}bob, B0B0 .* {2}delivered 2027-01-15 08:00 UTC$/);
  assert.match(shown[1]!, /^ {7}carol, CA40 .* {2}failed: no server \(unreachable\)$/);
  assert.match(shown[2]!, /^ {7}dave, DA7E .* {2}delivered 2027-01-15 08:00 UTC$/);
  assert.deepEqual(shown.slice(3), [
    "when:  2027-01-15 08:00 UTC",
    "fate:  delivered 2 of 3, 1 failed",
    "",
    "dinner at eight?",
  ]);
});

Deno.test("records of a letter to several say how many, and read says which", async () => {
  const alice = await openAlice();
  const [left] = await say(alice, "leave-message", "--json", "bob,carol", "hi");
  assert.deepEqual(JSON.parse(left!), {
    n: 1,
    to: [{ person: BOB, name: "bob" }, { person: CAROL, name: "carol" }],
    skipped: [],
  });
  await alice.answer(alice.posts[0]!, { ok: { "received-ms": alice.nowMs } });
  const record = {
    n: 1,
    to: null,
    name: null,
    sent: "2027-01-15T08:00:00.000Z",
    fate: "waiting",
    delivered: null,
    why: null,
    answers: null,
    start: "hi",
    recipients: { all: 2, delivered: 1, failed: 0 },
  };
  assert.deepEqual(JSON.parse((await say(alice, "list", "--sent", "--json"))[0]!), record);
  const fates = [
    { to: BOB, name: "bob", fate: "delivered", delivered: record.sent, why: null },
    { to: CAROL, name: "carol", fate: "waiting", delivered: null, why: null },
  ];
  assert.deepEqual(JSON.parse((await say(alice, "read", "1", "--json"))[0]!), {
    ...record,
    fates,
    text: "hi",
  });
});

Deno.test("one person in many forms and groups gets one letter", async () => {
  const alice = await openAlice();
  await say(alice, "group", "family", "add", "bob", "carol");
  const grouped = BOB.toLowerCase().replace(/(.{4})/g, "$1 ");
  await say(alice, "leave-message", `BOB,${BOB},${grouped}, bob ,@family,@FAMILY`, "once");
  assert.deepEqual(recipients(alice), [BOB, CAROL]);
  assert.deepEqual(await say(alice, "leave-message", `bob,${BOB}`, "alone"), [
    "left for bob (waits until bob's server takes it)",
  ]);
  assert.match((await say(alice, "list", "--sent"))[0]!, / bob +just now {3}waiting +alone$/);
});

Deno.test("when somebody is not known nobody gets the letter, and all unknown are named", async () => {
  const alice = await openAlice();
  assert.deepEqual(await refusal(alice, "leave-message", "bob,zoe,@freinds", "hi"), [
    "not-found",
    'nobody is called "zoe"; there is no group "@freinds"',
    "nothing was sent; leave-message --skip-unknown sends it to the others",
  ]);
  assert.deepEqual([alice.posts, alice.rows("sent")], [[], []]);
  const { stdout, stderr, result } = await alice.command(
    ["leave-message", "--skip-unknown", "zoe,bob,@freinds", "hi"],
  );
  assert.deepEqual([stdout, stderr, result], [
    "left for bob (waits until bob's server takes it)\n",
    'skipped zoe: nobody is called "zoe"\nskipped @freinds: there is no group "@freinds"\n',
    0,
  ]);
  const nobody = await refusal(alice, "leave-message", "--skip-unknown", "zoe,yan", "hi");
  assert.deepEqual(nobody[0], "not-found");
});

Deno.test("a text may begin with dashes, and flags before it are checked", async () => {
  const alice = await openAlice();
  await say(alice, "leave-message", "bob", "--json", "is", "a", "flag");
  assert.match(alice.posts[0]!.arguments, /"--json is a flag"/);
  assert.equal((await refusal(alice, "leave-message", "--skip-unkown", "bob", "x"))[0], "invalid");
  assert.equal((await refusal(alice, "leave-message", ",", "x"))[0], "invalid");
});

Deno.test("groups grow, shrink and go", async () => {
  const alice = await openAlice();
  assert.deepEqual(await say(alice, "groups"), [
    "no groups; peri hey group <name> add <who…> makes one",
  ]);
  assert.deepEqual(await say(alice, "group", "Family", "add", "bob,carol", "bob"), [
    "added bob and carol to @Family (2 people)",
  ]);
  assert.deepEqual(await say(alice, "group", "@family", "add", BOB), [
    "added nobody new to @Family (2 people)",
  ]);
  assert.deepEqual(await say(alice, "group", "all", "add", "@family", "dave"), [
    "added @family and dave to @all (3 people)",
  ]);
  assert.deepEqual(await say(alice, "groups"), [
    "@all     3 people  @family and dave",
    "@Family  2 people  bob and carol",
  ]);
  assert.deepEqual((await say(alice, "group", "all"))[0], "@family  2 people");
  assert.deepEqual(await say(alice, "groups", "--json"), [
    `{"group":"all","people":3,"members":[{"group":"family"},{"person":"${DAVE}","name":"dave"}]}`,
    `{"group":"Family","people":2,"members":[{"person":"${BOB}","name":"bob"},{"person":"${CAROL}","name":"carol"}]}`,
  ]);
  assert.deepEqual(await refusal(alice, "ungroup", "family"), [
    "conflict",
    "@Family is in @all",
    "peri hey group all remove @Family",
  ]);
  await say(alice, "leave-message", "@all", "hi");
  assert.deepEqual(recipients(alice), [BOB, CAROL, DAVE]);
  assert.deepEqual(await say(alice, "group", "all", "remove", "@family"), [
    "removed @family from @all (1 person)",
  ]);
  assert.deepEqual(await say(alice, "group", "all", "remove", "dave"), [
    "removed dave from @all (it is empty and gone)",
  ]);
  assert.deepEqual(await say(alice, "ungroup", "@family"), ["@Family is gone; its people stay"]);
  assert.deepEqual(alice.rows("groups"), []);
});

Deno.test("a group cannot hold itself, however far down", async () => {
  const alice = await openAlice();
  await say(alice, "group", "a", "add", "bob");
  await say(alice, "group", "b", "add", "@a");
  await say(alice, "group", "c", "add", "@b");
  assert.deepEqual((await refusal(alice, "group", "a", "add", "@a")).slice(0, 2), [
    "conflict",
    "@a: a group cannot hold itself",
  ]);
  assert.deepEqual((await refusal(alice, "group", "a", "add", "@c")).slice(0, 2), [
    "conflict",
    "@c holds @a: a group cannot hold itself",
  ]);
  for (let depth = 4; depth <= 8; depth++) {
    const inner = ["c", "g4", "g5", "g6", "g7"][depth - 4];
    await say(alice, "group", `g${depth}`, "add", `@${inner}`);
  }
  assert.equal((await refusal(alice, "group", "g9", "add", "@g8"))[0], "too-large");
  assert.deepEqual((await say(alice, "group", "g8"))[0], "@g7  1 person");
});

Deno.test("somebody who is not known does not come into a group, nor do the others", async () => {
  const alice = await openAlice();
  const [kind, subject] = await refusal(alice, "group", "family", "add", "bob", "zoe");
  assert.deepEqual([kind, subject], ["not-found", 'nobody is called "zoe"']);
  assert.equal((await refusal(alice, "group", "family", "add", "bob", "@friends"))[0], "not-found");
  assert.deepEqual(alice.rows("groups"), []);
  assert.deepEqual(await refusal(alice, "group", "famly"), [
    "not-found",
    'there is no group "@famly"',
    "peri hey groups shows your groups; peri hey group <name> add <who…> makes one",
  ]);
});

Deno.test("a renamed person stays in the group", async () => {
  const alice = await openAlice();
  await say(alice, "group", "family", "add", "bob");
  await say(alice, "name", "robert", BOB);
  assert.match((await say(alice, "group", "family"))[0]!, /^robert {2}B0B0 /);
});

Deno.test("words that do not fit a verb of groups are refused with the usage", async () => {
  const alice = await openAlice();
  await say(alice, "group", "family", "add", "bob");
  const refused = [
    ["group"],
    ["group", "family", "put", "bob"],
    ["group", "family", "add"],
    ["groups", "all"],
    ["ungroup"],
    ["ungroup", "family", "now"],
  ];
  for (const argv of refused) {
    const [kind, , hint] = await refusal(alice, ...argv);
    assert.deepEqual([kind, hint!.startsWith(`peri hey ${argv[0]}`)], ["invalid", true], `${argv}`);
  }
  assert.equal((await refusal(alice, "group", "a,b", "add", "bob"))[0], "invalid");
});

Deno.test("a letter to a thousand people arrives at each once and is forgotten as a whole", async () => {
  const alice = await openAlice();
  const people = Array.from({ length: 1_000 }, (_, at) => personOf(at + 1));
  for (let at = 0; at < 1_000; at += 250) {
    await say(alice, "group", `part${at}`, "add", ...people.slice(at, at + 250));
    await say(alice, "group", "world", "add", `@part${at}`);
  }
  await say(alice, "leave-message", "@world", "hello");
  const posts = [...alice.posts];
  assert.deepEqual(recipients(alice), people);
  for (const post of posts) await alice.answer(post, { ok: { "received-ms": 1 } });
  const [line] = await say(alice, "list", "--sent");
  assert.match(line!, /and 998 others .* delivered 1000 of 1000 /);
  await say(alice, "forget", "1");
  assert.deepEqual([alice.rows("fates"), alice.rows("sdk:spread")], [[], []]);
  assert.deepEqual(await say(alice, "group", "world", "add", "bob"), [
    "added bob to @world (1001 people)",
  ]);
  assert.equal((await refusal(alice, "leave-message", "@world", "hello"))[0], "too-large");
});

Deno.test("an answer of any recipient finds the letter it answers, and of nobody else", async () => {
  const alice = await openAlice();
  await say(alice, "leave-message", "bob,carol", "who is there?");
  const [{ id }] = JSON.parse(alice.posts[0]!.arguments);
  const answer = (person: string) =>
    alice.ask(Mail, "leave", [{ id: "x", text: "me", inReplyTo: id }], { person, pod: "hey" });
  for (const person of [BOB, CAROL, DAVE]) await answer(person);
  const answers = await Promise.all(["2", "3", "4"].map((n) => say(alice, "read", n)));
  const found = answers.map((lines) => lines.some((line) => line === "answers:  letter 1"));
  assert.deepEqual(found, [true, true, false]);
});

Deno.test("completion goes on behind a comma and knows groups", async () => {
  const alice = await openAlice();
  await say(alice, "group", "family", "add", "bob");
  const complete = async (...argv: string[]) => {
    const args = JSON.stringify([argv]);
    const begun = alice.begin({ person: ALICE }, "peri:face/command", "complete", args);
    return (await begun.ended).result;
  };
  assert.deepEqual(await complete("leave-message", "bob,ca"), ["bob,carol"]);
  assert.deepEqual(await complete("leave-message", "--skip-unknown", "@f"), ["@family"]);
  assert.deepEqual(await complete("group", "f"), ["family"]);
  assert.deepEqual(await complete("group", "family", "a"), ["add"]);
  assert.deepEqual(await complete("group", "family", "add", "d"), ["dave"]);
  assert.deepEqual(await complete("ungroup", ""), ["family"]);
});
