/**
 * Runs that wait for answers: those whose handler is still in memory, and those that are rows.
 *
 * @module
 */

import type { EffectBuffer } from "./effects.ts";
import { type HeadRow, keysOf, RUNS_TABLE, type Stored } from "./journal.ts";
import { formatJson } from "./json.ts";
import { Refusal } from "./refusal.ts";
import { readNotes } from "./notes.ts";
import { Table, type TableSource } from "./table.ts";

/** Runs of a pod that wait at once. */
export const MAX_SUSPENDED = 1_000;

/** A run in memory. */
export interface Living {
  readonly id: string;
  readonly call: { readonly handle?: string | undefined | null };
}

/** The runs of one instance that wait. */
export class Suspended<Task extends Living> {
  readonly #live = new Map<string, Task>();
  /** All runs with rows and the handles they answer, as the index says; undefined: not read. */
  #handles: Map<string, string> | undefined;
  /** The runs that answer handles. */
  readonly #runs = new Map<string, string>();

  /** The run of this id, if its handler is in memory. */
  find(run: string): Task | undefined {
    return this.#live.get(run);
  }

  /** The run that answers a handle. {@link read} comes before. */
  findHandle(handle: string): string | undefined {
    return this.#runs.get(handle);
  }

  /** A run waits whose handler is in memory. */
  keep(task: Task): void {
    this.#live.set(task.id, task);
  }

  /** Whether the index has been read. */
  get isRead(): boolean {
    return this.#handles !== undefined;
  }

  /** Reads the index. */
  async read(source: TableSource): Promise<void> {
    if (this.#handles !== undefined) return;
    const rows = await new Table<string>(RUNS_TABLE, source).list({ prefix: keysOf.open("") });
    this.#handles = new Map();
    for (const [key, handle] of rows) this.#name(key.slice(keysOf.open("").length), handle);
  }

  /**
   * Writes that a run waits for the first time. {@link read} comes before.
   *
   * @throws {Refusal} `busy` when too many wait, `conflict` when another answers its handle.
   */
  open(effects: EffectBuffer, { id, call }: Task): void {
    const op = "wait for another pod";
    if (this.#handles!.size >= MAX_SUSPENDED) {
      const subject = `${MAX_SUSPENDED} runs of this pod wait for others`;
      throw new Refusal("busy", { op, subject, hint: "try again later" });
    }
    const handle = call.handle ?? "";
    if (this.#runs.has(handle)) {
      throw new Refusal("conflict", { op, subject: "another run answers the same call" });
    }
    this.#name(id, handle);
    effects.write(RUNS_TABLE, keysOf.open(id), formatJson(handle));
  }

  /** Forgets a run that has ended. */
  forget({ id }: Task): void {
    this.#live.delete(id);
    const handle = this.#handles?.get(id);
    this.#handles?.delete(id);
    if (handle !== undefined && this.#runs.get(handle) === id) this.#runs.delete(handle);
  }

  #name(run: string, handle: string): void {
    this.#handles?.set(run, handle);
    if (handle !== "") this.#runs.set(handle, run);
  }
}

/** A run as its rows say; none when it has ended. */
export async function readRun(source: TableSource, run: string): Promise<Stored | undefined> {
  const head = await new Table<HeadRow>(RUNS_TABLE, source).get(keysOf.head(run));
  if (head === undefined) return undefined;
  const rows = await new Table<unknown>(RUNS_TABLE, source).list({ prefix: keysOf.rows(run) });
  const isWhole = rows.every(([key], at) => key === keysOf.row(run, at + 1));
  const { notes, isDamaged } = readNotes(isWhole ? rows.map(([, row]) => row) : []);
  const call = { ...head.call, arguments: formatJson(head.call.arguments) };
  return { call, notes, rows: rows.length, isDamaged };
}
