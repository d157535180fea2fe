/**
 * Lets go of versions that are kept for a way back, when their time is over.
 *
 * @module
 */

import type { PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { Due } from "../due.ts";
import type { ResidentMap } from "../residents.ts";

/** What {@link openKeeper} works with. */
export interface KeeperOptions {
  readonly residents: ResidentMap;
  readonly clock: Clock;
  readonly log: Log;
  /** Forgets the version before. */
  confirm(ref: PodRef): Promise<void>;
}

/** See the module. To be looked at again when a version has been kept. */
export function openKeeper({ residents, clock, log, confirm }: KeeperOptions): Due {
  return new Due({
    clock,
    times: () => residents.all().flatMap(({ previous }) => previous?.untilMs ?? []),
    async work(nowMs) {
      for (const { ref, previous } of residents.all()) {
        if (previous === undefined || previous.untilMs > nowMs) continue;
        await confirm(ref).catch((cause) => {
          log.error("version before not let go", cause, { pod: ref.pod });
        });
      }
    },
  });
}
