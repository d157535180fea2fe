/**
 * `status`: how a periphery is, at a glance.
 *
 * @module
 */

import { formatDays, type Warning, warnOfKey } from "../identity/expiry.ts";
import { BEHALF_WARNING_MS } from "../model/limits.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Operation } from "../ports/session.ts";
import { type PodSummary, SERVER_POD } from "../supervisor/mod.ts";
import { certificateOf, type Home } from "./home.ts";
import { describePort } from "./inhabitants.ts";

/** Failures in a row that are no accident. */
const MANY_FAILURES = 3;
/** Waiting messages are counted up to this. */
const MAX_COUNTED = 10_000;

/**
 * One record: `{server, owner?, version, ssh?, serving, pods, friends, waitingMessages, warnings: [text …]}`.
 * Pods, messages and warnings are those of the person who asks; the owner is told of all messages, and
 * how many `guests` there are.
 */
export function showStatus(
  home: Pick<
    Home,
    | "supervisor"
    | "boxes"
    | "directory"
    | "pgp"
    | "clock"
    | "server"
    | "isServing"
    | "owner"
    | "ssh"
    | "livesHere"
    | "web"
    | "invitations"
  >,
  version: string,
): Operation {
  return async (_args, session) => {
    const { person } = session;
    const owner = home.owner();
    const isOwner = person === owner;
    const pods = home.supervisor.list().filter(({ ref }) => ref.person === person);
    const unclaimed = {
      what: "nobody owns this server yet",
      hint: home.ssh === undefined
        ? "peri claim"
        : "peri claim; from another computer: peri server claim HOST:PORT, with the claim code",
    };
    const found = [
      ...await keyWarnings(home, person),
      ...pods.flatMap((pod) => warnings(pod, home)),
      ...await guestWarnings(home, person),
    ];
    if (owner === undefined) found.unshift(unclaimed);
    const guests = home.supervisor.household.guests.present().length;
    session.item({
      server: home.server,
      owner,
      version,
      ssh: home.ssh && describePort(home.ssh, home.server),
      serving: home.isServing,
      pods: pods.filter(({ ref }) => ref.pod !== SERVER_POD).length,
      friends: (await home.directory.friends.list()).length,
      ...(isOwner && guests > 0 ? { guests } : {}),
      waitingMessages: await home.boxes.waitingMessages(MAX_COUNTED, isOwner ? undefined : person),
      warnings: found.map(({ what, hint }) => `${what}: ${hint}`),
    });
    return 0;
  };
}

/** Who came by an invitation of a person's, and waits to be signed. */
async function guestWarnings(
  { web, invitations }: Pick<Home, "web" | "invitations">,
  person: Fingerprint | undefined,
): Promise<Warning[]> {
  if (person === undefined) return [];
  const found: Warning[] = [];
  for (const { guest, note } of await invitations.list(person)) {
    if (guest === undefined || (await web.standing(person, guest.person)).distance === 1) continue;
    const what = `somebody came by your invitation${note === "" ? "" : ` (${note})`}`;
    found.push({ what, hint: `peri key sign ${guest.person}` });
  }
  return found;
}

/** What a person should know of their key, as others see it by this server. */
export async function keyWarnings(
  home: Pick<Home, "supervisor" | "pgp" | "clock" | "owner" | "livesHere">,
  person: Fingerprint | undefined,
): Promise<Warning[]> {
  if (person === undefined || !home.livesHere(person)) return [];
  const certificate = certificateOf(home, person);
  const { pgp, clock } = home;
  const [info, parts] = [await pgp.inspect(certificate), await pgp.parts(certificate)];
  return warnOfKey(info, parts, clock.nowMs(), "peri key renew");
}

/** What the owner of a pod should know. */
export function warnings(
  pod: PodSummary,
  { clock, server }: Pick<Home, "clock" | "server">,
): Warning[] {
  const { ref, expiresMs, endpoint } = pod;
  // One command for all that is said here.
  const hint = "peri behalf renew";
  const leftMs = expiresMs - clock.nowMs();
  const found: Warning[] = [];
  if (leftMs <= 0) found.push({ what: `the behalf of ${ref.pod} has expired`, hint });
  else if (leftMs < BEHALF_WARNING_MS) {
    found.push({ what: `the behalf of ${ref.pod} expires in ${formatDays(leftMs)}`, hint });
  }
  if (endpoint !== server) {
    found.push({ what: `the behalf of ${ref.pod} says that it lives at ${endpoint}`, hint });
  }
  return [...found, ...faults(pod)];
}

/** What keeps a pod from its work. */
function faults(summary: PodSummary): Warning[] {
  const { ref: { pod }, status: { state, mark, failures, lastFault } } = summary;
  const back = wayBack(summary);
  const orBack = back === undefined ? "" : `; ${back}`;
  if (mark !== undefined) {
    const since = new Date(mark.sinceMs).toISOString().slice(0, 16).replace("T", " ");
    const what = `${pod} is ${state} since ${since} UTC: ${mark.why}`;
    return [{ what, hint: `${mark.hint ?? `peri pod start ${pod}`}${orBack}` }];
  }
  if (failures < MANY_FAILURES) return [];
  const reason = lastFault ?? "no reason known";
  return [{ what: `${pod} fails: ${reason}`, hint: `peri pod logs ${pod}${orBack}` }];
}

/** Deaths since its last start after which a version is not trusted any more. */
const MANY_RESTARTS = 3;

/** What to type when a pod breaks again and again and the version before it is still kept. */
export function wayBack({ ref, status, previous }: PodSummary): string | undefined {
  const isBroken = status.state === "failed" || status.restarts >= MANY_RESTARTS;
  if (!isBroken || previous === undefined) return undefined;
  return `peri pod rollback ${ref.pod} goes back to ${previous.version}`;
}
