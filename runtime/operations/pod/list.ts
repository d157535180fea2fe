/**
 * `pod.list`: the pods of a person.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import type { Operation } from "../../ports/session.ts";
import { type PodSummary, SERVER_POD } from "../../supervisor/mod.ts";
import { wayBack } from "../status.ts";
import type { Home } from "../home.ts";
import { actorOf } from "../wishes.ts";

/**
 * One record a pod: `{name, version, about, state, restarts, serial, installedMs, expiresMs,
 * previous?, previousUntilMs?, hint?}`, and `{stoppedMs, why}` when it is stopped or has failed.
 */
export function listPods({ supervisor }: Pick<Home, "supervisor">): Operation {
  return (_args, session) => {
    const person = actorOf(session);
    for (const pod of supervisor.list()) {
      if (pod.ref.person === person && pod.ref.pod !== SERVER_POD) session.item(recordOf(pod));
    }
    return Promise.resolve(0);
  };
}

/** A pod at a glance as a record. */
export function recordOf(pod: PodSummary): JsonRecord {
  const { ref, version, about, status, serial, installedMs, expiresMs, previous } = pod;
  const { state, restarts, mark } = status;
  return {
    name: ref.pod,
    version,
    about,
    state,
    stoppedMs: mark?.sinceMs,
    why: mark?.why,
    restarts,
    serial,
    installedMs,
    expiresMs,
    previous: previous?.version,
    previousUntilMs: previous?.untilMs,
    hint: wayBack(pod),
  };
}
