/**
 * What goes wrong in a simulation, all of it from one seed.
 *
 * @module
 */

import type { MemoryClock } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { CommitFault } from "../../runtime/adapters/memory/store.ts";
import type { Link } from "../../runtime/adapters/memory/transport.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { POST_TIMEOUT_MS } from "../../runtime/model/limits.ts";
import type { ServerUrl } from "../../runtime/model/words.ts";
import type { Reply } from "../../runtime/ports/transport.ts";
import type { Life } from "../../runtime/adapters/memory/life.ts";

const HOUR_MS = 3_600_000;

/** How likely each kind of trouble is in one run. */
export interface Weather {
  readonly loss: number;
  readonly doubling: number;
  readonly crash: number;
  readonly diskError: number;
  readonly partition: number;
  /** Most a clock may be off. */
  readonly skewMs: number;
}

/** Weather from a seed: mostly bad in some ways and good in others. */
export function drawWeather(chance: SeededEntropy): Weather {
  const maybe = (probability: number) => chance.happens(0.6) ? probability : 0;
  return {
    loss: maybe(0.2),
    doubling: maybe(0.2),
    crash: maybe(0.03),
    diskError: maybe(0.02),
    partition: maybe(0.3),
    skewMs: chance.happens(0.5) ? [60_000, 11 * HOUR_MS, 30 * HOUR_MS][chance.below(3)]! : 0,
  };
}

/** Turns weather into troubles; none after {@link clear}. */
export class Sky {
  readonly #weather: Weather;
  readonly #chance: SeededEntropy;
  readonly #clock: MemoryClock;
  readonly #cut = new Set<string>();
  #isClear = false;

  constructor(seed: string, weather: Weather, clock: MemoryClock) {
    this.#weather = weather;
    this.#chance = new SeededEntropy(`${seed} sky`);
    this.#clock = clock;
  }

  /** From now on nothing goes wrong. */
  clear(): void {
    this.#isClear = true;
    this.#cut.clear();
  }

  /** How far ahead a new clock is. */
  skewMs(): number {
    const { skewMs } = this.#weather;
    return skewMs === 0 ? 0 : this.#chance.below(2 * skewMs) - skewMs;
  }

  /** Cuts or mends the way between two servers, in one direction. */
  turn(from: ServerUrl, to: ServerUrl): void {
    const way = `${from} ${to}`;
    if (this.#happens(this.#weather.partition)) this.#cut.add(way);
    else this.#cut.delete(way);
  }

  /** The way out of a server. */
  link(from: ServerUrl, life: Life): Link {
    return (request, deliver) => {
      const passing = this.#pass(from, request.server, () => deliver(request));
      const late = this.#clock.sleep(POST_TIMEOUT_MS).then(() => lost("no reply in time"));
      return life.hold(Promise.race([passing, late]));
    };
  }

  /** What happens at commits of a process; `crash` ends it. */
  fault(life: Life, crash: () => void): CommitFault {
    return async (apply) => {
      await this.#clock.sleep(1 + this.#chance.below(5));
      if (life.isOver) return await new Promise<never>(() => undefined);
      if (this.#happens(this.#weather.diskError)) {
        throw new PeriError("over-quota", { op: "write store", subject: "disk full" });
      }
      const isBefore = this.#happens(this.#weather.crash / 2);
      if (isBefore) crash();
      const written = isBefore ? false : apply();
      if (this.#happens(this.#weather.crash / 2)) crash();
      return written;
    };
  }

  async #pass(from: ServerUrl, to: ServerUrl, deliver: () => Promise<Reply>): Promise<Reply> {
    await this.#clock.sleep(this.#delayMs());
    if (this.#cut.has(`${from} ${to}`)) return lost("the way is cut");
    if (this.#happens(this.#weather.loss)) return lost("the request was lost");
    if (this.#happens(this.#weather.doubling)) {
      void this.#clock.sleep(this.#delayMs() * 20).then(deliver).catch(() => undefined);
    }
    const reply = await deliver();
    await this.#clock.sleep(this.#delayMs());
    return this.#happens(this.#weather.loss) ? lost("the reply was lost") : reply;
  }

  /** Mostly short, sometimes long enough for others to pass. */
  #delayMs(): number {
    if (this.#isClear) return 1;
    return this.#happens(0.1) ? this.#chance.below(20_000) : this.#chance.below(50);
  }

  #happens(probability: number): boolean {
    return !this.#isClear && probability > 0 && this.#chance.happens(probability);
  }
}

function lost(subject: string): never {
  throw new PeriError("unreachable", { op: "reach server", subject });
}
