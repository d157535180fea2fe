import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import { formatSize } from "../../model/terminal.ts";
import { Keys, type Typed } from "./keys.ts";

/** What has been pressed, in short: text in quotes. */
function read(...pieces: string[]): string[] {
  const keys = new Keys();
  return [...pieces.flatMap((piece) => keys.push(encodeUtf8(piece))), ...keys.settle()].map(
    shorten,
  );
}

function shorten(typed: Typed): string {
  if (typed.tag === "size") return `${typed.columns}x${typed.rows}`;
  return typed.tag === "key" ? `${typed.val}` : `${typed.tag} ${JSON.stringify(typed.val)}`;
}

Deno.test("keys are told by their names, text as it is", () => {
  assert.deepEqual(read("añ日👍"), ['text "añ日👍"']);
  assert.deepEqual(read("\r\n\t\x7f\b\x03\x01\x1a"), [
    "enter",
    "enter",
    "tab",
    "backspace",
    "backspace",
    "ctrl-c",
    "ctrl-a",
    "ctrl-z",
  ]);
  const sequences = "\x1b[A\x1bOB\x1b[1;5C\x1b[H\x1b[4~\x1b[5~\x1b[Z\x1bOP\x1b[24~\x1bb\x1b\x7f";
  assert.deepEqual(read(sequences), [
    "up",
    "down",
    "ctrl-right",
    "home",
    "end",
    "page-up",
    "shift-tab",
    "f1",
    "f12",
    "alt-b",
    "alt-backspace",
  ]);
});

Deno.test("a sequence may come in pieces, a letter in its bytes", () => {
  assert.deepEqual(read("\x1b", "[", "1;5", "Dx"), ["ctrl-left", 'text "x"']);
  const keys = new Keys();
  const [first, second] = [encodeUtf8("日").slice(0, 2), encodeUtf8("日").slice(2)];
  assert.deepEqual(keys.push(first), []);
  assert.deepEqual(keys.push(second), [{ tag: "text", val: "日" }]);
});

Deno.test("Escape is a key when nothing follows", () => {
  assert.deepEqual(read("\x1b"), ["escape"]);
  assert.deepEqual(read("\x1b\x1b"), ["escape", "escape"]);
  assert.deepEqual(read("\x1b["), []);
});

Deno.test("pasted lines are no keys, and command nothing", () => {
  const pasted = "one\rtwo\x03\x1b[31m\n";
  assert.deepEqual(read(`a\x1b[200~${pasted}\x1b[201~b`), [
    'text "a"',
    'paste "one\\ntwo[31m\\n"',
    'text "b"',
  ]);
  assert.deepEqual(read("\x1b[200~on", "e\x1b[20", "1~"), ['paste "one"']);
  const much = "x".repeat(100_000);
  const pieces = read(`\x1b[200~${much}`, "\x1b[201~");
  assert.equal(pieces.map((one) => JSON.parse(one.slice(6))).join(""), much);
});

Deno.test("the size of a window comes as terminals report it", () => {
  assert.deepEqual(read(`a${formatSize(100, 30)}b`), ['text "a"', "100x30", 'text "b"']);
  assert.deepEqual(read("\x1b[8;0;80t", "\x1b[8;99999999;80t"), []);
});

Deno.test("what is no key is left out, however long", () => {
  assert.deepEqual(read("\x1b[?1;2c", "\x1b[99~", "\x1bOz", "\x1b[<0;1;1M"), ["enter"]);
  const keys = new Keys();
  keys.push(encodeUtf8(`\x1b[${"1".repeat(1_000)}`));
  assert.deepEqual(keys.push(encodeUtf8("x")).length > 0, true);
  assert.equal(keys.isUndecided, false);
});
