import assert from "node:assert/strict";
import { MemoryClock, settled } from "../../adapters/memory/clock.ts";
import { decodeUtf8, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { formatSize, type Frame, type Seat, type TerminalInput } from "../../model/terminal.ts";
import { parsePodName } from "../../model/words.ts";
import { Input } from "../control/input.ts";
import { HomeScreen } from "./home.ts";
import { Left, type Program, Sitting } from "./serve.ts";

const SEAT: Seat = { columns: 20, rows: 3, colours: 0 };
const TAKEN = "\x1b[?1049h";
const GIVEN = "\x1b[?1049l";

/** A terminal in memory, with somebody who types. */
class Desk {
  readonly input = new Input();
  readonly leaving = new AbortController();
  readonly clock = new MemoryClock();
  written = "";
  /** While it is set nobody reads. */
  stalled: Promise<void> | undefined;
  readonly sitting: Sitting;

  constructor() {
    const write = async (bytes: Uint8Array) => {
      this.written += decodeUtf8(bytes);
      await this.stalled;
    };
    const tty = { input: this.input, gone: this.leaving.signal, write };
    this.sitting = new Sitting(tty, this.clock, SEAT);
  }

  async type(text: string): Promise<void> {
    await this.input.push(encodeUtf8(text));
    await rest();
  }
}

const NEVER = new Promise<never>(() => {});

/** Everything that can happen without time passing has happened. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settled();
}

function frameOf(text: string, view = "", exit: number | null = null): Frame {
  const style = { ink: null, paper: null, marks: [] };
  return { styles: [style], lines: [[{ text, style: 0 }]], cursor: null, view, exit };
}

/** Shows what it has been told. */
class Echo implements Program {
  readonly name = "echo";
  readonly told: TerminalInput[] = [];
  changed = () => {};
  watching = 0;

  async show(seat: Seat, view: string, inputs: readonly TerminalInput[]): Promise<Frame> {
    this.told.push(...inputs);
    const said = inputs.map((one) => "val" in one ? String(one.val) : one.tag).join("");
    await Promise.resolve();
    const exit = said.includes("q") ? 7 : null;
    return frameOf(`${view}${said} ${seat.columns}`, `${view}${said}`, exit);
  }

  watch(changed: () => void): () => void {
    this.changed = changed;
    this.watching++;
    return () => this.watching--;
  }
}

Deno.test("keys go to the program, its screens come back, and it leaves with its exit code", async () => {
  const [desk, echo] = [new Desk(), new Echo()];
  const code = desk.sitting.run(echo, ["alice"]);
  await rest();
  assert.match(desk.written, /alice 20/);
  await desk.type("a");
  assert.match(desk.written, /alicea 20|a 20/);
  await desk.type("q");
  assert.equal(await code, 7);
  await desk.sitting.leave();
  assert.ok(desk.written.includes(TAKEN) && desk.written.endsWith(GIVEN));
  assert.equal(echo.watching, 0);
});

Deno.test("what is typed while a program works comes together, with the newest size", async () => {
  const desk = new Desk();
  const answers: PromiseWithResolvers<Frame>[] = [];
  const told: [number, readonly TerminalInput[]][] = [];
  const slow: Program = {
    name: "slow",
    show(seat, _view, inputs) {
      told.push([seat.columns, inputs]);
      answers.push(Promise.withResolvers());
      return answers.at(-1)!.promise;
    },
  };
  const over = desk.sitting.run(slow, []);
  await rest();
  for (const typed of ["a", "b", formatSize(40, 9), "\x1b[A", formatSize(50, 9)]) {
    await desk.type(typed);
  }
  answers[0]!.resolve(frameOf("too narrow"));
  await rest();
  assert.equal(desk.written, "", "a screen of a size that is no more is not painted");
  const [columns, inputs] = told[1]!;
  assert.equal(columns, 50);
  assert.deepEqual(inputs, [{ tag: "text", val: "ab" }, { tag: "resize" }, {
    tag: "key",
    val: "up",
  }]);
  answers[1]!.resolve(frameOf("", "", 0));
  await over;
});

Deno.test("a change of the pod's tables is shown soon, however many there are, and costs nothing else", async () => {
  const [desk, echo] = [new Desk(), new Echo()];
  const over = desk.sitting.run(echo, []);
  await rest();
  for (let turn = 0; turn < 100; turn++) echo.changed();
  await desk.clock.advance(1_000);
  await rest();
  assert.deepEqual(echo.told.map(({ tag }) => tag), ["open", "refresh"]);
  await desk.type("q");
  await over;
});

Deno.test("a program that fails, or does not answer, leaves a terminal as it was", async () => {
  const failing = new Desk();
  const fault = new PeriError("internal", { op: "run", subject: "broken" });
  const breaks: Program = {
    name: "breaks",
    show: (_seat, view) => view === "" ? Promise.resolve(frameOf("x", "y")) : Promise.reject(fault),
  };
  const failed = assert.rejects(failing.sitting.run(breaks, []), fault);
  await rest();
  await failing.type("x");
  await failed;
  await failing.sitting.leave();
  assert.ok(failing.written.endsWith(GIVEN));

  const silent = new Desk();
  const told = assert.rejects(
    silent.sitting.run({ name: "stuck", show: () => new Promise(() => {}) }, []),
    { kind: "expired", message: "cannot show a terminal: stuck has not answered for 20 s" },
  );
  await rest();
  await silent.clock.advance(20_001);
  await told;
});

Deno.test("Ctrl-C does not wait for a program that is stuck, nor for one that takes it for something else", async () => {
  const stuck = new Desk();
  const first = (view: string) => view === "" ? Promise.resolve(frameOf("x", "y")) : NEVER;
  const sticks = { name: "stuck", show: (_: Seat, view: string) => first(view) };
  const left = assert.rejects(stuck.sitting.run(sticks, []), Left);
  await rest();
  await stuck.type("a");
  await stuck.clock.advance(1_500);
  await rest();
  assert.match(stuck.written, /\[3;1H.* stuck is busy/);
  await stuck.type("\x03");
  await left;
  const stubborn = new Desk();
  const over = assert.rejects(stubborn.sitting.run(new Echo(), []), Left);
  for (let turn = 0; turn < 3; turn++) await stubborn.type("\x03");
  await over;
});

Deno.test("whoever goes away, or never reads, ends what is shown to them", async () => {
  const gone = new Desk();
  const echo = new Echo();
  const left = assert.rejects(gone.sitting.run(echo, []), Left);
  await rest();
  gone.leaving.abort();
  await left;
  assert.equal(echo.watching, 0);

  const deaf = new Desk();
  deaf.stalled = new Promise(() => {});
  const over = assert.rejects(deaf.sitting.run(new Echo(), []), Left);
  await rest();
  await deaf.type("x".repeat(50_000));
  const size = deaf.written.length;
  await deaf.clock.advance(60_001);
  await over;
  assert.equal(deaf.written.length, size, "nothing was written on top of what nobody reads");
  const leaving = deaf.sitting.leave();
  await rest();
  await deaf.clock.advance(1_001);
  await leaving;
});

Deno.test("an Escape is a key once nothing has followed it", async () => {
  const [desk, echo] = [new Desk(), new Echo()];
  const over = desk.sitting.run(echo, []);
  await rest();
  await desk.type("\x1b");
  assert.equal(echo.told.length, 1);
  await desk.clock.advance(50);
  await rest();
  assert.deepEqual(echo.told[1], { tag: "key", val: "escape" });
  await desk.type("q");
  await over;
});

Deno.test("the first screen lists pods, and one with screens is gone into", async () => {
  const pods = [
    { name: parsePodName("clock"), about: "Tells the time", state: "stopped", hasTerminal: false },
    { name: parsePodName("hey"), about: "Letters", state: "resting", hasTerminal: true },
  ];
  const home = new HomeScreen(() => pods);
  const seat = { columns: 60, rows: 12, colours: 0 } as const;
  const press = (...keys: string[]) =>
    home.show(seat, "", keys.map((val) => ({ tag: "key", val } as const)));
  const textOf = ({ lines }: Frame) =>
    lines.map((line) => line.map(({ text }) => text).join("").trimEnd()).join("\n");
  const first = await home.show(seat, "", [{ tag: "open", val: [] }]);
  assert.match(
    textOf(first),
    /^ peri\n\n ❯ clock {2}Tells the time {2}\(stopped\)\n {3}hey {4}Letters/,
  );
  assert.equal(first.lines.length, 12);
  assert.match(textOf(await press("enter")), /clock has no screens/);
  const { exit } = await press("down", "down", "enter");
  assert.deepEqual([exit, home.chosen], [0, "hey"]);
  assert.deepEqual([(await press("q")).exit, home.chosen], [0, undefined]);
});
