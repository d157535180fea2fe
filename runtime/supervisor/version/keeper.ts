/**
 * Lets go of versions that are kept for a way back, when their time is over.
 *
 * @module
 */

import type { PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ResidentMap } from "../residents.ts";

/** What {@link Keeper} works with. */
export interface KeeperOptions {
  readonly residents: ResidentMap;
  readonly clock: Clock;
  readonly log: Log;
  /** Forgets the version before. */
  confirm(ref: PodRef): Promise<void>;
}

/** After a failure it is tried again. */
const AGAIN_MS = 60 * 60 * 1000;

/** See the module. It waits only while a version is kept. */
export class Keeper {
  readonly #options: KeeperOptions;
  #waiting = new AbortController();
  #isStopped = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Looks which version is the next; called at the start and when one has been kept. */
  look(): void {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    if (!this.#isStopped) void this.#wait(this.#waiting.signal);
  }

  /** Looks no more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.abort();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { residents, clock } = this.#options;
    for (let leastMs = 0;; leastMs = AGAIN_MS) {
      const times = residents.all().flatMap(({ previous }) => previous?.untilMs ?? []);
      if (times.length === 0) return;
      await clock.sleep(Math.max(leastMs, Math.min(...times) - clock.nowMs()), signal);
      if (signal.aborted) return;
      await this.#letGo();
      if (signal.aborted) return;
    }
  }

  async #letGo(): Promise<void> {
    const { residents, clock, log, confirm } = this.#options;
    for (const { ref, previous } of residents.all()) {
      if (previous === undefined || previous.untilMs > clock.nowMs()) continue;
      await confirm(ref).catch((cause) => {
        log.error("version before not let go", cause, { pod: ref.pod });
      });
    }
  }
}
