/**
 * `invitation.make`, `invitation.list` and `invitation.cancel`: links by which others become known.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { INVITATION_LIFE_MS } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, optionalNumberOf, optionalTextOf, textOf } from "../wishes.ts";

/** Longest note. */
const MAX_NOTE_LENGTH = 200;

/** `{note?, expiresMs?}` → one record `{link, expiresMs}`. The link is shown this once. */
export function makeInvitation(home: Pick<Home, "invitations" | "server" | "clock">): Operation {
  return async (args, session) => {
    const note = optionalTextOf(args, "note") ?? "";
    if (note.length > MAX_NOTE_LENGTH) {
      const subject = `a note of ${note.length} characters, ${MAX_NOTE_LENGTH} allowed`;
      throw new PeriError("too-large", { op: "make an invitation", subject });
    }
    const expiresMs = optionalNumberOf(args, "expiresMs") ??
      home.clock.nowMs() + INVITATION_LIFE_MS;
    const link = await home.invitations.make(actorOf(session), home.server, { note, expiresMs });
    session.item({ link, expiresMs });
    return 0;
  };
}

/** Records `{id, note, createdMs, expiresMs, guest?, atMs?}`: `guest` has come by it. */
export function listInvitations({ invitations }: Pick<Home, "invitations">): Operation {
  return async (_args, session) => {
    for (const { guest, ...said } of await invitations.list(actorOf(session))) {
      session.item({ ...said, ...(guest && { guest: guest.person, atMs: guest.atMs }) });
    }
    return 0;
  };
}

/** `{id}`: the beginning of one is enough. @throws {PeriError} `not-found`. */
export function cancelInvitation({ invitations }: Pick<Home, "invitations">): Operation {
  return async (args, session) => {
    const id = textOf(args, "id");
    if (id.length >= 4 && await invitations.cancel(actorOf(session), id)) return 0;
    throw new PeriError("not-found", {
      op: "cancel an invitation",
      subject: `none of yours, or more than one, begins with ${id}`,
      hint: "peri key invite --list",
    });
  };
}
