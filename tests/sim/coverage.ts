/**
 * Where troubles struck: for each kind of commit, and of other waiting, how often it came and how
 * often a crash or an error was its end.
 *
 * @module
 */

import type { Change } from "../../runtime/ports/store.ts";
import { kindOf } from "../../runtime/adapters/memory/life.ts";

/** What struck. */
export type Strike = "none" | "crash" | "error";

interface Count {
  seen: number;
  crash: number;
  error: number;
}

/** See the module. */
export class Coverage {
  readonly #counts = new Map<string, Count>();

  /** Something of a kind came to its end, or was struck. */
  count(label: string, strike: Strike): void {
    const count = this.#counts.get(label) ?? { seen: 0, crash: 0, error: 0 };
    this.#counts.set(label, count);
    count.seen++;
    if (strike !== "none") count[strike]++;
  }

  /** Labels that came at least so often and were never struck this way. */
  missed(strike: Exclude<Strike, "none">, seen: number): string[] {
    const missed = this.#of(strike).filter(([, count]) => count[strike] === 0);
    return missed.filter(([, count]) => count.seen >= seen).map(([label]) => label);
  }

  /** A line for people: at how many kinds of commits and waits a process died or its disk failed. */
  summary(): string {
    const of = (strike: Exclude<Strike, "none">, isCommit: boolean) => {
      const all = this.#of(strike).filter(([label]) => isCommitLabel(label) === isCommit);
      return `${all.filter(([, count]) => count[strike] > 0).length} of ${all.length}`;
    };
    return `crashes at ${of("crash", true)} kinds of commits and ${of("crash", false)} of waits, ` +
      `disk errors at ${of("error", true)} kinds of commits`;
  }

  #of(strike: Exclude<Strike, "none">): [string, Count][] {
    const all = [...this.#counts];
    return strike === "error" ? all.filter(([label]) => isCommitLabel(label)) : all;
  }
}

/** What a commit does, in kinds of rows: `+` written, `-` removed. */
export function labelOf({ puts = [], deletes = [] }: Change): string {
  const kinds = [
    ...puts.map(({ key }) => `+${kindOf(key)}`),
    ...deletes.map((key) => `-${kindOf(key)}`),
  ];
  return `commit ${[...new Set(kinds)].sort().join(" ")}`;
}

function isCommitLabel(label: string): boolean {
  return label.startsWith("commit +") || label.startsWith("commit -");
}
