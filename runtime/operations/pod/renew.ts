/**
 * `pod.renew`: a pod gets a new behalf before the old one expires.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import { certificateOf, type Home, knownOf } from "../home.ts";
import { podOf } from "../wishes.ts";

/** `{pod}` → one record `{name, serial, expiresMs}`. Asks for a signature. */
export function renewPod(
  home: Pick<Home, "supervisor" | "directory" | "server">,
): Operation {
  const { installs } = home.supervisor;
  return async (args, session) => {
    const ref = podOf(args, session);
    const certificate = certificateOf(home, ref.person);
    const draft = await installs.planRenew(ref, certificate, home.server);
    const signature = await session.sign(ref.person, draft.document);
    const pod = await installs.complete(draft, signature);
    await home.directory.announce(knownOf(pod));
    session.item({ name: ref.pod, serial: pod.serial, expiresMs: pod.expiresMs });
    return 0;
  };
}
