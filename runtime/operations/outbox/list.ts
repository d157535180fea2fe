/**
 * `outbox.list`: messages on their way, and those that were given up.
 *
 * @module
 */

import { formatPodRef } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf } from "../wishes.ts";

/** Records shown of one pod at the most. */
const MAX_SHOWN = 1_000;

/** One record a message of the person's pods. */
export function listOutbox({ supervisor, boxes }: Pick<Home, "supervisor" | "boxes">): Operation {
  return async (_args, session) => {
    const person = actorOf(session);
    for (const { ref } of supervisor.list().filter((pod) => pod.ref.person === person)) {
      let shown = 0;
      for await (const entry of boxes.outbox(ref)) {
        const { to, sequence, what, createdMs, expiresMs, state, reason } = entry;
        const names = { from: ref.pod, to: formatPodRef(to), function: what };
        session.item({ ...names, sequence, createdMs, expiresMs, state, reason });
        if (++shown === MAX_SHOWN) break;
      }
    }
    return 0;
  };
}
