/**
 * People with real keys and peripheries with real directories on a network in memory.
 *
 * @module
 */

import { MemoryClock, settled } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryDisk, MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { type Link, MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import { openPgp } from "../../runtime/adapters/openpgp.ts";
import { OpenDirectory } from "../../runtime/directory/open.ts";
import { type Gate, openFederation } from "../../runtime/gate/federation.ts";
import type { GateReply, GateRequest } from "../../runtime/gate/federation.ts";
import {
  type Behalf,
  draftBehalf,
  formatBehalf,
  type Introduction,
  type Known,
} from "../../runtime/identity/behalf.ts";
import { type Bytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { Envelope, EnvelopeReply } from "../../runtime/model/envelope.ts";
import { parsePodName, parseServerUrl, type ServerUrl } from "../../runtime/model/words.ts";
import type { Clock } from "../../runtime/ports/clock.ts";
import type { Log } from "../../runtime/ports/log.ts";
import type { NewKey, Pgp } from "../../runtime/ports/pgp.ts";
import type { Request, Transport } from "../../runtime/ports/transport.ts";
import { gateRequest, type Owner } from "../../runtime/testing/house.ts";

const DAY_MS = 86_400_000;

/** Swallows records. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A person with an unlocked key. */
export type TestPerson = Owner;

/** A pod's behalf with the secret key of the pod. */
export interface TestPod extends Known {
  readonly secretKey: Bytes;
}

/** What may be said of a pod; the rest has good values. */
export interface PodWishes {
  readonly pod?: string;
  readonly endpoint?: string;
  readonly serial?: number;
  readonly issuedMs?: number;
  readonly expiresMs?: number;
  readonly key?: NewKey;
}

/** A new person. */
export async function makePerson(pgp: Pgp, name: string): Promise<TestPerson> {
  const passphrase = "correct horse";
  const key = await pgp.makePersonKey({ userId: `${name} <${name}@example.org>`, passphrase });
  const secretKey = await pgp.unlock(key.secretKey, passphrase);
  return { fingerprint: key.fingerprint, certificate: key.certificate, secretKey };
}

/** A behalf signed by a person; valid for thirty days from the clock's now unless wished otherwise. */
export async function makePod(
  pgp: Pgp,
  clock: Clock,
  person: TestPerson,
  wishes: PodWishes = {},
): Promise<TestPod> {
  const pod = parsePodName(wishes.pod ?? "hey");
  const key = wishes.key ?? await pgp.makePodKey(`peri pod ${pod}`);
  const behalf = draftBehalf({
    person: person.fingerprint,
    pod,
    endpoint: parseServerUrl(wishes.endpoint ?? "http://home.example"),
    capabilities: [],
    podKey: key.fingerprint,
    podCertificate: key.certificate,
    serial: wishes.serial ?? 1,
    issuedMs: wishes.issuedMs ?? clock.nowMs(),
    expiresMs: wishes.expiresMs ?? clock.nowMs() + 30 * DAY_MS,
  });
  const document = formatBehalf(behalf);
  const signature = await pgp.sign(person.secretKey, encodeUtf8(document));
  const introduction: Introduction = { certificate: person.certificate, document, signature };
  return { behalf: behalf as Behalf, introduction, secretKey: key.secretKey };
}

/** One periphery in memory: store, directory, gate. */
export interface TestServer {
  readonly url: ServerUrl;
  readonly owner: TestPerson;
  readonly periphery: TestPod;
  readonly disk: MemoryDisk;
  readonly store: MemoryStore;
  readonly directory: OpenDirectory;
  readonly gate: Gate;
  readonly contacts: ServerUrl[];
  readonly received: Envelope[];
  /** Ends the process; the disk stays. */
  stop(): Promise<void>;
}

/** What a server is started with. */
export interface ServerWishes {
  /** State of an earlier run, and who owned it. */
  readonly before?: TestServer;
  readonly link?: Link;
  readonly receive?: (envelopes: readonly Envelope[]) => Promise<EnvelopeReply[]>;
}

/** Servers that reach each other. */
export class Village {
  readonly clock = new MemoryClock();
  readonly pgp = openPgp(this.clock);
  readonly network = new MemoryNetwork();
  readonly requests: Request[] = [];
  readonly #servers = new Set<TestServer>();

  /** A person. */
  person(name: string): Promise<TestPerson> {
    return makePerson(this.pgp, name);
  }

  /** A pod of a person. */
  pod(person: TestPerson, wishes: PodWishes = {}): Promise<TestPod> {
    return makePod(this.pgp, this.clock, person, wishes);
  }

  /** A claimed server at `http://<name>.example` that is reachable. */
  async serve(name: string, wishes: ServerWishes = {}): Promise<TestServer> {
    const url = parseServerUrl(`http://${name}.example`);
    const owner = wishes.before?.owner ?? await this.person(name);
    const periphery = wishes.before?.periphery ??
      await this.pod(owner, { pod: "periphery", endpoint: url });
    const server = this.#start(url, owner, periphery, wishes);
    this.#servers.add(server);
    await server.directory.announce(periphery);
    return server;
  }

  /** A transport that notes what is asked. */
  transport(link?: Link): Transport {
    const inner = this.network.transport(link);
    return {
      send: (request) => {
        this.requests.push(request);
        return inner.send(request);
      },
      close: () => inner.close(),
    };
  }

  /** Makes two servers friends of each other. */
  async befriend(a: TestServer, b: TestServer): Promise<void> {
    await a.directory.befriend(await a.directory.meet(b.url));
    await b.directory.befriend(await b.directory.meet(a.url));
  }

  /** Waits until friends among these have read each other's books and told their changes. */
  async inStep(...servers: TestServer[]): Promise<void> {
    await until(async () => (await Promise.all(servers.map(isInStep))).every(Boolean), "in step");
  }

  /** Lets a time pass, and the real work (OpenPGP) that it starts. */
  async pass(delayMs: number): Promise<void> {
    await this.clock.advance(delayMs);
    await rest(10);
  }

  /** Stops everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.stop();
  }

  #start(
    url: ServerUrl,
    owner: TestPerson,
    periphery: TestPod,
    { before, link, receive }: ServerWishes,
  ): TestServer {
    const { clock, pgp, network } = this;
    const disk = before?.disk ?? new MemoryDisk();
    const store = new MemoryStore(disk);
    const contacts: ServerUrl[] = [];
    const received: Envelope[] = [];
    const self = { server: url, owner: periphery, secretKey: periphery.secretKey };
    const directory = new OpenDirectory({
      store,
      pgp,
      clock,
      transport: this.transport(link),
      entropy: new SeededEntropy(url),
      log: silentLog,
      self: () => self,
      isHosted: (person) => person === owner.fingerprint,
      contact: (server) => contacts.push(server),
    });
    const gate = openFederation({
      receive: receive ?? ((envelopes) => {
        received.push(...envelopes);
        return Promise.resolve(envelopes.map(() => ({ hint: "busy" as const })));
      }),
      answers: directory.answers,
      clock,
      log: silentLog,
    });
    network.listen(url, async (request) => await gate(overNetwork(request)));
    const stop = async () => {
      network.drop(url);
      await directory.close();
      await store.close();
    };
    const server = { url, owner, periphery, disk, store, directory, gate, contacts, received };
    return { ...server, stop };
  }
}

async function isInStep({ directory }: TestServer): Promise<boolean> {
  const [last] = (await directory.book.places.own(0, 1000)).slice(-1);
  const friends = await directory.friends.list();
  return friends.every(({ pulledMs, publishedThrough }) =>
    pulledMs > 0 && publishedThrough >= (last?.place ?? 0)
  );
}

function overNetwork({ path, body }: Request): GateRequest {
  return gateRequest(body === undefined ? "GET" : "POST", path, body);
}

/** Waits until work outside of the clock's time has come to rest. */
export async function rest(rounds = 60): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await settled();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Waits for something that must come. @throws {Error} when it does not within twenty seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let round = 0; round < 4_000; round++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never: ${what}`);
}

/** The reply as the text in it. */
export function textOf(reply: GateReply): string {
  return new TextDecoder().decode(reply.body);
}
