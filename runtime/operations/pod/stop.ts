/**
 * `pod.stop` and `pod.start`: whether a pod runs.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";

/** `{pod}` → one record `{name, sinceMs}`. It stays stopped until it is started. */
export function stopPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const ref = podOf(args, session);
    const { sinceMs } = await supervisor.reins.stop(ref);
    session.item({ name: ref.pod, sinceMs });
    return 0;
  };
}

/** `{pod}` → one record `{name, was: state before, why?}`. Its failures are forgiven. */
export function startPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const ref = podOf(args, session);
    const { status } = await supervisor.info(ref);
    const mark = await supervisor.reins.start(ref);
    const why = mark === undefined ? {} : { why: mark.why };
    session.item({ name: ref.pod, was: status.state, ...why });
    return 0;
  };
}
