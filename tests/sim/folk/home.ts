/**
 * A periphery of a simulation of people: its real directory and gate on a disk in memory. It crashes,
 * is cut off, has a clock that is wrong; a liar answers what it likes.
 *
 * @module
 */

import type { MemoryClock } from "../../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../../runtime/adapters/memory/entropy.ts";
import { Life } from "../../../runtime/adapters/memory/life.ts";
import { MemoryDisk, MemoryStore } from "../../../runtime/adapters/memory/store.ts";
import type { MemoryNetwork } from "../../../runtime/adapters/memory/transport.ts";
import { OpenDirectory } from "../../../runtime/directory/open.ts";
import { openFederation } from "../../../runtime/gate/federation.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { type Fingerprint, parsePodName, type ServerUrl } from "../../../runtime/model/words.ts";
import type { Clock } from "../../../runtime/ports/clock.ts";
import type { Reply, Request } from "../../../runtime/ports/transport.ts";
import { gateRequest } from "../../../runtime/testing/house.ts";
import { silentLog } from "../house.ts";
import type { Issued, Somebody, Truth } from "./truth.ts";

const PERIPHERY = parsePodName("periphery");

/** What a server does with a request, given what an honest one would. */
export type Answer = (request: Request, honest: () => Promise<Reply>) => Promise<Reply>;

/** What all servers of a world share. */
export interface FolkWorld {
  readonly seed: string;
  readonly clock: MemoryClock;
  readonly network: MemoryNetwork;
  readonly truth: Truth;
  /** Whether a request gets through now, and its reply back. */
  passes(from: Home, request: Request): "yes" | "lost" | "unheard";
  /** Told of every request that was answered. */
  answered(from: Home, request: Request, reply: Reply): void;
}

/** See the module. */
export class Home {
  /** People whose pods live here. */
  readonly guests = new Set<Fingerprint>();
  /** Absent for an honest server. */
  lie: Answer | undefined;
  skewMs = 0;
  isUp = false;
  directory!: OpenDirectory;
  readonly #disk = new MemoryDisk();
  #life = new Life();
  #lives = 0;

  constructor(
    readonly world: FolkWorld,
    readonly server: ServerUrl,
    readonly owner: Somebody,
    /** The behalf of its pod `periphery`. */
    readonly periphery: Issued,
  ) {
    this.guests.add(owner.key.fingerprint);
  }

  /** The time by its clock. */
  nowMs(): number {
    return this.world.clock.nowMs() + this.skewMs;
  }

  /** Comes up, for the first time or again. */
  async start(): Promise<void> {
    const { world, server } = this;
    const life = this.#life = new Life();
    const clock = life.clock(this.#clock());
    const self = { server, owner: this.periphery, secretKey: this.periphery.secretKey };
    this.directory = new OpenDirectory({
      store: life.store(new MemoryStore(this.#disk)),
      pgp: world.truth.pgp,
      clock,
      transport: this.#transport(life),
      entropy: new SeededEntropy(`${world.seed} ${server} ${this.#lives++}`),
      log: silentLog,
      self: () => self,
      isHosted: (person) => this.guests.has(person),
      contact: () => undefined,
    });
    const { answers } = this.directory;
    const receive = () => Promise.reject(new Error("nobody posts here"));
    const gate = openFederation({ receive, answers, clock, log: silentLog });
    const honest = (request: Request): Promise<Reply> =>
      gate(gateRequest(request.body ? "POST" : "GET", request.path, request.body));
    world.network.listen(
      server,
      (request) => this.lie?.(request, () => honest(request)) ?? honest(request),
    );
    this.isUp = true;
    if (this.#lives === 1) await this.directory.announce(this.periphery);
  }

  /** Its process ends in the middle of whatever it does. */
  crash(): void {
    this.#life.end();
    this.isUp = false;
    this.world.network.drop(this.server);
  }

  /** Everything that is on its disk, for bounds. */
  rows(): readonly { key: readonly unknown[]; value: unknown }[] {
    return this.#disk.rows();
  }

  #clock(): Clock {
    const { clock } = this.world;
    return {
      nowMs: () => this.nowMs(),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    };
  }

  #transport(life: Life) {
    const { world } = this;
    const transport = world.network.transport(async (request, deliver) => {
      const fate = world.passes(this, request);
      if (fate === "lost") throw lost(request);
      const reply = await deliver(request);
      if (fate === "unheard") throw lost(request);
      world.answered(this, request, reply);
      return reply;
    });
    return {
      send: (request: Request) => life.hold(transport.send(request)),
      close: () => undefined,
    };
  }
}

/** A server with its owner, not started yet. */
export async function buildHome(
  world: FolkWorld,
  server: ServerUrl,
  owner: Somebody,
): Promise<Home> {
  const nowMs = world.clock.nowMs();
  const periphery = await world.truth.issue(owner, { pod: PERIPHERY, endpoint: server, nowMs });
  return new Home(world, server, owner, periphery);
}

function lost({ server }: Request): PeriError {
  return new PeriError("unreachable", { op: "reach server", subject: `${server}: it was lost` });
}
