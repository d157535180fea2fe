/**
 * `pod.install`: a pod comes to live here, or gets a new version.
 *
 * @module
 */

import { callableOf } from "../../model/callable.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../model/limits.ts";
import type { Manifest } from "../../model/pod.ts";
import type { Operation } from "../../ports/session.ts";
import { type Home, knownOf, ownerPod } from "../home.ts";
import { actorOf, optionalTextOf, readInput, switchOf } from "../wishes.ts";

/**
 * `{name?, upgrade?}` and the component as input → one record
 * `{name, version, about, serial, expiresMs, offers, needs}`. Asks for consent where the pod wants to
 * send messages, and for a signature.
 */
export function installPod(
  home: Pick<Home, "supervisor" | "boxes" | "directory" | "server" | "owner">,
): Operation {
  const { installs } = home.supervisor;
  return async (args, session) => {
    const person = actorOf(session);
    const { certificate } = ownerPod(home, person).introduction;
    const name = optionalTextOf(args, "name");
    const isUpgrade = switchOf(args, "upgrade");
    const component = await readInput(session, MAX_COMPONENT_BYTES, "read the component");
    const draft = await installs.planInstall({
      person,
      certificate,
      endpoint: home.server,
      component,
      isUpgrade,
      ...(name === undefined ? {} : { name }),
    });
    const { manifest, ref } = draft;
    if (!await consents(session.confirm.bind(session), manifest)) {
      throw new PeriError("denied", { op: "install pod", subject: `${ref.pod}: you said no` });
    }
    const signature = await session.sign(person, draft.document);
    session.note(`preparing ${ref.pod} ${manifest.version}`);
    // What an earlier pod of this name left in memory; it begins with messages of its own.
    if (draft.kind === "install") home.boxes.drop(ref);
    const pod = await installs.complete(draft, signature, {
      note: (text) => session.note(text),
      signal: session.interrupted,
    });
    if (draft.kind === "install") await home.boxes.resume(ref);
    await home.directory.announce(knownOf(pod));
    session.item({
      name: ref.pod,
      version: manifest.version,
      about: manifest.about,
      serial: pod.serial,
      expiresMs: pod.expiresMs,
      offers: manifest.offers.map((offer) => offer.interface),
      needs: manifest.needs.map((need) => need.interface),
    });
    return 0;
  };
}

/** A pod that sends nothing needs no more consent than its behalf. */
async function consents(
  confirm: (question: string, details: readonly string[]) => Promise<boolean>,
  manifest: Manifest,
): Promise<boolean> {
  const called = callableOf(manifest);
  if (called.length === 0) return true;
  const { name, version, about } = manifest;
  const details = [
    `${name} ${version}: ${about}`,
    ...called.map((one) =>
      `sends messages by ${one.interface} (${Object.keys(one.functions).join(", ")})`
    ),
  ];
  return await confirm(`Let ${name} send messages in your name?`, details);
}
