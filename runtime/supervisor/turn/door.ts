/**
 * Who waits to be given to a pod, and who comes first: visits, and events that may be in its inbox.
 *
 * @module
 */

import type { Visit } from "../visit/visit.ts";

/** What one instance is to be given. It knows that events may wait, not which. */
export class Door {
  #visits: Visit[];
  #lastArrival = -1;
  #mayWait = true;

  /** @param isPolite whether events that came before a visit are given before it */
  constructor(visits: readonly Visit[], private readonly isPolite: boolean) {
    this.#visits = [...visits];
  }

  /** Whether somebody waits, or may. */
  get isBusy(): boolean {
    return this.#mayWait || this.#visits.length > 0;
  }

  /** Visits that wait. */
  get visits(): readonly Visit[] {
    return this.#visits;
  }

  /** Events may have come. */
  knock(): void {
    this.#mayWait = true;
  }

  /** A visit has come. */
  come(visit: Visit): void {
    this.#visits.push(visit);
  }

  /** A visit waits no longer. */
  leave(visit: Visit): void {
    this.#visits = this.#visits.filter((other) => other !== visit);
  }

  /**
   * Takes the visits that come next; none while events come first. Who comes in finds what has come
   * before, so events are read before the first visit. A visit gives way once, whatever becomes of
   * the instance then, and to no events that cannot be read now.
   */
  takeVisits(room: number, canRead: boolean): Visit[] {
    const isEarly = this.isPolite && canRead && this.#mayWait && this.#lastArrival < 0;
    if (isEarly && this.#visits.some((visit) => !visit.hasGivenWay)) {
      for (const visit of this.#visits) visit.hasGivenWay = true;
      return [];
    }
    return this.#visits.splice(0, room);
  }

  /** Takes the events that come next, if any may wait. @param read events behind an arrival */
  async takeEvents<Waiting extends { readonly arrival: number }>(
    room: number,
    read: (after: number, most: number) => Promise<readonly Waiting[]>,
  ): Promise<readonly Waiting[]> {
    if (!this.#mayWait) return [];
    this.#mayWait = false;
    const most = Math.max(1, room - this.#visits.length);
    const events = await read(this.#lastArrival, most);
    this.#lastArrival = events.at(-1)?.arrival ?? this.#lastArrival;
    if (events.length >= most) this.#mayWait = true;
    return events;
  }
}
