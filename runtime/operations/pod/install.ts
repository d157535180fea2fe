/**
 * `pod.install`: a pod comes to live here, or gets a new version.
 *
 * @module
 */

import { newlyCallable } from "../../model/callable.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../model/limits.ts";
import type { Operation, Session } from "../../ports/session.ts";
import type { Draft } from "../../supervisor/mod.ts";
import { certificateOf, type Home, knownOf } from "../home.ts";
import { actorOf, optionalTextOf, readInput, switchOf } from "../wishes.ts";

/**
 * `{name?, upgrade?, draft?}` and the component as input → one record
 * `{name, version, about, serial, expiresMs, offers, needs, previous?, previousUntilMs?}`. Asks for
 * consent where the pod wants to send messages, of a new version where it wants to send more, and for
 * a signature.
 */
export function installPod(
  home: Pick<Home, "supervisor" | "boxes" | "directory" | "server">,
): Operation {
  const { installs } = home.supervisor;
  return async (args, session) => {
    const person = actorOf(session);
    const certificate = certificateOf(home, person);
    const name = optionalTextOf(args, "name");
    const isUpgrade = switchOf(args, "upgrade");
    const component = await readInput(session, MAX_COMPONENT_BYTES, "read the component");
    const draft = await installs.planInstall({
      person,
      certificate,
      endpoint: home.server,
      component,
      isUpgrade,
      isDraft: switchOf(args, "draft"),
      ...(name === undefined ? {} : { name }),
    });
    const { manifest, ref } = draft;
    if (!await consents(session, draft)) {
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
      previous: pod.previous?.version,
      previousUntilMs: pod.previous?.untilMs,
    });
    return 0;
  };
}

/**
 * Asks for what its person has not granted yet. A pod that sends nothing needs no more consent than
 * its behalf, and neither does a version that sends no more than the one before it.
 */
async function consents(session: Session, { kind, manifest, before }: Draft): Promise<boolean> {
  const wanted = newlyCallable(manifest, before);
  if (wanted.length === 0) return true;
  const { name, version, about } = manifest;
  const more = kind === "upgrade" ? "also sends" : "sends";
  const details = [
    `${name} ${version}: ${about}`,
    ...wanted.map((one) =>
      `${more} messages by ${one.interface} (${Object.keys(one.functions).join(", ")})`
    ),
  ];
  const question = kind === "upgrade"
    ? `Let ${name} ${version} send more messages in your name than ${before?.version}?`
    : `Let ${name} send messages in your name?`;
  return await session.confirm(question, details);
}
