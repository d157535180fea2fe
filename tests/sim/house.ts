/**
 * A periphery in memory: boxes, a plain directory, and pods that keep a record of what they were
 * given. Its disk survives a crash, all else is made anew.
 *
 * @module
 */

import type { MemoryClock } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { MemoryPgp } from "../../runtime/adapters/memory/pgp.ts";
import { type CommitFault, MemoryDisk, MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { type Link, type MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import { Boxes, ENVELOPES_PATH } from "../../runtime/boxes/mod.ts";
import type { Directory } from "../../runtime/directory/directory.ts";
import type { Introduction, Known } from "../../runtime/identity/behalf.ts";
import { checkIntroduction, newer } from "../../runtime/identity/introduction.ts";
import { decodePost, encodeReplies } from "../../runtime/model/envelope.ts";
import { type ErrorRecord, PeriError } from "../../runtime/model/errors.ts";
import type { Call } from "../../runtime/model/message.ts";
import { formatPodRef, type PodRef, type ServerUrl } from "../../runtime/model/words.ts";
import type { Clock } from "../../runtime/ports/clock.ts";
import type { Log } from "../../runtime/ports/log.ts";
import type { Resident, Residents } from "../../runtime/ports/mailbox.ts";
import { NO_METER } from "../../runtime/ports/meter.ts";
import type { Store } from "../../runtime/ports/store.ts";
import { Life } from "../../runtime/adapters/memory/life.ts";
import { SimPod } from "./pod.ts";

/** What all peripheries of a world share. */
export interface World {
  readonly clock: MemoryClock;
  readonly pgp: MemoryPgp;
  readonly network: MemoryNetwork;
  /** Introductions as a friend or a home would tell them. */
  readonly told: Map<string, Introduction>;
}

/** What may go wrong with one periphery. */
export interface Troubles {
  readonly skewMs?: number;
  readonly link?: Link;
  readonly fault?: CommitFault;
  readonly log?: Log;
  /** Ends when the process crashes. */
  readonly life?: Life;
}

/** One life of a periphery; after a crash another one begins on the same disk. */
export class House {
  readonly server: ServerUrl;
  readonly disk: MemoryDisk;
  readonly clock: Clock;
  readonly store: Store;
  readonly directory: PlainDirectory;
  readonly boxes: Boxes;
  readonly pods = new Map<string, SimPod>();
  readonly #world: World;
  readonly #residents: Resident[];

  constructor(
    world: World,
    server: ServerUrl,
    residents: readonly Resident[],
    disk = new MemoryDisk(),
    { skewMs = 0, link, fault, log = silentLog, life = new Life() }: Troubles = {},
    lives = 0,
  ) {
    this.#world = world;
    this.server = server;
    this.disk = disk;
    this.clock = life.clock(world.clock.skewed(skewMs));
    this.store = life.store(new MemoryStore(disk, fault));
    this.directory = new PlainDirectory(world, this.clock);
    this.#residents = [...residents];
    this.boxes = new Boxes({
      store: this.store,
      clock: this.clock,
      entropy: new SeededEntropy(`${server} ${lives}`),
      log,
      pgp: world.pgp,
      transport: world.network.transport(link),
      meter: NO_METER,
      directory: this.directory,
      residents: this.#view(),
    });
    for (const { ref } of residents) {
      this.pods.set(formatPodRef(ref), new SimPod(ref, this.store, this.boxes.mailbox, this.clock));
    }
  }

  /** Comes up. */
  async start(): Promise<void> {
    this.#world.network.listen(this.server, async ({ path, body }) => {
      if (path !== ENVELOPES_PATH || !body) return { status: 404, body: new Uint8Array(0) };
      const replies = await this.boxes.receive(decodePost(body));
      return { status: 200, body: encodeReplies(replies) };
    });
    await this.boxes.start();
    for (const pod of this.pods.values()) pod.wake();
  }

  /** The pod with this address. */
  pod(ref: PodRef): SimPod {
    return this.pods.get(formatPodRef(ref))!;
  }

  /** A pod comes to live here. */
  admit(resident: Resident): void {
    this.#residents.push(resident);
    const { ref } = resident;
    this.pods.set(formatPodRef(ref), new SimPod(ref, this.store, this.boxes.mailbox, this.clock));
  }

  /** A pod leaves. */
  expel(ref: PodRef): void {
    const at = this.#residents.findIndex((one) => formatPodRef(one.ref) === formatPodRef(ref));
    this.#residents.splice(at, 1);
    this.boxes.drop(ref);
  }

  #view(): Residents {
    return {
      byRef: (ref) => this.#residents.find((one) => formatPodRef(one.ref) === formatPodRef(ref)),
      byKey: (podKey) => this.#residents.find((one) => one.podKey === podKey),
      all: () => this.#residents,
      refusal: (_to, call) => refusalOf(call),
      wake: (to) => this.pods.get(formatPodRef(to))?.wake(),
    };
  }
}

/** Every pod of a world offers every function but one. */
function refusalOf(call: Call): ErrorRecord | undefined {
  if (call.function !== "missing") return undefined;
  const subject = `${call.interface}#${call.function}`;
  return { kind: "missing-implementation", op: "take a call", subject };
}

/** A directory that knows what it was told, and what the world tells. */
export class PlainDirectory implements Directory {
  readonly #known = new Map<string, Known>();
  readonly #world: World;
  readonly #clock: Clock;

  constructor(world: World, clock: Clock) {
    this.#world = world;
    this.#clock = clock;
  }

  async find(ref: PodRef): Promise<Known> {
    const known = this.#known.get(formatPodRef(ref));
    if (known && known.behalf.expiresMs > this.#clock.nowMs()) return known;
    const told = this.#world.told.get(formatPodRef(ref));
    if (told) return await this.learn(told, "the world");
    const subject = `nobody knows ${formatPodRef(ref)}`;
    throw new PeriError("not-found", { op: "find pod", subject });
  }

  recall(ref: PodRef): Promise<Known | undefined> {
    return Promise.resolve(this.#known.get(formatPodRef(ref)));
  }

  /** Nobody is asked, so nothing is held against a behalf. */
  refresh(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  check(introduction: Introduction): Promise<Known> {
    return checkIntroduction(this.#world.pgp, introduction, this.#clock.nowMs());
  }

  /** Nobody here has another key than before. */
  current(ref: PodRef): Promise<PodRef> {
    return Promise.resolve(ref);
  }

  formersOf(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  lineagesOf(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  learnLineages(): Promise<void> {
    return Promise.resolve();
  }

  async learn(introduction: Introduction, _from: string): Promise<Known> {
    const offered = await this.check(introduction);
    const name = formatPodRef(offered.behalf);
    const known = this.#known.get(name);
    const inForce = known ? newer(known, offered) : offered;
    this.#known.set(name, inForce);
    return inForce;
  }
}

/** Swallows records. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
