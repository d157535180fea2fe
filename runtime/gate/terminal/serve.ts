/**
 * Somebody sits at a terminal: their keys go to a program, its screens come back, and whatever becomes
 * of it the terminal is left as it was.
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import {
  type Colours,
  type Frame,
  type Seat,
  seatOf,
  type TerminalInput,
} from "../../model/terminal.ts";
import type { Clock } from "../../ports/clock.ts";
import { Keys, type Typed } from "./keys.ts";
import { Painter } from "./paint.ts";

/** An Escape that nothing has followed in this time is the key. */
const ESCAPE_MS = 40;
/** A program that has not answered by then does not. */
const ANSWER_MS = 20_000;
/** From then on Ctrl-C does not wait for it. */
const PATIENCE_MS = 1_000;
/** Somebody who reads nothing in this time is not there. */
const READ_MS = 60_000;
/** Between two looks at what changes all the time, and so many times what a look takes. */
const [REFRESH_MS, REFRESH_TIMES] = [150, 8];
/** Keys that wait while a program is busy, as UTF-16 units; more are not read yet. */
const MAX_WAITING = 65_536;
/** An abort without a reason makes one, with where it was, each time. */
const OVER = "over";
/** Pressed so often in a row Ctrl-C ends a program that takes it for something else. */
const INSIST = 3;

/** The other end of a terminal. */
export interface Tty {
  /** What is typed, and `formatSize` when the window changes; ends when they are gone. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Aborts when they are gone. */
  readonly gone: AbortSignal;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
}

/** What shows screens. */
export interface Program {
  /** What people call it. */
  readonly name: string;
  /** As `peri:face/terminal`. @param signal aborts when nobody waits for it any more */
  show(
    seat: Seat,
    view: string,
    inputs: readonly TerminalInput[],
    signal: AbortSignal,
  ): Promise<Frame>;
  /** Tells when it may have something else to show; returns how to stop telling. */
  watch?(changed: () => void): () => void;
}

/** A terminal with somebody at it. */
export class Sitting {
  readonly #keys = new Keys();
  readonly #painter = new Painter();
  readonly #end = new AbortController();
  #waiting: TerminalInput[] = [];
  #waitingLength = 0;
  #changed = Promise.withResolvers<void>();
  #seat: Seat;
  /** Why nothing is waited for any more. */
  #why: Error | undefined;
  /** Ends the wait that is under way. */
  #giveUp: ((why: Error) => void) | undefined;
  #askedMs: number | undefined;
  /** For how long the last answer was waited. */
  #tookMs = 0;
  #insisted = 0;
  #isEnded = false;

  constructor(private readonly tty: Tty, private readonly clock: Clock, seat: Seat) {
    this.#seat = seat;
    const leave = () => this.#break(gone());
    if (tty.gone.aborted) leave();
    tty.gone.addEventListener("abort", leave, { once: true });
    this.#end.signal.addEventListener("abort", () => tty.gone.removeEventListener("abort", leave));
    void this.#read();
  }

  /**
   * Shows a program until it, or the person, has enough of it. Resolves to its exit code.
   *
   * @throws {PeriError} what it failed with; `expired` when it does not answer.
   */
  async run(program: Program, argv: readonly string[]): Promise<number> {
    const stop = program.watch?.(this.#refresher());
    this.#take();
    this.#insisted = 0;
    this.#painter.forget();
    let view = "";
    let inputs: readonly TerminalInput[] = [{ tag: "open", val: argv }];
    try {
      for (;;) {
        const seat = this.#seat;
        const frame = await this.#ask(program, seat, view, inputs);
        if (frame.exit !== null) return frame.exit;
        view = frame.view;
        // Nobody would see a screen of a size that the window has no more.
        if (seat === this.#seat) await this.#write(this.#painter.paint(frame, seat));
        inputs = await this.#next();
      }
    } finally {
      stop?.();
    }
  }

  /** Gives the terminal back as it was. Rejects never. */
  async leave(): Promise<void> {
    this.#end.abort();
    try {
      const timer = new AbortController();
      const late = this.clock.sleep(PATIENCE_MS, timer.signal);
      await Promise.race([this.tty.write(encodeUtf8(this.#painter.leave())), late]);
      timer.abort(OVER);
    } catch {
      // Nobody is there to whom it could be given.
    }
  }

  async #ask(
    program: Program,
    seat: Seat,
    view: string,
    inputs: readonly TerminalInput[],
  ): Promise<Frame> {
    const asking = new AbortController();
    this.#askedMs = this.clock.nowMs();
    try {
      const answer = this.#wait(program.show(seat, view, inputs, asking.signal));
      this.#after(PATIENCE_MS, asking.signal, () => {
        this.#note(` ${program.name} is busy · Ctrl-C leaves `);
      });
      this.#after(ANSWER_MS, asking.signal, () => this.#giveUp?.(silent(program.name)));
      return await answer;
    } finally {
      this.#tookMs = this.clock.nowMs() - this.#askedMs;
      this.#askedMs = undefined;
      asking.abort(OVER);
    }
  }

  /** Does something after a while, unless it is over before. */
  #after(delayMs: number, over: AbortSignal, work: () => void): void {
    void this.clock.sleep(delayMs, over).then(() => {
      if (!over.aborted) work();
    });
  }

  #note(text: string): void {
    this.tty.write(encodeUtf8(this.#painter.note(text))).catch(() => {});
  }

  async #write(text: string): Promise<void> {
    const timer = new AbortController();
    this.#after(READ_MS, timer.signal, () => this.#giveUp?.(gone()));
    try {
      await this.#wait(this.tty.write(encodeUtf8(text)));
    } finally {
      timer.abort(OVER);
    }
  }

  /** Everything that has happened, as soon as something has. */
  async #next(): Promise<readonly TerminalInput[]> {
    while (this.#waiting.length === 0) {
      if (this.#isEnded) throw gone();
      await this.#wait(this.#changed.promise);
    }
    return this.#take();
  }

  #take(): readonly TerminalInput[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#change();
    return taken;
  }

  async #read(): Promise<void> {
    try {
      for await (const piece of this.tty.input) {
        for (const typed of this.#keys.push(piece)) this.#hear(typed);
        if (this.#keys.isUndecided) void this.#settle();
        while (this.#waitingLength > MAX_WAITING && !this.#end.signal.aborted) {
          await this.#changed.promise;
        }
        if (this.#end.signal.aborted) return;
      }
    } catch {
      // A torn line is somebody who is gone.
    }
    // What they typed before they went is done first.
    this.#isEnded = true;
    this.#change();
  }

  async #settle(): Promise<void> {
    await this.clock.sleep(ESCAPE_MS, this.#end.signal);
    for (const typed of this.#keys.settle()) this.#hear(typed);
  }

  #hear(typed: Typed): void {
    if (typed.tag === "size") return this.#resize(typed.columns, typed.rows, this.#seat.colours);
    const isInterrupt = typed.tag === "key" && typed.val === "ctrl-c";
    this.#insisted = isInterrupt ? this.#insisted + 1 : 0;
    const isStuck = this.#askedMs !== undefined &&
      this.clock.nowMs() - this.#askedMs > PATIENCE_MS;
    if (isInterrupt && (isStuck || this.#insisted >= INSIST)) {
      return this.#break(new Left("Ctrl-C"));
    }
    const last = this.#waiting.at(-1);
    if (typed.tag === "text" && last?.tag === "text") {
      this.#waiting[this.#waiting.length - 1] = { tag: "text", val: last.val + typed.val };
    } else this.#waiting.push(typed);
    this.#waitingLength += typed.val.length + 8;
    this.#change();
  }

  #resize(columns: number, rows: number, colours: Colours): void {
    this.#seat = seatOf(columns, rows, colours);
    this.#once({ tag: "resize" });
  }

  /** What is the same however often it has happened. */
  #once(input: TerminalInput): void {
    if (!this.#waiting.some(({ tag }) => tag === input.tag)) this.#waiting.push(input);
    this.#change();
  }

  #refresher(): () => void {
    let isComing = false;
    return () => {
      if (isComing || this.#end.signal.aborted) return;
      isComing = true;
      const restMs = Math.max(REFRESH_MS, REFRESH_TIMES * this.#tookMs);
      void this.clock.sleep(restMs, this.#end.signal).then(() => {
        isComing = false;
        if (!this.#end.signal.aborted) this.#once({ tag: "refresh" });
      });
    };
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #break(why: Error): void {
    this.#why ??= why;
    this.#giveUp?.(this.#why);
    this.#change();
  }

  /**
   * Waits unless, or until, nothing is waited for any more. One wait at a time. (A race against a
   * promise that lasts as long as a session would keep something of each wait.)
   */
  #wait<Value>(work: Promise<Value>): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    this.#giveUp = reject;
    work.then(resolve, reject);
    if (this.#why !== undefined) reject(this.#why);
    return promise;
  }
}

/** The person does not want to wait. */
export class Left extends Error {
  override readonly name = "Left";
}

function gone(): Left {
  return new Left("they are gone");
}

function silent(name: string): PeriError {
  const what = `has not answered for ${ANSWER_MS / 1000} s`;
  const hint = `peri pod logs ${name} may say why`;
  return new PeriError("expired", { op: "show a terminal", subject: `${name} ${what}`, hint });
}
