/**
 * One life of a process: when it is over, nothing it waited for ever comes.
 *
 * @module
 */

import type { Clock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";

/** A process that can die at any moment. */
export class Life {
  isOver = false;

  /** The process is gone. What it was doing stops where it was. */
  end(): void {
    this.isOver = true;
  }

  /** What a promise gives to a process that still lives; else it stays open for ever. */
  hold<Value>(promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) =>
      promise.then(
        (value) => this.isOver || resolve(value),
        (error) => this.isOver || reject(error),
      )
    );
  }

  /** A store as this process sees it. */
  store(store: Store): Store {
    return {
      get: (key) => this.hold(store.get(key)),
      list: (range) => this.hold(store.list(range)),
      commit: (change) => this.isOver ? this.hold(NEVER) : this.hold(store.commit(change)),
      close: () => store.close(),
    };
  }

  /** A clock as this process sees it. */
  clock(clock: Clock): Clock {
    return {
      nowMs: () => clock.nowMs(),
      sleep: (delayMs, signal) => this.hold(clock.sleep(delayMs, signal)),
    };
  }
}

const NEVER = new Promise<never>(() => undefined);
