/**
 * The surroundings of pods whose code is a function: a supervisor on a disk in memory, an inbox in
 * rows, keys without cryptography. What survives a crash is kept apart from the process.
 *
 * @module
 */

import {
  concatBytes,
  encodeUtf8,
  equalBytes,
  formatHex,
  sha256,
} from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Call, InboxEvent, Outcome, Post, Reply } from "../../runtime/model/message.ts";
import {
  type Fingerprint,
  type FunctionId,
  type FunctionName,
  parseFingerprint,
  parsePodName,
  parseServerUrl,
  type PodRef,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import { MemoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { MemoryClock, settled } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { type CommitFault, MemoryDisk, MemoryStore } from "../../runtime/adapters/memory/store.ts";
import type { Log } from "../../runtime/ports/log.ts";
import type { Mailbox, PlannedMail } from "../../runtime/ports/mailbox.ts";
import type { Pgp } from "../../runtime/ports/pgp.ts";
import type { Store } from "../../runtime/ports/store.ts";
import {
  openSupervisor,
  type Supervisor,
  type SupervisorOptions,
} from "../../runtime/supervisor/mod.ts";
import { partitionKey, stateKey } from "../../runtime/supervisor/rows.ts";
import { BOB, componentOf, COUNT, FakeCompiler, FakeSandbox, type Guest, idOf } from "./guest.ts";

/** A person who has a periphery; {@link BOB} is a friend. */
export const ALICE = parseFingerprint("A".repeat(40));
/** Where everything lives. */
export const SERVER = parseServerUrl("http://127.0.0.1:7777");

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

  later(): Promise<never[]> {
    return Promise.resolve([]);
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

/** What is said of a world's supervisor. */
export type WorldWishes = Pick<SupervisorOptions, "maxResting">;

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
  static async open(remains?: Remains, more: WorldWishes = {}): Promise<World> {
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
      ...more,
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

  /** What a pod has answered, in order. */
  outcomes(ref: PodRef): Outcome[] {
    return this.rows<Reply>(ref, "sent").map(({ outcome }) => outcome);
  }

  /** For {@link until}: nothing waits in a pod's inbox. */
  isDone(ref: PodRef): () => boolean {
    return () => this.rows(ref, "inbox").length === 0;
  }

  /** The value of one entry of a pod's table. */
  state(ref: PodRef, table: string, key: string): unknown {
    const generation = this.supervisor.residents.byRef(ref)?.generation ?? 0;
    const row = this.remains.disk.get(stateKey({ ...ref, generation }, "state", table, key));
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
