/**
 * A pod's terminal, made of screens: takes what has happened, in order, and shows what there is then.
 *
 * @module
 */

import { cleanText } from "../text/clean.ts";
import type { Json } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { draw, extentOf } from "./draw.ts";
import { edit, EMPTY, insert } from "./edit.ts";
import { footOf, helpLines, isGeneral } from "./help.ts";
import { formatFrame, type Line, type WireFrame } from "./look.ts";
import { formatMemory, type Memory, parseMemory, type Stop, stopOf } from "./memory.ts";
import { type Key, type Part, type Screen, scroll, type Seat, text, type Turn } from "./screen.ts";

/** What has happened, as the periphery tells it. */
export type Input =
  | { tag: "open"; val: string[] }
  | { tag: "key" | "text" | "paste"; val: string }
  | { tag: "resize" | "refresh" };

/** The screens of a pod. */
export interface ScreensOf {
  /** By name. */
  readonly screens: Readonly<Record<string, Screen>>;
  /**
   * Where somebody begins who comes with these words: the screens on the way, at least one.
   *
   * @throws {Refusal} which is shown on `home`.
   */
  start(argv: readonly string[]): Promise<readonly (readonly [screen: string, state: Json])[]>;
  /** The screen on which a refused start ends. */
  readonly home: readonly [screen: string, state: Json];
  /** Told apart from those of other versions, which have other states. */
  readonly version: string;
}

/** Most of what is typed in one place, in UTF-16 units. */
const MAX_TYPED = 6_000;

/** Shows what there is after what has happened. Made anew for each run. */
export class Screens {
  #memory: Memory;
  #seat: Seat = { columns: 80, rows: 24, colours: 0 };
  #exit: number | undefined;

  constructor(private readonly run: Run, private readonly own: ScreensOf) {
    this.#memory = { stops: [stopOf(...own.home)] };
  }

  /** `peri:face/terminal#show`. */
  async show(seat: Seat, view: string, inputs: readonly Input[]): Promise<WireFrame> {
    this.#seat = seat;
    const memory = parseMemory(view, this.own.version);
    if (memory !== undefined) this.#memory = memory;
    else if (inputs[0]?.tag !== "open") await this.#open([]);
    for (const input of inputs) {
      if (this.#exit !== undefined) break;
      await this.#take(input);
    }
    return await this.#frame();
  }

  async #take(input: Input): Promise<void> {
    if (input.tag === "open") return await this.#open(input.val);
    if (input.tag === "refresh") return this.#change({ data: undefined });
    if (input.tag === "key") return await this.#press(input.val);
    if (input.tag !== "text" && input.tag !== "paste") return;
    const takesText = await this.#takesText();
    const isOver = this.#memory.isHelp === true || this.#memory.asked !== undefined;
    if (takesText && !isOver) return this.#type(input.val);
    if (input.tag === "paste") return;
    for (const letter of input.val) {
      // What one letter does may lead to where text is typed.
      if (await this.#takesText() && !this.#memory.isHelp) this.#type(letter);
      else await this.#press(letter);
    }
  }

  async #open(argv: readonly string[]): Promise<void> {
    const { own } = this;
    try {
      const stops = (await own.start(argv)).map(([screen, state]) => stopOf(screen, state));
      this.#memory = { stops };
    } catch (thrown) {
      this.#memory = { stops: [stopOf(...own.home)], said: await this.#sayRefusal(thrown) };
    }
  }

  get #stop(): Stop {
    return this.#memory.stops.at(-1)!;
  }

  get #screen(): Screen {
    return this.own.screens[this.#stop.screen] ?? LOST;
  }

  #change(change: Partial<Memory>): void {
    this.#memory = { ...this.#memory, ...change };
  }

  #move(change: Partial<Stop>): void {
    const stops = [...this.#memory.stops.slice(0, -1), { ...this.#stop, ...change }];
    this.#change({ stops });
  }

  async #data(): Promise<unknown> {
    const { data } = this.#memory;
    if (data !== undefined) return data;
    const { state } = this.#stop;
    const loaded = await this.#screen.load(state, this.#seat) ?? null;
    this.#change({ data: loaded, takesText: undefined });
    const after = await this.#screen.seen?.(loaded, state);
    if (after !== undefined) this.#move({ state: after });
    return loaded;
  }

  async #parts(): Promise<readonly Part[]> {
    return this.#screen.view(
      await this.#data(),
      this.#stop.state,
      this.#seat,
      this.#stop.typing.text,
    );
  }

  async #takesText(): Promise<boolean> {
    const { takesText, data } = this.#memory;
    if (takesText !== undefined && data !== undefined) return takesText;
    try {
      return isTyped(await this.#parts());
    } catch {
      // What is wrong is shown with the screen.
      return false;
    }
  }

  #type(more: string): void {
    this.#change({ said: undefined });
    const clean = cleanText(more);
    // What is found by what is typed begins anew.
    this.#move({ typing: insert(this.#stop.typing, clean, MAX_TYPED), at: 0 });
  }

  async #press(key: string): Promise<void> {
    const { isHelp, asked } = this.#memory;
    this.#change({ said: undefined, isHelp: false, asked: undefined });
    if (isHelp) return;
    try {
      if (asked !== undefined) {
        if (key === "y" || key === "Y") await this.#do(asked, true);
        return;
      }
      if (await this.#do(key, false)) return;
      await this.#moveBy(key);
    } catch (thrown) {
      this.#change({ said: await this.#sayRefusal(thrown), data: undefined });
      if (isGeneral(key)) this.#general(key, true);
    }
  }

  /** Does what a key of the screen does; whether there is one. */
  async #do(pressed: string, isSure: boolean): Promise<boolean> {
    const data = await this.#data();
    const { state } = this.#stop;
    const key = this.#screen.keys(data, state).find(({ keys }) => keys.includes(pressed));
    if (key === undefined) return false;
    if (key.asks !== undefined && !isSure) {
      this.#change({ asked: pressed });
      return true;
    }
    await key.does(this.#turn(data, state));
    this.#change({ data: undefined });
    return true;
  }

  #turn(data: unknown, state: Json): Turn {
    const { at, typing } = this.#stop;
    const push = (stop: Stop, from?: number) =>
      this.#change({ stops: [...this.#memory.stops.slice(0, from), stop], data: undefined });
    return {
      data,
      state,
      at,
      text: typing.text,
      go: (screen, state, typed) => push(stopOf(screen, state, typed)),
      become: (screen, state) => push(stopOf(screen, state), -1),
      back: () => this.#back(),
      stay: (state) => this.#move({ state, typing: EMPTY }),
      say: (text) => this.#change({ said: { text, isAlarm: false } }),
      leave: (code = 0) => this.#exit = code,
    };
  }

  #back(): void {
    const stops = this.#memory.stops.slice(0, -1);
    if (stops.length === 0) this.#exit = 0;
    else this.#change({ stops, data: undefined });
  }

  async #moveBy(key: string): Promise<void> {
    const parts = await this.#parts();
    const takesText = isTyped(parts);
    if (takesText && key === "alt-enter") return this.#type("\n");
    const typing = takesText ? edit(this.#stop.typing, key) : undefined;
    if (typing !== undefined) return this.#move({ typing, at: 0 });
    const extent = extentOf(parts, this.#seat.columns);
    const isList = parts.some(({ kind }) => kind === "list");
    if (extent !== undefined && this.#scroll(key, extent, isList, takesText, parts)) return;
    this.#general(key, takesText);
  }

  #scroll(
    key: string,
    extent: number,
    isList: boolean,
    takesText: boolean,
    parts: readonly Part[],
  ): boolean {
    const page = Math.max(1, this.#seat.rows - 4);
    const step = (takesText ? undefined : LETTERS[key]) ?? STEPS[key];
    if (step === undefined) return false;
    const isFromEnd = parts.some((part) => part.kind === "scroll" && part.isFromEnd);
    const by = step === "page" ? page : step === "-page" ? -page : step;
    const { at, top } = this.#stop;
    const next = (isList ? at : top) + (isFromEnd ? -by : by);
    const most = Math.max(0, extent - 1);
    const bounded = Math.max(0, Math.min(next, most));
    this.#move(isList ? { at: bounded } : { top: bounded });
    return true;
  }

  #general(key: string, takesText: boolean): void {
    if (key === "ctrl-c") this.#exit = 0;
    else if (key === "f1" || key === "?" && !takesText) this.#change({ isHelp: true });
    else if (key === "ctrl-d" && this.#stop.typing.text === "") this.#back();
    else if (key === "escape" || !takesText && (key === "q" || key === "left")) this.#back();
  }

  async #sayRefusal(thrown: unknown): Promise<NonNullable<Memory["said"]>> {
    if (!(thrown instanceof Refusal)) throw thrown;
    await this.run.undo();
    const hint = thrown.hint ? ` · ${thrown.hint}` : "";
    return { text: `${thrown.subject}${hint}`, isAlarm: true };
  }

  async #frame(): Promise<WireFrame> {
    if (this.#exit !== undefined) {
      return { styles: [], lines: [], view: "", exit: this.#exit };
    }
    try {
      return await this.#draw();
    } catch (thrown) {
      const said = await this.#sayRefusal(thrown);
      return this.#paint([text([[said.text, { ink: "yellow" }]])], [], "");
    }
  }

  async #draw(): Promise<WireFrame> {
    const data = await this.#data();
    const { state } = this.#stop;
    const keys = this.#screen.keys(data, state);
    const parts = await this.#parts();
    const title = this.#screen.title(data, state);
    const takesText = isTyped(parts);
    this.#change({ takesText });
    const shown = this.#memory.isHelp ? [scroll(helpLines(keys, takesText))] : parts;
    return this.#paint(shown, keys, title);
  }

  #paint(parts: readonly Part[], keys: readonly Key[], title: string): WireFrame {
    const { said, asked, isHelp } = this.#memory;
    const question = asked && keys.find(({ keys }) => keys.includes(asked))?.asks;
    const takesText = isTyped(parts);
    const foot: Line = question
      ? [[` ${question} `, { bold: true }], "y to do it, anything else not to"]
      : said
      ? [[` ${said.text}`, said.isAlarm ? { ink: "yellow" } : { ink: "green" }]]
      : footOf(isHelp ? [] : keys, takesText, this.#memory.stops.length > 1);
    const name: Line = [[` ${this.run.pod}`, { bold: true }], title === "" ? "" : ` › ${title}`];
    const spot = this.#memory.isHelp ? { at: 0, top: 0, typing: EMPTY } : this.#stop;
    const drawn = draw(parts, spot, { title: name, foot }, this.#seat);
    if (!isHelp) this.#move({ top: drawn.top });
    return {
      ...formatFrame(drawn.lines, this.#seat.columns),
      ...(drawn.cursor !== undefined && { cursor: drawn.cursor }),
      view: formatMemory(this.#memory, this.own.version),
    };
  }
}

function isTyped(parts: readonly Part[]): boolean {
  return parts.some(({ kind }) => kind === "input");
}

type Step = number | "page" | "-page";

const STEPS: Readonly<Record<string, Step | undefined>> = {
  "up": -1,
  "down": 1,
  "ctrl-p": -1,
  "ctrl-n": 1,
  "page-up": "-page",
  "page-down": "page",
  "home": -Infinity,
  "end": Infinity,
  "ctrl-home": -Infinity,
  "ctrl-end": Infinity,
};
const LETTERS: Readonly<Record<string, Step | undefined>> = {
  "k": -1,
  "j": 1,
  " ": "page",
  "b": "-page",
  "g": -Infinity,
  "G": Infinity,
};

/** A state names a screen that there is no more. */
const LOST: Screen = {
  title: () => "",
  load: () => Promise.resolve(null),
  view: () => [text("This screen is no more; Escape leads back.")],
  keys: () => [],
};
