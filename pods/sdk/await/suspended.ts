/**
 * Runs that wait for answers: those whose handler is still in memory, and those that are rows.
 *
 * @module
 */

import type { EffectBuffer } from "../effects.ts";
import type { WireCall } from "../host.ts";
import { type HeadRow, keysOf, RUNS_TABLE, type Stored } from "./journal.ts";
import { formatJson } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import { readNotes } from "./notes.ts";
import { Table, type TableSource } from "../table.ts";

/** Runs of a pod that wait at once. */
export const MAX_SUSPENDED = 1_000;
/** Of them those that calls of others leave to what the pod began itself. */
const KEPT = 100;
/**
 * The calls of one person take at most this part of what others have left: 100 when nobody else
 * calls, fewer the more there are, so that no few can take everything.
 */
const SHARE = 1 / 8;

/** A run in memory. */
export interface Living {
  readonly id: string;
  readonly call: {
    readonly handle?: string | undefined | null;
    readonly caller: { readonly person: string };
  };
}

/** What the index says of a run: the handle that it answers or an empty text, and who asked. */
type Entry = readonly [handle: string, person: string];

/** The runs of one instance that wait. */
export class Suspended<Task extends Living> {
  readonly #live = new Map<string, Task>();
  /** All runs with rows, as the index says; undefined: not read. */
  #entries: Map<string, Entry> | undefined;
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

  /** The handle that a run of the index answers; undefined for no such run. */
  handleOf(run: string | undefined): string | undefined {
    return this.#entries?.get(run ?? "")?.[0];
  }

  /** A run waits whose handler is in memory. */
  keep(task: Task): void {
    this.#live.set(task.id, task);
  }

  /** Whether the index has been read. */
  get isRead(): boolean {
    return this.#entries !== undefined;
  }

  /** Reads the index. */
  async read(source: TableSource): Promise<void> {
    if (this.#entries !== undefined) return;
    const rows = await new Table<unknown>(RUNS_TABLE, source).list({ prefix: keysOf.open("") });
    this.#entries = new Map();
    for (const [key, row] of rows) this.#name(key.slice(keysOf.open("").length), readEntry(row));
  }

  /**
   * Writes that a run waits for the first time. {@link read} comes before.
   *
   * @throws {Refusal} `busy` when too many wait, `conflict` when another answers its handle.
   */
  open(effects: EffectBuffer, { id, call }: Task): void {
    const op = "wait for another pod";
    const handle = call.handle ?? "";
    const { person } = call.caller;
    if (this.#entries!.size >= MAX_SUSPENDED) {
      const subject = `${MAX_SUSPENDED} runs of this pod wait for others`;
      throw new Refusal("busy", { op, subject, hint: "try again later" });
    }
    if (handle !== "") this.#checkShare(person);
    if (this.#runs.has(handle)) {
      throw new Refusal("conflict", { op, subject: "another run answers the same call" });
    }
    this.#name(id, [handle, person]);
    effects.write(RUNS_TABLE, keysOf.open(id), formatJson([handle, person]));
  }

  /** Forgets a run that has ended. */
  forget(task: Task): void {
    // Where nobody waits, the run that has ended needs no name.
    if (this.#live.size === 0 && !this.#entries?.size) return;
    const { id } = task;
    this.#live.delete(id);
    const handle = this.handleOf(id);
    this.#entries?.delete(id);
    if (handle !== undefined && this.#runs.get(handle) === id) this.#runs.delete(handle);
  }

  /** @throws {Refusal} `busy` when enough calls of a person wait. */
  #checkShare(person: string): void {
    const free = MAX_SUSPENDED - KEPT - this.#entries!.size;
    let own = 0;
    for (const [handle, of] of this.#entries!.values()) if (handle !== "" && of === person) own++;
    if (own < Math.floor(free * SHARE)) return;
    const subject = own === 0
      ? "too many calls of others wait in this pod"
      : `${own} calls of ${person} wait in this pod already`;
    const hint = own === 0 ? "try again later" : "call again when one of them is answered";
    throw new Refusal("busy", { op: "wait for another pod", subject, hint });
  }

  #name(run: string, entry: Entry): void {
    this.#entries?.set(run, entry);
    const [handle] = entry;
    if (handle !== "") this.#runs.set(handle, run);
  }
}

/** A row that is no entry still takes its place in the index. */
function readEntry(row: unknown): Entry {
  const [handle, person] = Array.isArray(row) ? row : [];
  return [typeof handle === "string" ? handle : "", typeof person === "string" ? person : ""];
}

/**
 * A run as its rows say; none when it has ended.
 *
 * @param handle that it answers, as the index says; undefined when it is not in there
 */
export async function readRun(
  source: TableSource,
  run: string,
  handle: string | undefined,
): Promise<Stored | undefined> {
  const head = await new Table<Partial<HeadRow> | null>(RUNS_TABLE, source).get(keysOf.head(run));
  if (head === undefined && handle === undefined) return undefined;
  const rows = await new Table<unknown>(RUNS_TABLE, source).list({ prefix: keysOf.rows(run) });
  const isWhole = rows.every(([key], at) => key === keysOf.row(run, at + 1));
  const { notes, isDamaged } = readNotes(isWhole ? rows.map(([, row]) => row) : []);
  const call = readCall(head?.call, handle);
  return { call, notes, rows: rows.length, isDamaged: isDamaged || call === undefined };
}

/** The call of a head; undefined when it is none, or of another handle than the index says. */
function readCall(value: unknown, handle: string | undefined): Stored["call"] {
  const call = (value ?? {}) as Record<keyof WireCall, unknown>;
  const { person, pod } = (call.caller ?? {}) as Record<string, unknown>;
  const texts = [person, pod, call.interface, call.function];
  const isCall = texts.every((text) => typeof text === "string") && pod !== "" &&
    Number.isFinite(call.nowMs) && Number.isFinite(call.seed) &&
    Number.isFinite(call.expiresMs ?? 0) && typeof call.many === "boolean" &&
    Array.isArray(call.arguments) && (call.handle ?? "") === (handle ?? call.handle ?? "");
  if (!isCall) return undefined;
  return { ...call, arguments: formatJson(call.arguments) } as Stored["call"];
}
