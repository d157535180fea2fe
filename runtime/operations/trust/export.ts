/**
 * `trust.export`: certifications as keyrings that other OpenPGP programs take.
 *
 * @module
 */

import { formatBase64 } from "../../model/bytes.ts";
import type { Operation } from "../../ports/session.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf, optionalTextOf } from "../wishes.ts";
import type { FindHome } from "./person.ts";

/**
 * `{text?}` → records `{issuer, subject, userId, revoked, keyring: base64}`: what the one who asks has
 * signed; of somebody, what was signed over them and by them.
 */
export function exportTrust(home: FindHome): Operation {
  return async (args, session) => {
    const actor = actorOf(session);
    const text = optionalTextOf(args, "text");
    const names = new HeyPetnames(home.supervisor, actor);
    const about = text === undefined
      ? actor
      : (await home.directory.people.find(text, await names.about(text))).person;
    for (const each of await home.web.about(about)) {
      if (text === undefined && each.issuer !== actor) continue;
      const keyring = await home.web.keyring(each);
      if (keyring === undefined) continue;
      const { issuer, subject, userId, isRevocation } = each;
      const revoked = isRevocation;
      session.item({ issuer, subject, userId, revoked, keyring: formatBase64(keyring) });
    }
    return 0;
  };
}
