/**
 * The thread that watches the clock while guests run. It shares three things with the main thread:
 * the words of {@link WORD}, and one epoch memory per instance.
 *
 * @module
 */

/** Places in the shared words. */
export const WORD = {
  /** The instance that computes; 0 when none does; negative once it is condemned. */
  running: 0,
  /** Counts slices, so that two in a row are told apart. */
  slice: 1,
  /** What is left for this slice, in milliseconds. */
  limitMs: 2,
  /** 1 while the watcher sleeps and wants a message when a slice starts. */
  asleep: 3,
} as const;

/** What the main thread posts. */
export type WatcherMessage =
  | { readonly kind: "words"; readonly words: SharedArrayBuffer }
  | { readonly kind: "add"; readonly pod: number; readonly epoch: SharedArrayBuffer }
  | { readonly kind: "remove"; readonly pod: number }
  | { readonly kind: "wake" };

/** The part of a worker's global scope that is used. */
export interface WatcherScope {
  onmessage: ((event: { data: WatcherMessage }) => void) | null;
}

/** A guest that got no core for its work is stopped after this many times its limit. */
export const PATIENCE = 5;
/**
 * Slices that the start and the first turn may take. A program runs slowly before it has been
 * optimized, and threads that do so use processor time which counts as the pod's.
 */
export const START_SLICES = 1.5;

/** How the watcher works. */
export interface WatcherOptions {
  readonly place: typeof WORD;
  readonly tickMs: number;
  readonly patience: number;
  /** Processor time that the process has used. */
  cpuMs(): number;
}

/**
 * The body of the thread. The text of this class is run in a worker, so it must not use anything
 * from outside itself. A slice is over when both the clock and the processor time of the process
 * say so: on a busy machine the clock alone would condemn guests that hardly ran.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #epochs = new Map<number, Int32Array>();
  #words: Int32Array = new Int32Array(4);
  #timer: ReturnType<typeof setInterval> | undefined;
  #seen = 0;
  #since = 0;
  #cpuSince = 0;

  constructor(scope: WatcherScope, options: WatcherOptions) {
    this.#options = options;
    scope.onmessage = ({ data }) => this.#take(data);
  }

  #take(message: WatcherMessage): void {
    if (message.kind === "add") this.#epochs.set(message.pod, new Int32Array(message.epoch));
    else if (message.kind === "remove") this.#epochs.delete(message.pod);
    else {
      if (message.kind === "words") this.#words = new Int32Array(message.words);
      this.#wake();
    }
  }

  #tick(): void {
    const { place, cpuMs } = this.#options;
    // Who runs is read before which slice it is, as they are written the other way round: a slice
    // that begins in between is seen as new and not taken for the one before.
    const pod = Atomics.load(this.#words, place.running);
    const slice = Atomics.load(this.#words, place.slice);
    const now = performance.now();
    if (slice !== this.#seen) {
      this.#seen = slice;
      this.#since = now;
      this.#cpuSince = cpuMs();
    } else if (pod > 0) {
      if (this.#isOver(now - this.#since)) this.#condemn(pod);
    } else if (now - this.#since > 1_000) {
      this.#sleep();
    }
  }

  #isOver(spentMs: number): boolean {
    const { place, patience, cpuMs } = this.#options;
    const limitMs = Atomics.load(this.#words, place.limitMs);
    if (spentMs < limitMs) return false;
    return cpuMs() - this.#cpuSince >= limitMs || spentMs >= limitMs * patience;
  }

  #condemn(pod: number): void {
    // Who wins this exchange decides: a slice that ended in time is not touched.
    const { running } = this.#options.place;
    if (Atomics.compareExchange(this.#words, running, pod, -pod) !== pod) return;
    const epoch = this.#epochs.get(pod);
    if (epoch) Atomics.store(epoch, 0, 1);
  }

  #sleep(): void {
    const { place } = this.#options;
    clearInterval(this.#timer);
    this.#timer = undefined;
    Atomics.store(this.#words, place.asleep, 1);
    // A slice that began meanwhile saw no sleeper and sent no message.
    if (Atomics.load(this.#words, place.slice) !== this.#seen) this.#wake();
  }

  #wake(): void {
    Atomics.store(this.#words, this.#options.place.asleep, 0);
    this.#timer ??= setInterval(() => this.#tick(), this.#options.tickMs);
  }
}
