/**
 * One life of a process: when it is over, nothing it waited for ever comes.
 *
 * @module
 */

import type { Clock } from "../../ports/clock.ts";
import type { Key, Store } from "../../ports/store.ts";

/** A process that can die at any moment. */
export class Life {
  isOver = false;
  /** Its disk is lost too: what it had under way is gone before another one comes up. */
  isLost = false;
  readonly #came: (what: string) => void;

  /** @param came called when something it waited for has come, before it hears; may end it */
  constructor(came: (what: string) => void = () => undefined) {
    this.#came = came;
  }

  /** The process is gone. What it was doing stops where it was. */
  end(): void {
    this.isOver = true;
  }

  /** What a promise gives to a process that still lives; else it stays open for ever. */
  hold<Value>(promise: Promise<Value>, what = "wait"): Promise<Value> {
    const isHeard = () => {
      if (!this.isOver) this.#came(what);
      return !this.isOver;
    };
    return new Promise((resolve, reject) =>
      promise.then(
        (value) => isHeard() && resolve(value),
        (error) => isHeard() && reject(error),
      )
    );
  }

  /** A store as this process sees it. */
  store(store: Store): Store {
    return {
      get: (key) => this.hold(store.get(key), `get ${kindOf(key)}`),
      list: (range) => this.hold(store.list(range), `list ${kindOf(range.prefix)}`),
      commit: (change) =>
        this.isOver ? this.hold(NEVER, "commit") : this.hold(store.commit(change), "commit"),
      close: () => store.close(),
    };
  }

  /** A clock as this process sees it. */
  clock(clock: Clock): Clock {
    return {
      nowMs: () => clock.nowMs(),
      sleep: (delayMs, signal) => this.hold(clock.sleep(delayMs, signal), "sleep"),
    };
  }
}

const NEVER = new Promise<never>(() => undefined);

/** What a row is about: the part of its key behind the pod. */
export function kindOf(key: Key): string {
  return String(key[3]);
}
