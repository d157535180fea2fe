/**
 * `person.join`: somebody comes with an invitation. The federation port takes the same, sealed.
 *
 * @module
 */

import { INVITATION_SECRET_BYTES } from "../../identity/join/invitation.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_SIGNATURE_BYTES } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import { Admission, type Guest, SERVER_POD } from "../../supervisor/mod.ts";
import { type Home, knownOf } from "../home.ts";
import { bytesOf, textOf } from "../wishes.ts";
import { shareRecord } from "./people.ts";

type JoinHome = Pick<Home, "supervisor" | "boxes" | "directory" | "pgp" | "clock" | "owner">;

/** What lets people in; their pods, if they come back, are heard of again. */
export function openAdmission(home: JoinHome): Admission {
  const { pgp, clock, supervisor } = home;
  const { household, residents } = supervisor;
  return new Admission({
    pgp,
    clock,
    isOpen: () => household.isOpen(),
    isExpected: (who) => household.guests.isExpected(who, clock.nowMs()),
    self() {
      const person = home.owner();
      return person && residents.byRef({ person, pod: SERVER_POD });
    },
    async join(newcomer): Promise<Guest> {
      const { guest, pods } = await household.join(newcomer);
      for (const pod of pods) {
        await home.boxes.resume(pod.ref);
        await home.directory.announce(knownOf(pod)).catch((error: unknown) => {
          // A behalf that has expired meanwhile is told of when it is renewed.
          if (!(error instanceof PeriError) || error.kind !== "expired") throw error;
        });
      }
      return guest;
    },
  });
}

/**
 * `{secret, document, signature, certificate}`, all but the document in base64 → one record
 * `{person, maxPods, maxStateBytes, maxMemoryBytes, maxMessagesPerMinute}`.
 */
export function joinServer(admission: Pick<Admission, "admit">): Operation {
  return async (args, session) => {
    const { person, share } = await admission.admit({
      secret: bytesOf(args, "secret", INVITATION_SECRET_BYTES),
      document: textOf(args, "document"),
      signature: bytesOf(args, "signature", MAX_SIGNATURE_BYTES),
      certificate: bytesOf(args, "certificate", MAX_CERTIFICATE_BYTES),
    });
    session.item({ person, ...shareRecord(share) });
    return 0;
  };
}
