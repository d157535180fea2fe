/**
 * What one person may use of a server that is another's: the sum over all their pods, as the owner
 * writes it and as people read it (`peri person limit`).
 *
 * @module
 */

import { type AmountRule, parseLimit } from "./budget.ts";
import type { Fingerprint } from "./words.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** What all pods of one person together may use. */
export interface Share {
  /** Pods that may be installed at once. */
  readonly pods: number;
  /** Bytes of all their tables. */
  readonly stateBytes: number;
  /** Linear memory of those that are awake, counted as what each may take. */
  readonly memoryBytes: number;
  /** Messages they may post in a minute; answers are not counted. */
  readonly messagesPerMinute: number;
}

/** A person's share, if they have one. */
export type ShareOf = (person: Fingerprint) => Share | undefined;

/** What a guest may use unless the owner says otherwise. */
export const DEFAULT_SHARE: Share = {
  pods: 20,
  stateBytes: GIB,
  memoryBytes: 512 * MIB,
  messagesPerMinute: 60_000,
};

/** One part of a share as a person knows it. */
export interface ShareRule extends AmountRule {
  readonly field: keyof Share;
}

/** All parts of a share, in the order in which they are shown. */
export const SHARE_RULES: readonly ShareRule[] = [
  {
    name: "pods",
    field: "pods",
    unit: "at once",
    least: 1,
    most: 1_000,
    about: "pods that may be installed",
    why: "hey is a pod, and no server is expected to hold more",
  },
  {
    name: "state",
    field: "stateBytes",
    unit: "bytes",
    least: MIB,
    most: 1024 * GIB,
    about: "what all their pods keep on disk",
    why: "hey needs some room, and no disk is expected to have more",
  },
  {
    name: "memory",
    field: "memoryBytes",
    unit: "bytes",
    least: 128 * MIB,
    most: 1024 * GIB,
    about: "memory of those that are awake",
    why: "two pods that talk with each other are awake at once",
  },
  {
    name: "messages",
    field: "messagesPerMinute",
    unit: "a minute",
    least: 1,
    most: 1_000_000,
    about: "messages that all their pods may post",
    why: "pods that post nothing need no limit, and no server takes more",
  },
];

/**
 * A share with what the owner has typed in place of what it was.
 *
 * @param texts by the names of {@link SHARE_RULES}; those that are missing stay
 * @throws {PeriError} `invalid` for what is no such amount or out of its bounds.
 */
export function withTyped(share: Share, texts: Readonly<Record<string, string>>): Share {
  const changed = SHARE_RULES.flatMap((rule) => {
    const text = texts[rule.name];
    return text === undefined ? [] : [[rule.field, parseLimit(rule, text)] as const];
  });
  return { ...share, ...Object.fromEntries(changed) };
}
