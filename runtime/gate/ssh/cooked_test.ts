import { deepEqual, equal } from "node:assert/strict";
import { decodeUtf8, encodeUtf8 } from "../../model/bytes.ts";
import { Input } from "../control/input.ts";
import { cooked } from "./cooked.ts";

/** A terminal on which something is typed; what is shown is collected. */
function terminal() {
  const typed = new Input();
  const gone = new AbortController();
  let shown = "";
  const screen = cooked({
    incoming: typed,
    interrupted: gone.signal,
    close() {},
    write: (_fd, bytes) => Promise.resolve(void (shown += decodeUtf8(bytes))),
  });
  const press = async (keys: string) => {
    await typed.push(encodeUtf8(keys));
    await new Promise((taken) => setTimeout(taken));
  };
  return { screen, press, gone, end: () => typed.end(), shown: () => shown };
}

async function linesOf(input: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of input) lines.push(decodeUtf8(line));
  return lines;
}

Deno.test("lines are given as they are ended, and shown as they are typed", async () => {
  const { screen, press, shown } = terminal();
  const lines = linesOf(screen.input);
  await press("hé");
  await press("llo\rtw\bwo\nrest\x04\x04ignored");
  deepEqual(await lines, ["héllo\n", "two\n", "rest"]);
  equal(shown().startsWith("héllo\r\ntw\b \bwo\r\nrest"), true, JSON.stringify(shown()));
});

Deno.test("a character of several bytes is rubbed out as one, and nothing before the line", async () => {
  const { screen, press, shown } = terminal();
  const lines = linesOf(screen.input);
  await press("aé\x7f\x7f\x7fb\r\x04");
  deepEqual(await lines, ["b\n"]);
  equal(shown(), "aé\b \b\b \bb\r\n");
});

Deno.test("Ctrl-C interrupts and takes the line away; whoever is gone interrupts too", async () => {
  const { screen, press } = terminal();
  const lines = linesOf(screen.input);
  await press("half\x03whole\r\x04");
  equal(screen.interrupted.aborted, true);
  deepEqual(await lines, ["whole\n"]);
  const other = terminal();
  other.gone.abort();
  equal(other.screen.interrupted.aborted, true);
  other.end();
});

Deno.test("a raw terminal gives every key as it is and shows none", async () => {
  const { screen, press, end, shown } = terminal();
  screen.setRaw(true);
  const keys = linesOf(screen.input);
  await press("y\x03\r");
  end();
  deepEqual(await keys, ["y\x03\r"]);
  equal(shown(), "");
  equal(screen.interrupted.aborted, false);
});

Deno.test("control characters are no part of a line, and a line does not grow without end", async () => {
  const { screen, press } = terminal();
  const lines = linesOf(screen.input);
  await press(`a\x1b\x00b\t${"x".repeat(10_000)}\r\x04`);
  const [line] = await lines;
  equal(line!.startsWith("ab\t"), true);
  equal(line!.length, 4_097);
});
