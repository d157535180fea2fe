import assert from "node:assert/strict";
import { join } from "node:path";
import { formatConfig, refreshConfig, ROOT } from "./config.ts";
import { classNameOf, makePod } from "./new.ts";

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
    const folder = await makePod("guest-book", within);
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
    await makePod("notes", within);
    await Deno.writeTextFile(join(within, "notes/pod.ts"), "mine");
    await assert.rejects(makePod("notes", within), /notes is there already/);
    assert.equal(await Deno.readTextFile(join(within, "notes/pod.ts")), "mine");
  });
});

Deno.test("what cannot be the name of a pod is refused before anything is written", async () => {
  await inFolder(async (within) => {
    for (const name of ["", "Notes", "9notes", "notes-", "no tes", "../notes", "a".repeat(33)]) {
      await assert.rejects(makePod(name, within), /is no name of a pod/, name);
    }
    assert.deepEqual([...Deno.readDirSync(within)], []);
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
