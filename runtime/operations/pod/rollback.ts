/**
 * `pod.rollback`: a pod goes back to the version that it had before.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Operation } from "../../ports/session.ts";
import type { PodInfo } from "../../supervisor/mod.ts";
import { certificateOf, type Home, knownOf } from "../home.ts";
import { podOf } from "../wishes.ts";

/**
 * `{pod}` → one record `{name, version, serial, expiresMs, previous, previousUntilMs}`. Says what
 * comes back and what does not, asks for consent, and for a signature.
 */
export function rollBackPod(
  home: Pick<Home, "supervisor" | "directory" | "server">,
): Operation {
  const { installs } = home.supervisor;
  return async (args, session) => {
    const ref = podOf(args, session);
    const certificate = certificateOf(home, ref.person);
    const draft = await installs.planRollback(ref, certificate, home.server);
    const { version } = draft.manifest;
    const details = consequences(await home.supervisor.info(ref), version);
    if (!await session.confirm(`Take ${ref.pod} back to ${version}?`, details)) {
      throw new PeriError("denied", { op: "go back", subject: `${ref.pod}: you said no` });
    }
    const signature = await session.sign(ref.person, draft.document);
    session.note(`going back to ${ref.pod} ${version}`);
    const pod = await installs.complete(draft, signature, {
      note: (text) => session.note(text),
      signal: session.interrupted,
    });
    await home.directory.announce(knownOf(pod));
    session.item({
      name: ref.pod,
      version,
      serial: pod.serial,
      expiresMs: pod.expiresMs,
      previous: pod.previous?.version,
      previousUntilMs: pod.previous?.untilMs,
    });
    return 0;
  };
}

/** What a person should know before, a line each. */
function consequences(
  { ref, version: now, previous, waitingEvents, waitingRuns }: PodInfo,
  version: string,
): string[] {
  const since = new Date(previous!.sinceMs).toISOString().slice(0, 16).replace("T", " ");
  const lines = [
    `${version} gets what it kept when ${now} took its place, at ${since} UTC`,
    `what ${now} has written since then is put aside; peri pod rollback ${ref.pod} brings both back`,
    `messages that ${now} has handled stay handled, and what it has sent stays sent`,
  ];
  if (waitingEvents > 0) {
    lines.push(`messages that wait: ${waitingEvents}; they come to ${version}`);
  }
  if (waitingRuns > 0) {
    lines.push(`runs that await others: ${waitingRuns}; those that ${now} has begun end unheard`);
  }
  return lines;
}
