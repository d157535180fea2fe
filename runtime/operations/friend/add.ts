/**
 * `friend.add`: this server and another begin to talk.
 *
 * @module
 */

import type { Known } from "../../identity/behalf.ts";
import { PeriError } from "../../model/errors.ts";
import {
  type Fingerprint,
  formatFingerprint,
  parseFingerprint,
  parseServerUrl,
} from "../../model/words.ts";
import type { Operation, Session } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf, optionalTextOf, textOf } from "../wishes.ts";

/**
 * `{url, owner?, name?}` → one record `{url, owner, name?}`. Asks for consent unless `owner` says whose
 * server it must be; `name` becomes the owner's petname.
 */
export function addFriend(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const url = parseServerUrl(textOf(args, "url"));
    const name = optionalTextOf(args, "name");
    const wanted = optionalTextOf(args, "owner");
    session.note(`asking ${url} who owns it`);
    const met = await home.directory.meet(url);
    const owner = met.behalf.person;
    if (wanted !== undefined && parseFingerprint(wanted) !== owner) {
      throw impostor(url, owner, wanted);
    }
    if (await home.directory.friends.get(owner) !== undefined) throw already(owner);
    if (wanted === undefined) await consent(session, met);
    // The name first: should it be refused, nothing has happened.
    if (name !== undefined) await new HeyPetnames(home.supervisor, person).set(name, owner);
    await home.directory.befriend(met);
    session.item({ url, owner, name });
    return 0;
  };
}

async function consent(session: Session, { behalf }: Known): Promise<void> {
  const details = [`${behalf.endpoint} belongs to`, formatFingerprint(behalf.person)];
  if (await session.confirm("Is this the fingerprint they gave you?", details)) return;
  const subject = `${behalf.endpoint}: you said no`;
  throw new PeriError("denied", { op: "add friend", subject });
}

function already(owner: Fingerprint): PeriError {
  return new PeriError("exists", {
    op: "add friend",
    subject: `${formatFingerprint(owner)} is a friend already`,
    hint: "peri friend list shows them all",
  });
}

function impostor(url: string, owner: string, wanted: string): PeriError {
  return new PeriError("denied", {
    op: "add friend",
    subject: `${url} belongs to ${owner}, not to ${wanted}`,
    hint: "compare the fingerprints with the owner by another way",
  });
}
