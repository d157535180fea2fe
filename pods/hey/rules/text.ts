/**
 * The rules as a person reads and writes them.
 *
 * @module
 */

import { type Distance, DISTANCES, type Rules } from "./rule.ts";

/** The rules of somebody who has written none. */
export const DEFAULTS = {
  named: {
    letters: null,
    size: 16384,
    pending: false,
    introductions: true,
    space: "write",
    profile: ["name", "about", "links"],
    signatures: true,
  },
  2: {
    letters: 20,
    size: 4000,
    pending: false,
    introductions: true,
    space: "read",
    profile: ["name", "about", "links"],
    signatures: true,
  },
  3: {
    letters: 5,
    size: 2000,
    pending: true,
    introductions: false,
    space: "none",
    profile: ["name", "about"],
    signatures: true,
  },
  unknown: {
    letters: 1,
    size: 500,
    pending: true,
    introductions: false,
    space: "none",
    profile: ["name"],
    signatures: false,
  },
} as const satisfies Rules;

const INTRODUCTION = `# Who may do what here, by how you know them. You yourself may do everything.
# peri hey rules > rules.toml, change it, peri hey rules --set < rules.toml
#
#   named      you gave them a name, signed their key, or are friends with them
#   2          somebody whom you trust to sign keys has signed theirs (peri key trust)
#   3          one step further
#   unknown    everybody else
#
# letters        how many of each of them may wait unread: a number, or "any"
# size           longest letter, in characters (at most 16384)
# pending        true: what they leave waits in peri hey pending until you accept them
# introductions  true: they may introduce others to you
# space          your space (peri hey space): they may "write", "read", or "none" of both
# profile        what they see of your profile: "name", "about", "links"
# signatures     true: they may ask which keys you signed, and give you signatures of your key;
#                those with names, and whose key you sign, are told by themselves
#
# Answers to letters of yours are let in from everybody, fifty unread ones of each.
`;

/** The same as a text. It is TOML. */
export const DEFAULT_RULES = INTRODUCTION + DISTANCES.map(tableOf).join("");

function tableOf(distance: Distance): string {
  const lines = Object.entries(DEFAULTS[distance]).map(([key, value]) =>
    `${key} = ${formatValue(value)}\n`
  );
  return `\n[${distance}]\n${lines.join("")}`;
}

/** A bound that is none is the word `any`. */
function formatValue(value: string | number | boolean | null | readonly string[]): string {
  if (value === null) return '"any"';
  return typeof value === "object"
    ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]`
    : JSON.stringify(value);
}
