/** Passphrases from files: the first line, kept from others. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { PeriError } from "../model/errors.ts";
import { filePassphrase } from "./passphrase.ts";

const REQUEST = { purpose: "test" };

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-passphrase-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function kindOf(path: string): Promise<string> {
  return await filePassphrase(path).ask(REQUEST).then(() => "answered", (error: unknown) => {
    assert.ok(error instanceof PeriError);
    return error.kind;
  });
}

Deno.test("the first line counts, blanks included, and a wrong one is not asked again", () =>
  inFolder(async (folder) => {
    const path = join(folder, "pass");
    for (const text of [" two words ", " two words \n", " two words \r\nnext line\n"]) {
      await Deno.writeTextFile(path, text, { mode: 0o600 });
      const source = filePassphrase(path);
      assert.equal(await source.ask(REQUEST), " two words ");
      assert.equal(await source.reject(REQUEST), false);
    }
  }));

Deno.test("a file that others may read, that is missing or huge is refused", () =>
  inFolder(async (folder) => {
    const path = join(folder, "pass");
    assert.equal(await kindOf(path), "not-found");
    await Deno.writeTextFile(path, "secret");
    await Deno.chmod(path, 0o640);
    assert.equal(await kindOf(path), "denied");
    await Deno.chmod(path, 0o600);
    assert.equal(await kindOf(path), "answered");
    await Deno.writeTextFile(path, "x".repeat(5_000));
    assert.equal(await kindOf(path), "too-large");
    assert.equal(await kindOf(folder), "denied");
  }));
