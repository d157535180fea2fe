/**
 * Refreshing: what the server of a pod says of it now, before anything is held against a behalf
 * that may be out of date.
 *
 * @module
 */

import type { Known } from "../identity/behalf.ts";
import { FRESH_BEHALF_MS, MAX_NOT_KNOWN } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Asker } from "./ask.ts";
import type { Book } from "./book.ts";
import { learnLineages } from "./pull.ts";
import { fromHome } from "./told.ts";

/** What a refresher works with. */
export interface RefresherParts {
  readonly book: Book;
  readonly asker: Asker;
  readonly clock: Clock;
}

/** When a pod's server was asked, and the serial it confirmed. */
interface Asked {
  readonly untilMs: number;
  /** Absent when it said nothing. */
  readonly serial?: number;
}

/** Asks the servers of pods about them, each pod at most once in `FRESH_BEHALF_MS`. */
export class Refresher {
  readonly #asked = new Map<string, Asked>();
  readonly #running = new Map<string, Promise<Known | undefined>>();

  constructor(private readonly parts: RefresherParts) {}

  /** See {@link import("./directory.ts").Directory.refresh}. */
  async refresh(ref: PodRef): Promise<Known | undefined> {
    const name = formatPodRef(ref);
    const known = await this.parts.book.recall(ref);
    if (known === undefined) return undefined;
    const asked = this.#asked.get(name);
    if (asked !== undefined && asked.untilMs > this.parts.clock.nowMs()) {
      // A newer one that came another way meanwhile counts as much.
      return asked.serial !== undefined && known.behalf.serial >= asked.serial ? known : undefined;
    }
    const running = this.#running.get(name) ??
      this.#ask(ref, known).finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return await running;
  }

  /** Asks again; to be called when somebody new was heard of. */
  forget(): void {
    this.#asked.clear();
  }

  async #ask(ref: PodRef, { behalf: { endpoint } }: Known): Promise<Known | undefined> {
    const { asker, book } = this.parts;
    try {
      const { entry, lineages = [] } = await asker.who(endpoint, ref);
      await learnLineages(book, lineages);
      const known = entry && await book.learn(entry, fromHome(endpoint));
      const isIts = known !== undefined && formatPodRef(known.behalf) === formatPodRef(ref) &&
        known.behalf.endpoint === endpoint;
      return this.#note(ref, isIts ? known : undefined);
    } catch {
      return this.#note(ref, undefined);
    }
  }

  #note(ref: PodRef, known: Known | undefined): Known | undefined {
    const [oldest] = this.#asked.keys();
    if (this.#asked.size >= MAX_NOT_KNOWN) this.#asked.delete(oldest!);
    const untilMs = this.parts.clock.nowMs() + FRESH_BEHALF_MS;
    const name = formatPodRef(ref);
    this.#asked.set(name, known ? { untilMs, serial: known.behalf.serial } : { untilMs });
    return known;
  }
}
