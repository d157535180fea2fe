/**
 * The verb that has signatures of keys travel.
 *
 * @module
 */

import { Commands, peer, type Pod, type Post, Refusal, type Shown, shown } from "../../sdk/mod.ts";
import { Signatures } from "../generated.ts";
import type { Names } from "../names.ts";
import { type People, showPerson } from "../people.ts";
import { heldBy, takeCertification } from "../signatures.ts";
import { ASK_MS } from "./space.ts";

/** What came of asking one person. */
export interface AskedRecord {
  person: string;
  name: string | null;
  /** Signatures of theirs that were new here. */
  taken: number;
  /** Signatures of their key that were sent to them. */
  given: number;
  /** Why they gave none. */
  why: string | null;
}

/** Most signatures taken of one person at a time. */
const MAX_TAKEN = 1_000;

/** Its method. */
export class SignatureVerbs extends Commands {
  readonly #give: Post<Signatures["certified"], null>;

  constructor(pod: Pod, private readonly names: Names, private readonly people: People) {
    super(pod);
    this.#give = pod.posts("signed", Signatures, "certified");
  }

  /**
   * Asks people which keys they signed, and gives them what you signed of theirs.
   * @param who some of them; without words everybody with a name
   * @complete who known
   */
  async signatures(...who: string[]): Promise<Shown<AskedRecord[]>> {
    const op = "ask for signatures";
    const people = who.length === 0
      ? (await this.names.list()).map(({ person }) => person)
      : await Promise.all(who.map((one) => this.people.personOf(op, one)));
    const given = await this.#giveTheirs(new Set(people));
    const asked = await Promise.all(people.map((person) => this.#ask(person)));
    const nameOf = await this.people.openNames();
    const records = people.map((person, at) => ({
      person,
      name: nameOf(person) ?? null,
      given: given.get(person) ?? 0,
      ...asked[at]!,
    }));
    return shown(records, function* () {
      if (records.length === 0) yield "nobody has a name; peri hey name <petname> <person>";
      for (const { person, taken, given, why } of records) {
        const news = why === null ? `${taken} new` : `none: ${why}`;
        const sent = given === 0 ? "" : `; ${given} of their key sent to them`;
        yield `${showPerson(person, nameOf)}: ${news}${sent}`;
      }
    });
  }

  /** All names. */
  protected async known(): Promise<string[]> {
    return await this.people.words();
  }

  async #giveTheirs(people: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const owner = await this.run.owner();
    const given = new Map<string, number>();
    for await (const { issuer, subject, bytes } of heldBy(this.run)) {
      if (issuer !== owner || !people.has(subject)) continue;
      await this.#give([subject], [bytes]);
      given.set(subject, (given.get(subject) ?? 0) + 1);
    }
    return given;
  }

  async #ask(person: string): Promise<{ taken: number; why: string | null }> {
    let taken = 0;
    let count = 0;
    try {
      const certifications = peer(this, Signatures, { of: person, deadlineMs: ASK_MS })
        .certifications();
      for await (const bytes of certifications) {
        taken += await takeCertification(this.run, bytes);
        if (++count >= MAX_TAKEN) break;
      }
      return { taken, why: null };
    } catch (error) {
      if (error instanceof Refusal) return { taken, why: `${error.subject} (${error.kind})` };
      throw error;
    }
  }
}
