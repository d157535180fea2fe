/**
 * What goes wrong in a simulation, all of it from one seed.
 *
 * @module
 */

import type { MemoryClock } from "../../runtime/adapters/memory/clock.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { CommitFault } from "../../runtime/adapters/memory/store.ts";
import type { Handler, Link } from "../../runtime/adapters/memory/transport.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { POST_TIMEOUT_MS } from "../../runtime/model/limits.ts";
import type { ServerUrl } from "../../runtime/model/words.ts";
import type { Reply, Request } from "../../runtime/ports/transport.ts";
import { type Coverage, labelOf } from "./coverage.ts";
import type { Life } from "../../runtime/adapters/memory/life.ts";
import { Liar } from "./liar.ts";

const HOUR_MS = 3_600_000;
/** A slow server takes up to this long, of which its callers wait a third. */
const SLOWEST_MS = 3 * POST_TIMEOUT_MS;
/** Most that comes to the processes of a run between two crashes of this kind. */
const MAX_WAITS = 1_500;
/** Requests that are kept to be sent again much later. */
const MAX_KEPT = 30;

/** How likely each kind of trouble is in one run. */
export interface Weather {
  readonly loss: number;
  readonly doubling: number;
  readonly crash: number;
  readonly diskError: number;
  readonly partition: number;
  readonly slowness: number;
  /** Somebody on the way changes, forges, swaps or keeps what passes. */
  readonly lies: number;
  /** A disk is replaced by an older copy of it. */
  readonly restore: number;
  /** A server goes and never comes back. */
  readonly death: number;
  /** Most a clock may be off. */
  readonly skewMs: number;
}

/** Weather from a seed: mostly bad in some ways and good in others. */
export function drawWeather(chance: SeededEntropy): Weather {
  const maybe = (probability: number, often = 0.6) => chance.happens(often) ? probability : 0;
  return {
    loss: maybe(0.2),
    doubling: maybe(0.2),
    crash: maybe(0.03),
    diskError: maybe(0.02),
    partition: maybe(0.3),
    slowness: maybe(0.2, 0.3),
    lies: maybe(0.1, 0.3),
    restore: maybe(0.06, 0.3),
    death: maybe(0.01, 0.15),
    skewMs: chance.happens(0.5) ? [60_000, 11 * HOUR_MS, 30 * HOUR_MS][chance.below(3)]! : 0,
  };
}

/** Turns weather into troubles; none after {@link clear}. */
export class Sky {
  readonly weather: Weather;
  readonly #chance: SeededEntropy;
  readonly #clock: MemoryClock;
  readonly #coverage: Coverage;
  readonly #liar: Liar;
  readonly #cut = new Set<string>();
  readonly #slow = new Set<ServerUrl>();
  readonly #kept: (() => Promise<Reply>)[] = [];
  #isClear = false;
  /** A process crashes when so many things have come that it waited for. */
  #waitsLeft: number;

  constructor(seed: string, weather: Weather, clock: MemoryClock, coverage: Coverage) {
    this.weather = weather;
    this.#chance = new SeededEntropy(`${seed} sky`);
    this.#liar = new Liar(this.#chance);
    this.#clock = clock;
    this.#coverage = coverage;
    this.#waitsLeft = this.#drawWaits();
  }

  /** From now on nothing goes wrong. */
  clear(): void {
    this.#isClear = true;
    this.#cut.clear();
    this.#slow.clear();
  }

  /** How far ahead a new clock is. */
  skewMs(): number {
    const { skewMs } = this.weather;
    return skewMs === 0 ? 0 : this.#chance.below(2 * skewMs) - skewMs;
  }

  /** Cuts or mends the way between two servers, in one direction, and slows one of them or not. */
  turn(from: ServerUrl, to: ServerUrl): void {
    set(this.#cut, `${from} ${to}`, this.happens(this.weather.partition));
    set(this.#slow, to, this.happens(this.weather.slowness));
  }

  /** Sends again what somebody kept on its way. */
  replay(): void {
    for (const again of this.#kept) void again().catch(() => undefined);
  }

  /** Cuts the way from one server to another. */
  cut(from: ServerUrl, to: ServerUrl): void {
    this.#cut.add(`${from} ${to}`);
  }

  /** The way out of a server. */
  link(from: ServerUrl, life: Life): Link {
    return (request, deliver) => {
      let isKnown = false;
      const arrive: Handler = async (one) => {
        // Restoring a disk takes longer than anything is on its way; what was taken may come again.
        if (life.isLost && !isKnown) return lost("its sender is gone");
        const reply = await deliver(one);
        isKnown = true;
        return reply;
      };
      const passing = this.#pass(from, request, arrive);
      const late = this.#clock.sleep(POST_TIMEOUT_MS).then(() => lost("no reply in time"));
      return life.hold(Promise.race([passing, late]), "reply");
    };
  }

  /** What happens when something comes that a process waited for; `crash` ends it. */
  came(crash: () => void): (what: string) => void {
    return (what) => {
      const isLast = !this.#isClear && this.weather.crash > 0 && --this.#waitsLeft === 0;
      if (isLast) this.#waitsLeft = this.#drawWaits();
      this.#coverage.count(what, isLast ? "crash" : "none");
      if (isLast) crash();
    };
  }

  /** What happens at commits of a process; `crash` ends it. */
  fault(life: Life, crash: () => void): CommitFault {
    return async (apply, change) => {
      const label = labelOf(change);
      await this.#clock.sleep(1 + this.#chance.below(5));
      if (life.isOver) return await new Promise<never>(() => undefined);
      if (this.happens(this.weather.diskError)) {
        this.#coverage.count(label, "error");
        throw new PeriError("over-quota", { op: "write store", subject: "disk full" });
      }
      const isBefore = this.happens(this.weather.crash / 2);
      if (isBefore) crash();
      const written = isBefore ? false : apply();
      const isAfter = this.happens(this.weather.crash / 2);
      if (isAfter) crash();
      this.#coverage.count(label, isBefore || isAfter ? "crash" : "none");
      return written;
    };
  }

  /** Whether trouble of this probability happens now. */
  happens(probability: number): boolean {
    return !this.#isClear && probability > 0 && this.#chance.happens(probability);
  }

  #drawWaits(): number {
    return 1 + this.#chance.below(MAX_WAITS);
  }

  async #pass(from: ServerUrl, request: Request, arrive: Handler): Promise<Reply> {
    const { loss, doubling, lies } = this.weather;
    const { server: to } = request;
    await this.#clock.sleep(this.#delayMs());
    if (this.#cut.has(`${from} ${to}`)) return lost("the way is cut");
    if (this.happens(loss)) return lost("the request was lost");
    if (this.happens(doubling)) {
      void this.#clock.sleep(this.#delayMs() * 20).then(() => arrive(request)).catch(() => {});
    }
    if (this.happens(lies) && this.#kept.length < MAX_KEPT) {
      this.#kept.push(() => arrive(request));
    }
    const reply = await arrive(this.happens(lies) ? this.#liar.spoil(request) : request);
    if (this.#slow.has(to)) await this.#clock.sleep(this.#chance.below(SLOWEST_MS));
    await this.#clock.sleep(this.#delayMs());
    if (this.happens(loss)) return lost("the reply was lost");
    return this.#liar.reply(reply, this.happens(lies));
  }

  /** Mostly short, sometimes long enough for others to pass. */
  #delayMs(): number {
    if (this.#isClear) return 1;
    return this.happens(0.1) ? this.#chance.below(20_000) : this.#chance.below(50);
  }
}

function set<Item>(items: Set<Item>, item: Item, isIn: boolean): void {
  if (isIn) items.add(item);
  else items.delete(item);
}

function lost(subject: string): never {
  throw new PeriError("unreachable", { op: "reach server", subject });
}
