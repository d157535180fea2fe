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

/** See the module. */
export class HeyDoor implements Door {
  /** @param isKnown whether a person is known to another but for a name: a friend, or certified */
  constructor(
    private readonly residents: ResidentMap,
    private readonly parts: { readonly store: Store; readonly clock: Clock },
    private readonly isKnown: (of: Fingerprint, person: Fingerprint) => Promise<boolean>,
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
    if (await this.#row(hey, BLOCKED, person) !== undefined) return NOT_TAKEN;
    if (to.pod !== HEY || !await this.#isFull(hey)) return undefined;
    const isSomebody = await this.#row(hey, PERSONS, person) !== undefined ||
      await this.isKnown(to.person, person) || await isExpected();
    return isSomebody ? undefined : NO_ROOM;
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
