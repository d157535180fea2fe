/**
 * The first screen of somebody who names no pod: theirs, to go in.
 *
 * @module
 */

import type { Frame, Seat, Span, Style, TerminalInput } from "../../model/terminal.ts";
import type { PodName } from "../../model/words.ts";
import type { Program } from "./serve.ts";

/** A pod at a glance. */
export interface Shown {
  readonly name: PodName;
  readonly about: string;
  /** How it is, in a word. */
  readonly state: string;
  /** Whether it has screens. */
  readonly hasTerminal: boolean;
}

const [PLAIN, BOLD, FAINT, CHOSEN, ALARM] = [0, 1, 2, 3, 4];
const STYLES: readonly Style[] = [
  { ink: null, paper: null, marks: [] },
  { ink: null, paper: null, marks: ["bold"] },
  { ink: null, paper: null, marks: ["faint"] },
  { ink: null, paper: null, marks: ["reverse"] },
  { ink: { tag: "palette", val: 3 }, paper: null, marks: [] },
];
/** Lines above and below the list. */
const [TOP, BELOW] = [2, 2];

/** The pods of a person. Ends with 0; then `chosen` is where they go, if they go on. */
export class HomeScreen implements Program {
  readonly name = "peri";
  chosen: PodName | undefined;
  #at = 0;
  #say = "";

  /** @param pods as they are at this moment */
  constructor(private readonly pods: () => readonly Shown[]) {}

  /** Says something below the list, until the next key. */
  say(text: string): void {
    this.#say = text;
  }

  /** Never waits. */
  show(seat: Seat, _view: string, inputs: readonly TerminalInput[]): Promise<Frame> {
    const pods = this.pods();
    let exit: number | null = null;
    this.chosen = undefined;
    for (const input of inputs) {
      if (input.tag === "key" || input.tag === "text") this.#say = "";
      if (this.#press(input, pods)) exit = 0;
    }
    this.#at = Math.max(0, Math.min(this.#at, pods.length - 1));
    const lines = this.#lines(seat, pods);
    return Promise.resolve({ styles: STYLES, lines, cursor: null, view: "", exit });
  }

  /** Whether they leave this screen. */
  #press(input: TerminalInput, pods: readonly Shown[]): boolean {
    const keys = input.tag === "text" ? [...input.val] : input.tag === "key" ? [input.val] : [];
    for (const key of keys) {
      if (key === "q" || key === "escape" || key === "ctrl-c" || key === "ctrl-d") return true;
      if (key === "up" || key === "k") this.#at--;
      if (key === "down" || key === "j") this.#at++;
      if (key === "home" || key === "g") this.#at = 0;
      if (key === "end" || key === "G") this.#at = pods.length;
      this.#at = Math.max(0, Math.min(this.#at, pods.length - 1));
      if (key !== "enter" && key !== "right" && key !== "l") continue;
      const pod = pods[this.#at];
      if (pod?.hasTerminal) {
        this.chosen = pod.name;
        return true;
      }
      if (pod) this.#say = `${pod.name} has no screens; its words: ssh … ${pod.name} help`;
    }
    return false;
  }

  #lines({ columns, rows }: Seat, pods: readonly Shown[]): Span[][] {
    const room = Math.max(1, rows - TOP - BELOW);
    const first = Math.max(0, Math.min(this.#at - room + 1, pods.length - room));
    const width = Math.max(0, ...pods.map(({ name }) => name.length)) + 2;
    const shown = pods.slice(first, first + room).map((pod, at) => {
      const isChosen = first + at === this.#at;
      const text = `${isChosen ? " ❯ " : "   "}${pod.name.padEnd(width)}`;
      const state = pod.state === "running" || pod.state === "resting" ? "" : `  (${pod.state})`;
      return [
        { text, style: isChosen ? BOLD : pod.hasTerminal ? PLAIN : FAINT },
        { text: pod.about, style: isChosen && pod.hasTerminal ? PLAIN : FAINT },
        { text: state, style: ALARM },
      ];
    });
    const title = " peri";
    const below: Span[][] = Array.from({ length: Math.max(0, room - shown.length) }, () => []);
    const empty = [{ text: "   You have no pods here yet: peri pod install hey", style: FAINT }];
    if (pods.length === 0) below[0] = empty;
    const keys = " ↑↓ choose · enter go in · q leave";
    return [
      [{ text: title.padEnd(columns), style: CHOSEN }],
      [],
      ...shown,
      ...below,
      [{ text: this.#say === "" ? "" : ` ${this.#say}`, style: ALARM }],
      [{ text: keys, style: FAINT }],
    ].slice(0, rows);
  }
}
