/**
 * `key.publish`: what has become of a person's key is taken into the behalfs of their pods, and told
 * to friends.
 *
 * @module
 */

import { MAX_CERTIFICATE_BYTES } from "../../model/limits.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { recertify } from "../../supervisor/mod.ts";
import { type Home, knownOf } from "../home.ts";
import { actorOf, bytesOf } from "../wishes.ts";

/**
 * `{certificate: base64}` → one record `{person, pods, friends, revoked, expiresMs?}`. Needs no
 * signature: a certificate proves itself, and what is known of it is never lost.
 */
export function publishKey(
  home: Pick<Home, "supervisor" | "directory" | "pgp" | "store" | "web">,
): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const certificate = bytesOf(args, "certificate", MAX_CERTIFICATE_BYTES);
    const { installs, residents } = home.supervisor;
    const ports = { store: home.store, pgp: home.pgp, residents };
    const pods = await installs.queue.alone(() => recertify(ports, person, certificate));
    const known = await recertifyGuest(home, person, certificate) ??
      pods[0]?.introduction.certificate;
    if (known === undefined) {
      const subject = `no pod of ${person} lives on this server`;
      throw new PeriError("not-found", { op: "publish a key", subject, hint: "peri claim" });
    }
    for (const pod of pods) {
      await home.directory.announce(knownOf(pod)).catch((error: unknown) => {
        // A behalf that has expired is told of when it is renewed.
        if (!(error instanceof PeriError) || error.kind !== "expired") throw error;
      });
    }
    // What others have signed over it comes along; what of that is no good is no fault of the key.
    await home.web.take(certificate).catch((error: unknown) => {
      if (!(error instanceof PeriError)) throw error;
    });
    const { revoked, expiresMs } = await home.pgp.inspect(known);
    const friends = (await home.directory.friends.list()).length;
    session.item({ person, pods: pods.length, friends, revoked, ...(expiresMs && { expiresMs }) });
    return 0;
  };
}

/** Takes a newer certificate of a guest; undefined when they are none. */
async function recertifyGuest(
  { supervisor, pgp }: Pick<Home, "supervisor" | "pgp">,
  person: Fingerprint,
  certificate: Bytes,
): Promise<Bytes | undefined> {
  const { guests } = supervisor.household;
  const guest = guests.get(person);
  if (guest === undefined) return undefined;
  const merged = await pgp.merge(guest.certificate, certificate);
  await guests.change(person, { certificate: merged });
  return merged;
}
