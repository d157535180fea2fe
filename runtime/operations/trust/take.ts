/**
 * `trust.take`: certifications come into the web of trust, with what they need to be checked.
 *
 * @module
 */

import { MAX_KEYRING_BYTES } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, bytesOf } from "../wishes.ts";

/** `{keyring: base64}` → one record `{taken: [{issuer, subject, userId, revoked} …], known, refused}`. */
export function takeCertifications({ web }: Pick<Home, "web">): Operation {
  return async (args, session) => {
    actorOf(session);
    const { taken, known, refused } = await web.take(bytesOf(args, "keyring", MAX_KEYRING_BYTES));
    session.item({
      taken: taken.map(({ issuer, subject, userId, isRevocation }) => ({
        issuer,
        subject,
        userId,
        revoked: isRevocation,
      })),
      known,
      refused,
    });
    return 0;
  };
}
