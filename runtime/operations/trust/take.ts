/**
 * `trust.take`: certifications come into the web of trust, with what they need to be checked.
 *
 * @module
 */

import { MAX_KEYRING_BYTES } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, bytesOf } from "../wishes.ts";
import { noteSigning } from "./tell.ts";

/**
 * `{keyring: base64}` → one record `{taken: [{issuer, subject, userId, revoked} …], known, refused}`.
 * Of what the one who asks has signed those learn who may know it.
 */
export function takeCertifications(
  home: Pick<Home, "web" | "supervisor" | "store" | "signed">,
): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    // First, so that what dies in between is told nevertheless.
    await noteSigning(home, person);
    const { web } = home;
    const { taken, known, refused } = await web.take(bytesOf(args, "keyring", MAX_KEYRING_BYTES));
    home.signed(person);
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
