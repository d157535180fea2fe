import assert from "node:assert/strict";
import { draw, extentOf } from "./draw.ts";
import { edit, EMPTY, insert } from "./edit.ts";
import { cutLine, formatFrame, textOf } from "./look.ts";
import { formatMemory, parseMemory, stopOf } from "./memory.ts";
import { input, list, type Part, scroll, table, text } from "./screen.ts";
import { cut, fit, widthOf, wrap } from "./width.ts";

const SEAT = { columns: 20, rows: 8, colours: 16 };
const AROUND = { title: [" pod"], foot: [" keys"] };

function shown(parts: readonly Part[], spot: Partial<Parameters<typeof draw>[1]> = {}) {
  const drawn = draw(parts, { at: 0, top: 0, typing: EMPTY, ...spot }, AROUND, SEAT);
  return { ...drawn, text: drawn.lines.map((line) => textOf(line).trimEnd()) };
}

Deno.test("wide letters take two columns, marks none, and emoji are one place", () => {
  const widths: [string, number][] = [
    ["abc", 3],
    ["日本語", 6],
    ["e\u0301", 1],
    ["한국", 4],
    ["👍🏽", 2],
    ["👩‍👩‍👧", 2],
    ["🇩🇪🇫🇷", 4],
    ["❤\ufe0f", 2],
    ["ｱ", 1],
    ["Ａ", 2],
    ["\u200b", 0],
  ];
  for (const [text, width] of widths) assert.equal(widthOf(text), width, text);
});

Deno.test("text is cut, filled and broken by columns, never through a letter", () => {
  assert.equal(cut("日本語です", 7), "日本語…");
  assert.equal(cut("日本語です", 6), "日本…");
  assert.equal(fit("日本", 6), "日本  ");
  assert.equal(cut("abc", 0), "");
  assert.equal(cut("👩‍👩‍👧👩‍👩‍👧", 3), "👩‍👩‍👧…");
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("日本語です", 4), ["日本", "語で", "す"]);
  assert.deepEqual(wrap("a verylongwordindeed b", 8), ["a", "verylong", "wordinde", "ed b"]);
  assert.deepEqual(wrap("one\n\n two", 9), ["one", "", " two"]);
});

Deno.test("what is typed is changed by keys, letter by letter as people see them", () => {
  const typed = insert(EMPTY, "né\u0301e 👍🏽", 100);
  assert.equal(typed.at, typed.text.length);
  const press = (...keys: string[]) => keys.reduce((at, key) => edit(at, key)!, typed);
  assert.equal(press("backspace").text, "né\u0301e ");
  assert.equal(press("left", "left", "left", "backspace").text, "ne 👍🏽");
  assert.equal(press("ctrl-w").text, "né\u0301e ");
  assert.deepEqual(press("ctrl-a", "delete").text, "é\u0301e 👍🏽");
  assert.deepEqual(press("ctrl-a", "ctrl-k"), { text: "", at: 0 });
  assert.equal(edit(typed, "f1"), undefined);
  assert.equal(insert(EMPTY, "x".repeat(50), 10).text.length, 10);
  const lines = { text: "one\ntwo", at: 5 };
  assert.equal(edit(lines, "home")!.at, 4);
  assert.equal(edit(lines, "ctrl-u")!.text, "one\nwo");
  assert.equal(edit({ text: "\na", at: 0 }, "home")!.at, 0);
});

Deno.test("a list keeps what is chosen in sight, and says when it is empty", () => {
  const rows = Array.from({ length: 30 }, (_, at) => `row ${at}`);
  assert.deepEqual(shown([list(rows)]).text.slice(1, 4), [" row 0", " row 1", " row 2"]);
  const low = shown([list(rows)], { at: 12 });
  assert.equal(low.text[6], " row 12");
  assert.equal(low.top, 7);
  assert.equal(shown([list(rows)], { at: 8, top: 7 }).text[1], " row 7", "it does not jump");
  assert.equal(shown([list(rows)], { at: 99 }).text[6], " row 29");
  assert.equal(shown([list([], "no rows")]).text[1], " no rows");
  const chosen = draw([list(rows)], { at: 1, top: 0, typing: EMPTY }, AROUND, SEAT).lines[2]!;
  assert.equal(textOf(chosen).length, 20, "over the whole width");
});

Deno.test("columns are as wide as their cells, and no wider than they may be", () => {
  const part = table([["日本", "x", "end"], ["ab", ["y"], "z"]]);
  assert.deepEqual(shown([part]).text.slice(1, 3), [" 日本  x  end", " ab    y  z"]);
  const narrow = table([["a very long name", "x"]], { most: 6 });
  assert.equal(shown([narrow]).text[1], " a ver…  x");
});

Deno.test("the part that takes the room leaves what the others need", () => {
  const typing = { text: "hello", at: 5 };
  const { text: lines, cursor } = shown(
    [text("head"), scroll(["1", "2", "3", "4", "5", "6"]), input(">")],
    { typing },
  );
  assert.deepEqual(lines, [" pod", "head", "1", "2", "3", "4", " > hello", " keys"]);
  assert.deepEqual(cursor, { column: 8, row: 6 });
  const end = shown([scroll(["1", "2", "3", "4", "5", "6", "7"], { isFromEnd: true })]);
  assert.deepEqual(end.text.slice(1, 7), ["2", "3", "4", "5", "6", "7"]);
  assert.equal(extentOf([text("x"), scroll(["a b c d e f g h i j k l"])], 11), 2);
});

Deno.test("what is typed goes on in the next line, and the cursor with it", () => {
  const typing = { text: "0123456789abcdefgh", at: 18 };
  const { text: lines, cursor } = shown([input(">")], { typing });
  assert.deepEqual(lines.slice(1, 3), [" > 0123456789abcdef", "   gh"]);
  assert.deepEqual(cursor, { column: 5, row: 2 });
  assert.equal(shown([input(">", "type here")]).text[1], " > type here");
});

Deno.test("a seat of any size is drawn, and no line of a frame is too long", () => {
  for (const [columns, rows] of [[1, 1], [3, 2], [200, 3], [10, 60]] as const) {
    const seat = { ...SEAT, columns, rows };
    const parts = [text("日本語 text that is long"), list(["row"]), input("label")];
    const { lines } = draw(parts, { at: 0, top: 0, typing: EMPTY }, AROUND, seat);
    const frame = formatFrame(lines, columns);
    assert.ok(frame.lines.length <= rows);
    for (const line of frame.lines) {
      assert.ok(widthOf(line.map(({ text }) => text).join("")) <= columns);
    }
  }
});

Deno.test("looks stand once in a frame, and what commands a terminal nowhere", () => {
  const bold = { bold: true };
  const frame = formatFrame([["a", ["b", bold], ["c", { bold: true }]], [["d", {
    ink: "#ff8800",
  }]]], 9);
  assert.deepEqual(frame.styles.length, 3);
  assert.deepEqual(frame.lines, [[{ text: "a", style: 0 }, { text: "bc", style: 1 }], [
    { text: "d", style: 2 },
  ]]);
  assert.deepEqual(frame.styles[2], { ink: { tag: "rgb", val: [255, 136, 0] }, marks: new Set() });
  assert.equal(textOf(cutLine(["a\x1b[31mb\tc\n\u202ed é"], 80)), "a[31mb c d é");
});

Deno.test("where somebody is comes back, but for another version, and is never too large", () => {
  const memory = { stops: [stopOf("home", { a: 1 })], data: ["loaded"] };
  const text = formatMemory(memory, "1.0.0");
  assert.deepEqual(parseMemory(text, "1.0.0"), memory);
  assert.equal(parseMemory(text, "1.0.1"), undefined);
  assert.equal(parseMemory("", "1.0.0"), undefined);
  const large = formatMemory({ ...memory, data: "x".repeat(20_000) }, "1.0.0");
  assert.deepEqual(parseMemory(large, "1.0.0"), { stops: memory.stops }, "it is loaded again");
  const deep = Array.from({ length: 20 }, () => stopOf("home", "y".repeat(1_000)));
  const short = formatMemory({ stops: deep }, "1.0.0");
  assert.equal(parseMemory(short, "1.0.0")!.stops.length, 1);
});
