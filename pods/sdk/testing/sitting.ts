/**
 * Somebody at the terminal of a pod, without one: keys go in, and the screen is text.
 *
 * @module
 */

import type { Ended, FakePeriphery } from "./fake.ts";

/** A screen as it travels. */
interface Shown {
  readonly lines: readonly (readonly { readonly text: string }[])[];
  readonly cursor: { readonly column: number; readonly row: number } | null;
  readonly view: string;
  readonly exit: number | null;
}

/** Keys by name in brackets, `[enter]`; everything else is typed. */
const TYPED = /\[([a-z0-9-]+)\]|([^[]+|\[)/g;

/** Sits at a terminal of 80 columns and 24 rows, unless told otherwise. */
export class Sitting {
  #view = "";
  #shown: Shown = { lines: [], cursor: null, view: "", exit: null };

  constructor(
    private readonly pod: FakePeriphery,
    readonly seat = { columns: 80, rows: 24, colours: 16 },
  ) {}

  /** Comes with words. */
  open(...words: string[]): Promise<string> {
    return this.#show([{ tag: "open", val: words }]);
  }

  /** Types `abc[enter]`. Resolves to the screen. */
  async type(typed: string): Promise<string> {
    for (const [, key, text] of typed.matchAll(TYPED)) {
      await this.#show([key ? { tag: "key", val: key } : { tag: "text", val: text }]);
    }
    return this.screen;
  }

  /** The tables may have changed. */
  refresh(): Promise<string> {
    return this.#show([{ tag: "refresh" }]);
  }

  /** Lines of the screen, without blanks at their ends. */
  get screen(): string {
    const lines = this.#shown.lines.map((line) => line.map(({ text }) => text).join("").trimEnd());
    return lines.join("\n");
  }

  /** The exit code, once they have left. */
  get exit(): number | null {
    return this.#shown.exit;
  }

  /** Where text would be typed. */
  get cursor(): Shown["cursor"] {
    return this.#shown.cursor;
  }

  /** What the periphery keeps. */
  get view(): string {
    return this.#view;
  }

  async #show(inputs: readonly unknown[]): Promise<string> {
    const args = JSON.stringify([this.seat, this.#view, inputs]);
    const caller = { person: this.pod.owner };
    const { ended } = this.pod.begin(caller, "peri:face/terminal", "show", args);
    const { result, failure }: Ended = await ended;
    if (failure !== undefined) throw new Error(`${failure.kind}: ${failure.subject}`);
    this.#shown = result as unknown as Shown;
    this.#view = this.#shown.view;
    return this.screen;
  }
}
