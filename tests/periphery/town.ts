/**
 * Whole peripheries on one network in memory, with people who own them: the houses of the test kit
 * with the pods of these tests.
 *
 * @module
 */

import type { PodClass } from "../../pods/sdk/engine.ts";
import { MemoryClock, settled } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryPgp } from "../../runtime/adapters/memory/pgp.ts";
import { MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import { openPgp } from "../../runtime/adapters/openpgp.ts";
import { formatBase64 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { type ErrorRecord, PeriError } from "../../runtime/model/errors.ts";
import { type Fingerprint, parseServerUrl, type ServerUrl } from "../../runtime/model/words.ts";
import type { Pgp } from "../../runtime/ports/pgp.ts";
import { House as AnyHouse, type Wishes, type World } from "../../runtime/testing/house.ts";
import type { Visitor } from "../../runtime/testing/visit.ts";
import { makePerson, type TestPerson } from "../helpers/village.ts";
import { componentOf, type GuestName, ManifestCompiler, openGuests } from "./guests.ts";

/** A world of peripheries. Dispose of it to stop them. */
export class Town implements AsyncDisposable, World {
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

  async drive<Value>(work: Promise<Value>, what: string): Promise<Value> {
    let isOver = false;
    work.then(() => isOver = true, () => isOver = true);
    await this.until(() => isOver, what);
    return await work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const house of this.houses) await house.stop();
  }
}

/** A house whose owner is known. */
export type Home = House & { readonly owner: TestPerson };

/** A periphery of the town and its pods. */
export class House extends AnyHouse {
  /** Pods whose instances break at once. */
  readonly broken: Set<string>;
  /** Pods whose instances are of another class. */
  readonly classes: Map<string, PodClass>;

  constructor(
    readonly town: Town,
    url: ServerUrl,
    override readonly owner: TestPerson | undefined,
  ) {
    const oddities = { broken: new Set<string>(), classes: new Map<string, PodClass>() };
    const openSandbox = (said: (what: string) => void) => openGuests(oddities, said);
    super(town, { compiler: new ManifestCompiler(), openSandbox }, url, owner);
    this.broken = oddities.broken;
    this.classes = oddities.classes;
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
}

/** The owner's name in the house's address. */
export function nameOf({ url }: House): string {
  return new URL(url).hostname.split(".")[0]!;
}

/** A person's fingerprint in a house. */
export function ownerOf(house: Home): Fingerprint {
  return house.owner.fingerprint;
}
