/**
 * A periphery in memory with what outlives its process: it can be stopped in good order, killed at
 * any moment, also at a chosen commit, and opened again.
 *
 * @module
 */

import { MemoryBlobs } from "../adapters/memory/blobs.ts";
import type { MemoryClock } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { Life } from "../adapters/memory/life.ts";
import { type CommitFault, MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import type { Link, MemoryNetwork } from "../adapters/memory/transport.ts";
import type { GateRequest } from "../gate/federation/request.ts";
import { type Bytes, encodeUtf8 } from "../model/bytes.ts";
import type { JsonRecord } from "../model/control.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint, ServerUrl } from "../model/words.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Change } from "../ports/store.ts";
import type { Log } from "../ports/log.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Compiler, Sandbox } from "../ports/sandbox.ts";
import type { Operation } from "../ports/session.ts";
import type { Transport } from "../ports/transport.ts";
import { DEFAULT_BUDGET } from "../model/budget.ts";
import { openPeriphery, type Running } from "./open.ts";
import { type Coming, Visitor } from "./visit.ts";

/** A person with an unlocked key. */
export interface Owner {
  readonly fingerprint: Fingerprint;
  readonly certificate: Bytes;
  readonly secretKey: Bytes;
}

/** What the houses of a world share. */
export interface World {
  readonly clock: MemoryClock;
  readonly network: MemoryNetwork;
  readonly pgp: Pgp;
  /** Errors that peripheries log as their own come here. */
  readonly errors: string[];
  /** Lets time pass until a promise is settled. @throws what it rejects with, or that it never comes. */
  drive<Value>(work: Promise<Value>, what: string): Promise<Value>;
}

/** What runs the pods of a house. */
export interface Guests {
  readonly compiler: Compiler;
  /**
   * A sandbox for one life of the house, which closes it.
   *
   * @param said called with what a pod says before that is heard: `request state-get`
   */
  openSandbox(said: (what: string) => void): Sandbox;
}

/** How one comes in; whatever is not said is as for the owner of the house. */
export interface Wishes extends Partial<Omit<Coming, "person">> {
  /** Who comes; `null` for somebody without a key. */
  readonly as?: Owner | null;
}

/** When a process dies: its n-th commit is the last one that takes effect. */
export interface Crash {
  readonly commits: number;
  /** Whether the process still hears of that commit, and dies at the next one. */
  readonly isHeard: boolean;
}

/** See the module. */
export class House {
  /** Put another in its place between two lives: its state is from an older copy then. */
  disk = new MemoryDisk();
  /** How far its clock is ahead of that of the world. */
  skewMs = 0;
  readonly blobs = new MemoryBlobs();
  /** Set to let commits fail; called instead of each commit. */
  fault: CommitFault = (apply) => Promise.resolve(apply());
  /** What happens to the requests it sends. */
  link: Link = (request, deliver) => deliver(request);
  /**
   * Called at every moment at which something comes that the process waits for, before it hears: what
   * its store, clock, network or pods say, and `commit due` before a commit takes effect. May kill it.
   */
  came: (what: string) => void = () => {};
  /** What the process writes to its log: the level and the event. */
  readonly logged: string[] = [];
  /** Commits that took effect since the process started or {@link crashAfter}. */
  commits = 0;
  /** Times its process was killed. */
  deaths = 0;
  #crashes: readonly Crash[] = [];
  #life: Life | undefined;
  #process: Process | undefined;
  #lives = 0;
  readonly #world: World;
  readonly #guests: Guests;

  /** @param seed of the chance in this house */
  constructor(
    world: World,
    guests: Guests,
    public url: ServerUrl,
    readonly owner: Owner | undefined,
    private readonly seed: string = url,
  ) {
    this.#world = world;
    this.#guests = guests;
  }

  /** The periphery. @throws {Error} when it does not run. */
  get periphery(): Running {
    if (this.#process === undefined) throw new Error(`${this.url} does not run`);
    return this.#process.periphery;
  }

  /** Rejects when its process is killed; pending for ever when it does not run. */
  get gone(): Promise<never> {
    return this.#process?.gone ?? new Promise(() => {});
  }

  /** Whether its process runs. */
  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Starts it. @throws {PeriError} what keeps it from starting. */
  async open({ isServing = true }: { readonly isServing?: boolean } = {}): Promise<void> {
    const { clock, network, pgp } = this.#world;
    const life = this.#life = new Life((what) => this.came(what));
    const end = Promise.withResolvers<never>();
    end.promise.catch(() => {});
    const store = new MemoryStore(this.disk, (apply, change) => this.#commit(life, apply, change));
    const sandbox = this.#guests.openSandbox((what) => {
      if (!life.isOver) this.came(what);
    });
    const transport = network.transport((request, deliver) => this.link(request, deliver));
    const periphery = await openPeriphery({
      store: life.store(store),
      blobs: livingBlobs(life, this.blobs),
      pgp,
      compiler: this.#guests.compiler,
      sandbox,
      transport: livingTransport(life, transport),
      clock: this.#skewed(life.clock(clock)),
      entropy: new SeededEntropy(`${this.seed} ${this.#lives++}`),
      log: this.#log(life),
    }, { server: this.url, isServing, budget: DEFAULT_BUDGET, version: "0.0.0-test" });
    if (life.isOver) return;
    this.#process = {
      periphery,
      end: end.reject,
      gone: end.promise,
      store,
      close: () => sandbox.close(),
    };
    if (!isServing) return;
    network.listen(this.url, ({ path, body }) => {
      const request = gateRequest(body === undefined ? "GET" : "POST", path, body);
      return Promise.race([life.hold(periphery.gate(request)), end.promise]);
    });
  }

  #skewed({ nowMs, sleep }: Clock): Clock {
    return { nowMs: () => nowMs() + this.skewMs, sleep };
  }

  /** Ends its process in good order. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    this.#world.network.drop(this.url);
    await this.#world.drive(process.periphery.stop(1_000), `${this.url} stops`);
    await process.close();
    await process.store.close();
    this.#life = undefined;
  }

  /** Its process is gone, as after SIGKILL: nothing it waits for ever comes. */
  kill(): void {
    if (this.#life === undefined) return;
    this.#life.end();
    this.#life = undefined;
    this.deaths++;
    this.commits = 0;
    this.#crashes = this.#crashes.slice(1);
    this.#world.network.drop(this.url);
    const process = this.#process;
    this.#process = undefined;
    process?.end(new PeriError("unreachable", { op: "reach server", subject: "connection reset" }));
  }

  /** Stops it in good order and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.open();
  }

  /** Its process will die at a commit, then the next one, and so on; without crashes, no more. */
  crashAfter(...crashes: readonly Crash[]): void {
    this.commits = 0;
    this.#crashes = crashes;
  }

  /** Asks for an operation. @throws {PeriError} what refuses it. */
  visit(operation: string, args: JsonRecord = {}, wishes: Wishes = {}): Promise<Visitor> {
    return this.comes(wishes).ask(this.operation(operation), args);
  }

  /** Somebody who has come and asked for nothing yet. */
  comes({ as = this.owner ?? null, ...wishes }: Wishes = {}): Visitor {
    const { pgp } = this.#world;
    const sign = async (document: string): Promise<Bytes> =>
      await pgp.sign(as!.secretKey, encodeUtf8(document));
    const person = as?.fingerprint ?? this.periphery.desk.owner();
    return new Visitor({ sign, person, ...wishes });
  }

  /** An operation of the periphery. @throws {Error} when there is none of this name. */
  operation(name: string): Operation {
    const operation = this.periphery.desk.operations.get(name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    return operation;
  }

  #commit(life: Life, apply: () => boolean, change: Change): Promise<boolean> {
    if (!life.isOver) this.came("commit due");
    if (life.isOver) return new Promise(() => {});
    const [crash] = this.#crashes;
    if (crash?.isHeard && this.commits >= crash.commits) {
      this.kill();
      return new Promise(() => {});
    }
    return this.fault(() => {
      const isDone = apply();
      this.commits++;
      if (crash !== undefined && !crash.isHeard && this.commits >= crash.commits) this.kill();
      return isDone;
    }, change);
  }

  #log(life: Life): Log {
    const note = (level: string) => (event: string) => {
      if (!life.isOver) this.logged.push(`${level} ${event}`);
    };
    return {
      info: () => {},
      warn: note("warn"),
      error: (event, cause) => {
        if (life.isOver) return;
        const why = cause instanceof Error ? cause.message : String(cause);
        this.logged.push(`error ${event}`);
        this.#world.errors.push(`${this.url}: ${event}: ${why}`);
      },
    };
  }
}

interface Process {
  readonly periphery: Running;
  /** Resets the connections of those who wait for it. */
  readonly end: (reason: PeriError) => void;
  readonly gone: Promise<never>;
  readonly store: MemoryStore;
  close(): Promise<void>;
}

/** A request as a gate sees it, with the body in one piece. */
export function gateRequest(
  method: string,
  target: string,
  body?: Uint8Array,
  contentType: string | undefined = body && "application/cbor",
): GateRequest {
  return {
    method,
    target,
    contentType,
    declaredBytes: body?.length,
    body: async function* () {
      if (body !== undefined) yield body;
    },
  };
}

function livingBlobs(life: Life, blobs: MemoryBlobs): Blobs {
  return {
    put: (bytes) => life.hold(blobs.put(bytes)),
    get: (id) => life.hold(blobs.get(id)),
    remove: (id) => life.hold(blobs.remove(id)),
    open: (id) => life.hold(blobs.open(id)),
    draft: (head) => blobs.draft(head),
    sealed: (id) => blobs.sealed(id),
  };
}

function livingTransport(life: Life, transport: Transport): Transport {
  return {
    send: (request) => life.isOver ? new Promise(() => {}) : life.hold(transport.send(request)),
    close: () => transport.close(),
  };
}
