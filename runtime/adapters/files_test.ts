import assert from "node:assert/strict";
import { readFile, writeFile } from "./files.ts";

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
