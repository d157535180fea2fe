/**
 * The door of a person: their hey pod keeps who is blocked and whether strangers still find room,
 * and the periphery reads its rows, so that who is refused wakes no pod and leaves nothing
 * (PROTOCOL.md, "The door").
 *
 * @module
 */

import type { ErrorRecord } from "../model/errors.ts";
import { type Fingerprint, parsePodName, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Door } from "../ports/door.ts";
import type { Store } from "../ports/store.ts";
import { placeOf, type ResidentPod } from "./resident.ts";
import type { ResidentMap } from "./residents.ts";
import { stateKey } from "./rows.ts";

/** The pod that keeps them. */
const HEY = parsePodName("hey");
/** It is the hey pod when it offers this; a pod that only has the name keeps nobody out. */
const FACE = "peri:face/petnames";

/** Tables of the hey pod: blocked people, people with names, and what is full. */
const BLOCKED = "blocked";
const PERSONS = "persons";
const DOOR = "door";
/** The row of {@link DOOR} that says until when nobody unknown is taken. */
const FULL = "full";

/** What the hey pod says to such people, too: whether they are blocked is not their business. */
const NOT_TAKEN: ErrorRecord = {
  kind: "denied",
  op: "leave a message",
  subject: "it is not taken here",
};
const NO_ROOM: ErrorRecord = {
  kind: "over-quota",
  op: "leave a message",
  subject: "too many people wait to be accepted here",
  hint: "ask somebody whom both of you know to introduce you, or try again later",
};

/** What {@link HeyDoor} works with. */
export interface DoorParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Whether a person is known to another but for a name: a friend, or certified. */
  isKnown(of: Fingerprint, person: Fingerprint): Promise<boolean>;
  /** Keys in whose place a person stands: who was blocked or known is so under the next one. */
  formersOf(person: Fingerprint): Promise<readonly Fingerprint[]>;
}

/** See the module. */
export class HeyDoor implements Door {
  constructor(
    private readonly residents: ResidentMap,
    private readonly parts: DoorParts,
  ) {}

  async refusal(
    to: PodRef,
    { person }: PodRef,
    isExpected: () => Promise<boolean>,
  ): Promise<ErrorRecord | undefined> {
    if (person === to.person) return undefined;
    const hey = this.residents.byRef({ person: to.person, pod: HEY });
    const isHey = hey?.manifest.offers.some((offer) => offer.interface === FACE) ?? false;
    if (hey === undefined || !isHey) return undefined;
    const keys = [person, ...await this.parts.formersOf(person)];
    if (await this.#hasRow(hey, BLOCKED, keys)) return NOT_TAKEN;
    if (to.pod !== HEY || !await this.#isFull(hey)) return undefined;
    const isSomebody = await this.#hasRow(hey, PERSONS, keys) ||
      await this.#isKnown(to.person, keys) || await isExpected();
    return isSomebody ? undefined : NO_ROOM;
  }

  async #hasRow(hey: ResidentPod, table: string, keys: readonly Fingerprint[]): Promise<boolean> {
    for (const key of keys) if (await this.#row(hey, table, key) !== undefined) return true;
    return false;
  }

  async #isKnown(of: Fingerprint, keys: readonly Fingerprint[]): Promise<boolean> {
    for (const key of keys) if (await this.parts.isKnown(of, key)) return true;
    return false;
  }

  async #isFull(hey: ResidentPod): Promise<boolean> {
    const untilMs = Number(await this.#row(hey, DOOR, FULL) ?? 0);
    return this.parts.clock.nowMs() < untilMs;
  }

  /** The JSON text of a row of the hey pod; rows that the door reads are small. */
  async #row(hey: ResidentPod, table: string, key: string): Promise<unknown> {
    return (await this.parts.store.get(stateKey(placeOf(hey), "state", table, key)))?.value;
  }
}
