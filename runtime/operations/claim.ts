/**
 * `claim`: a new periphery gets its owner.
 *
 * @module
 */

import { MAX_CERTIFICATE_BYTES } from "../model/limits.ts";
import { PeriError } from "../model/errors.ts";
import type { Operation } from "../ports/session.ts";
import { type Home, knownOf } from "./home.ts";
import { bytesOf } from "./wishes.ts";

/** `{certificate: base64}` → one record `{owner, server, expiresMs}`. Asks for a signature. */
export function claim(home: Pick<Home, "supervisor" | "directory" | "server">): Operation {
  const { installs } = home.supervisor;
  return async (args, session) => {
    if (session.person === undefined) {
      const subject = "nobody says who claims it";
      throw new PeriError("invalid", { op: "claim this server", subject, hint: "peri key init" });
    }
    const certificate = bytesOf(args, "certificate", MAX_CERTIFICATE_BYTES);
    const draft = await installs.planClaim(session.person, certificate, home.server);
    const signature = await session.sign(session.person, draft.document);
    const pod = await installs.complete(draft, signature);
    await home.directory.announce(knownOf(pod));
    session.item({ owner: pod.ref.person, server: pod.endpoint, expiresMs: pod.expiresMs });
    return 0;
  };
}
