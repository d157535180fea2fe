/**
 * Whole peripheries on one network in memory, with people who own them. A house is a periphery with
 * what outlives its process; it can be stopped, killed at a commit, and opened again.
 *
 * @module
 */

import type { PodClass } from "../../pods/sdk/engine.ts";
import { MemoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { MemoryClock, settled } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryPgp } from "../../runtime/adapters/memory/pgp.ts";
import { type CommitFault, MemoryDisk, MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { type Link, MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import { openPgp } from "../../runtime/adapters/openpgp.ts";
import { type Bytes, encodeUtf8, formatBase64 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { type ErrorRecord, PeriError } from "../../runtime/model/errors.ts";
import { type Fingerprint, parseServerUrl, type ServerUrl } from "../../runtime/model/words.ts";
import { openPeriphery, type Periphery } from "../../runtime/periphery.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Log } from "../../runtime/ports/log.ts";
import type { Pgp } from "../../runtime/ports/pgp.ts";
import type { Transport } from "../../runtime/ports/transport.ts";
import { DEFAULT_BUDGET } from "../../runtime/supervisor/resident.ts";
import { gateRequest, makePerson, silentLog, type TestPerson } from "../helpers/village.ts";
import { Life } from "../sim/life.ts";
import { componentOf, type GuestName, ManifestCompiler, openGuests } from "./guests.ts";
import { type Coming, Visitor } from "./visit.ts";

/** How one comes in; whatever is not said is as for the owner of the house. */
export interface Wishes extends Partial<Omit<Coming, "person">> {
  /** Who comes; `null` for somebody without a key. */
  readonly as?: TestPerson | null;
}

/** When a process dies: its n-th commit is the last one that takes effect. */
export interface Crash {
  readonly commits: number;
  /** Whether the process still hears of that commit, and dies at the next one. */
  readonly isHeard: boolean;
}

/** A world of peripheries. Dispose of it to stop them. */
export class Town implements AsyncDisposable {
  readonly clock = new MemoryClock();
  readonly network = new MemoryNetwork();
  readonly pgp: Pgp;
  /** Errors that peripheries logged as their own; tests that expect none look here. */
  readonly errors: string[] = [];
  readonly houses = new Set<House>();
  readonly #isReal: boolean;

  /** @param keys with `real` ones OpenPGP is done, and takes its time */
  constructor(keys: "real" | "light" = "light") {
    this.#isReal = keys === "real";
    const { clock } = this;
    this.pgp = this.#isReal ? openPgp(clock) : new MemoryPgp(clock, new SeededEntropy("keys"));
  }

  /** A person with a key. */
  person(name: string): Promise<TestPerson> {
    return makePerson(this.pgp, name);
  }

  /** A periphery that runs and belongs to nobody yet. */
  async build(name: string, owner?: TestPerson): Promise<House> {
    const house = new House(this, parseServerUrl(`http://${name}.example`), owner);
    this.houses.add(house);
    await house.open();
    return house;
  }

  /** A claimed periphery with the hey pod. */
  async settle(name: string): Promise<Home> {
    const house = await this.build(name, await this.person(name));
    await house.claim();
    await house.install("hey");
    return house as Home;
  }

  /** Makes the owners of two houses friends of each other, who call each other by name. */
  async befriend(a: Home, b: Home): Promise<void> {
    await a.visit("friend.add", { url: b.url, name: nameOf(b) });
    await b.visit("friend.add", { url: a.url, name: nameOf(a) });
  }

  /**
   * Waits for something that must come, letting time pass: `stepMs` every few looks.
   *
   * @throws {Error} when it does not come.
   */
  async until(isSo: () => boolean | Promise<boolean>, what: string, stepMs = 250): Promise<void> {
    const startMs = performance.now();
    // Real keys take their own time, on a busy machine much of it.
    const isTime = () => this.#isReal && performance.now() - startMs < 20_000;
    for (let round = 1; round <= 2_000 || isTime(); round++) {
      if (await isSo()) return;
      await this.rest(1);
      if (round % 10 === 0) await this.clock.advance(stepMs);
    }
    throw new Error(`never: ${what}`);
  }

  /** Lets happen what needs no time to pass. */
  async rest(rounds = 20): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await settled();
      if (this.#isReal) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const house of this.houses) await house.stop();
  }
}

/** A house whose owner is known. */
export type Home = House & { readonly owner: TestPerson };

/** One periphery with what outlives its process. */
export class House {
  readonly disk = new MemoryDisk();
  readonly blobs = new MemoryBlobs();
  /** Pods whose instances break at once. */
  readonly broken = new Set<string>();
  /** Pods whose instances are of another class. */
  readonly classes = new Map<string, PodClass>();
  /** Set to let commits fail; called instead of each commit. */
  fault: CommitFault = (apply) => Promise.resolve(apply());
  /** What happens to the requests it sends. */
  link: Link = (request, deliver) => deliver(request);
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

  constructor(
    readonly town: Town,
    public url: ServerUrl,
    readonly owner: TestPerson | undefined,
  ) {}

  /** The periphery. @throws {Error} when it does not run. */
  get periphery(): Periphery {
    if (this.#process === undefined) throw new Error(`${this.url} does not run`);
    return this.#process.periphery;
  }

  /** Whether its process runs. */
  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Starts it. @throws {PeriError} what keeps it from starting. */
  async open({ isServing = true }: { readonly isServing?: boolean } = {}): Promise<void> {
    const { town, url } = this;
    const life = this.#life = new Life();
    const end = Promise.withResolvers<never>();
    end.promise.catch(() => {});
    const store = new MemoryStore(this.disk, (apply) => this.#commit(life, apply));
    const sandbox = openGuests(this);
    const periphery = await openPeriphery({
      store: life.store(store),
      blobs: livingBlobs(life, this.blobs),
      pgp: town.pgp,
      compiler: new ManifestCompiler(),
      sandbox,
      transport: livingTransport(
        life,
        town.network.transport((request, deliver) => this.link(request, deliver)),
      ),
      clock: life.clock(town.clock),
      entropy: new SeededEntropy(`${url} ${this.#lives++}`),
      log: this.#log(life),
    }, { server: url, isServing, budget: DEFAULT_BUDGET, version: "0.0.0-test" });
    if (life.isOver) return;
    this.#process = { periphery, end: end.reject, store, close: () => sandbox.close() };
    if (!isServing) return;
    town.network.listen(url, ({ path, body }) => {
      const request = gateRequest(body === undefined ? "GET" : "POST", path, body);
      return Promise.race([life.hold(periphery.gate(request)), end.promise]);
    });
  }

  /** Ends its process in good order. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    this.town.network.drop(this.url);
    const stopped = process.periphery.stop(1_000);
    let isStopped = false;
    void stopped.finally(() => isStopped = true);
    await this.town.until(() => isStopped, `${this.url} stops`);
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
    this.town.network.drop(this.url);
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
    return this.comes(wishes).ask(this.#operation(operation), args);
  }

  /** Somebody who has come and asked for nothing yet. */
  comes({ as = this.owner ?? null, ...wishes }: Wishes = {}): Visitor {
    const { pgp } = this.town;
    const sign = async (document: string): Promise<Bytes> =>
      await pgp.sign(as!.secretKey, encodeUtf8(document));
    const person = as?.fingerprint ?? this.periphery.desk.owner();
    return new Visitor({ sign, person, ...wishes });
  }

  /** What an operation is refused with. @throws {Error} when it is not. */
  async refusal(
    operation: string,
    args: JsonRecord = {},
    wishes: Wishes = {},
  ): Promise<ErrorRecord> {
    try {
      await this.visit(operation, args, wishes);
    } catch (thrown) {
      if (thrown instanceof PeriError) return thrown.toRecord();
      throw thrown;
    }
    throw new Error(`${operation} was not refused`);
  }

  /** Claims it for its owner. */
  claim(as: TestPerson = this.owner!): Promise<Visitor> {
    return this.visit("claim", { certificate: formatBase64(as.certificate) }, { as });
  }

  /** Installs a pod. */
  async install(
    name: GuestName,
    args: JsonRecord = {},
    wishes: Wishes & { readonly version?: string } = {},
  ): Promise<Visitor> {
    const { version, ...coming } = wishes;
    return await this.visit("pod.install", args, {
      input: await componentOf(name, version),
      ...coming,
    });
  }

  /** Lines a command of the hey pod prints. @throws {PeriError} what it refuses. */
  async hey(...argv: string[]): Promise<string[]> {
    return (await this.visit("pod.run", { pod: "hey", argv })).lines;
  }

  /** Letters as records: those that came, or those that were sent. */
  async letters(which: "received" | "sent" = "received"): Promise<Record<string, unknown>[]> {
    const flags = which === "sent" ? ["--sent", "--json"] : ["--json"];
    return (await this.hey("list", "--all", ...flags)).map((line) => JSON.parse(line));
  }

  #operation(name: string) {
    const operation = this.periphery.desk.operations.get(name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    return operation;
  }

  #commit(life: Life, apply: () => boolean): Promise<boolean> {
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
    });
  }

  #log(life: Life): Log {
    const note = (level: string) => (event: string) => {
      if (!life.isOver) this.logged.push(`${level} ${event}`);
    };
    return {
      ...silentLog,
      warn: note("warn"),
      error: (event, cause) => {
        if (life.isOver) return;
        const why = cause instanceof Error ? cause.message : String(cause);
        this.logged.push(`error ${event}`);
        this.town.errors.push(`${this.url}: ${event}: ${why}`);
      },
    };
  }
}

interface Process {
  readonly periphery: Periphery;
  /** Resets the connections of those who wait for it. */
  readonly end: (reason: PeriError) => void;
  readonly store: MemoryStore;
  close(): Promise<void>;
}

/** The owner's name in the house's address. */
export function nameOf({ url }: House): string {
  return new URL(url).hostname.split(".")[0]!;
}

/** A person's fingerprint in a house. */
export function ownerOf(house: Home): Fingerprint {
  return house.owner.fingerprint;
}

function livingBlobs(life: Life, blobs: MemoryBlobs): Blobs {
  return {
    put: (bytes) => life.hold(blobs.put(bytes)),
    get: (id) => life.hold(blobs.get(id)),
    remove: (id) => life.hold(blobs.remove(id)),
  };
}

function livingTransport(life: Life, transport: Transport): Transport {
  return {
    send: (request) => life.isOver ? new Promise(() => {}) : life.hold(transport.send(request)),
    close: () => transport.close(),
  };
}
