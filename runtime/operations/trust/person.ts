/**
 * `trust.person`: the certificate of somebody, to be signed.
 *
 * @module
 */

import { formatBase64 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { HEY, HeyPetnames } from "../petnames.ts";
import { actorOf, textOf } from "../wishes.ts";

/** Parts of a home by which somebody's certificate is found. */
export type FindHome = Pick<Home, "supervisor" | "directory" | "web" | "invitations">;

/**
 * `{text}` → one record `{person, certificate: base64, by, name?, signed: [user id …]}`: `signed` are
 * user ids that the one who asks has certified, and `invited: {note, atMs}` says that they have come
 * by an invitation of theirs, which proved the fingerprint. Somebody named by fingerprint is asked for among
 * friends.
 */
export function showCertificate(home: FindHome): Operation {
  return async (args, session) => {
    const text = textOf(args, "text");
    const actor = actorOf(session);
    const names = new HeyPetnames(home.supervisor, actor);
    const { person, by } = await home.directory.people.find(text, await names.about(text));
    const guest = await home.invitations.guest(actor, person);
    const certificate = guest?.guest?.certificate ?? await certificateOf(home, person);
    const name = await names.nameOf(person);
    const signed = (await home.web.about(actor))
      .filter((each) => each.issuer === actor && each.subject === person && !each.isRevocation)
      .map(({ userId }) => userId);
    session.item({
      person,
      by,
      ...(name === undefined ? {} : { name }),
      certificate: formatBase64(certificate),
      signed,
      ...(guest === undefined ? {} : { invited: { note: guest.note, atMs: guest.guest!.atMs } }),
    });
    return 0;
  };
}

/** @throws {PeriError} `not-found` when nobody asked knows it. */
async function certificateOf({ web, directory }: FindHome, person: Fingerprint) {
  const known = await web.certificate(person);
  if (known !== undefined) return known;
  await directory.lookup.find({ person, pod: HEY }).catch(() => undefined);
  const found = await web.certificate(person);
  if (found !== undefined) return found;
  throw new PeriError("not-found", {
    op: "find a certificate",
    subject: `that of ${person} is not known here, nor to friends`,
    hint: "peri key sign --file FILE takes it from a file that they gave you",
  });
}
