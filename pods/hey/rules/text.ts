/**
 * The rules as a person reads and writes them.
 *
 * @module
 */

/** The rules of somebody who has written none. It is TOML. */
export const DEFAULT_RULES =
  `# Who may do what here, by how you know them. You yourself may do everything.
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

[named]
letters = "any"
size = 16384
pending = false
introductions = true
space = "write"
profile = ["name", "about", "links"]
signatures = true

[2]
letters = 20
size = 4000
pending = false
introductions = true
space = "read"
profile = ["name", "about", "links"]
signatures = true

[3]
letters = 5
size = 2000
pending = true
introductions = false
space = "none"
profile = ["name", "about"]
signatures = true

[unknown]
letters = 1
size = 500
pending = true
introductions = false
space = "none"
profile = ["name"]
signatures = false
`;

/** The same as values; `rules_test.ts` holds one against the other. */
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
} as const;
