import assert from "node:assert/strict";
import { printError } from "./failure.ts";

async function said(thrown: unknown): Promise<readonly [text: string, code: number]> {
  const pieces: string[] = [];
  const out = {
    isTerminal: false,
    columns: undefined,
    write: (bytes: Uint8Array) =>
      Promise.resolve(void pieces.push(new TextDecoder().decode(bytes))),
  };
  const stdin = { isTerminal: false, pieces: (async function* () {})(), setRaw: () => {} };
  const context = { streams: { stdin, stdout: out, stderr: out }, env: () => undefined };
  const code = await printError(context, thrown, false);
  return [pieces.join(""), code];
}

Deno.test("what Deno refuses by itself is said with what to type, and not to be reported", async () => {
  const [lost, code] = await said(
    new TypeError(
      "Failed caching npm package 'x@1'\n npm package not found in cache: \"x\", --cached-only is specified.",
    ),
  );
  assert.equal(code, 13);
  assert.match(
    lost,
    /^peri: cannot start: packages .* any more\nhint: cd \/.* && deno task install fetches them\n$/,
  );
  const [refused] = await said(new Deno.errors.NotCapable("Requires net access, run again with"));
  assert.match(
    refused,
    /launcher does not allow it: Requires net access\nhint: is peri serve running/,
  );
});
