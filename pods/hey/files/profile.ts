/**
 * The profile as a text that can be changed in an editor.
 *
 * @module
 */

import { Refusal } from "../../sdk/mod.ts";
import type { KeptProfile, OwnProfile } from "../profile.ts";

/** `name: Alice`, `about: …`, and a line `link: …` for each link. */
export function formatProfile({ name = "", about = "", links }: KeptProfile): string {
  return [`name: ${name}`, `about: ${about}`, ...links.map((link) => `link: ${link}`), ""].join(
    "\n",
  );
}

/** Changes the profile to what a text says. @throws {Refusal} `invalid`, `too-large`. */
export async function saveProfile(profile: OwnProfile, text: string): Promise<void> {
  const said: Record<"name" | "about" | "link", string[]> = { name: [], about: [], link: [] };
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const { field, words } = /^(?<field>name|about|link):\s*(?<words>.*?)\s*$/.exec(line)?.groups ??
      {};
    if (field === undefined) {
      throw new Refusal("invalid", {
        op: "set the profile",
        subject: `a line begins neither with name:, about: nor link:`,
      });
    }
    if (words !== "") said[field as keyof typeof said].push(words!);
  }
  await profile.set("name", said.name);
  await profile.set("about", said.about);
  await profile.set("links", said.link);
}
