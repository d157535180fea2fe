/**
 * Stops guests that compute too long. V8 cannot be interrupted from the same thread, so a second
 * thread (`watcher.ts`) raises the epoch of the instance; its next check traps.
 *
 * @module
 */

import process from "node:process";
import { PATIENCE, Watcher, type WatcherMessage, WORD } from "./watcher.ts";

/** How often the watcher looks. A slice may last this much longer than its limit, twice. */
const TICK_MS = 20;

/** Processor time that a process has used, in milliseconds. */
function cpuMs({ cpuUsage }: Pick<typeof process, "cpuUsage">): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** How old a reading may be with which a stretch begins: it is charged that much too much. */
const STALE_MS = 1;

let reading = { atMs: -Infinity, cpuMs: 0 };

/** As {@link cpuMs}, asking the system less often than there are events. */
function recentCpuMs(): number {
  const atMs = performance.now();
  if (atMs - reading.atMs > STALE_MS) reading = { atMs, cpuMs: cpuMs(process) };
  return reading.cpuMs;
}

/**
 * Measures a stretch of computing that consists of several slices. It is over its limit by the same
 * rule as a slice.
 */
export class Stopwatch {
  #spentMs = 0;
  #cpuStart = recentCpuMs();

  /** How much of a limit a next slice may use. */
  rest(limitMs: number): number {
    return Math.max(limitMs - this.#spentMs, limitMs / 4);
  }

  /** Adds what one slice took by the clock. Returns whether the limit is passed. */
  add(sliceMs: number, limitMs: number): boolean {
    this.#spentMs += sliceMs;
    if (this.#spentMs <= limitMs) return false;
    return cpuMs(process) - this.#cpuStart > limitMs || this.#spentMs > limitMs * PATIENCE;
  }
}

/** The main thread's side. One guest computes at a time: WebAssembly calls do not overlap. */
export class Watchdog {
  readonly #words = new Int32Array(new SharedArrayBuffer(16));
  readonly #worker: Worker;

  constructor() {
    // From a text: reading a file would need a permission.
    const body = [
      'import process from "node:process";',
      `const Watcher = ${Watcher.toString()};`,
      `const cpuMs = ${cpuMs.toString()};`,
      `const place = ${JSON.stringify(WORD)};`,
      `const settings = { place, tickMs: ${TICK_MS}, patience: ${PATIENCE} };`,
      "new Watcher(self, { ...settings, cpuMs: () => cpuMs(process) });",
    ].join("\n");
    const url = URL.createObjectURL(new Blob([body], { type: "text/javascript" }));
    this.#worker = new Worker(url, { type: "module" });
    this.#post({ kind: "words", words: this.#words.buffer });
  }

  /** Puts an instance under watch. @param epoch flag at its first word */
  add(pod: number, epoch: SharedArrayBuffer): void {
    this.#post({ kind: "add", pod, epoch });
  }

  /** Forgets an instance. */
  remove(pod: number): void {
    this.#post({ kind: "remove", pod });
  }

  /** A guest begins to compute and has `limitMs` for it. Slices do not nest. */
  begin(pod: number, limitMs: number): void {
    Atomics.store(this.#words, WORD.limitMs, Math.max(1, Math.ceil(limitMs)));
    Atomics.add(this.#words, WORD.slice, 1);
    Atomics.store(this.#words, WORD.running, pod);
    if (Atomics.compareExchange(this.#words, WORD.asleep, 1, 0) === 1) this.#post({ kind: "wake" });
  }

  /** The guest has come back. Returns whether it was condemned meanwhile. */
  end(): boolean {
    return Atomics.exchange(this.#words, WORD.running, 0) < 0;
  }

  /** Ends the thread. */
  close(): void {
    this.#worker.terminate();
  }

  #post(message: WatcherMessage): void {
    this.#worker.postMessage(message);
  }
}
