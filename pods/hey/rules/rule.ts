/**
 * What a rule says: what people at one distance may do here.
 *
 * @module
 */

/** How people are known to the person of the pod, nearest first. Rules name them so. */
export const DISTANCES = ["named", "2", "3", "unknown"] as const;

/** A distance that has a rule. */
export type Distance = typeof DISTANCES[number];

/** What others may do in the person's space. */
export type SpaceRight = "none" | "read" | "write";

/** What a profile has. */
export const PROFILE_FIELDS = ["name", "about", "links"] as const;

/** A field of a profile. */
export type ProfileField = typeof PROFILE_FIELDS[number];

/** What people at one distance may do. It is kept as JSON. */
export interface Rule {
  /** Letters of each of them that may wait to be read; null: any number. */
  readonly letters: number | null;
  /** Characters of a letter. */
  readonly size: number;
  /** Whether what they leave waits in `peri hey pending` until they are accepted. */
  readonly pending: boolean;
  /** Whether they may introduce others. */
  readonly introductions: boolean;
  readonly space: SpaceRight;
  /** What they see of the profile. */
  readonly profile: readonly ProfileField[];
  /** Whether signatures of keys are given to them and taken from them. */
  readonly signatures: boolean;
}

/** A rule for each distance. */
export type Rules = Readonly<Record<Distance, Rule>>;

/** Most letters that a rule may let wait in number; beyond that it says `"any"`. */
export const MAX_RULE_LETTERS = 1_000;
/** Most letters of one person that wait for their acceptance, whatever a rule says. */
export const MAX_PENDING_LETTERS = 20;
/** Characters of the longest letter: its text has at most 16 KiB. */
export const MAX_RULE_SIZE = 16 * 1024;
