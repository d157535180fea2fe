/**
 * A periphery's surroundings for the tests of this folder: pods that are functions, an inbox in
 * rows, keys without cryptography.
 *
 * @module
 */

import { concatBytes, encodeUtf8, equalBytes, formatHex, sha256 } from "../model/bytes.ts";
import { errorFromRecord, PeriError } from "../model/errors.ts";
import type { Call, InboxEvent, Post, Reply } from "../model/message.ts";
import type {
  Effects,
  Manifest,
  Offer,
  PodEnd,
  PodEvent,
  PodOutput,
  PodProgram,
  RunOutcome,
  WantedPost,
} from "../model/pod.ts";
import {
  type BlobId,
  type CapabilityId,
  type Fingerprint,
  type FunctionId,
  type FunctionName,
  type InterfaceName,
  parseFingerprint,
  parsePodName,
  parseServerUrl,
  type PodRef,
  tokenFromBytes,
} from "../model/words.ts";
import { MemoryBlobs } from "../adapters/memory/blobs.ts";
import { MemoryClock, settled } from "../adapters/memory/clock.ts";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { type CommitFault, MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import type { Log } from "../ports/log.ts";
import type { Mailbox, PlannedMail } from "../ports/mailbox.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Compiler, PodBudget, PodInstance, Sandbox } from "../ports/sandbox.ts";
import type { Store } from "../ports/store.ts";
import { openSupervisor, type Supervisor } from "./mod.ts";
import { partitionKey } from "./rows.ts";

/** A person and a friend of theirs. */
export const ALICE = parseFingerprint("A".repeat(40));
/** The friend. */
export const BOB = parseFingerprint("B".repeat(40));
/** Where everything lives. */
export const SERVER = parseServerUrl("http://127.0.0.1:7777");

/** One run as a pod's code sees it. */
export interface GuestRun {
  readonly call: Extract<PodEvent, { kind: "call" }>;
  readonly args: readonly unknown[];
  readonly isCancelled: boolean;
  get(table: string, key: string): Promise<unknown>;
  list(argument: Record<string, unknown>): Promise<[string, string][]>;
  request(operation: string, argument: unknown): Promise<unknown>;
  put(table: string, key: string, value: unknown): void;
  post(post: Partial<WantedPost>): void;
  print(text: string): void;
  read(): Promise<Uint8Array>;
  /** Speaks past all rules. */
  say(output: PodOutput): void;
  log(line: string): void;
  die(reason: PodEnd): Promise<never>;
}

/** A pod's code: the result, or a thrown error. */
export type Guest = (run: GuestRun) => Promise<unknown> | unknown;

interface Running {
  readonly invocation: number;
  readonly pending: Map<number, PromiseWithResolvers<string>>;
  chunk: Uint8Array;
  isCancelled: boolean;
}

/** Runs guests one at a time, as the SDK's engine does. */
export class FakeSandbox implements Sandbox {
  readonly guests = new Map<BlobId, Guest>();
  readonly instances: FakeInstance[] = [];
  /** Thrown by the next starts. */
  startFault: PeriError | undefined;

  start(
    program: PodProgram,
    { isAlone = false }: PodBudget,
    hear: (output: PodOutput) => void,
  ): Promise<PodInstance> {
    if (this.startFault !== undefined) return Promise.reject(this.startFault);
    const instance = new FakeInstance(this.guests.get(program.component)!, hear, isAlone);
    this.instances.push(instance);
    return Promise.resolve(instance);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A running guest. */
export class FakeInstance implements PodInstance {
  readonly #end = Promise.withResolvers<PodEnd>();
  readonly #runs = new Map<number, Running>();
  readonly #guest: Guest;
  readonly #hear: (output: PodOutput) => void;
  #turn: Promise<unknown> = Promise.resolve();
  isOver = false;
  calls = 0;

  constructor(guest: Guest, hear: (output: PodOutput) => void, public isAlone = false) {
    this.#guest = guest;
    this.#hear = hear;
  }

  get ended(): Promise<PodEnd> {
    return this.#end.promise;
  }

  share(): void {
    this.isAlone = false;
  }

  stop(): void {
    this.end("stopped");
  }

  end(reason: PodEnd): void {
    this.isOver = true;
    this.#end.resolve(reason);
  }

  dispatch(events: readonly PodEvent[]): void {
    // Another process: nothing happens before the caller has gone on.
    queueMicrotask(() => {
      for (const event of events) if (!this.isOver) this.#take(event);
    });
  }

  #take(event: PodEvent): void {
    if (event.kind === "call") {
      this.calls++;
      const running = {
        invocation: event.invocation,
        pending: new Map(),
        chunk: new Uint8Array(),
        isCancelled: false,
      };
      this.#runs.set(event.invocation, running);
      this.#turn = this.#turn.then(() => this.#run(event, running));
      return;
    }
    const running = this.#runs.get(event.invocation);
    if (running === undefined) return;
    if (event.kind === "chunk") running.chunk = event.data;
    if (event.kind === "cancel") running.isCancelled = true;
    if (event.kind === "settled") {
      const { outcome } = event;
      const waiting = running.pending.get(event.step);
      if ("ok" in outcome) waiting?.resolve(outcome.ok);
      else waiting?.reject(errorFromRecord(outcome.error));
    }
  }

  /** Resolves when the run ends or gives way to others while it waits for input. */
  #run(call: Extract<PodEvent, { kind: "call" }>, running: Running): Promise<void> {
    const { invocation } = call;
    const yielded = Promise.withResolvers<void>();
    let giveWay = yielded.resolve;
    const say = (output: PodOutput) => this.isOver || this.#hear(output);
    let effects = emptyEffects();
    let steps = 0;
    const request = async (operation: string, argument: unknown) => {
      const step = ++steps;
      const answer = Promise.withResolvers<string>();
      running.pending.set(step, answer);
      say({ kind: "request", invocation, step, operation, argument: JSON.stringify(argument) });
      return JSON.parse(await answer.promise);
    };
    const run: GuestRun = {
      call,
      args: JSON.parse(call.arguments),
      get isCancelled() {
        return running.isCancelled;
      },
      request,
      get: async (table, key) => {
        const text = await request("state-get", { table, key }) as string | null;
        return text === null ? undefined : JSON.parse(text);
      },
      list: async (argument) => await request("state-list", argument) as [string, string][],
      put: (table, key, value) => {
        const write = value === undefined
          ? { table, key }
          : { table, key, value: JSON.stringify(value) };
        effects.writes.push(write);
      },
      post: (post) => effects.posts.push({ ...POST, ...post }),
      print: (text) => effects.outputs.push({ fd: 1, data: encodeUtf8(text) }),
      read: async () => {
        say({ kind: "commit", invocation, effects });
        effects = emptyEffects();
        giveWay();
        await request("input-read", {});
        const mine = Promise.withResolvers<void>();
        const others = this.#turn;
        this.#turn = others.then(() => mine.promise);
        await others;
        giveWay = mine.resolve;
        return running.chunk;
      },
      say,
      log: (line) => say({ kind: "log", level: "info", line }),
      die: (reason) => {
        this.end(reason);
        return new Promise(() => {});
      },
    };
    const finish = (outcome: RunOutcome) => {
      const done = "ok" in outcome ? effects : emptyEffects();
      say({ kind: "finish", invocation, effects: done, outcome });
      giveWay();
    };
    Promise.resolve().then(() => this.#guest(run)).then(
      (result) => finish({ ok: JSON.stringify(result ?? null) }),
      (thrown) => {
        const subject = thrown instanceof PeriError ? thrown.subject : String(thrown);
        const kind = thrown instanceof PeriError ? thrown.kind : "internal";
        finish({ error: { kind, op: "run", subject } });
      },
    );
    return yielded.promise;
  }
}

type Mutable<Part> = Part extends readonly (infer Item)[] ? Item[] : never;

function emptyEffects(): { [Name in keyof Effects]: Mutable<Effects[Name]> } {
  return { writes: [], posts: [], answers: [], cancels: [], outputs: [] };
}

/** What the test pod offers: `add(n: u32) -> u32` for pods, its face for people. */
export const COUNT: Offer = {
  interface: "test:counter/count" as InterfaceName,
  capability: "c".repeat(64) as CapabilityId,
  functions: {
    ["add" as FunctionName]: {
      id: "d".repeat(64) as FunctionId,
      type: { params: [["n", "u32"]], result: "u32" },
    },
  },
};

const FACE: Offer = {
  interface: "peri:face/command" as InterfaceName,
  capability: "e".repeat(64) as CapabilityId,
  functions: {
    ["run" as FunctionName]: { id: "f".repeat(64) as FunctionId, type: null },
    ["verbs" as FunctionName]: { id: "0".repeat(64) as FunctionId, type: null },
  },
};

const POST: WantedPost = {
  person: BOB,
  pod: "counter",
  capability: COUNT.capability,
  interface: COUNT.interface,
  function: "add",
  functionId: "d".repeat(64),
  arguments: "[1]",
};

/** The manifest of a test pod. */
export function manifestOf(name: string, version = "1.0.0"): Manifest {
  const about = "A pod for tests";
  return { name: parsePodName(name), version, about, offers: [FACE, COUNT], needs: [] };
}

/** The component of a test pod: its manifest as JSON. */
export function componentOf(name: string, version = "1.0.0"): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify(manifestOf(name, version)));
}

/** The id of a component. */
export function idOf(component: Uint8Array): BlobId {
  return formatHex(sha256(component)) as BlobId;
}

/** Reads what {@link componentOf} writes. */
export class FakeCompiler implements Compiler {
  inspect(component: Uint8Array): Promise<Manifest> {
    return Promise.resolve(JSON.parse(new TextDecoder().decode(component)));
  }

  compile(component: Uint8Array): Promise<PodProgram> {
    return Promise.resolve({ component: idOf(component), script: "", modules: new Map() });
  }
}

/** Keys and signatures that anyone can make; enough to see who is asked for what. */
export class FakePgp {
  #made = 0;

  makePodKey(): ReturnType<Pgp["makePodKey"]> {
    const fingerprint = formatHex(sha256(encodeUtf8(`key ${++this.#made}`))).slice(0, 40)
      .toUpperCase() as Fingerprint;
    const certificate = certificateOf(fingerprint);
    return Promise.resolve({ fingerprint, certificate, secretKey: certificate });
  }

  inspect(certificate: Uint8Array): ReturnType<Pgp["inspect"]> {
    const fingerprint = new TextDecoder().decode(certificate.slice(1)) as Fingerprint;
    return Promise.resolve({
      fingerprint,
      userIds: [],
      createdMs: 0,
      revoked: false,
      canSign: true,
      canEncrypt: true,
    });
  }

  publicPart(secretKey: Uint8Array<ArrayBuffer>): ReturnType<Pgp["publicPart"]> {
    return Promise.resolve(secretKey);
  }

  sign(secretKey: Uint8Array, content: Uint8Array): ReturnType<Pgp["sign"]> {
    return Promise.resolve(asPacket(sha256(concatBytes([secretKey, content]))));
  }

  async verify(certificate: Uint8Array, content: Uint8Array, signature: Uint8Array): Promise<void> {
    if (equalBytes(signature, await this.sign(certificate, content))) return;
    throw new PeriError("denied", { op: "verify", subject: "the signature does not hold" });
  }
}

/** A certificate of {@link FakePgp}. */
export function certificateOf(person: Fingerprint): Uint8Array<ArrayBuffer> {
  return asPacket(encodeUtf8(person));
}

/** The first bit of binary OpenPGP is set. */
function asPacket(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([Uint8Array.of(0x98), content]);
}

/** Boxes as plain rows; answers and posts of a pod are kept in the order in which they left. */
export class FakeMailbox implements Mailbox {
  settlements: boolean[] = [];

  constructor(readonly store: Store, readonly remains: Remains) {}

  plan(
    from: PodRef,
    posts: readonly Post[],
    replies: readonly Reply[],
  ): Promise<PlannedMail> {
    const puts = [...posts, ...replies].map((mail) => ({
      key: partitionKey(from, "sent", ++this.remains.places),
      value: mail,
    }));
    const settle = (committed: boolean) => void this.settlements.push(committed);
    return Promise.resolve({ change: { puts }, settle });
  }

  async waiting(pod: PodRef, afterArrival: number, limit: number): Promise<InboxEvent[]> {
    const rows = await this.store.list<InboxEvent>({
      prefix: partitionKey(pod, "inbox"),
      start: partitionKey(pod, "inbox", afterArrival + 1),
      limit,
    });
    return rows.map(({ value }) => value);
  }

  removal(pod: PodRef, { arrival }: InboxEvent) {
    return { deletes: [partitionKey(pod, "inbox", arrival)] };
  }

  attempted(pod: PodRef, event: InboxEvent) {
    const value = { ...event, attempts: event.attempts + 1 };
    return { puts: [{ key: partitionKey(pod, "inbox", event.arrival), value }] };
  }
}

const SILENT: Log = { info() {}, warn() {}, error() {} };

/** What survives a crash. */
export interface Remains {
  readonly disk: MemoryDisk;
  readonly blobs: MemoryBlobs;
  readonly clock: MemoryClock;
  readonly sandbox: FakeSandbox;
  arrivals: number;
  places: number;
}

/** One process. */
export class World {
  readonly pgp = new FakePgp();
  /** What happens to the next commits; replaced by tests. */
  fault: CommitFault = (apply) => Promise.resolve(apply());
  readonly store: MemoryStore;
  readonly mailbox: FakeMailbox;
  supervisor!: Supervisor;
  isKilled = false;

  constructor(
    readonly remains: Remains = {
      disk: new MemoryDisk(),
      blobs: new MemoryBlobs(),
      clock: new MemoryClock(),
      sandbox: new FakeSandbox(),
      arrivals: 0,
      places: 0,
    },
  ) {
    this.store = new MemoryStore(remains.disk, (apply, change) => this.fault(apply, change));
    this.mailbox = new FakeMailbox(this.store, remains);
  }

  /** A started periphery. */
  static async open(remains?: Remains): Promise<World> {
    const world = new World(remains);
    const { store, pgp } = world;
    const { blobs, clock, sandbox } = world.remains;
    world.supervisor = await openSupervisor({
      store,
      blobs,
      clock,
      sandbox,
      pgp: pgp as unknown as Pgp,
      compiler: new FakeCompiler(),
      entropy: new SeededEntropy(1),
      log: SILENT,
      findPerson: (_, text) => {
        if (text === "bob") return Promise.resolve({ person: BOB, name: "Bob" });
        return Promise.reject(new PeriError("not-found", { op: "find", subject: text }));
      },
    });
    world.supervisor.start(world.mailbox);
    return world;
  }

  /** This process is gone from now on: no commit of it takes effect. */
  kill(): void {
    this.isKilled = true;
    this.fault = () => new Promise(() => {});
    for (const instance of this.remains.sandbox.instances) instance.isOver = true;
  }

  /** Stops it; what runs has a tenth of a second. */
  async stop(): Promise<void> {
    let isStopped = false;
    this.supervisor.stop(100).then(() => isStopped = true);
    await this.until(() => isStopped);
  }

  /** Installs a test pod. */
  async install(guest: Guest, name = "counter"): Promise<PodRef> {
    const component = componentOf(name);
    this.remains.sandbox.guests.set(idOf(component), guest);
    const { installs } = this.supervisor;
    const draft = await installs.planInstall({
      person: ALICE,
      certificate: certificateOf(ALICE),
      endpoint: SERVER,
      component,
    });
    const signature = await this.sign(ALICE, draft.document);
    return (await installs.complete(draft, signature)).ref;
  }

  /** A person's signature. */
  async sign(person: Fingerprint, document: string): Promise<Uint8Array<ArrayBuffer>> {
    return await this.pgp.sign(certificateOf(person), encodeUtf8(document)) as Uint8Array<
      ArrayBuffer
    >;
  }

  /** Puts calls of `add` into a pod's inbox and wakes it. */
  deliver(ref: PodRef, ...args: readonly number[]): void {
    for (const n of args) this.put(ref, eventOf(ref, this.remains.arrivals++, n));
    this.supervisor.residents.wake(ref);
  }

  /** Puts one event into a pod's inbox. */
  put(ref: PodRef, event: InboxEvent): void {
    const key = partitionKey(ref, "inbox", event.arrival);
    this.remains.disk.apply({ puts: [{ key, value: event }] });
  }

  /** Values of a pod's rows below a part of its partition. */
  rows<Value>(ref: PodRef, part: string): Value[] {
    const start = ["pod", ref.person, ref.pod, part];
    return this.remains.disk.rows().filter(({ key }) => start.every((name, at) => key[at] === name))
      .map(({ value }) => value as Value);
  }

  /** The value of one entry of a pod's table. */
  state(ref: PodRef, table: string, key: string): unknown {
    const row = this.remains.disk.get(partitionKey(ref, "state", table, key));
    return row === undefined ? undefined : JSON.parse(row.value as string);
  }

  /** Lets time pass until something holds. */
  async until(holds: () => boolean): Promise<void> {
    for (let round = 0; round < 2_000; round++) {
      if (holds()) return;
      await settled();
      if (round % 10 === 9) await this.remains.clock.advance(20);
    }
    throw new Error("it never came true");
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    for (let round = 0; round < 30; round++) await settled();
  }
}

/** A call of `add(n)` by Bob. */
export function eventOf(ref: PodRef, arrival: number, n: unknown): InboxEvent {
  const body: Call = {
    kind: "call",
    token: tokenFromBytes(sha256(encodeUtf8(String(arrival))).slice(0, 16)),
    capability: COUNT.capability,
    interface: COUNT.interface,
    function: "add" as FunctionName,
    functionId: "d".repeat(64) as FunctionId,
    payload: JSON.stringify([n]),
  };
  return {
    arrival,
    receivedMs: 0,
    attempts: 0,
    message: {
      from: { person: BOB, pod: parsePodName("hey") },
      to: ref,
      sequence: arrival + 1,
      createdMs: 0,
      expiresMs: Number.MAX_SAFE_INTEGER,
      body,
    },
  };
}

/** A pod that counts what it is given: `sum` grows by n, `log/<n>` is written once per call. */
export const counter: Guest = async (run) => {
  const [n] = run.args as [number];
  const sum = (await run.get("count", "sum") as number | undefined ?? 0) + n;
  const runs = (await run.get("count", "runs") as number | undefined ?? 0) + 1;
  run.put("count", "sum", sum);
  run.put("count", "runs", runs);
  return sum;
};
