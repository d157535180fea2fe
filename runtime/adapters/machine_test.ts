import assert from "node:assert/strict";
import { readText, removeFile, runProgram, writeText } from "./machine.ts";

Deno.test("a text is written as a whole, read back and removed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/deep/a.service`;
    assert.equal(await readText(path), undefined);
    await writeText(path, "one");
    await writeText(path, "two");
    assert.equal(await readText(path), "two");
    assert.deepEqual([...Deno.readDirSync(`${folder}/deep`)].map(({ name }) => name), [
      "a.service",
    ]);
    await removeFile(path);
    await removeFile(path);
    assert.equal(await readText(path), undefined);
    await Deno.writeTextFile(path, "x".repeat(256 * 1024 + 1));
    await assert.rejects(readText(path), { kind: "too-large" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("where nothing can be written it is denied", async () => {
  await assert.rejects(writeText("/dev/null/a", ""), { kind: "denied" });
  await assert.rejects(readText("/dev/null/a"), { kind: "denied" });
});

Deno.test("a program gives its exit code and all it says; a missing one is named", async () => {
  assert.deepEqual(await runProgram("sh", ["-c", "echo a; echo b >&2; exit 3"]), {
    exitCode: 3,
    output: "a\nb\n",
  });
  await assert.rejects(runProgram("no-such-program", []), {
    kind: "not-found",
    subject: /no-such-program/,
  });
});
