import assert from "node:assert/strict";
import { readFile, writeFile, writeSecretFile } from "./files.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a file is read as it was written, piece after piece", () =>
  inFolder(async (folder) => {
    await writeFile(`${folder}/f`, [bytes("one "), bytes(""), bytes("two")], { isNew: true });
    assert.deepEqual(await readFile(`${folder}/f`, 100), bytes("one two"));
  }));

Deno.test("a new file never takes the place of another, one that need not be new does", () =>
  inFolder(async (folder) => {
    const path = `${folder}/f`;
    await writeFile(path, [bytes("a long first one")], { isNew: true });
    await assert.rejects(writeFile(path, [bytes("x")], { isNew: true }), { kind: "exists" });
    assert.deepEqual(await readFile(path, 100), bytes("a long first one"));
    await writeFile(path, [bytes("short")], { isNew: false });
    assert.deepEqual(await readFile(path, 100), bytes("short"));
  }));

Deno.test("what cannot be written says so", () =>
  inFolder(async (folder) => {
    await assert.rejects(writeFile(`${folder}/no/f`, [], { isNew: true }), { kind: "denied" });
  }));

Deno.test("a secret file is for its owner alone, whole or not there, and takes no other's place", () =>
  inFolder(async (folder) => {
    const path = `${folder}/secret`;
    // Left behind by a try that died, and open to others.
    await Deno.writeTextFile(`${path}.part`, "half", { mode: 0o644 });
    await writeSecretFile(path, [bytes("one "), bytes("two")]);
    assert.equal(await Deno.readTextFile(path), "one two");
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    await assert.rejects(writeSecretFile(path, []), { kind: "exists" });
    assert.equal(await Deno.readTextFile(path), "one two");
    assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["secret"]);
  }));
