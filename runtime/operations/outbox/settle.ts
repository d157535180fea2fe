/**
 * `outbox.settle`: a file of replies says what became of the messages that left in a file.
 *
 * @module
 */

import { decodeCarriedReplies } from "../../model/carried.ts";
import { MAX_CARRIED_BYTES } from "../../model/limits.ts";
import { formatPodRef } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, readInput } from "../wishes.ts";
import { podsOf } from "./letters.ts";

/**
 * The file as input → one record a reply: `{envelope, to?, outcome, messages, reason?}`, outcome
 * `taken`, `refused`, `waits` or `unknown`.
 */
export function settleReplies(home: Pick<Home, "supervisor" | "boxes">): Operation {
  return async (_args, session) => {
    const pods = podsOf(home, actorOf(session));
    const file = await readInput(session, MAX_CARRIED_BYTES, "read a file of replies");
    for (const carried of decodeCarriedReplies(file)) {
      const { to, ...settlement } = await home.boxes.carrier.settle(pods, carried);
      const { envelope } = carried;
      session.item({ envelope, ...(to ? { to: formatPodRef(to) } : {}), ...settlement });
    }
    return 0;
  };
}
