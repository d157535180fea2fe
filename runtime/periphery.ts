/**
 * Joins the parts: directory, supervisor, boxes, gate and operations become one periphery.
 *
 * @module
 */

import { Boxes } from "./boxes/mod.ts";
import { OpenDirectory } from "./directory/open.ts";
import type { Desk } from "./gate/control/session.ts";
import { type Gate, openFederation } from "./gate/federation.ts";
import type { Commands } from "./gate/ssh/command.ts";
import { openDoor } from "./gate/ssh/door.ts";
import { openSshGate, type SshGate } from "./gate/ssh/gate.ts";
import { formatBase64Url } from "./model/bytes.ts";
import type { Budget } from "./model/budget.ts";
import { sshFingerprint } from "./model/ssh/key.ts";
import type { Fingerprint, ServerUrl } from "./model/words.ts";
import { Acquaintances } from "./operations/acquaintances.ts";
import { followAll } from "./operations/follow.ts";
import { openFiles } from "./operations/files.ts";
import { type Home, knownOf, type SshPort } from "./operations/home.ts";
import { screensOf } from "./operations/pod/terminal.ts";
import { inhabitants, podsOf } from "./operations/inhabitants.ts";
import { openAdmission } from "./operations/person/join.ts";
import { openHearing } from "./operations/key/hear.ts";
import { HEY, HeyPetnames } from "./operations/petnames.ts";
import { hearOf, openInvitations, openWeb } from "./operations/trust/open.ts";
import { tellAllSigned, tellSigned } from "./operations/trust/tell.ts";
import { askTrust } from "./operations/trust/travel.ts";
import { openOperations } from "./operations/table.ts";
import type { Blobs } from "./ports/blobs.ts";
import type { Clock } from "./ports/clock.ts";
import type { Entropy } from "./ports/entropy.ts";
import type { Log } from "./ports/log.ts";
import type { Meter } from "./ports/meter.ts";
import type { Pgp } from "./ports/pgp.ts";
import type { Compiler, Sandbox } from "./ports/sandbox.ts";
import type { Store } from "./ports/store.ts";
import type { Transport } from "./ports/transport.ts";
import {
  type FindPerson,
  finishTakeovers,
  HeyDoor,
  openAliases,
  openSupervisor,
  SERVER_POD,
  type Supervisor,
} from "./supervisor/mod.ts";

/** Who is further away than this has the rule of those whom nobody knows (hey's rules). */
const LAST_RULED_DISTANCE = 3;

/** What a periphery is made of. Whoever opens these closes them, after the periphery. */
export interface PeripheryParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pgp: Pgp;
  readonly compiler: Compiler;
  readonly sandbox: Sandbox;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Absent: nobody looks. */
  readonly meter?: Meter;
}

/** How a periphery is run. */
export interface PeripheryOptions {
  /** Where others reach it. */
  readonly server: ServerUrl;
  /** Whether it delivers and receives; a command that opens its home for a moment does not. */
  readonly isServing: boolean;
  /** What a pod may use of which its owner has set nothing. */
  readonly budget: Budget;
  /** Of this program, for `status`. */
  readonly version: string;
  /** Pods without work that are not put to sleep yet; absent: `MAX_RESTING_PODS`. */
  readonly maxResting?: number;
  /** Where people come in by SSH, and the command line that they find there; absent: nowhere. */
  readonly ssh?: SshPort & Pick<Commands, "run">;
  /** Has it stopped and opened again; absent: whoever opened it does so anyway. */
  readonly restart?: () => void;
}

/** A running periphery. */
export interface Periphery {
  /** Where other peripheries come in. */
  readonly gate: Gate;
  /** Where the people of this one come in. */
  readonly desk: Desk;
  /** Where they come in by SSH; absent when that is not wanted. */
  readonly ssh: SshGate | undefined;
  /**
   * Lets what runs end, at most so long, and stops everything. What was accepted is on disk; what
   * had not ended is done again after the next start.
   */
  stop(drainMs: number): Promise<void>;
}

/** Opens a periphery; it works when this resolves. Nothing it had accepted earlier is forgotten. */
export async function openPeriphery(
  given: PeripheryParts,
  { server, isServing, budget, version, maxResting, ssh, restart = () => {} }: PeripheryOptions,
): Promise<Periphery> {
  await finishTakeovers(given.store, given.clock.nowMs());
  const parts = { ...given, store: await openAliases(given.store) };
  const { store, pgp, clock, log } = parts;
  const joined = Promise.withResolvers<Home>();
  const acquaintances = new Acquaintances(joined.promise);
  const supervisor = await openSupervisor({
    ...parts,
    budget,
    ...(maxResting === undefined ? {} : { maxResting }),
    findPerson: async (pod, text) => await findPersonFor(await joined.promise)(pod, text),
    trust: askTrust(async () => (await joined.promise).web, parts),
    people: acquaintances,
    knownSerial: async (ref) =>
      (await (await joined.promise).directory.book.entry(ref))?.behalf.serial ?? 0,
  });
  const { household } = supervisor;
  const owner = () => ownerOf(supervisor);
  const livesHere = (person: Fingerprint) =>
    person === owner() || household.guests.get(person) !== undefined;
  const directory: OpenDirectory = new OpenDirectory({
    ...parts,
    self: () => selfOf(supervisor, server),
    isHosted: (person) => supervisor.residents.all().some(({ ref }) => ref.person === person),
    livesHere,
    contact: (heard) => boxes.contact(heard),
    found: (pod) => {
      boxes.found(pod);
      hear(pod.person);
    },
    followed: () => follow(),
  });
  const web = openWeb(parts, { supervisor, owner }, directory);
  const hear = (person: Fingerprint) =>
    void hearOf(web, directory, person).catch((cause) => log.error("trust not updated", cause));
  const invitations = openInvitations(parts, { supervisor, owner }, directory);
  const boxes: Boxes = new Boxes({
    ...parts,
    directory: directory.lookup,
    residents: supervisor.residents,
    door: new HeyDoor(supervisor.residents, {
      ...{ store, clock },
      isKnown: async (person, other) =>
        await acquaintances.isFriend({ person, pod: HEY }, other) ||
        ((await web.standing(person, other)).distance ?? Infinity) <= LAST_RULED_DISTANCE,
      formersOf: (person) => directory.book.successions.formersOf(person),
    }),
  });
  const { sandbox, transport, entropy } = parts;
  const home: Home = {
    supervisor,
    boxes,
    directory,
    web,
    invitations,
    transport,
    pgp,
    clock,
    entropy,
    store,
    sandbox,
    server,
    isServing,
    owner,
    ssh: ssh && { ...ssh, claimCode: openClaim(entropy, owner) },
    restart,
    signed: (person) => afterwards(() => tellSigned(home, person, log)),
    livesHere,
  };
  const admission = openAdmission(home);
  let following = Promise.resolve();
  const follow = () => {
    following = following.then(() => followAll(home, log))
      .catch((cause) => log.error("successors not followed", cause));
  };
  let telling = Promise.resolve();
  const afterwards = (work: () => Promise<void>) => {
    telling = telling.then(work).catch((cause) => log.error("signatures not told", cause));
  };
  joined.resolve(home);
  supervisor.start(boxes.mailbox);
  if (isServing) await boxes.start();
  const gone = household.guests.all().filter(({ person }) => household.guests.hasLeft(person));
  const away = gone.map(({ person }) => person);
  await directory.catchUp(supervisor.residents.all(), knownOf, away);
  follow();
  afterwards(() => tellAllSigned(home, log));
  const desk: Desk = {
    ...openOperations(home, version, admission),
    owner,
    gone: (person) => household.gone(person),
    log,
  };
  return {
    gate: openFederation({
      receive: (envelopes) => boxes.receive(envelopes),
      answers: directory.answers,
      meet: (body) => invitations.meet(body),
      join: (body) => admission.take(body),
      hear: openHearing(home),
      clock,
      log,
    }),
    desk,
    ssh: ssh && openSsh(home, desk, home.ssh!, ssh.run),
    async stop(drainMs) {
      await supervisor.stop(drainMs);
      await Promise.all([following, telling]);
      await boxes.stop();
      await directory.close();
    },
  };
}

/** Who can see `peri status` of a server that belongs to nobody may claim it from elsewhere. */
function openClaim(entropy: Entropy, owner: Home["owner"]): () => string | undefined {
  const code = `claim-${formatBase64Url(entropy.bytes(16))}`;
  return () => owner() === undefined ? code : undefined;
}

function openSsh(
  home: Home,
  desk: Desk,
  { hostKey, claimCode }: NonNullable<Home["ssh"]>,
  run: Commands["run"],
): SshGate {
  const { pgp, clock } = home;
  const people = () => inhabitants(home);
  const files = openFiles(home);
  return openSshGate({
    door: openDoor({
      people,
      owner: home.owner,
      pgp,
      clock,
      log: desk.log,
      hostKey: sshFingerprint(hostKey),
      claimCode,
    }),
    desk,
    commands: { pods: (person) => podsOf(home, person), run, screens: screensOf(home) },
    files: (person, pod) => files({ person, pod }),
    clock,
    log: desk.log,
  });
}

function ownerOf({ residents }: Supervisor): Fingerprint | undefined {
  return residents.all().find(({ ref }) => ref.pod === SERVER_POD)?.ref.person;
}

function selfOf({ residents }: Supervisor, server: ServerUrl) {
  const pod = residents.all().find(({ ref }) => ref.pod === SERVER_POD);
  return pod && { server, owner: knownOf(pod), secretKey: pod.secretKey };
}

/**
 * Petnames first, then what people claim. The hey pod, which keeps the petnames, has looked there
 * itself and must not be asked while it waits for this answer.
 */
function findPersonFor({ supervisor, directory }: Home): FindPerson {
  return async ({ person, pod }, text) => {
    const names = new HeyPetnames(supervisor, person);
    const petnames = pod === HEY ? new Map<string, Fingerprint>() : await names.about(text);
    const found = await directory.people.find(text, petnames);
    const claims = (await directory.book.person(found.person))?.userIds ?? [];
    return claims[0] === undefined ? found : { person: found.person, name: claims[0] };
  };
}
