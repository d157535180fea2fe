/**
 * `person.invite`: somebody may come to live here.
 *
 * @module
 */

import {
  formatInvitation,
  INVITATION_SECRET_BYTES,
  invitationId,
} from "../../identity/join/invitation.ts";
import { PeriError } from "../../model/errors.ts";
import { INVITATION_LIFE_MS, MAX_INVITATION_MS } from "../../model/limits.ts";
import { DEFAULT_SHARE, withTyped } from "../../model/share.ts";
import { parseFingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { SERVER_POD } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { actorOf, optionalNumberOf, optionalTextOf } from "../wishes.ts";
import { checkGuestName, shareRecord, typedShare } from "./people.ts";

type InviteHome = Pick<Home, "supervisor" | "clock" | "entropy" | "server">;

/**
 * `{name?, for?: fingerprint, share?: {name: text}, lifeMs?}` → one record
 * `{invitation, id, name?, expiresMs, maxPods, maxStateBytes, maxMemoryBytes, maxMessagesPerMinute}`. The
 * invitation is shown this once: only the hash of its secret is kept.
 */
export function invitePerson(home: InviteHome): Operation {
  return async (args, session) => {
    const { residents, household } = home.supervisor;
    const { podKey } = residents.get({ person: actorOf(session), pod: SERVER_POD });
    const name = optionalTextOf(args, "name");
    if (name !== undefined) checkGuestName(name);
    const wanted = optionalTextOf(args, "for");
    const person = wanted === undefined ? {} : { person: parseFingerprint(wanted) };
    const share = withTyped(DEFAULT_SHARE, typedShare(args.share));
    const createdMs = home.clock.nowMs();
    const expiresMs = createdMs + lifeOf(optionalNumberOf(args, "lifeMs"));
    const secret = home.entropy.bytes(INVITATION_SECRET_BYTES);
    const id = invitationId(secret);
    const named = name === undefined ? {} : { name };
    await household.guests.invite(
      { id, ...named, ...person, share, createdMs, expiresMs },
      createdMs,
    );
    const invitation = formatInvitation({ server: home.server, key: podKey, secret });
    session.item({ invitation, id, ...named, ...person, expiresMs, ...shareRecord(share) });
    return 0;
  };
}

function lifeOf(wantedMs: number = INVITATION_LIFE_MS): number {
  if (wantedMs > 0 && wantedMs <= MAX_INVITATION_MS) return wantedMs;
  throw new PeriError("invalid", {
    op: "invite somebody",
    subject: "the invitation is to be good for no time, or for more than 90 days",
    hint: "--expires 7d",
  });
}
