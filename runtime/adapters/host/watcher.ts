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
 * The body of the thread. Its text is run in a worker, so it must not use anything from outside
 * itself. A slice is over when both the clock and the processor time of the process say so: on a
 * busy machine the clock alone would condemn guests that hardly ran.
 *
 * @param cpuMs processor time that the process has used
 */
export function watch(
  scope: WatcherScope,
  place: typeof WORD,
  options: { readonly tickMs: number; readonly patience: number; readonly cpuMs: () => number },
): void {
  const epochs = new Map<number, Int32Array>();
  let words: Int32Array = new Int32Array(0);
  let timer: ReturnType<typeof setInterval> | undefined;
  let seen = 0;
  let since = 0;
  let cpuSince = 0;

  const condemn = (pod: number) => {
    // Who wins this exchange decides: a slice that ended in time is not touched.
    if (Atomics.compareExchange(words, place.running, pod, -pod) !== pod) return;
    const epoch = epochs.get(pod);
    if (epoch) Atomics.store(epoch, 0, 1);
  };
  const isOver = (spentMs: number) => {
    const limitMs = Atomics.load(words, place.limitMs);
    if (spentMs < limitMs) return false;
    return options.cpuMs() - cpuSince >= limitMs || spentMs >= limitMs * options.patience;
  };
  const sleep = () => {
    clearInterval(timer);
    timer = undefined;
    Atomics.store(words, place.asleep, 1);
    // A slice that began meanwhile saw no sleeper and sent no message.
    if (Atomics.load(words, place.slice) !== seen) wake();
  };
  const tick = () => {
    // Who runs is read before which slice it is, as they are written the other way round: a slice
    // that begins in between is seen as new and not taken for the one before.
    const pod = Atomics.load(words, place.running);
    const slice = Atomics.load(words, place.slice);
    const now = performance.now();
    if (slice !== seen) {
      seen = slice;
      since = now;
      cpuSince = options.cpuMs();
    } else if (pod > 0) {
      if (isOver(now - since)) condemn(pod);
    } else if (now - since > 1_000) {
      sleep();
    }
  };
  const wake = () => {
    Atomics.store(words, place.asleep, 0);
    timer ??= setInterval(tick, options.tickMs);
  };
  scope.onmessage = ({ data }) => {
    if (data.kind === "words") {
      words = new Int32Array(data.words);
      wake();
    } else if (data.kind === "add") epochs.set(data.pod, new Int32Array(data.epoch));
    else if (data.kind === "remove") epochs.delete(data.pod);
    else wake();
  };
}
