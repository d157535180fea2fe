/**
 * `who`: what is known of a person, and from whom.
 *
 * @module
 */

import type { Operation } from "../ports/session.ts";
import type { Home } from "./home.ts";
import { HeyPetnames } from "./petnames.ts";
import { actorOf, textOf } from "./wishes.ts";

/**
 * `{text}` → one record `{person, by, names, claims, revoked?, server?, pods: [{pod, endpoint, serial, expiresMs, inForce,
 * from, atMs} …]}`. User ids are claims of the person, and are called so.
 */
export function showPerson(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (args, session) => {
    const text = textOf(args, "text");
    const names = new HeyPetnames(home.supervisor, actorOf(session));
    const { people } = home.directory;
    const { person } = await people.find(text, await names.about(text));
    const report = await people.who(person, await names.about(person));
    session.item({
      person,
      fingerprint: report.fingerprint,
      names: report.petnames,
      claims: report.claims,
      ...(report.revoked ? { revoked: true } : {}),
      server: report.friend?.server,
      pods: report.pods.map((pod) => ({ ...pod })),
    });
    return 0;
  };
}
