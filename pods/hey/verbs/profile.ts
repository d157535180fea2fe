/**
 * The verb for profiles.
 *
 * @module
 */

import {
  cleanLine,
  Commands,
  formatColumns,
  peer,
  type Pod,
  Refusal,
  type Shown,
  shown,
} from "../../sdk/mod.ts";
import { Profiles } from "../generated.ts";
import { type People, showPerson } from "../people.ts";
import type { KeptProfile, OwnProfile } from "../profile.ts";
import { DISTANCES, type ProfileField, type Rules } from "../rules/rule.ts";
import type { RuleBook } from "../rules/rules.ts";
import { ASK_MS } from "./space.ts";

/** A profile as a record. */
export interface ProfileRecord {
  name: string | null;
  about: string | null;
  links: string[];
  /** Of one's own: who sees each field. */
  seen?: SeenRecord;
}

/** The distances from which each field is seen. */
export interface SeenRecord {
  name: string[];
  about: string[];
  links: string[];
}

/** Its method. */
export class ProfileVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly own: OwnProfile,
    private readonly rules: RuleBook,
    private readonly people: People,
  ) {
    super(pod);
  }

  /**
   * Shows what others see of you, or of somebody; set changes yours.
   * @param who whose; `set` before a field changes yours
   * @param field of your profile
   * @param words what it says from now on; nothing when there are none
   * @complete who known
   */
  async profile(
    who?: string,
    field?: "name" | "about" | "links",
    ...words: string[]
  ): Promise<Shown<ProfileRecord>> {
    if (who === "set") return await this.#set(field, words);
    if (field !== undefined) {
      const hint = "peri hey profile <who>, or peri hey profile set name|about|links <words…>";
      throw new Refusal("invalid", { op: "look at a profile", subject: "too many words", hint });
    }
    const op = "look at a profile";
    const person = who === undefined || who === "me"
      ? await this.run.owner()
      : await this.people.personOf(op, who);
    if (person === await this.run.owner()) return await this.#showOwn();
    const profile = await peer(this, Profiles, { of: person, deadlineMs: ASK_MS }).show();
    const called = showPerson(person, await this.people.openNames());
    return shown(recordOf(profile), () => {
      const rows = rowsOf(profile);
      return rows.length === 0 ? [`${called} shows you nothing`] : formatColumns(rows);
    });
  }

  /** All names. */
  protected async known(): Promise<string[]> {
    return ["set", ...await this.people.words()];
  }

  async #set(
    field: ProfileField | undefined,
    words: readonly string[],
  ): Promise<Shown<ProfileRecord>> {
    if (field === undefined) {
      const hint = "peri hey profile set name|about|links <words…>";
      throw new Refusal("invalid", { op: "set the profile", subject: "what is not said", hint });
    }
    await this.own.set(field, words);
    return await this.#showOwn();
  }

  async #showOwn(): Promise<Shown<ProfileRecord>> {
    const profile = await this.own.get();
    const seen = seenBy(await this.rules.all());
    return shown({ ...recordOf(profile), seen }, () => {
      const rows = rowsOf(profile).map(([field, text]) => [
        field,
        text,
        formatSeen(seen[field]),
      ]);
      const hint = "who sees what: peri hey rules";
      if (rows.length > 0) return [...formatColumns(rows), hint];
      return ["your profile is empty; peri hey profile set name|about|links <words…>"];
    });
  }
}

function rowsOf({ name, about, links }: KeptProfile): [ProfileField, string][] {
  const rows: [ProfileField, string][] = [];
  if (name !== undefined) rows.push(["name", cleanLine(name, 100)]);
  if (about !== undefined) rows.push(["about", cleanLine(about, 600)]);
  for (const link of links) rows.push(["links", cleanLine(link, 300)]);
  return rows;
}

function recordOf({ name, about, links }: KeptProfile): ProfileRecord {
  return { name: name ?? null, about: about ?? null, links: [...links] };
}

function seenBy(rules: Rules): SeenRecord {
  const from = (field: ProfileField) =>
    DISTANCES.filter((distance) => rules[distance].profile.includes(field));
  return { name: from("name"), about: from("about"), links: from("links") };
}

function formatSeen(distances: readonly string[]): string {
  if (distances.length === DISTANCES.length) return "everybody";
  return distances.length === 0 ? "nobody" : distances.join(", ");
}
