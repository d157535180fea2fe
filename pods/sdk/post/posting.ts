/**
 * Posting to one, many or anything that gives recipients: everyone once, each with an outcome.
 *
 * @module
 */

import type { EffectBuffer } from "../effects.ts";
import { formatJson, type Json } from "../text/json.ts";
import {
  type Addressee,
  listRecipients,
  type Recipients,
  type Wanted,
  withoutDoubles,
} from "./recipients.ts";
import type { PodAddress } from "../reference.ts";
import { failureOf, Refusal } from "../refusal.ts";
import { errandOf, ERRANDS, type Letter, type Miss } from "./dispatch.ts";

/** What posting needs of its run. */
export interface PostingPort {
  readonly effects: EffectBuffer;
  /** The fingerprint a text stands for. @throws {Refusal} when it stands for nobody. */
  find(text: string): Promise<string>;
  log(line: string): void;
}

/** Makes the note of one recipient. */
export type NoteOf = (to: Addressee) => Json;

/** Recipients that are looked for at once; a run may ask 1,000 things at once. */
const FINDS_AT_ONCE = 50;

type Found = { readonly address: PodAddress } | { readonly wanted: Wanted; readonly why: Refusal };

/** Posts of one run. */
export class Posting {
  readonly #pending: Promise<void>[] = [];

  /** @param pod the pod that is meant where none is said */
  constructor(private readonly port: PostingPort, private readonly pod: string) {}

  /**
   * Posts a letter; at once when all recipients are fingerprints, else when they are found.
   *
   * @throws {Refusal} `too-large` for too many recipients.
   */
  post(letter: Letter, to: Recipients, noteOf: NoteOf): Promise<void> {
    const wanted = listRecipients(to, this.pod);
    if (letter.key !== undefined && wanted.length > 1) {
      const subject = `the key ${letter.key} would name ${wanted.length} calls`;
      throw new Refusal("invalid", { op: "post with a key", subject, hint: "give each its own" });
    }
    if (wanted.every(({ isKnown }) => isKnown)) {
      this.#dispatch(letter, wanted.map(({ who, pod }) => ({ person: who, pod })), noteOf);
      return Promise.resolve();
    }
    const posted = this.#findAndDispatch(letter, wanted, noteOf);
    this.#pending.push(posted);
    // Whoever does not wait for it is told when the run ends.
    posted.catch(() => {});
    return posted;
  }

  /** Resolves when nobody is being looked for. Rejects when one of the posts could not be made. */
  async settled(): Promise<void> {
    while (this.#pending.length > 0) await this.#pending.shift();
  }

  async #findAndDispatch(
    letter: Letter,
    wanted: readonly Wanted[],
    noteOf: NoteOf,
  ): Promise<void> {
    const found: Found[] = [];
    for (let at = 0; at < wanted.length; at += FINDS_AT_ONCE) {
      const some = wanted.slice(at, at + FINDS_AT_ONCE);
      found.push(...await Promise.all(some.map((one) => this.#find(one))));
    }
    const addresses = found.flatMap((one) => "address" in one ? [one.address] : []);
    this.#dispatch(letter, withoutDoubles(addresses), noteOf);
    for (const one of found) if ("why" in one) this.#miss(letter, one.wanted, one.why, noteOf);
  }

  async #find(wanted: Wanted): Promise<Found> {
    const { who, pod, isKnown } = wanted;
    try {
      return { address: { person: isKnown ? who : await this.port.find(who), pod } };
    } catch (error) {
      if (error instanceof Refusal) return { wanted, why: error };
      throw error;
    }
  }

  #dispatch(letter: Letter, addresses: readonly PodAddress[], noteOf: NoteOf): void {
    for (const { person, pod } of addresses) {
      this.port.effects.post({ letter, person, pod, note: formatJson(noteOf({ person, pod })) });
    }
  }

  #miss({ then }: Letter, { who, pod }: Wanted, why: Refusal, noteOf: NoteOf): void {
    if (then === undefined) return this.port.log(`not posted to ${who}: ${why.message}`);
    const to = { pod, named: who };
    const miss: Miss = { then, note: noteOf(to), to, error: failureOf(why, "find person") };
    this.port.effects.post(errandOf(ERRANDS.miss, miss));
  }
}
