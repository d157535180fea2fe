import assert from "node:assert/strict";
import { openStaged, stagePod } from "../../build/stage.ts";
import type { FakePeriphery } from "../../sdk/testing/fake.ts";
import { Sitting } from "../../sdk/testing/sitting.ts";
import { Mail } from "../generated.ts";

const HEY = await stagePod(`${import.meta.dirname!}/..`);
const ALICE = "A11CE".padEnd(40, "0");
const BOB = "B0B".padEnd(40, "0");
const EVE = "E".repeat(40);

const leave = (hey: FakePeriphery, person: string, text: string, id = "x") =>
  hey.ask(Mail, "leave", [{ id, text }], { person, pod: "hey" });

async function say(hey: FakePeriphery, ...argv: string[]): Promise<string> {
  const { stdout, result, failure } = await hey.command(argv);
  assert.deepEqual([failure, result], [undefined, 0]);
  return stdout;
}

async function openHey(): Promise<FakePeriphery> {
  const hey = openStaged(HEY, ALICE);
  await say(hey, "name", "bob", BOB);
  return hey;
}

Deno.test("whoever comes to hey sees people, reads what is new, and answers", async () => {
  const hey = await openHey();
  await leave(hey, BOB, "Good morning!\nHow are you?");
  const alice = new Sitting(hey);
  assert.match(
    await alice.open(),
    /^ hey › people · 1 unread\n ● +bob +just now +Good morning! How are you\?\n/,
  );
  assert.match(
    await alice.type("[enter]"),
    /^ hey › bob\n bob {2}just now {2}new\n {3}Good morning!\n {3}How are you\?\n/,
  );
  assert.doesNotMatch(await say(hey, "list"), /\*/, "it has been read");
  assert.match(await alice.type("Very wel"), /\n › Very wel\n/);
  assert.deepEqual(alice.cursor, { column: 11, row: 22 });
  assert.match(
    await alice.type("l![enter]"),
    /How are you\?\n\n you {2}just now {2}… on its way\n {3}Very well!\n[^]*\n › write to bob\n/,
  );
  const [post] = hey.posts;
  assert.deepEqual([post!.person, post!.function], [BOB, "leave"]);
  assert.deepEqual(JSON.parse(post!.arguments)[0]["in-reply-to"], "x", "it answers the letter");
  assert.match(await alice.type("[escape]"), /^ hey › people\n +bob +just now +you: Very well!/);
  await alice.type("q");
  assert.equal(alice.exit, 0);
});

Deno.test("a name behind the pod's goes straight to the person; a wrong one says so", async () => {
  const hey = await openHey();
  const alice = new Sitting(hey);
  assert.match(await alice.open("BOB"), /^ hey › bob\n No letters yet/);
  assert.match(await alice.type("[escape]"), /^ hey › people/);
  assert.match(
    await alice.open("bop"),
    /^ hey › people[^]*nobody is called "bop" · did you mean bob/,
  );
});

Deno.test("what comes in is shown at the next look, and where somebody is stays", async () => {
  const hey = await openHey();
  const alice = new Sitting(hey);
  await alice.open("bob");
  await alice.type("half a sen");
  await leave(hey, BOB, "Are you there?");
  const shown = await alice.refresh();
  assert.match(shown, /Are you there\?/);
  assert.match(shown, /› half a sen/);
});

Deno.test("letters and names of others command no terminal and hide nothing", async () => {
  const hey = await openHey();
  await leave(hey, BOB, "\x1b[2J\x1b]52;c;QUFB\x07red\u202eesrever\r\nnext", "\x1b]0;x\x07");
  const alice = new Sitting(hey);
  // deno-lint-ignore no-control-regex -- these are what must not be there
  const commands = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
  assert.doesNotMatch(await alice.open(), commands);
  const talk = await alice.type("[enter]");
  assert.doesNotMatch(talk, commands);
  assert.match(talk, /\n {3}\[2J\]52;c;QUFBredesrever\n {3}next\n/);
});

Deno.test("who waits is read, let in under a name, or refused when that is meant", async () => {
  const hey = await openHey();
  await leave(hey, EVE, "Hello, I am Eve from the lake.");
  const alice = new Sitting(hey);
  assert.match(await alice.open(), /1 person waits to be let in: press p/);
  assert.match(await alice.type("p"), /^ hey › who waits\n EEEEEEEE… +known to nobody +just now/);
  assert.match(await alice.type("r"), /Refuse them\? They are not told\. y to do it/);
  assert.match(await alice.type("n"), /EEEEEEEE… +known to nobody/, "nothing has happened");
  assert.match(await alice.type("[enter]"), /EEEE EEEE[^]*Hello, I am Eve from the lake\./);
  assert.match(await alice.type("a"), /^ hey › a name[^]*you call them/);
  const taken = await alice.type("bob[enter]");
  assert.match(taken, /bob is B0B0 0000/, "what is wrong is said, and typed text stays");
  assert.match(taken, /you call them bob/);
  assert.match(await alice.type("[ctrl-u]eve[enter]"), /eve it is and let in, with 1 letter/);
  assert.match(await alice.type("[escape]"), /● +eve +just now +Hello, I am Eve/);
});

Deno.test("a person's page tells by which ways they are known", async () => {
  const hey = await openHey();
  const path = {
    amount: 120,
    steps: [{ person: BOB, userId: "B" }, { person: EVE, userId: "Eve" }],
  };
  hey.answersTo.set("ways", () => ({ distance: 2, users: [{ paths: [path] }] }));
  const alice = new Sitting(hey);
  await alice.open();
  const page = await alice.type("i");
  assert.match(page, /^ hey › bob\n\n bob\n/);
  assert.match(page, /B0B0 0000 0000/);
  assert.match(page, /2 steps:\n {3}you → bob → Eve \(EEEEEEEE…\)/);
});

Deno.test("a letter is written to whoever is named, and to several", async () => {
  const hey = await openHey();
  await say(hey, "name", "carol", EVE);
  const alice = new Sitting(hey);
  await alice.open();
  assert.match(await alice.type("wca"), /^ hey › a new letter\n\n to ca\n\n {3}carol/);
  assert.match(await alice.type("[tab],bo[tab]"), /to carol,bob/);
  assert.match(await alice.type("[enter]"), /^ hey › a letter to carol and bob/);
  assert.match(await alice.type("Both of you![enter]"), /left for carol and bob/);
  assert.deepEqual(hey.posts.map(({ person }) => person), [EVE, BOB]);
  assert.match(await alice.type("wnobody[enter]"), /nobody is called "nobody"/);
});

Deno.test("names are found as they are typed, and the view stays small with many people", async () => {
  const hey = await openHey();
  for (let at = 0; at < 300; at++) {
    await say(hey, "name", `friend${at}`, at.toString(16).padStart(40, "0").toUpperCase());
  }
  const alice = new Sitting(hey);
  await alice.open();
  assert.match(await alice.type("[end]"), /friend99/);
  const found = await alice.type("/friend25");
  assert.match(found, /find friend25\n +friend25 *\n +friend250/);
  assert.ok(alice.view.length < 16_384, `${alice.view.length}`);
  assert.match(await alice.type("[down][enter]"), /^ hey › friend250/);
});
