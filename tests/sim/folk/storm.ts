/**
 * The time of changes and troubles.
 *
 * @module
 */

import type { Home } from "./home.ts";
import type { Somebody } from "./truth.ts";
import { type Folk, pairOf, refOf } from "./folk.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What happens in it. */
export class Storm {
  readonly #folk: Folk;

  constructor(folk: Folk) {
    this.#folk = folk;
  }

  /** Lets so many days of it pass. */
  async storm(days: number): Promise<void> {
    const end = this.#folk.clock.nowMs() + days * DAY_MS;
    while (this.#folk.clock.nowMs() < end) {
      this.#happen();
      await this.#folk.clock.advance(this.#folk.chance.below(20 * MINUTE_MS));
    }
  }

  #happen(): void {
    const { homes, truth: { people }, chance } = this.#folk;
    const home = () => this.#folk.pick(homes);
    const somebody = () => this.#folk.pick(people);
    const draw = chance.below(100);
    if (draw < 40) return this.#look();
    if (draw < 55) return void this.#renew(somebody());
    if (draw < 61) return void this.#move(somebody());
    if (draw < 68) return this.#folk.befriend(home(), home());
    if (draw < 71) return void this.#part(home());
    if (draw < 78) return this.#crash(home());
    if (draw < 83) return this.#setClock(home());
    if (draw < 88) return this.#cutOff();
    if (draw < 90) return this.#steal(somebody());
    return this.#pushLies();
  }

  #look(): void {
    const home = this.#folk.pick(this.#folk.honest());
    if (home.isUp) {
      void this.#folk.judge.find(home, refOf(this.#folk.pick(this.#folk.truth.people)));
    }
  }

  /** A person signs a newer behalf, sometimes one that ends soon. */
  async #renew(somebody: Somebody): Promise<void> {
    const home = this.#folk.lives.get(somebody)!;
    if (somebody.isRevoked || somebody.isStolen || !home.isUp) return;
    const nowMs = this.#folk.clock.nowMs();
    const end = this.#folk.chance.happens(0.3)
      ? { expiresMs: nowMs + (1 + this.#folk.chance.below(200)) * HOUR_MS }
      : {};
    await this.#folk.truth.issue(somebody, { endpoint: home.server, nowMs, ...end });
    this.#folk.announce(somebody);
  }

  /** A person's pod moves to another server; the one before tells nobody. */
  async #move(somebody: Somebody): Promise<void> {
    const [from, to] = [this.#folk.lives.get(somebody)!, this.#folk.pick(this.#folk.honest())];
    if (somebody.isRevoked || somebody.isStolen || !to.isUp || to === from) return;
    this.#folk.lives.set(somebody, to);
    to.guests.add(somebody.key.fingerprint);
    await this.#folk.truth.issue(somebody, {
      endpoint: to.server,
      nowMs: this.#folk.clock.nowMs(),
    });
    this.#folk.announce(somebody);
    if (from.isUp) await from.directory.withdraw(refOf(somebody)).catch(() => undefined);
    if (from.owner !== somebody) from.guests.delete(somebody.key.fingerprint);
  }

  async #part(home: Home): Promise<void> {
    if (!home.isUp) return;
    const friends = await home.directory.friends.list();
    if (friends.length < 3) return;
    await home.directory.friends.remove(this.#folk.pick(friends).owner).catch(() => undefined);
  }

  #crash(home: Home): void {
    if (!home.isUp) return;
    home.crash();
    const downMs = this.#folk.chance.happens(0.3) ? 48 * HOUR_MS : 2 * HOUR_MS;
    void this.#folk.clock.sleep(this.#folk.chance.below(downMs)).then(() =>
      this.#folk.restart(home)
    );
  }

  #setClock(home: Home): void {
    const [hours, days] = [this.#folk.chance.below(40) - 20, this.#folk.chance.below(9) - 4];
    home.skewMs = this.#folk.chance.happens(0.6)
      ? 0
      : this.#folk.chance.happens(0.7)
      ? hours * HOUR_MS
      : days * DAY_MS;
  }

  #cutOff(): void {
    const pair = pairOf(
      this.#folk.pick(this.#folk.homes).server,
      this.#folk.pick(this.#folk.homes).server,
    );
    this.#folk.cut.add(pair);
    void this.#folk.clock.sleep(this.#folk.chance.below(DAY_MS)).then(() =>
      void this.#folk.cut.delete(pair)
    );
  }

  /** Somebody's key is copied; hours later they see it, and revoke it at their own server. */
  #steal(somebody: Somebody): void {
    const home = this.#folk.lives.get(somebody)!;
    if (somebody.isStolen || this.#folk.liars.has(home)) return;
    somebody.isStolen = true;
    void this.#folk.clock.sleep(this.#folk.chance.below(DAY_MS)).then(() => {
      somebody.certificate = this.#folk.truth.pgp.revoke(somebody.key.secretKey);
      somebody.isRevoked = true;
      this.#folk.announce(somebody);
    });
  }

  #pushLies(): void {
    const [home, liar] = this.#folk.pick([...this.#folk.liars]);
    const victim = this.#folk.pick(this.#folk.honest());
    if (home.isUp && victim.isUp) void liar.push(victim.server);
  }
}
