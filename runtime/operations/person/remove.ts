/**
 * `person.remove`: a guest lives here no longer, or an invitation is taken back.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { KEEP_LEFT_MS } from "../../model/limits.ts";
import { formatFingerprint } from "../../model/words.ts";
import type { Operation, Session } from "../../ports/session.ts";
import type { Guest, OpenInvitation } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { switchOf, textOf } from "../wishes.ts";
import { findGuest } from "./people.ts";

type RemoveHome = Pick<Home, "supervisor" | "boxes" | "directory" | "clock">;

/**
 * `{person, now?}` → one record `{name?, person, pods, untilMs?}` or `{name?, invitation}`. Their pods
 * stop, and what they keep stays until `untilMs`, should they come back; with `now` it is swept away
 * at once. Asks for consent.
 */
export function removePerson(home: RemoveHome): Operation {
  return async (args, session) => {
    const found = findGuest(home, textOf(args, "person"));
    if ("invitation" in found) return await takeBack(home, session, found.invitation);
    await sendAway(home, session, found.guest, switchOf(args, "now"));
    return 0;
  };
}

async function takeBack(
  { supervisor }: RemoveHome,
  session: Session,
  { id, name }: OpenInvitation,
): Promise<number> {
  await supervisor.household.guests.withdraw(id);
  session.item({ ...(name === undefined ? {} : { name }), invitation: id });
  return 0;
}

async function sendAway(
  home: RemoveHome,
  session: Session,
  { person, name, leftMs }: Guest,
  now: boolean,
): Promise<void> {
  const { household, residents } = home.supervisor;
  const count = residents.countOf(person);
  const loss = now
    ? "all that they keep here is swept away; nobody can bring it back"
    : "their pods stop; what they keep stays for 30 days, should you invite them again";
  const details = [formatFingerprint(person), `${count} ${count === 1 ? "pod" : "pods"}: ${loss}`];
  if (!await session.confirm(`Send ${name ?? "this person"} away?`, details)) {
    throw new PeriError("denied", { op: "remove a person", subject: "you said no" });
  }
  const refs = leftMs === undefined ? await household.leave(person, now) : [];
  for (const ref of refs) {
    home.boxes.drop(ref);
    await home.directory.withdraw(ref);
  }
  if (now) await household.erase(person);
  // Who was sent away for good before is just being swept away.
  const isOver = now || leftMs === 0;
  const untilMs = (leftMs ?? home.clock.nowMs()) + KEEP_LEFT_MS;
  const named = name === undefined ? {} : { name };
  session.item({ ...named, person, pods: count, ...(isOver ? {} : { untilMs }) });
}
