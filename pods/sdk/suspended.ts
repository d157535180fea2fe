/**
 * Runs that wait for answers: those whose handler is still in memory, and those that are rows.
 *
 * @module
 */

import type { EffectBuffer } from "./effects.ts";
import { type HeadRow, keysOf, type Note, RUNS_TABLE, type Stored } from "./journal.ts";
import { formatJson } from "./json.ts";
import { Refusal } from "./refusal.ts";
import { unpackNotes } from "./rows.ts";
import { Table, type TableSource } from "./table.ts";
import type { Task } from "./task.ts";

/** Runs of a pod that wait at once. */
export const MAX_SUSPENDED = 1_000;

/** The runs of one instance that wait. */
export class Suspended {
  readonly #live = new Map<string, Task>();
  readonly #handles = new Map<string, Task>();
  /** Rows of all runs, when it is known. */
  #count: number | undefined;

  /** The run of this id, if its handler is in memory. */
  find(run: string): Task | undefined {
    return this.#live.get(run);
  }

  /** The run that answers a handle, if its handler is in memory. */
  findHandle(handle: string): Task | undefined {
    return this.#handles.get(handle);
  }

  /** A run waits. */
  add(task: Task): void {
    this.#live.set(task.id, task);
    const { handle } = task.call;
    if (handle) this.#handles.set(handle, task);
  }

  /** A run has ended. */
  delete(task: Task): void {
    this.#live.delete(task.id);
    const { handle } = task.call;
    if (handle && this.#handles.get(handle) === task) this.#handles.delete(handle);
  }

  /** Whether it is known how many wait. */
  get isCounted(): boolean {
    return this.#count !== undefined;
  }

  /** So many wait, by their row. */
  counted(count: number): void {
    this.#count = count;
  }

  /**
   * Writes how many wait after a run's first wait (1) or its end (-1).
   *
   * @throws {Refusal} `busy` when too many wait.
   */
  count(effects: EffectBuffer, change: 1 | -1): void {
    const count = (this.#count ?? 0) + change;
    if (change > 0 && count > MAX_SUSPENDED) {
      const subject = `${MAX_SUSPENDED} runs of this pod wait for others`;
      throw new Refusal("busy", { op: "wait for another pod", subject, hint: "try again later" });
    }
    this.#count = Math.max(0, count);
    effects.write(RUNS_TABLE, keysOf.count, formatJson(this.#count));
  }
}

/** A run as its rows say; none when it has ended. */
export async function readRun(source: TableSource, run: string): Promise<Stored | undefined> {
  const head = await new Table<HeadRow>(RUNS_TABLE, source).get(keysOf.head(run));
  if (head === undefined) return undefined;
  const rows = await new Table<unknown>(RUNS_TABLE, source).list({ prefix: keysOf.rows(run) });
  const notes = unpackNotes(rows.map(([, row]) => row)) as Note[];
  const call = { ...head.call, arguments: formatJson(head.call.arguments) };
  return { call, notes, rows: rows.length };
}

/** The run that answers a handle, by its rows. */
export async function readHandle(
  source: TableSource,
  handle: string,
): Promise<string | undefined> {
  return await new Table<string>(RUNS_TABLE, source).get(keysOf.handle(handle));
}

/** How many runs wait, by their row. */
export async function readCount(source: TableSource): Promise<number> {
  return await new Table<number>(RUNS_TABLE, source).get(keysOf.count) ?? 0;
}
