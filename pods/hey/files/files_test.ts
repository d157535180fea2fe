import assert from "node:assert/strict";
import { openStaged, stagePod } from "../../build/stage.ts";
import { type Content, type Entry, Files, type Page } from "../../sdk/files/contract.ts";
import type { FakePeriphery } from "../../sdk/testing/fake.ts";
import { encodeUtf8 } from "../../sdk/text/utf8.ts";
import { Mail } from "../generated.ts";

const HEY = await stagePod(new URL("..", import.meta.url).pathname);
const ALICE = "A11CE".padEnd(40, "0");
const BOB = "B0B".padEnd(40, "0");
const EVE = "E".repeat(40);

async function openHey(): Promise<FakePeriphery> {
  const hey = openStaged(HEY, ALICE);
  assert.equal((await hey.command(["name", "bob", BOB])).result, 0);
  return hey;
}

async function names(hey: FakePeriphery, path: string): Promise<string[]> {
  const { result, failure } = await hey.ask(Files, "list", [path]);
  assert.equal(failure, undefined);
  return (result as Page).entries.map(({ name }) => name);
}

async function read(hey: FakePeriphery, path: string): Promise<string> {
  const { result, failure } = await hey.ask(Files, "read", [path]);
  assert.equal(failure, undefined);
  const { val } = result as { val: string };
  const text = new TextDecoder().decode(Uint8Array.fromBase64(val, { alphabet: "base64url" }));
  const { result: entry } = await hey.ask(Files, "look", [path]);
  assert.equal((entry as Entry).size, encodeUtf8(text).length, "the size is that of the content");
  return text;
}

async function save(hey: FakePeriphery, path: string, text: string): Promise<string | undefined> {
  const content: Content = { tag: "inline", val: encodeUtf8(text) };
  const { failure } = await hey.ask(Files, "save", [path, content, hey.nowMs]);
  return failure && `${failure.kind}: ${failure.subject}`;
}

const leave = (hey: FakePeriphery, id: string, text: string, person = BOB) =>
  hey.ask(Mail, "leave", [{ id, text }], { person, pod: "hey" });

Deno.test("people are folders, and letters are files in them", async () => {
  const hey = await openHey();
  await leave(hey, "x", "good morning\x1b[2J");
  assert.deepEqual(await names(hey, "/"), [
    "README.txt",
    "fingerprint.txt",
    "people",
    "profile.txt",
  ]);
  assert.deepEqual(await names(hey, "/people"), ["bob"]);
  assert.deepEqual(await names(hey, "/people/bob"), ["1-received.txt", "fingerprint.txt"]);
  assert.match((await hey.command(["list"])).stdout, / 1 \* bob/);
  const text = await read(hey, "/people/bob/1-received.txt");
  assert.equal(text, "From: bob\nDate: 2027-01-15 08:00 UTC\n\ngood morning[2J\n");
  assert.match((await hey.command(["list"])).stdout, / 1 {3}bob/, "it has been read");
  assert.match(await read(hey, "/people/bob/fingerprint.txt"), /^B0B0 0000/);
  for (const path of ["/people/eve", "/people/BOB", "/people/bob/2-received.txt", "/x/y"]) {
    assert.equal((await hey.ask(Files, "look", [path])).result, null, path);
  }
  assert.equal((await hey.ask(Files, "look", ["/../x"])).failure?.kind, "invalid");
});

Deno.test("a new file is a letter, one that begins with a number answers that one", async () => {
  const hey = await openHey();
  await leave(hey, "from-bob", "are you there?");
  assert.equal(await save(hey, "/people/bob/1-re.txt", "yes\n"), undefined);
  assert.deepEqual(
    hey.posts.map(({ person, arguments: args }) => [person, JSON.parse(args)[0].text]),
    [[BOB, "yes"]],
  );
  assert.equal(JSON.parse(hey.posts[0]!.arguments)[0]["in-reply-to"], "from-bob");
  assert.equal(await read(hey, "/people/bob/1-re.txt"), "yes\n", "it is there as it was saved");
  assert.match(await read(hey, "/people/bob/2-sent.txt"), /^To: bob\n.*\nAnswers: 1\n\nyes\n$/);
  assert.equal(await save(hey, "/people/bob/1-re.txt", "yes\n"), undefined, "the same again");
  assert.equal(hey.posts.length, 1);
  assert.equal(await save(hey, "/people/bob/1-re.txt", "no"), "denied: 1-re.txt has been sent");
  assert.equal(
    await save(hey, "/people/bob/9-re", "?"),
    "not-found: there is no letter 9 from bob",
  );
  assert.equal(await save(hey, "/people/bob/empty", " \n"), "invalid: the text is empty");
  assert.match((await save(hey, "/people/bob/2-sent.txt", "x"))!, /^denied: /);
  assert.match((await save(hey, "/people/bob/long", "x".repeat(17_000)))!, /^too-large: /);
  assert.match((await save(hey, "/new", "x"))!, /^denied: /);
  assert.equal(hey.posts.length, 1);
});

Deno.test("letters are forgotten with their files, and nobody else's are among them", async () => {
  const hey = await openHey();
  await hey.command(["name", "eve", EVE]);
  await leave(hey, "x", "from bob");
  await leave(hey, "y", "from eve", EVE);
  assert.deepEqual(await names(hey, "/people/eve"), ["2-received.txt", "fingerprint.txt"]);
  assert.equal((await hey.ask(Files, "look", ["/people/bob/2-received.txt"])).result, null);
  assert.equal((await hey.ask(Files, "remove", ["/people/bob/1-received.txt"])).failure, undefined);
  assert.deepEqual(await names(hey, "/people/bob"), ["fingerprint.txt"]);
  for (const path of ["/people/bob", "/README.txt", "/people/bob/fingerprint.txt"]) {
    assert.equal((await hey.ask(Files, "remove", [path])).failure?.kind, "denied", path);
  }
});

Deno.test("the profile is a text that can be changed", async () => {
  const hey = await openHey();
  assert.equal(await read(hey, "/profile.txt"), "name: \nabout: \n");
  const text = "name: Alice\nabout: likes capybaras\nlink: https://alice.example\n";
  assert.equal(await save(hey, "/profile.txt", text), undefined);
  assert.equal(await read(hey, "/profile.txt"), text);
  assert.match((await save(hey, "/profile.txt", "shoe size: 40"))!, /^invalid: a line begins/);
  assert.equal(await read(hey, "/profile.txt"), text);
});
