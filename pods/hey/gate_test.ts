import assert from "node:assert/strict";
import { BOB, CAROL, EVE, openHey, refusal, say } from "../../tests/helpers/hey.ts";
import { Refusal } from "../sdk/mod.ts";
import type { FakePeriphery } from "../sdk/testing/fake.ts";
import { Mail } from "./generated.ts";
import { KEEP_GREETING_MS, MAX_WAITING } from "./pending.ts";
import { parseRules } from "./rules/parse.ts";
import { DEFAULT_RULES, DEFAULTS } from "./rules/text.ts";

/** What becomes of a letter of somebody's pod: undefined when it was taken, else kind and reason. */
async function leave(
  hey: FakePeriphery,
  person: string,
  text: string,
  { id = "x", inReplyTo, pod = "hey" }: { id?: string; inReplyTo?: string; pod?: string } = {},
): Promise<string[] | undefined> {
  const letter = { id, text, inReplyTo };
  const { failure } = await hey.ask(Mail, "leave", [letter], { person, pod });
  return failure && [failure.kind, failure.subject];
}

const personOf = (n: number) => `F${n.toString(16).toUpperCase().padStart(39, "0")}`;

Deno.test("a stranger leaves one small greeting, which waits, and no more", async () => {
  const bob = openHey(BOB);
  assert.equal(await leave(bob, EVE, "hello, we met in Lisbon"), undefined);
  assert.deepEqual(await leave(bob, EVE, "again"), [
    "over-quota",
    "a greeting of yours waits to be accepted",
  ]);
  assert.deepEqual(await leave(bob, CAROL, "x".repeat(501)), [
    "too-large",
    "501 characters, 500 are taken from you",
  ]);
  assert.equal(await leave(bob, CAROL, "é".repeat(500)), undefined);
  assert.deepEqual(await say(bob, "list"), ["no letters"]);
  assert.deepEqual(await say(bob), ["2 people wait to be accepted: peri hey pending"]);
});

Deno.test("who waits is shown with what they wrote, and from whom they are known", async () => {
  const bob = openHey(BOB);
  bob.people.set(EVE, { person: EVE, name: "Eve \x1b[1m<eve@example.org>" });
  bob.distances.set(CAROL, 3);
  await leave(bob, EVE, "hello,\nwe met\x1b[2J in Lisbon");
  bob.nowMs += 60_000;
  await leave(bob, CAROL, "a friend of a friend");
  assert.deepEqual(await say(bob, "pending"), [
    "CA40 1000 0000 0000 0000  0000 0000 0000 0000 0000",
    "  signed, 3 steps away, just now",
    "  a friend of a friend",
    "EEEE EEEE EEEE EEEE EEEE  EEEE EEEE EEEE EEEE EEEE",
    '  known to nobody, calls themselves "Eve [1m<eve@example.org>", 1 min ago',
    "  hello, we met[2J in Lisbon",
    "peri hey accept <who> --as <name>, or refuse, or block",
  ]);
  assert.deepEqual((await say(bob, "pending", "eeee")).slice(2), [
    "",
    "2027-01-15 08:00 UTC",
    "hello,",
    "we met[2J in Lisbon",
  ]);
  const [record] = (await say(bob, "pending", "--json")).map((line) => JSON.parse(line));
  assert.deepEqual([record.person, record.distance, record.claims], [CAROL, "3", null]);
});

Deno.test("an accepted stranger has a name, and their greeting is a letter that can be answered", async () => {
  const bob = openHey(BOB);
  bob.people.set(EVE, { person: EVE, name: "Eve" });
  await leave(bob, EVE, "hello");
  assert.deepEqual(await refusal(bob, "accept", "EEEEEEEE"), [
    "invalid",
    'EEEEEEEE… has no name; they call themselves "Eve"',
    "peri hey accept EEEEEEEE --as <name>",
  ]);
  assert.deepEqual((await say(bob, "accept", "eeee", "--as", "eve")).slice(1), [
    "letter 1: peri hey read 1, peri hey answer 1 <text…>",
  ]);
  assert.deepEqual(await say(bob, "list"), ["  1 * eve   just now   hello"]);
  assert.deepEqual(await say(bob, "pending"), ["nobody waits"]);
  await say(bob, "answer", "1", "welcome");
  for (let n = 0; n < 60; n++) assert.equal(await leave(bob, EVE, "more"), undefined);
});

Deno.test("a name given to who waits lets them in, however it is given", async () => {
  const bob = openHey(BOB);
  await leave(bob, EVE, "hello");
  assert.deepEqual((await say(bob, "name", "eve", "eeeeeeee")).at(-1), "letter 1: peri hey read 1");
  assert.deepEqual([bob.rows("pending"), bob.rows("waiting")], [[], [
    ["oldest-unknown", bob.nowMs],
    ["unknown", 0],
  ]]);
});

Deno.test("a name somebody else has is not given by accepting", async () => {
  const bob = openHey(BOB);
  await say(bob, "name", "carol", CAROL);
  await leave(bob, EVE, "I am Carol, too");
  assert.equal((await refusal(bob, "accept", "eeee", "--as", "Carol"))[0], "exists");
  assert.match((await say(bob, "names"))[0]!, /^carol {2}CA40/);
});

// The hole: who is sent away sends the next greeting, and the next, until Bob gives in.
Deno.test("who was refused is not told, and leaves no second greeting for a month", async () => {
  const bob = openHey(BOB);
  await leave(bob, EVE, "buy this");
  assert.match((await say(bob, "refuse", "EEEE"))[0]!, /^refused EEEE .* they are not told$/);
  assert.deepEqual(await leave(bob, EVE, "buy this!"), ["denied", "it is not taken here"]);
  bob.nowMs += KEEP_GREETING_MS;
  assert.equal(await leave(bob, EVE, "buy this?"), undefined);
  assert.equal((await refusal(bob, "refuse", CAROL))[0], "not-found");
});

// The hole: an outcome of its own would tell Eve that she is blocked, and that Bob has seen her.
Deno.test("a blocked person hears what one hears whose letters the rules do not take", async () => {
  const bob = openHey(BOB);
  const closed = openHey(BOB);
  await closed.command(["rules", "--set"], "[unknown]\nletters = 0\n");
  await say(bob, "leave-message", EVE, "why?");
  const [{ id }] = JSON.parse(bob.posts[0]!.arguments);
  await say(bob, "block", EVE);
  const asked = await leave(bob, EVE, "hello");
  assert.deepEqual(asked, ["denied", "it is not taken here"]);
  assert.deepEqual(await leave(closed, EVE, "hello"), asked);
  // Nor does another pod of hers come in, nor an answer to an earlier letter.
  assert.deepEqual(await leave(bob, EVE, "hello", { pod: "other" }), asked);
  assert.deepEqual(await leave(bob, EVE, "because", { inReplyTo: id }), asked);
  assert.match((await say(bob, "blocked"))[0]!, /^EEEE .* 2027-01-15$/);
  await say(bob, "unblock", "eeee");
  assert.equal(await leave(bob, EVE, "thanks"), undefined);
});

Deno.test("blocking somebody takes their greeting away, and only who is not oneself is blocked", async () => {
  const bob = openHey(BOB);
  await leave(bob, EVE, "hello");
  await say(bob, "block", "eeee");
  assert.deepEqual(await say(bob, "pending"), ["nobody waits"]);
  assert.equal((await refusal(bob, "accept", EVE, "--as", "eve"))[0], "denied");
  assert.equal((await refusal(bob, "block", BOB))[0], "invalid");
});

Deno.test("no letter goes to somebody who is blocked, whose answer would not come in", async () => {
  const bob = openHey(BOB);
  await say(bob, "name", "eve", EVE);
  await say(bob, "block", "eve");
  assert.deepEqual(await refusal(bob, "leave-message", "eve", "hello"), [
    "denied",
    "eve is blocked by you",
    "peri hey unblock eve",
  ]);
  const { stdout, stderr } = await bob.command([
    "leave-message",
    "--skip-unknown",
    `eve,${CAROL}`,
    "hi",
  ]);
  assert.match(stdout, /^left for CA401000…/);
  assert.equal(stderr, "skipped EEEEEEEE…: eve is blocked by you\n");
  assert.deepEqual(bob.posts.map(({ person }) => person), [CAROL]);
});

Deno.test("who answers a letter is let in, known or not, and nobody else with its id", async () => {
  const bob = openHey(BOB);
  await say(bob, "leave-message", EVE, "are you the Eve of the choir?");
  const [{ id }] = JSON.parse(bob.posts[0]!.arguments);
  const long = "yes! ".repeat(500);
  assert.equal(await leave(bob, EVE, long, { inReplyTo: id }), undefined);
  assert.equal((await leave(bob, CAROL, long, { inReplyTo: id }))?.[0], "too-large");
  assert.equal((await say(bob, "list")).length, 1);
});

Deno.test("each distance has its rule", async () => {
  const bob = openHey(BOB);
  const [one, two, three, four] = [1, 2, 3, 4].map(personOf) as [string, string, string, string];
  bob.distances.set(one, 1).set(two, 2).set(three, 3).set(four, 4);
  const long = "x".repeat(3_000);
  assert.equal(await leave(bob, one, long), undefined);
  assert.equal(await leave(bob, two, long), undefined);
  assert.equal((await leave(bob, three, long))?.[0], "too-large");
  assert.equal(await leave(bob, three, "hi"), undefined);
  assert.equal((await leave(bob, four, "x".repeat(501)))?.[0], "too-large");
  assert.deepEqual([(await say(bob, "list")).length, (await say(bob, "pending")).length], [2, 4]);
  for (let n = 1; n < 20; n++) assert.equal(await leave(bob, two, "again"), undefined);
  assert.equal((await leave(bob, two, "again"))?.[0], "over-quota");
});

Deno.test("the owner of a friendly server is as one with a name, and so are one's own pods", async () => {
  const bob = openHey(BOB);
  bob.answersTo.set("friend", ({ person }) => ({ friend: person === EVE }));
  assert.equal(await leave(bob, EVE, "x".repeat(10_000)), undefined);
  assert.equal(await leave(bob, BOB, "from my diary", { pod: "diary" }), undefined);
  assert.equal((await say(bob, "list")).length, 2);
});

// The hole: a program makes fingerprints, ten thousand of them, each with a greeting.
Deno.test("ten thousand fingerprints take five hundred places and nothing from who is known", async () => {
  const bob = openHey(BOB);
  bob.distances.set(CAROL, 3);
  let taken = 0;
  for (let n = 0; n < 10_000; n++) {
    // From the five hundredth on the periphery would refuse them before they get here.
    if (bob.rows("door").length > 0 && n % 50 !== 0) continue;
    if (await leave(bob, personOf(n), "hello") === undefined) taken++;
  }
  assert.equal(taken, MAX_WAITING);
  assert.equal(bob.rows("pending").length, MAX_WAITING);
  assert.equal(bob.rows("received").length, 0);
  const full = [["full", bob.nowMs + KEEP_GREETING_MS]];
  assert.deepEqual(bob.rows("door"), full);
  // Rules by which nobody has to wait open the door, too.
  await bob.command(["rules", "--set"], "[unknown]\npending = false\n");
  assert.deepEqual(bob.rows("door"), []);
  await bob.command(["rules", "--reset"]);
  assert.deepEqual(bob.rows("door"), full);
  assert.equal(await leave(bob, CAROL, "a friend of a friend"), undefined);
  assert.match((await say(bob, "pending"))[0]!, /^CA40/);
  assert.equal((await say(bob, "pending")).at(-2), "481 more: peri hey pending --all");
  const words = JSON.stringify([["refuse", "--unknown"], false]);
  const refusing = bob.begin({ person: BOB }, "peri:face/command", "run", words);
  // It takes more than one run, so that none of them writes too much.
  for (let run = 0; run < 4; run++) {
    await bob.settle();
    await bob.runErrand();
  }
  assert.equal((await refusing.ended).stdout, "refused 500 people whom nobody knows\n");
  assert.deepEqual([bob.rows("pending").length, bob.rows("door")], [1, []]);
  assert.equal(await leave(bob, EVE, "now there is room"), undefined);
});

Deno.test("greetings nobody looks at make room after a month", async () => {
  const bob = openHey(BOB);
  await leave(bob, personOf(0), "first");
  bob.nowMs += 1_000;
  for (let n = 1; n < MAX_WAITING; n++) await leave(bob, personOf(n), "hello");
  assert.equal((await leave(bob, EVE, "hello"))?.[0], "over-quota");
  bob.nowMs += KEEP_GREETING_MS - 1_000;
  assert.equal(await leave(bob, EVE, "hello"), undefined);
  assert.equal((await leave(bob, CAROL, "hello"))?.[0], "over-quota");
  assert.equal(bob.rows("pending").length, MAX_WAITING);
});

Deno.test("the rules that everybody begins with say what they do", () => {
  assert.deepEqual(parseRules(DEFAULT_RULES, DEFAULTS), DEFAULTS);
  const bare = DEFAULT_RULES.split("\n").filter((line) => !/^\w+ = /.test(line)).join("\n");
  const other = { ...DEFAULTS.named, letters: 3 };
  const all = { named: other, 2: other, 3: other, unknown: other };
  assert.deepEqual(parseRules(bare, all), all);
  assert.deepEqual(parseRules(DEFAULT_RULES, all), DEFAULTS);
});

Deno.test("rules are shown, changed as a whole and taken back", async () => {
  const bob = openHey(BOB);
  assert.equal((await bob.command(["rules"])).stdout, DEFAULT_RULES);
  const text = "# mine\n[unknown]\nletters = 0 # nobody\n";
  assert.equal((await bob.command(["rules", "--set"], text)).result, 0);
  assert.equal((await bob.command(["rules"])).stdout, text);
  assert.equal((await leave(bob, EVE, "hello"))?.[0], "denied");
  await say(bob, "rules", "--reset");
  assert.equal(await leave(bob, EVE, "hello"), undefined);
});

Deno.test("what is wrong in the rules is told by its line, and they stay as they were", async () => {
  const bob = openHey(BOB);
  const text = [
    "letters = 1",
    "[strangers]",
    "x = 1",
    "[unknown]",
    "leters = 3",
    'size = "big"',
    "pending = yes",
    'profile = ["name", "phone"]',
    "what is this",
    "space = 'read'",
    "[3]",
    "letters = 21",
    "[3]",
    "size = 99999",
  ].join("\n");
  const { failure } = await bob.command(["rules", "--set"], text);
  assert.deepEqual(failure?.subject.split("; line "), [
    "line 1: letters stands before any [distance]",
    "2: [strangers] is no distance: named, 2, 3, unknown",
    "5: leters is no key of a rule; did you mean letters?",
    "6: size is 0 to 16384",
    "7: pending has no value that can be read",
    '8: profile is a list of "name", "about" and "links"',
    "9: what is this is neither [distance] nor key = value",
    "10: space has no value that can be read",
    "11: with pending at most 20 letters may wait in [3]",
    "13: [3] stands on line 11 already",
  ]);
  assert.equal((await bob.command(["rules"])).stdout, DEFAULT_RULES);
  assert.equal((await bob.command(["rules", "--set"], "")).failure?.kind, "invalid");
  assert.equal(
    (await bob.command(["rules", "--set"], "#".repeat(20_000))).failure?.kind,
    "invalid",
  );
});

Deno.test("rules that are cut or spoilt anywhere are rules, or have lines that say what is wrong", () => {
  const lines = DEFAULT_RULES.split("\n").length;
  for (let at = 0; at < DEFAULT_RULES.length; at += 3) {
    const rest = DEFAULT_RULES.slice(at + 1);
    for (const between of ["", "]", '"', "\n", "\0", "9999999999"]) {
      const read = parseRules(DEFAULT_RULES.slice(0, at) + between + rest, DEFAULTS);
      if (!Array.isArray(read)) assert.deepEqual(Object.keys(read), Object.keys(DEFAULTS));
      else assert.ok(read.every(({ line }) => line >= 1 && line <= lines + 1));
    }
  }
});

Deno.test("a sender learns the reason and what to do in what became of the letter", async () => {
  const bob = openHey(BOB);
  await say(bob, "leave-message", EVE, "x");
  const error = new Refusal("over-quota", { op: "leave", subject: "full", hint: "come later" });
  await bob.answer(bob.posts[0]!, {
    error: { kind: error.kind, op: error.op, subject: error.subject, hint: "come later" },
  });
  assert.match((await say(bob, "read", "1"))[2]!, /failed: full \(over-quota\); come later$/);
});
