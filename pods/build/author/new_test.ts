import assert from "node:assert/strict";
import { join } from "node:path";
import { formatConfig, refreshConfig, ROOT } from "./config.ts";
import { classNameOf, makePod } from "./new.ts";
import { testPod } from "./try.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-new-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a new pod is one class, one test and what is needed around them", async () => {
  await inFolder(async (within) => {
    const folder = await makePod("guest-book", { within });
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const made = [".gitignore", "README.md", "deno.json", "pod.json", "pod.ts", "pod_test.ts"];
    assert.deepEqual(files, made);
    const read = (name: string) => Deno.readTextFileSync(join(folder, name));
    assert.match(read("pod.ts"), /^export default class GuestBook extends Pod \{$/m);
    assert.equal(JSON.parse(read("pod.json")).name, "guest-book");
    assert.equal(JSON.parse(read("deno.json")).imports["@peri/sdk"], `${ROOT}/pods/sdk/mod.ts`);
  });
});

Deno.test("a new pod never writes into what is there", async () => {
  await inFolder(async (within) => {
    await makePod("notes", { within });
    await Deno.writeTextFile(join(within, "notes/pod.ts"), "mine");
    await assert.rejects(makePod("notes", { within }), /notes is there already/);
    assert.equal(await Deno.readTextFile(join(within, "notes/pod.ts")), "mine");
  });
});

Deno.test("what cannot be the name of a pod is refused before anything is written", async () => {
  await inFolder(async (within) => {
    for (const name of ["", "Notes", "9notes", "notes-", "no tes", "../notes", "a".repeat(33)]) {
      await assert.rejects(makePod(name, { within }), /is no name of a pod/, name);
    }
    assert.deepEqual([...Deno.readDirSync(within)], []);
  });
});

const WIT = `package my:book@0.1.0;
interface notes {
  record note { text: string, at: option<u32> }
  variant why { full(u32), closed }
  /// Keeps a note.
  keep: func(note: note) -> result<u32, why>;
  all: func(near: option<string>) -> stream<note>;
}
interface lookup { find: func(name: string) -> string; }
world pod { export notes; import lookup; }
`;

Deno.test("a pod that begins with WIT has a class to fill in for what it offers", async () => {
  await inFolder(async (within) => {
    const wit = join(within, "given.wit");
    await Deno.writeTextFile(wit, WIT);
    const folder = await makePod("book", { within, wit });
    assert.equal(await Deno.readTextFile(join(folder, "book.wit")), WIT);
    const text = await Deno.readTextFile(join(folder, "pod.ts"));
    assert.match(text, /^class MyNotes extends Notes \{$/m);
    assert.match(text, /^ {2}override keep\(note: Note\): Promise<u32> \{$/m);
    assert.match(text, /^ {2}override all\(near\?: string\): AsyncIterable<Note> \{$/m);
    assert.match(text, /^ {2}readonly notes = new MyNotes\(this\);$/m);
    assert.ok(!text.includes("Lookup"));
    assert.equal(await testPod(folder, ["--no-check"]), 0);
  });
});

Deno.test("WIT that cannot be read leaves no folder behind", async () => {
  await inFolder(async (within) => {
    const wit = join(within, "given.wit");
    await Deno.writeTextFile(wit, "package my:book; interface {");
    await assert.rejects(makePod("book", { within, wit }));
    await assert.rejects(makePod("book", { within, wit: "/nowhere.wit" }), /cannot be read/);
    assert.deepEqual([...Deno.readDirSync(within)].map(({ name }) => name), ["given.wit"]);
  });
});

Deno.test("a class is called as its pod, in the way of classes", () => {
  assert.equal(classNameOf("capybara"), "Capybara");
  assert.equal(classNameOf("my-guest-book2"), "MyGuestBook2");
});

Deno.test("a checkout that has moved is found again, and the author's settings stay", () => {
  const mine = {
    tasks: { hi: "echo" },
    imports: { zod: "npm:zod" },
    scopes: { "./x/": { a: "b" } },
  };
  const packages = { cborg: "npm:cborg@6", valibot: "npm:valibot@1", openpgp: "npm:openpgp@6" };
  const first = formatConfig(JSON.stringify(mine), "/old", packages);
  const moved = JSON.parse(formatConfig(first, "/new", packages));
  assert.deepEqual(moved, {
    ...mine,
    lock: false,
    imports: {
      zod: "npm:zod",
      "@peri/sdk": "/new/pods/sdk/mod.ts",
      "@peri/testing": "/new/runtime/testing/mod.ts",
    },
    scopes: { "./x/": { a: "b" }, "/new/": { cborg: "npm:cborg@6", valibot: "npm:valibot@1" } },
  });
  assert.equal(formatConfig(JSON.stringify(moved), "/new", packages).includes("/old"), false);
});

Deno.test("a deno.json that is not understood is left as it is", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "deno.json");
    for (const text of ["{ // mine\n}", "[]", "null"]) {
      await Deno.writeTextFile(path, text);
      await assert.rejects(refreshConfig(folder), /deno.json is no JSON object/);
      assert.equal(await Deno.readTextFile(path), text);
    }
  });
});
