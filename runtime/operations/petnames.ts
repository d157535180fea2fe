/**
 * The names a person gives to people, which their hey pod keeps (`peri:face/petnames`).
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { type Fingerprint, isFingerprint, parseFingerprint, parsePodName } from "../model/words.ts";
import type { Petnames } from "../directory/open.ts";
import type { Supervisor } from "../supervisor/mod.ts";

/** The pod that keeps petnames. */
export const HEY = parsePodName("hey");

const FACE = "peri:face/petnames";

/** The petnames of one person, asked of their hey pod. Without one there are none. */
export class HeyPetnames {
  constructor(
    private readonly supervisor: Pick<Supervisor, "residents" | "faces">,
    private readonly person: Fingerprint,
  ) {}

  /**
   * What a text and a person are called, as {@link Petnames} for a search.
   *
   * @throws {PeriError} what keeps the hey pod from saying whom a name means; it is not guessed then.
   */
  async about(text: string): Promise<Petnames> {
    if (!this.#isThere()) return new Map();
    if (isFingerprint(text)) {
      const person = parseFingerprint(text);
      const name = await this.nameOf(person);
      return new Map(name === undefined ? [] : [[name, person]]);
    }
    const person = await this.#ask("person-of", [text.trim()]);
    return new Map(typeof person === "string" ? [[text.trim(), parseFingerprint(person)]] : []);
  }

  /** The name of a person; undefined when they have none, and when the hey pod cannot say. */
  async nameOf(person: Fingerprint): Promise<string | undefined> {
    if (!this.#isThere()) return undefined;
    try {
      return await this.readName(person);
    } catch {
      // A name beside a fingerprint is a comfort: a broken pod must not hide who the friends are.
      return undefined;
    }
  }

  /** As {@link HeyPetnames.nameOf}. @throws {PeriError} what keeps the hey pod from saying it. */
  async readName(person: Fingerprint): Promise<string | undefined> {
    if (!this.#isThere()) return undefined;
    const name = await this.#ask("name-of", [person]);
    return typeof name === "string" ? name : undefined;
  }

  /**
   * Gives a name to a person.
   *
   * @throws {PeriError} `not-found` without a hey pod, `invalid` for what it does not take.
   */
  async set(name: string, person: Fingerprint): Promise<void> {
    if (!this.#isThere()) {
      throw new PeriError("not-found", {
        op: "give a name",
        subject: "your hey pod keeps names, and it is not installed",
        hint: "peri pod install hey",
      });
    }
    await this.#ask("set-name", [name, person]);
  }

  #isThere(): boolean {
    const hey = this.supervisor.residents.byRef({ person: this.person, pod: HEY });
    return hey?.manifest.offers.some((offer) => offer.interface === FACE) ?? false;
  }

  #ask(called: string, args: readonly unknown[]): Promise<unknown> {
    return this.supervisor.faces.call({ person: this.person, pod: HEY }, FACE, called, args);
  }
}
