/**
 * `pod.remove`: a pod leaves with everything it keeps.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import type { PodRef } from "../../model/words.ts";
import { ownPod, SERVER_POD } from "../../supervisor/mod.ts";
import { podOf } from "../wishes.ts";

/** `{pod}` → one record `{name}`. Asks for consent. */
export function removePod(
  { supervisor, boxes, directory }: Pick<Home, "supervisor" | "boxes" | "directory">,
): Operation {
  return async (args, session) => {
    const ref = podOf(args, session);
    const loss = await lossOf(supervisor, ref);
    if (ref.pod === SERVER_POD) throw ownPod(ref, "remove pod");
    if (!await session.confirm(`Remove ${ref.pod} for good?`, [loss])) {
      throw new PeriError("denied", { op: "remove pod", subject: `${ref.pod}: you said no` });
    }
    try {
      await supervisor.installs.remove(ref);
    } catch (error) {
      // It was put back, and what was to go out meanwhile found no sender; or only its rows stay.
      if (supervisor.residents.byRef(ref)) await boxes.resume(ref);
      else boxes.drop(ref);
      throw error;
    }
    boxes.drop(ref);
    await directory.withdraw(ref);
    session.item({ name: ref.pod });
    return 0;
  };
}

/** What a person loses, in words. @throws {PeriError} `not-found`. */
async function lossOf(supervisor: Home["supervisor"], ref: PodRef): Promise<string> {
  if (supervisor.residents.isUnreadable(ref)) {
    return "its record cannot be read; all that it keeps goes with it";
  }
  const { stateBytes, waitingEvents } = await supervisor.info(ref);
  return `${stateBytes} bytes of state and ${waitingEvents} waiting messages go with it`;
}
