/**
 * What a person says of themselves, shown to others as far as the rules allow.
 *
 * @module
 */

import { cleanLine, countCharacters, type Pod, Refusal, type Table } from "../sdk/mod.ts";
import type { Gate } from "./gate.ts";
import { type Profile, Profiles } from "./generated.ts";
import type { ProfileField } from "./rules/rule.ts";

/** Most characters of a name, of the text and of a link. */
const MAX_CHARACTERS = { name: 60, about: 500, links: 200 } as const;
/** Most links. */
const MAX_LINKS = 10;
/** What a link looks like; it is shown and never followed by itself. */
const LINK = /^(?:https?|mailto|ssh|sftp|xmpp|matrix|gemini):[^\s]+$/i;

/** A profile as it is kept. */
export interface KeptProfile {
  readonly name?: string | undefined;
  readonly about?: string | undefined;
  readonly links: readonly string[];
}

const KEY = "profile";

/** The profile of the pod's person. */
export class OwnProfile {
  constructor(private readonly table: Table<KeptProfile>) {}

  /** All of it. */
  async get(): Promise<KeptProfile> {
    return await this.table.get(KEY) ?? { links: [] };
  }

  /** Changes a field; without words it is empty. @throws {Refusal} `invalid`, `too-large`. */
  async set(field: ProfileField, words: readonly string[]): Promise<void> {
    const { [field]: _, ...rest } = await this.get();
    if (field === "links") {
      const links = checkLinks(words);
      this.table.put(KEY, { ...rest, links });
      return;
    }
    const text = checkField(field, cleanLine(words.join(" ")));
    this.table.put(KEY, { links: [], ...rest, ...text !== "" && { [field]: text } });
  }
}

/** The profile as others see it. */
export class ShownProfile extends Profiles {
  constructor(pod: Pod, private readonly gate: Gate, private readonly own: OwnProfile) {
    super(pod);
  }

  /** What the caller may see. @throws {Refusal} `denied`. */
  override async show(): Promise<Profile> {
    const { rule } = await this.gate.ask("look at a profile");
    return seenOf(await this.own.get(), rule.profile);
  }
}

/** What of a profile can be seen by who sees these fields. */
export function seenOf(profile: KeptProfile, fields: readonly ProfileField[]): Profile {
  const { name, about, links } = profile;
  return {
    name: fields.includes("name") ? name : undefined,
    about: fields.includes("about") ? about : undefined,
    links: fields.includes("links") ? [...links] : [],
  };
}

function checkField(field: "name" | "about", text: string): string {
  const size = countCharacters(text);
  if (size <= MAX_CHARACTERS[field]) return text;
  const subject = `${field} has ${size} characters, ${MAX_CHARACTERS[field]} allowed`;
  throw new Refusal("too-large", { op: "set the profile", subject });
}

function checkLinks(words: readonly string[]): string[] {
  const op = "set the profile";
  if (words.length > MAX_LINKS) {
    const subject = `${words.length} links, ${MAX_LINKS} allowed`;
    throw new Refusal("too-large", { op, subject });
  }
  for (const word of words) {
    if (LINK.test(word) && countCharacters(word) <= MAX_CHARACTERS.links) continue;
    const subject = `${JSON.stringify(cleanLine(word, 60))} is no link`;
    throw new Refusal("invalid", { op, subject, hint: "links are like https://alice.example" });
  }
  return words.map((word) => cleanLine(word));
}
