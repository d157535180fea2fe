/**
 * Guests come and leave with their pods. Who has left is remembered for a while with all that their
 * pods keep, and finds it again when they come back; then it is swept away.
 *
 * @module
 */

import { doFew } from "../../model/few.ts";
import { DRAIN_MS, JOIN_LIFE_MS, KEEP_LEFT_MS } from "../../model/limits.ts";
import type { Bytes } from "../../model/bytes.ts";
import type { Share } from "../../model/share.ts";
import { type Fingerprint, parsePodName, type PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Store } from "../../ports/store.ts";
import { Due } from "../due.ts";
import type { Lives } from "../life/lives.ts";
import type { ResidentPod } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import { INDEX_PREFIX, type IndexRow } from "../rows.ts";
import type { Installs } from "../version/install.ts";
import type { Guest, Guests, Newcomer } from "./guests.ts";
import type { Shares } from "./shares.ts";

/** What a {@link Household} works with. */
export interface HouseholdPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly residents: ResidentMap;
  readonly lives: Lives;
  readonly installs: Pick<Installs, "queue" | "erase">;
  readonly guests: Guests;
  readonly shares: Shares;
  /** Reads the record of a pod and lets it live here. */
  load(ref: PodRef): Promise<void>;
}

/** Most pods of one person. */
const MAX_PODS = 1000;
/** Lives that are ended at once. */
const ENDS = 16;

/** The people of a server beside its owner. */
export class Household {
  readonly guests: Guests;
  readonly shares: Shares;
  readonly #ports: HouseholdPorts;
  readonly #gone = new Map<Fingerprint, AbortController>();
  readonly #due: Due;

  constructor(ports: HouseholdPorts) {
    this.#ports = ports;
    this.guests = ports.guests;
    this.shares = ports.shares;
    this.#due = new Due({
      clock: ports.clock,
      times: () => this.#left().map(({ endMs }) => endMs),
      work: (nowMs) => this.#forget(nowMs),
    });
  }

  /** Whether somebody may be on the way with an invitation, or has just come by one. */
  isOpen(): boolean {
    const nowMs = this.#ports.clock.nowMs();
    return this.guests.invitations(nowMs).length > 0 ||
      this.guests.all().some(({ joinedMs }) => joinedMs > nowMs - JOIN_LIFE_MS);
  }

  /**
   * Lets somebody in. Pods that they had kept here live again when this resolves.
   *
   * @throws {PeriError} as {@link Guests.join}.
   */
  join(newcomer: Newcomer): Promise<{ readonly guest: Guest; readonly pods: ResidentPod[] }> {
    const { clock, residents, lives, log } = this.#ports;
    return this.#ports.installs.queue.alone(async () => {
      const isBack = this.guests.hasLeft(newcomer.person);
      const guest = await this.guests.join(newcomer, clock.nowMs());
      if (!isBack) return { guest, pods: [] };
      const pods: ResidentPod[] = [];
      for (const { ref, isWhole } of await this.#podsOf(guest.person)) {
        if (isWhole) await this.#ports.load(ref);
        const pod = residents.byRef(ref);
        if (pod === undefined) continue;
        lives.begin(pod);
        pods.push(pod);
      }
      log.info("guest is back", { person: guest.person, pods: pods.length });
      return { guest, pods };
    });
  }

  /**
   * Sends somebody away: their sessions end and their pods stop, in good order. What they keep stays
   * for `KEEP_LEFT_MS`. Once it is on disk a crash changes nothing of it.
   *
   * @param forGood what they keep is to be swept away, by {@link Household.erase} or the next start
   * @returns the pods that lived here
   * @throws {PeriError} `not-found` when they do not live here.
   */
  async leave(person: Fingerprint, forGood = false): Promise<readonly PodRef[]> {
    const { clock, installs } = this.#ports;
    const refs = await installs.queue.alone(async () => {
      await this.guests.change(person, { leftMs: forGood ? 0 : clock.nowMs() });
      return await this.#end(person);
    });
    if (!forGood) this.look();
    return refs;
  }

  /**
   * The place of somebody whose pods are not to go along goes to another key, and what was done here
   * under the old one ends; nothing for who has no place. Pods of a key that had only taken that place
   * for a while stop, as those of somebody who has left. To be run within {@link Installs.queue}.
   */
  async succeed(from: Fingerprint, to: Fingerprint, certificate: Bytes): Promise<void> {
    const { residents, clock } = this.#ports;
    const guest = this.guests.placeOf(from);
    if (guest === undefined || guest.person === to) return;
    const isAlone = residents.countOf(guest.person) === 0;
    const leftMs = isAlone ? undefined : clock.nowMs();
    await this.guests.succeed(guest, to, certificate, leftMs);
    await this.#end(guest.person);
    this.look();
  }

  /** What a guest may use from now on. @throws {PeriError} `not-found` when they do not live here. */
  async limit(person: Fingerprint, share: Share): Promise<Guest> {
    const guest = await this.guests.change(person, { share });
    this.shares.wakes.look(person);
    return guest;
  }

  /** Aborts when a guest is sent away; whatever they do here ends with it. */
  gone(person: Fingerprint): AbortSignal | undefined {
    if (this.guests.get(person) === undefined) return undefined;
    const known = this.#gone.get(person) ?? new AbortController();
    this.#gone.set(person, known);
    return known.signal;
  }

  /** Sweeps away at once what somebody who has left still keeps. Taken up again after a crash. */
  erase(person: Fingerprint): Promise<void> {
    return this.#ports.installs.queue.alone(async () => {
      if (!this.guests.hasLeft(person)) return;
      // From here on there is no way back, though it may not all be gone when the process dies.
      await this.guests.doom(person);
      for (const { ref } of await this.#podsOf(person)) await this.#ports.installs.erase(ref);
      await this.guests.forget(person);
    });
  }

  /** Looks who is to be forgotten next; called at the start and when somebody has left. */
  look(): void {
    this.#due.look();
  }

  /** Looks no more. */
  stop(): void {
    this.#due.stop();
  }

  /** Whatever somebody and their pods are just doing here ends. @returns the pods */
  async #end(person: Fingerprint): Promise<PodRef[]> {
    const { residents, lives } = this.#ports;
    this.#gone.get(person)?.abort();
    this.#gone.delete(person);
    const pods = residents.all().filter(({ ref }) => ref.person === person);
    for (const { ref } of pods) residents.remove(ref);
    await doFew(pods, ENDS, ({ ref }) => lives.end(ref, DRAIN_MS));
    return pods.map(({ ref }) => ref);
  }

  /** Who has left, and until when what they keep stays. */
  #left(): { readonly person: Fingerprint; readonly endMs: number }[] {
    return this.guests.all().flatMap(({ person, leftMs }) =>
      leftMs === undefined ? [] : [{ person, endMs: leftMs + KEEP_LEFT_MS }]
    );
  }

  async #forget(nowMs: number): Promise<void> {
    for (const { person, endMs } of this.#left()) {
      if (endMs > nowMs) continue;
      await this.erase(person).catch((cause) =>
        this.#ports.log.error("guest not forgotten", cause, { person })
      );
    }
  }

  /** Pods of somebody who has left; one that is not whole was being swept away. */
  async #podsOf(person: Fingerprint): Promise<{ ref: PodRef; isWhole: boolean }[]> {
    const range = { prefix: [...INDEX_PREFIX, person], limit: MAX_PODS };
    const rows = await this.#ports.store.list<IndexRow>(range);
    return rows.map(({ key, value: { state } }) => ({
      ref: { person, pod: parsePodName(String(key[2])) },
      isWhole: state === "installed",
    }));
  }
}
