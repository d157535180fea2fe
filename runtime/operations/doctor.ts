/**
 * `doctor`: looks for what is wrong with a periphery, and says what to do.
 *
 * @module
 */

import { PeriError, toPeriError } from "../model/errors.ts";
import type { Fingerprint, PodRef } from "../model/words.ts";
import type { Operation } from "../ports/session.ts";
import type { Home } from "./home.ts";
import { keyWarnings, warnings } from "./status.ts";

/** What a look found. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly finding: string;
  readonly hint?: string;
}

type Check = (
  home: DoctorHome,
  person: Fingerprint | undefined,
) => Promise<readonly Finding[]>;
type DoctorHome = Pick<
  Home,
  | "supervisor"
  | "directory"
  | "pgp"
  | "clock"
  | "store"
  | "sandbox"
  | "server"
  | "isServing"
  | "owner"
  | "livesHere"
>;

/**
 * One record a finding: `{check, ok, finding, hint?}`. Exit code 1 when something is wrong. A guest is
 * told of their own key and pods alone, the owner of their own and of the server.
 */
export function examine(home: DoctorHome): Operation {
  return async (_args, session) => {
    const { person } = session;
    let wrong = 0;
    const owner = home.owner();
    const isGuest = owner !== undefined && owner !== person;
    for (const [name, check, forGuests] of CHECKS) {
      if (isGuest && !forGuests) continue;
      for (const finding of await look(name, check, home, person)) {
        if (!finding.ok) wrong++;
        session.item({ ...finding });
      }
    }
    return wrong === 0 ? 0 : 1;
  };
}

/** A look that fails is a finding of its own, and the others go on. */
async function look(
  name: string,
  check: Check,
  home: DoctorHome,
  person: Fingerprint | undefined,
): Promise<readonly Finding[]> {
  try {
    return await check(home, person);
  } catch (thrown) {
    const { message, hint } = toPeriError(thrown, "look");
    return [{ check: name, ok: false, finding: message, ...(hint === undefined ? {} : { hint }) }];
  }
}

/** Writes and removes a row: a full or broken disk shows here. */
const checkStore: Check = async ({ store, clock }) => {
  const key = ["doctor"];
  await store.commit({ puts: [{ key, value: clock.nowMs() }] });
  await store.commit({ deletes: [key] });
  return [{ check: "state", ok: true, finding: "the disk takes what is written" }];
};

const checkOwner: Check = ({ owner }) => {
  const person = owner();
  return Promise.resolve([
    person === undefined
      ? { check: "owner", ok: false, finding: "nobody owns this server", hint: "peri claim" }
      : { check: "owner", ok: true, finding: person },
  ]);
};

/** Asks this server at its public address who it is, as a friend would. */
const checkServing: Check = async ({ directory, server, isServing, owner }) => {
  if (!isServing) {
    const finding = "no server runs; messages wait until one does";
    return [{ check: "server", ok: false, finding, hint: "peri serve" }];
  }
  if (owner() === undefined) return [];
  const { behalf } = await directory.meet(server).catch((cause) => {
    const hint =
      "set `url` to what others can reach, or `allow-private` if it is only for your net";
    const { kind, message } = toPeriError(cause, "reach this server");
    throw new PeriError(kind, { op: `be reached at ${server}`, subject: message, hint });
  });
  const ok = behalf.person === owner();
  return [{
    check: "server",
    ok,
    finding: ok ? `answers at ${server}` : `another server answers at ${server}`,
  }];
};

/** What of the confinement of pods this system does not offer. */
const checkHosts: Check = async ({ sandbox }) => {
  const flaws = await sandbox.flaws?.();
  if (flaws === undefined) return [];
  const check = "pod hosts";
  if (flaws.length === 0) return [{ check, ok: true, finding: "are confined by the system too" }];
  return flaws.map(({ what, hint, isMinor = false }) => ({
    check,
    ok: isMinor,
    finding: what,
    hint,
  }));
};

const checkKeys: Check = async (home, person) => {
  const found = await keyWarnings(home, person);
  if (found.length === 0) return [];
  return found.map(({ what, hint }) => ({ check: "keys", ok: false, finding: what, hint }));
};

const checkPods: Check = (home, person) => {
  const isOwn = (ref: PodRef) => ref.person === person;
  const damaged = home.supervisor.residents.unreadable().filter(isOwn);
  const unreadable = damaged.map(({ pod }): Finding => ({
    check: `pod ${pod}`,
    ok: false,
    finding: "its record cannot be read",
    hint: `restore the home from a backup, or give up what it keeps: peri pod remove ${pod}`,
  }));
  const pods = home.supervisor.list().filter(({ ref }) => isOwn(ref));
  const others = pods.flatMap((pod): Finding[] => {
    const check = `pod ${pod.ref.pod}`;
    const found = warnings(pod, home);
    if (found.length === 0) return [{ check, ok: true, finding: "works and may act" }];
    return found.map(({ what, hint }) => ({ check, ok: false, finding: what, hint }));
  });
  return Promise.resolve([...unreadable, ...others]);
};

/** How many, and not which: a guest's pods are the guest's to look after. */
const checkGuests: Check = ({ supervisor }, person) => {
  const { household, residents } = supervisor;
  const guests = household.guests.present().length;
  if (guests === 0) return Promise.resolve([]);
  const pods = supervisor.list().filter(({ ref }) => ref.person !== person);
  const failed = pods.filter(({ status }) => status.state === "failed").length;
  const damaged = residents.unreadable().filter((ref) => ref.person !== person).length;
  const all = `${guests} ${guests === 1 ? "guest" : "guests"} with ${pods.length} ${
    pods.length === 1 ? "pod" : "pods"
  }`;
  const ill = [
    ...failed > 0 ? [`${failed} of them failed and stay stopped`] : [],
    ...damaged > 0 ? [`the records of ${damaged} more cannot be read`] : [],
  ];
  const finding = [all, ...ill].join("; ");
  return Promise.resolve([
    damaged === 0
      ? { check: "guests", ok: true, finding }
      : { check: "guests", ok: false, finding, hint: "restore the home from a backup" },
  ]);
};

const checkFriends: Check = async ({ directory, isServing }) => {
  if (!isServing) return [];
  const friends = await directory.friends.list();
  return await Promise.all(friends.map(async ({ owner, server }) => {
    const check = `friend ${server}`;
    try {
      const { behalf } = await directory.meet(server);
      const ok = behalf.person === owner;
      return { check, ok, finding: ok ? "answers" : `now belongs to ${behalf.person}` };
    } catch (thrown) {
      const finding = toPeriError(thrown, "reach it").message;
      return { check, ok: false, finding, hint: "messages wait until it answers" };
    }
  }));
};

/** In the order in which one builds on the other. */
const CHECKS: readonly (readonly [name: string, check: Check, forGuests?: true])[] = [
  ["state", checkStore],
  ["owner", checkOwner],
  ["server", checkServing],
  ["pod hosts", checkHosts],
  ["keys", checkKeys, true],
  ["pods", checkPods, true],
  ["guests", checkGuests],
  ["friends", checkFriends],
];
