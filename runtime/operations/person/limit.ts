/**
 * `person.limit`: what a guest may use of this server.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { withTyped } from "../../model/share.ts";
import type { Operation } from "../../ports/session.ts";
import { unknownGuest } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { textOf } from "../wishes.ts";
import { guestRecord } from "./list.ts";
import { findGuest, typedShare } from "./people.ts";

/**
 * `{person, share?: {name: text}}` → the guest's record as of `person.list`. A new share is in force
 * at once; what they have already stays, and grows no more where it is over it.
 */
export function limitPerson(home: Pick<Home, "supervisor" | "clock" | "owner">): Operation {
  return async (args, session) => {
    const text = textOf(args, "person");
    const found = findGuest(home, text);
    if (!("guest" in found)) throw notYet(text);
    if (found.guest.leftMs !== undefined) throw unknownGuest(text);
    const { person, share } = found.guest;
    const typed = typedShare(args.share);
    const { household } = home.supervisor;
    const guest = Object.keys(typed).length === 0
      ? found.guest
      : await household.limit(person, withTyped(share, typed));
    session.item(await guestRecord(home, guest));
    return 0;
  };
}

/** A share is part of the invitation. */
function notYet(text: string): PeriError {
  const name = text.slice(0, 80);
  return new PeriError("not-found", {
    op: "find a person of this server",
    subject: `${JSON.stringify(name)} is invited and has not come yet`,
    hint:
      `peri person remove ${name} takes the invitation back; invite them again with another share`,
  });
}
