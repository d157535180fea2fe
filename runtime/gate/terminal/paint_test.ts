import assert from "node:assert/strict";
import type { Frame, Seat, Style } from "../../model/terminal.ts";
import { coloursOf } from "../../model/terminal.ts";
import { formatStyle } from "./colours.ts";
import { Painter } from "./paint.ts";

const SEAT: Seat = { columns: 20, rows: 4, colours: 16 };
const PLAIN: Style = { ink: null, paper: null, marks: [] };

function frame(...lines: string[]): Frame {
  const spans = lines.map((text) => [{ text, style: 0 }]);
  return { styles: [PLAIN], lines: spans, cursor: null, view: "", exit: null };
}

/** What is written between the frames of an update. */
function changes(painted: string): string {
  // deno-lint-ignore no-control-regex -- the terminal's words
  return /\x1b\[\?2026h\x1b\[\?25l(.*)\x1b\[0m(?:\x1b\[\d+;\d+H\x1b\[\?25h)?\x1b\[\?2026l$/s
    .exec(painted)![1]!;
}

Deno.test("a terminal is taken with the first frame and given back as it was", () => {
  const painter = new Painter();
  assert.equal(painter.leave(), "", "it was not taken");
  const first = painter.paint(frame("one"), SEAT);
  assert.ok(first.startsWith("\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?25l"));
  assert.equal(painter.leave(), "\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?7h\x1b[?1049l");
  assert.equal(painter.leave(), "");
});

Deno.test("what has not changed is not written again", () => {
  const painter = new Painter();
  painter.paint(frame("one", "two", "three"), SEAT);
  assert.equal(changes(painter.paint(frame("one", "two", "three"), SEAT)), "");
  assert.equal(
    changes(painter.paint(frame("one", "twice", "three"), SEAT)),
    "\x1b[2;3H\x1b[0m\x1b[K\x1b[0mice",
  );
  assert.equal(changes(painter.paint(frame("one", "twice"), SEAT)), "\x1b[3;1H\x1b[0m\x1b[K");
});

Deno.test("behind letters of unsure width a line is written from its start", () => {
  const painter = new Painter();
  painter.paint(frame("日本 a"), SEAT);
  assert.equal(
    changes(painter.paint(frame("日本 b"), SEAT)),
    "\x1b[1;1H\x1b[0m\x1b[K\x1b[0m日本 b",
  );
});

Deno.test("another size is painted whole", () => {
  const painter = new Painter();
  painter.paint(frame("one"), SEAT);
  const again = painter.paint(frame("one"), { ...SEAT, columns: 30 });
  assert.equal(changes(again), "\x1b[0m\x1b[2J\x1b[1;1H\x1b[0m\x1b[K\x1b[0mone");
});

Deno.test("no text of a pod commands the terminal", () => {
  const hostile = "\x1b]52;c;AAAA\x07\x9b31m\x1b[2J\x08\r\n\u202eevil\u2028\ud800";
  const written = changes(new Painter().paint(frame(hostile), SEAT));
  assert.equal(written, "\x1b[1;1H\x1b[0m\x1b[K\x1b[0m]52;c;AAAA31m[2Jevil\ufffd");
});

Deno.test("colours are those that the terminal has, or the nearest", () => {
  const style: Style = {
    ink: { tag: "rgb", val: [255, 135, 0] },
    paper: { tag: "palette", val: 12 },
    marks: ["bold", "reverse"],
  };
  assert.equal(formatStyle(style, 16_777_216), "\x1b[0;1;7;38;2;255;135;0;104m");
  assert.equal(formatStyle(style, 256), "\x1b[0;1;7;38;5;208;104m");
  assert.equal(formatStyle(style, 16), "\x1b[0;1;7;33;104m");
  assert.equal(formatStyle(style, 0), "\x1b[0;1;7m");
  const grey: Style = { ink: { tag: "palette", val: 255 }, paper: null, marks: [] };
  assert.equal(formatStyle(grey, 16), "\x1b[0;37m");
});

Deno.test("a terminal's name and surroundings say how many colours it has", () => {
  const of = (term: string, env: Record<string, string> = {}) =>
    coloursOf(term, (name) => env[name]);
  assert.equal(of("xterm-256color"), 256);
  assert.equal(of("xterm-256color", { COLORTERM: "truecolor" }), 16_777_216);
  assert.equal(of("xterm-256color", { COLORTERM: "truecolor", NO_COLOR: "1" }), 0);
  assert.equal(of("xterm"), 16);
  assert.equal(of("vt100"), 0);
  assert.equal(of(""), 0);
});
