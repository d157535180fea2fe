/**
 * One simulated network from a seed: peripheries with pods that post to each other in bad weather,
 * then good weather until everything has come to its end.
 *
 * @module
 */

import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryDisk } from "../../runtime/adapters/memory/store.ts";
import { MAX_DEADLINE_MS } from "../../runtime/model/limits.ts";
import type { Post } from "../../runtime/model/message.ts";
import {
  formatPodRef,
  parseFunctionName,
  parsePodName,
  parseServerUrl,
  type PodRef,
  type ServerUrl,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";
import { House, type World } from "./house.ts";
import { type Ledger, type Posted, readLedger } from "./ledger.ts";
import { Life } from "../../runtime/adapters/memory/life.ts";
import { makePerson, makeResident } from "./people.ts";
import { COUNT, makePost } from "./pod.ts";
import { drawWeather, Sky, type Weather } from "./trouble.ts";
import { makeWorld } from "./village.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** A deadline that outlasts the storm and the longest wait between two tries. */
const PATIENT_MS = 60 * MINUTE_MS;
const MISSING = parseFunctionName("missing");

/** A server with what survives its crashes. */
interface Site {
  readonly server: ServerUrl;
  readonly residents: readonly Resident[];
  readonly disk: MemoryDisk;
  readonly skewMs: number;
  house: House;
  lives: number;
  isUp: boolean;
}

/** Runs a seed to its end. Returns what happened; the caller judges it. */
export async function simulate(seed: string): Promise<Ledger> {
  const simulation = new Simulation(seed);
  await simulation.build();
  await simulation.storm();
  await simulation.calm();
  return await simulation.ledger();
}

class Simulation {
  readonly #chance: SeededEntropy;
  readonly #world: World;
  readonly #weather: Weather;
  readonly #sky: Sky;
  readonly #sites: Site[] = [];
  readonly #posted: Posted[] = [];
  readonly #counts = new Map<string, number>();

  constructor(seed: string) {
    this.#chance = new SeededEntropy(seed);
    this.#world = makeWorld(seed);
    this.#weather = drawWeather(this.#chance);
    this.#sky = new Sky(seed, this.#weather, this.#world.clock);
  }

  async build(): Promise<void> {
    const count = 2 + this.#chance.below(3);
    for (let index = 0; index < count; index++) {
      const server = parseServerUrl(`http://site${index}.example`);
      const residents = await this.#settlers(server);
      const disk = new MemoryDisk();
      const skewMs = this.#sky.skewMs();
      const site = { server, residents, disk, skewMs, lives: 0, isUp: false };
      this.#sites.push({ ...site, house: this.#raise(site) });
    }
    for (const site of this.#sites) await this.#start(site);
  }

  /** Two minutes of posting. */
  async storm(): Promise<void> {
    const { clock } = this.#world;
    const end = clock.nowMs() + 2 * MINUTE_MS;
    while (clock.nowMs() < end) {
      const site = this.#pick(this.#sites);
      if (this.#chance.happens(0.1)) this.#sky.turn(site.server, this.#pick(this.#sites).server);
      else if (this.#chance.happens(0.05)) this.#cancel();
      else this.#post(site);
      await clock.advance(this.#chance.below(4 * SECOND_MS));
    }
  }

  /** Good weather, until every deadline is over and every answer has found its way. */
  async calm(): Promise<void> {
    this.#sky.clear();
    const { clock } = this.#world;
    await clock.advance(2 * 60 * MINUTE_MS);
    const end = clock.nowMs() + MAX_DEADLINE_MS;
    while (this.#sites.some(({ disk }) => isBusy(disk)) && clock.nowMs() < end) {
      await clock.advance(60 * MINUTE_MS);
    }
  }

  ledger(): Promise<Ledger> {
    const sites = this.#sites.map(({ house, disk }) => ({ house, disk }));
    // Clocks that are far apart make calls expire on arrival.
    const isPatient = this.#weather.skewMs <= MINUTE_MS;
    return readLedger(this.#posted, sites, isPatient ? PATIENT_MS : Infinity);
  }

  async #settlers(server: ServerUrl): Promise<Resident[]> {
    const { pgp, clock, told } = this.#world;
    const residents: Resident[] = [];
    for (let index = 0; index <= this.#chance.below(2); index++) {
      const person = await makePerson(pgp, `${server} ${index}`);
      const pod = parsePodName(`pod${index}`);
      const resident = await makeResident(pgp, person, {
        pod,
        endpoint: server,
        nowMs: clock.nowMs(),
      });
      told.set(formatPodRef(resident.ref), resident.introduction);
      residents.push(resident);
    }
    return residents;
  }

  #raise({ server, residents, disk, skewMs, lives }: Omit<Site, "house">): House {
    const life = new Life();
    const crash = () => {
      if (life.isOver) return;
      life.end();
      this.#crashed(server);
    };
    const troubles = {
      skewMs,
      life,
      link: this.#sky.link(server, life),
      fault: this.#sky.fault(life, crash),
    };
    return new House(this.#world, server, residents, disk, troubles, lives);
  }

  #crashed(server: ServerUrl): void {
    const site = this.#sites.find((one) => one.server === server)!;
    site.isUp = false;
    this.#world.network.drop(server);
    void this.#world.clock.sleep(this.#chance.below(30 * SECOND_MS)).then(() => {
      site.lives++;
      site.house = this.#raise(site);
      return this.#start(site);
    });
  }

  async #start(site: Site): Promise<void> {
    site.isUp = true;
    await site.house.start();
  }

  #post(site: Site): void {
    if (!site.isUp) return;
    const { ref } = this.#pick(site.residents);
    const posts = Array.from({ length: 1 + this.#chance.below(3) }, () => this.#draw(ref));
    const entries = posts.map((post): Posted => ({ from: ref, post, state: "maybe" }));
    this.#posted.push(...entries);
    void site.house.pod(ref).post(...posts).then(
      (committed) => entries.forEach((entry) => entry.state = committed ? "kept" : "refused"),
      () => entries.forEach((entry) => entry.state = "refused"),
    );
  }

  /** Somebody wants no more of a stream; that may be lost with the process, and the stream goes on. */
  #cancel(): void {
    const streams = this.#posted.filter(({ post: { key } }) => key !== undefined);
    if (streams.length === 0) return;
    const entry = this.#pick(streams);
    const { from, post: { key } } = entry;
    const site = this.#sites.find(({ residents }) =>
      residents.some(({ ref }) => formatPodRef(ref) === formatPodRef(from))
    )!;
    if (!site.isUp) return;
    entry.isCancelled = true;
    site.house.pod(from).cancel(key!).catch(() => {});
  }

  #draw(from: PodRef): Post {
    const to = this.#pick(this.#pick(this.#sites).residents).ref;
    const lane = `${formatPodRef(from)} ${formatPodRef(to)}`;
    const count = (this.#counts.get(lane) ?? 0) + 1;
    this.#counts.set(lane, count);
    const deadlineMs = this.#chance.happens(0.2)
      ? SECOND_MS + this.#chance.below(MINUTE_MS)
      : PATIENT_MS;
    if (this.#chance.happens(0.15)) return this.#drawStream(to, count, deadlineMs);
    const wishes = this.#chance.happens(0.1) ? { deadlineMs, function: MISSING } : { deadlineMs };
    return makePost(to, tokenFromBytes(this.#chance.bytes(16)), `[${count}]`, wishes);
  }

  #drawStream(to: PodRef, count: number, deadlineMs: number): Post {
    const payload = `[${count},${this.#chance.below(12)}]`;
    const token = tokenFromBytes(this.#chance.bytes(16));
    const continuation = { then: "listen", note: payload, isStream: true } as const;
    return makePost(to, token, payload, { deadlineMs, function: COUNT, continuation, key: token });
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#chance.below(items.length)]!;
  }
}

/** Whether something is still on its way. */
function isBusy(disk: MemoryDisk): boolean {
  return disk.rows().some(({ key }) =>
    ["outbox", "inbox", "open", "due", "owed", "stream"].includes(String(key[3]))
  );
}
