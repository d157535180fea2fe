/**
 * `inbox.list`: what has come in and waits for its pod.
 *
 * @module
 */

import { formatPodRef } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { type Letterbox, podsOf } from "../outbox/letters.ts";
import { actorOf } from "../wishes.ts";

/** Records shown of one pod at the most. */
const MAX_SHOWN = 1_000;

/**
 * One record a message, in the order in which the pod is given them:
 * `{pod, from, kind, function, token, receivedMs, attempts}`.
 */
export function listInbox(home: Letterbox): Operation {
  return async (_args, session) => {
    for (const ref of podsOf(home, actorOf(session))) {
      let shown = 0;
      for await (const entry of home.boxes.counter.inbox(ref)) {
        const { from, kind, what, token, receivedMs, attempts } = entry;
        const names = { pod: ref.pod, from: formatPodRef(from), kind, function: what };
        session.item({ ...names, token, receivedMs, attempts });
        if (++shown === MAX_SHOWN) break;
      }
    }
    return 0;
  };
}
