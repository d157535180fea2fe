/**
 * `person.list`: who lives here, and how much of the server they use. Of what they keep and say,
 * nothing.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import { doFew } from "../../model/few.ts";
import { KEEP_LEFT_MS } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { type Guest, type OpenInvitation, SERVER_POD } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { actorOf } from "../wishes.ts";
import { shareRecord } from "./people.ts";

type ListHome = Pick<Home, "supervisor" | "clock" | "owner">;

/** Pods whose size is read at once. */
const READS = 16;

/**
 * One record a person: `{name?, person, state, pods, stateBytes, memoryBytes, messagesThisMinute,
 * maxPods?, maxStateBytes?, maxMemoryBytes?, maxMessagesPerMinute?, sinceMs?, untilMs?}`; `state` is
 * `owner`, `guest`, or `left` until all of them is swept away at `untilMs`, and without times while that
 * is being done. For the owner also one an invitation: `{name?, invitation, state: "invited", sinceMs, untilMs, max…}`. A guest is shown
 * themselves alone.
 */
export function listPeople(home: ListHome): Operation {
  return async (_args, session) => {
    const actor = actorOf(session);
    const { guests } = home.supervisor.household;
    const owner = home.owner();
    if (actor !== owner) {
      const own = guests.get(actor);
      if (own !== undefined) session.item(await guestRecord(home, own));
      return 0;
    }
    session.item({ person: owner, state: "owner", ...await useOf(home, owner) });
    for (const guest of guests.all()) session.item(await guestRecord(home, guest));
    for (const one of guests.invitations(home.clock.nowMs())) session.item(invitationRecord(one));
    return 0;
  };
}

/** A guest with what they use. */
export async function guestRecord(home: ListHome, guest: Guest): Promise<JsonRecord> {
  const { name, person, share, leftMs } = guest;
  return {
    ...(name === undefined ? {} : { name }),
    person,
    state: leftMs === undefined ? "guest" : "left",
    ...await useOf(home, person),
    ...shareRecord(share),
    ...timesOf(guest),
  };
}

function timesOf({ joinedMs, leftMs }: Guest): JsonRecord {
  if (leftMs === undefined) return { sinceMs: joinedMs };
  return leftMs === 0 ? {} : { sinceMs: leftMs, untilMs: leftMs + KEEP_LEFT_MS };
}

function invitationRecord(
  { id, name, person, share, createdMs, expiresMs }: OpenInvitation,
): JsonRecord {
  return {
    ...(name === undefined ? {} : { name }),
    ...(person === undefined ? {} : { person }),
    invitation: id,
    state: "invited",
    ...shareRecord(share),
    sinceMs: createdMs,
    untilMs: expiresMs,
  };
}

async function useOf({ supervisor, clock }: ListHome, person: Fingerprint): Promise<JsonRecord> {
  const pods = supervisor.list().filter(({ ref }) =>
    ref.person === person && ref.pod !== SERVER_POD
  );
  let stateBytes = 0;
  await doFew(pods, READS, async ({ ref }) => {
    stateBytes += await supervisor.stateBytes(ref);
  });
  const sum = (read: (pod: typeof pods[number]) => number) =>
    pods.reduce((total, pod) => total + read(pod), 0);
  return {
    pods: pods.length,
    stateBytes,
    memoryBytes: sum(({ status }) => status.memoryBytes ?? 0),
    messagesThisMinute: Math.max(
      sum(({ status }) => status.messages),
      supervisor.household.shares.posted(person, clock.nowMs()),
    ),
  };
}
