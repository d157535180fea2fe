import assert from "node:assert/strict";
import { askLine, askSecret } from "../../cli/prompt.ts";
import { Interrupted } from "../../cli/session.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { openWorld } from "./memory.ts";

const typing = (...input: string[]) => openWorld({ terminal: true, input });

Deno.test("a secret is read and not shown", async () => {
  const { context, outcome } = typing("corr", "ect horse\r", "rest");
  assert.equal(await askSecret(context, "Passphrase: ", ""), "correct horse");
  assert.equal(outcome().stderr, "Passphrase: \n");
  assert.equal(outcome().stdout, "");
  assert.deepEqual(outcome().raw, [true, false]);
});

Deno.test("a line is shown as it is typed; backspace and Ctrl-U take back", async () => {
  const { context, outcome } = typing("bop\x7fb\r");
  assert.equal(await askLine(context, "Name: ", ""), "bob");
  assert.equal(outcome().stderr, "Name: bop\b \bb\n");
  assert.equal(await askLine(typing("wrong\x15ok\n").context, "", ""), "ok");
});

Deno.test("answers that were pasted at once go to their questions", async () => {
  const { context } = typing("one\rtwo\rthr", "ee\r");
  assert.equal(await askSecret(context, "", ""), "one");
  assert.equal(await askLine(context, "", ""), "two");
  assert.equal(await askSecret(context, "", ""), "three");
});

Deno.test("letters of several bytes arrive whole though the terminal cuts them", async () => {
  const { context } = openWorld({ terminal: true });
  const bytes = new TextEncoder().encode("pässwörd🐾\r");
  const pieces = ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
  const stdin = { ...context.streams.stdin, pieces };
  const world = { ...context, streams: { ...context.streams, stdin } };
  assert.equal(await askSecret(world, "", ""), "pässwörd🐾");
});

Deno.test("Ctrl-C, Ctrl-D and the end of the terminal interrupt, and raw mode ends", async () => {
  for (const keys of ["abc\x03", "\x04", "abc"]) {
    const { context, outcome } = typing(keys);
    await assert.rejects(askSecret(context, "", ""), Interrupted);
    assert.deepEqual(outcome().raw, [true, false]);
  }
});

Deno.test("without a terminal nothing is asked and nothing read", async () => {
  const { context, outcome } = openWorld({ input: ["from a pipe\n"] });
  await assert.rejects(
    askSecret(context, "Passphrase: ", "use a file"),
    (thrown) =>
      thrown instanceof PeriError && thrown.kind === "denied" && thrown.hint === "use a file",
  );
  assert.deepEqual(outcome(), { stdout: "", stderr: "", raw: [], reads: [] });
});
