/**
 * `outbox.list`: messages on their way, and those that were given up.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import { actorOf } from "../wishes.ts";
import { type Letterbox, podsOf, recordOf } from "./letters.ts";

/** Records shown of one pod at the most. */
const MAX_SHOWN = 1_000;

/**
 * One record a message of the person's pods: `{from, to, sequence, token, function, createdMs,
 * expiresMs, state, reason?, hint?, server?, tries?, nextMs?, deadMs?}`.
 */
export function listOutbox(home: Letterbox): Operation {
  return async (_args, session) => {
    for (const ref of podsOf(home, actorOf(session))) {
      let shown = 0;
      for await (const entry of home.boxes.counter.outbox(ref)) {
        session.item(recordOf(entry));
        if (++shown === MAX_SHOWN) break;
      }
    }
    return 0;
  };
}
