/**
 * One simulated network from a seed: peripheries with pods that post to each other in bad weather,
 * then good weather until everything has come to its end.
 *
 * @module
 */

import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MAX_CLOCK_SKEW_MS, MAX_DEADLINE_MS } from "../../runtime/model/limits.ts";
import {
  formatPodRef,
  parsePodName,
  parseServerUrl,
  type ServerUrl,
} from "../../runtime/model/words.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";
import { Alarms } from "./alarms.ts";
import { Coverage } from "./coverage.ts";
import type { World } from "./house.ts";
import { type Ledger, readLedger } from "./ledger.ts";
import { makePerson, makeResident } from "./people.ts";
import { Posts } from "./posts.ts";
import { Site } from "./site.ts";
import { drawWeather, Sky } from "./trouble.ts";
import { makeWorld } from "./village.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const STORM_MS = 70 * SECOND_MS;
/** Outlasts the storm and the longest wait between two tries. */
const PATIENT_MS = HOUR_MS;

/** Runs a seed to its end. Returns what happened; the caller judges it. */
export async function simulate(seed: string, coverage = new Coverage()): Promise<Ledger> {
  const simulation = new Simulation(seed, coverage);
  await simulation.build();
  await simulation.storm();
  await simulation.calm();
  return simulation.ledger();
}

class Simulation {
  readonly #chance: SeededEntropy;
  readonly #world: World;
  readonly #sky: Sky;
  readonly #sites: Site[] = [];
  readonly #posts: Posts;
  readonly #alarms: Alarms;
  /** Clocks are near enough that nothing is too old on arrival. */
  readonly #isPatient: boolean;

  constructor(seed: string, coverage: Coverage) {
    this.#chance = new SeededEntropy(seed);
    this.#world = makeWorld(seed);
    const { clock } = this.#world;
    this.#alarms = new Alarms(this.#chance);
    const weather = drawWeather(this.#chance);
    this.#sky = new Sky(seed, weather, clock, coverage);
    const apartMs = 2 * weather.skewMs;
    this.#isPatient = apartMs < MAX_CLOCK_SKEW_MS;
    this.#posts = new Posts({
      chance: this.#chance,
      sites: this.#sites,
      nowMs: () => clock.nowMs(),
      patientMs: PATIENT_MS + (this.#isPatient ? apartMs : 0),
    });
  }

  async build(): Promise<void> {
    const [world, sky, chance] = [this.#world, this.#sky, this.#chance];
    const count = 2 + chance.below(3);
    for (let index = 0; index < count; index++) {
      const server = parseServerUrl(`http://site${index}.example`);
      const residents = await this.#settlers(server);
      const skewMs = sky.skewMs();
      this.#sites.push(new Site({ world, sky, chance, server, residents, skewMs }));
    }
    // One that crashes while it starts never says so.
    for (const site of this.#sites) void site.start();
    await world.clock.advance(0);
  }

  /** The time of posting. */
  async storm(): Promise<void> {
    const { clock } = this.#world;
    const end = clock.nowMs() + STORM_MS;
    if (this.#chance.happens(0.1)) await this.#askMuch();
    while (clock.nowMs() < end) {
      const site = this.#pick(this.#sites);
      this.#lose(site);
      if (this.#chance.happens(0.1)) this.#sky.turn(site.server, this.#pick(this.#sites).server);
      else if (this.#chance.happens(0.05)) this.#posts.cancel();
      else if (this.#chance.happens(0.15)) this.#alarms.draw(site);
      else this.#posts.draw(site);
      await clock.advance(this.#chance.below(4 * SECOND_MS));
    }
  }

  /** Good weather, until every deadline is over and every answer has found its way. */
  async calm(): Promise<void> {
    this.#sky.clear();
    const { clock } = this.#world;
    this.#sky.replay();
    await clock.advance(HOUR_MS);
    this.#sky.replay();
    await clock.advance(HOUR_MS);
    this.#posts.farewell();
    await clock.advance(10 * MINUTE_MS);
    this.#sky.replay();
    const end = clock.nowMs() + MAX_DEADLINE_MS;
    do await clock.advance(HOUR_MS); while (this.#isBusy() && clock.nowMs() < end);
  }

  ledger(): Ledger {
    const patientMs = this.#isPatient ? PATIENT_MS : Infinity;
    return readLedger(this.#posts.posted, this.#sites, patientMs, this.#alarms.judge());
  }

  #isBusy(): boolean {
    return this.#sites.some(({ isBusy }) => isBusy);
  }

  /** Disks are copied, and lost; servers go for good. */
  #lose(site: Site): void {
    const { restore, death } = this.#sky.weather;
    const { posted } = this.#posts;
    if (this.#sky.happens(restore * 2)) site.copy(posted);
    if (this.#sky.happens(restore)) site.restore(posted);
    if (this.#sky.happens(death) && this.#sites.every(({ isDead }) => !isDead)) site.die(posted);
  }

  /** A long list is asked for, whose caller is out of reach soon after. */
  async #askMuch(): Promise<void> {
    const { from, to } = this.#posts.ask();
    await this.#world.clock.advance(SECOND_MS);
    this.#sky.cut(to.server, from.server);
  }

  async #settlers(server: ServerUrl): Promise<Resident[]> {
    const { pgp, clock, told } = this.#world;
    const residents: Resident[] = [];
    for (let index = 0; index <= this.#chance.below(2); index++) {
      const person = await makePerson(pgp, `${server} ${index}`);
      const pod = parsePodName(`pod${index}`);
      const wishes = { pod, endpoint: server, nowMs: clock.nowMs() };
      const resident = await makeResident(pgp, person, wishes);
      told.set(formatPodRef(resident.ref), resident.introduction);
      residents.push(resident);
    }
    return residents;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#chance.below(items.length)]!;
  }
}
