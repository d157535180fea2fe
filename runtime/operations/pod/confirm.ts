/**
 * `pod.confirm`: the version before is no longer kept.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";

/** `{pod}` → one record `{name, version}`. Asks for consent. */
export function confirmPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const ref = podOf(args, session);
    const { version, previous } = await supervisor.info(ref);
    if (previous !== undefined) {
      const question = `Keep ${ref.pod} ${version} for good?`;
      const details = [`${previous.version} and what it kept are forgotten; there is no way back`];
      if (!await session.confirm(question, details)) {
        throw new PeriError("denied", { op: "confirm", subject: `${ref.pod}: you said no` });
      }
    }
    await supervisor.installs.confirm(ref);
    session.item({ name: ref.pod, version });
    return 0;
  };
}
