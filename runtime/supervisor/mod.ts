/**
 * The supervisor: which pods live here, their life, turns and budgets.
 *
 * @module
 */

import { type Budget, DEFAULT_BUDGET, withLimits } from "../model/budget.ts";
import { PeriError } from "../model/errors.ts";
import { doFew } from "../model/few.ts";
import type { PodRef } from "../model/words.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Mailbox } from "../ports/mailbox.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Compiler, Sandbox } from "../ports/sandbox.ts";
import type { Store } from "../ports/store.ts";
import { Contents } from "./visit/contents.ts";
import { Faces } from "./visit/face.ts";
import { describe, type PodInfo, type PodSummary, summarize } from "./info.ts";
import { Installs } from "./version/install.ts";
import { openKeeper } from "./version/keeper.ts";
import { Guests } from "./guests/guests.ts";
import { Household } from "./guests/household.ts";
import { Shares } from "./guests/shares.ts";
import { Lives } from "./life/lives.ts";
import { PodLogs } from "./log.ts";
import { Marks } from "./life/marks.ts";
import { Reins } from "./life/reins.ts";
import { Recorder } from "./replay/recorder.ts";
import { Replays } from "./replay/replays.ts";
import type { AskTrust, FindPerson } from "./turn/request.ts";
import { placeOf, readResident } from "./resident.ts";
import { Certifier } from "./takeover/certify.ts";
import { ResidentMap } from "./residents.ts";
import type { AskPeople } from "./turn/people.ts";
import { Watchers } from "./visit/watchers.ts";
import { readUsedBytes } from "./state/account.ts";

export { openAliases, partitionOf } from "./takeover/aliases.ts";
export { decideTakeover, finishTakeovers, type Heirloom } from "./takeover/takeover.ts";
export { recertify } from "./recertify.ts";
export { COMMAND_FACE, type CommandSession, type Faces } from "./visit/face.ts";
export type { Draft } from "./version/draft.ts";
export type { PodInfo, PodSummary } from "./info.ts";
export { type Installs, type InstallWish } from "./version/install.ts";
export { ownPod, SERVER_POD } from "./version/leave.ts";
export type { LifeState, LifeStatus } from "./life/life.ts";
export type { LogLevel, LogLine, PodLogs } from "./log.ts";
export { Admission } from "./guests/admit.ts";
export { type Guest, type OpenInvitation, unknownGuest } from "./guests/guests.ts";
export type { Household } from "./guests/household.ts";
export type { Mark } from "./life/marks.ts";
export type { LimitChange, Reins } from "./life/reins.ts";
export type { ListedRun, ReplayChoice, ReplayEnd, Replays } from "./replay/replays.ts";
export type { RunEnd, RunRecord } from "./replay/record.ts";
export { describe as describeStep, type ShownStep } from "./replay/shown.ts";
export type { AskTrust, FindPerson } from "./turn/request.ts";
export type { AskPeople } from "./turn/people.ts";
export { HeyDoor } from "./door.ts";
export type { ResidentPod } from "./resident.ts";
export type { ResidentMap } from "./residents.ts";
export type { Visitor } from "./visit/visit.ts";

/** What a supervisor is made of. Whoever opens these closes them, after the supervisor. */
export interface SupervisorOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pgp: Pgp;
  readonly compiler: Compiler;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly findPerson: FindPerson;
  /** The web of trust; absent: pods cannot ask for it. */
  readonly trust?: AskTrust;
  /** Absent: pods are told of no friends and no introductions. */
  readonly people?: AskPeople;
  /** Pods without work that are not put to sleep yet; absent: `MAX_RESTING_PODS`. */
  readonly maxResting?: number;
  /** What a pod here may use of which its owner has set nothing; absent: the default. */
  readonly budget?: Budget;
  /** The highest serial known of a pod, 0 when none. */
  knownSerial?(ref: PodRef): Promise<number>;
}

/** The supervisor. */
export interface Supervisor {
  readonly residents: ResidentMap;
  readonly installs: Installs;
  /** Certifies pods for the key that takes the place of their person's. */
  readonly certifier: Certifier;
  readonly faces: Faces;
  /** What pods keep and do not see. */
  readonly contents: Contents;
  readonly logs: PodLogs;
  readonly reins: Reins;
  readonly replays: Replays;
  /** The people who live here beside the owner. */
  readonly household: Household;
  /** All pods that live here, in order of their names. */
  list(): PodSummary[];
  /** Bytes of a pod's tables. @throws {PeriError} `not-found`. */
  stateBytes(ref: PodRef): Promise<number>;
  /** All there is to tell of a pod. @throws {PeriError} `not-found`; `busy` before the start. */
  info(ref: PodRef): Promise<PodInfo>;
  /** Begins to work. Called once, when the boxes are there. */
  start(mailbox: Mailbox): void;
  /** Lets what runs end, at most so long, then stops all pods and writes their logs. */
  stop(drainMs: number): Promise<void>;
}

/** Records that are read at once. */
const LOADS = 16;

/**
 * Loads the pods that live here, after sweeping away what a crash left half-done. Nothing runs
 * before {@link Supervisor.start}; a pod whose record is damaged is left alone and logged.
 */
export async function openSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { store, clock, log } = options;
  const lives = new Lives(options.maxResting);
  const residents = new ResidentMap((ref) => lives.get(ref)?.wake());
  const budget = options.budget ?? DEFAULT_BUDGET;
  const perMinute = (ref: PodRef) => (residents.byRef(ref)?.budget ?? budget).logPerMinute;
  const logs = new PodLogs(store, clock, log, perMinute);
  const marks = new Marks(store);
  const recorder = new Recorder(store, clock, log);
  const kept = () => keeper.look();
  const watchers = new Watchers();
  const guests = new Guests(store);
  await guests.load();
  const shares = new Shares((person) => guests.shareOf(person));
  const installs = new Installs({ ...options, residents, lives, logs, recorder, kept, shares });
  const confirm = (ref: PodRef) => installs.confirm(ref);
  const keeper = openKeeper({ residents, clock, log, confirm });
  const load = async (ref: PodRef) => {
    if (guests.hasLeft(ref.person)) return;
    try {
      const pod = await readResident(store, ref, residents.manifests);
      await marks.load(pod);
      if (guests.get(ref.person)) shares.load(ref, await readUsedBytes(store, placeOf(pod)));
      residents.put({ ...pod, budget: withLimits(budget, pod.limits) });
    } catch (cause) {
      residents.mark(ref);
      log.error("pod not loaded", cause, { pod: ref.pod, person: ref.person });
    }
  };
  await doFew(await installs.recover(), LOADS, load);
  const household = new Household({ ...options, residents, lives, installs, guests, shares, load });
  let mailbox: Mailbox | undefined;
  return {
    residents,
    installs,
    certifier: new Certifier({ ...options, residents }),
    faces: new Faces(residents, lives, clock, watchers),
    contents: new Contents({ ...options, residents }),
    logs,
    reins: new Reins({ store, clock, residents, lives, marks, logs, installs, budget, shares }),
    replays: new Replays({ ...options, residents, recorder, shares }),
    household,
    list: () => residents.all().map((pod) => summarize(pod, lives)).sort(byName),
    stateBytes: async (ref) => await readUsedBytes(store, placeOf(residents.get(ref))),
    info: async (ref) => {
      if (mailbox === undefined) throw notStarted();
      return await describe(residents.get(ref), lives, store, mailbox);
    },
    start: (joined) => {
      mailbox = joined;
      const ports = { ...options, logs, recorder, marks, mailbox, shares, watchers };
      lives.start(ports, residents.all());
      keeper.look();
      household.look();
    },
    stop: async (drainMs) => {
      keeper.stop();
      household.stop();
      await installs.stop();
      await lives.stop(drainMs);
      await logs.close();
      await recorder.close();
    },
  };
}

function byName(a: PodSummary, b: PodSummary): number {
  return a.ref.pod < b.ref.pod ? -1 : a.ref.pod > b.ref.pod ? 1 : 0;
}

function notStarted(): PeriError {
  return new PeriError("busy", { op: "look at a pod", subject: "the server is still starting" });
}
