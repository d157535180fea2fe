/**
 * Runs that failed, on disk: bounded in number, bytes and age, written a moment later and never
 * with the commit of a run. A pod that fails without pause costs a few rows a second.
 *
 * @module
 */

import { concatBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import {
  KEEP_FAILED_RUNS_MS,
  MAX_FAILED_RUN_BYTES,
  MAX_FAILED_RUNS,
  MAX_RUN_RECORD_BYTES,
} from "../../model/limits.ts";
import { formatPodRef, type PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Key, Store } from "../../ports/store.ts";
import { partitionKey } from "../rows.ts";
import {
  decodeRecord,
  encodeRecord,
  recordOf,
  type RunRecord,
  type RunSummary,
  summaryOf,
} from "./record.ts";

/** Runs wait this long to go to disk together. */
const FLUSH_MS = 500;
/** Runs that may wait for it; more are kept in memory only. */
const MAX_WAITING = 16;
/** Bytes of a record in one row, which fits one value of the store with its key. */
const ROW_BYTES = 56 * 1024;
/** Of the arguments so much stands in the row. */
const SHOWN_CHARS = 200;

/** A row `["run", n]`: what stands in `["ran", n, part]` beside it. */
interface Row extends RunSummary {
  readonly n: number;
  readonly parts: number;
}

interface PodRows {
  readonly ref: PodRef;
  /** On disk, oldest first; read when it is first needed. */
  rows: Row[] | undefined;
  readonly waiting: Set<RunRecord>;
  flushing: Promise<void> | undefined;
  hurry: AbortController;
}

/** The failed runs of all pods. */
export class FailedRuns {
  readonly #pods = new Map<string, PodRows>();
  #isClosed = false;

  constructor(readonly store: Store, readonly clock: Clock, readonly log: Log) {}

  /** Keeps a run. Its end may still change until it is written. */
  keep(ref: PodRef, record: RunRecord): void {
    if (this.#isClosed) return;
    const pod = this.#podOf(ref);
    if (pod.waiting.has(record) || pod.waiting.size >= MAX_WAITING) return;
    pod.waiting.add(record);
    pod.flushing ??= this.#writeSoon(pod);
  }

  /** Keeps it not, if that is still possible. */
  drop(ref: PodRef, record: RunRecord): void {
    this.#pods.get(formatPodRef(ref))?.waiting.delete(record);
  }

  /** What is known of those of a pod, oldest first. */
  async list(ref: PodRef): Promise<readonly RunSummary[]> {
    await this.flush(ref);
    const oldestMs = this.clock.nowMs() - KEEP_FAILED_RUNS_MS;
    return (await this.#read(ref)).filter(({ call }) => call.nowMs >= oldestMs);
  }

  /** Those of a pod, oldest first, without any that cannot be read. */
  async records(ref: PodRef): Promise<RunRecord[]> {
    await this.flush(ref);
    const records: RunRecord[] = [];
    for (const { n, parts } of await this.#read(ref)) {
      const rows = await this.store.list<Uint8Array>({
        prefix: partitionKey(ref, "ran", n),
        limit: Math.max(1, parts),
      });
      try {
        records.push(decodeRecord(concatBytes(rows.map(({ value }) => value))));
      } catch (cause) {
        if (!(cause instanceof PeriError)) throw cause;
        this.log.warn("run not read", { pod: ref.pod, cause: cause.message });
      }
    }
    return records;
  }

  /** Resolves when what waits is on disk. */
  async flush(ref: PodRef): Promise<void> {
    const pod = this.#pods.get(formatPodRef(ref));
    while (pod?.flushing !== undefined) {
      pod.hurry.abort();
      await pod.flushing;
    }
  }

  /** Forgets a pod; its rows go with its partition. */
  async forget(ref: PodRef): Promise<void> {
    this.#pods.get(formatPodRef(ref))?.waiting.clear();
    await this.flush(ref);
    this.#pods.delete(formatPodRef(ref));
  }

  /** Writes what waits; from then on nothing is kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pods.values()].map(({ ref }) => this.flush(ref)));
  }

  async #writeSoon(pod: PodRows): Promise<void> {
    pod.hurry = new AbortController();
    await this.clock.sleep(FLUSH_MS, pod.hurry.signal);
    try {
      for (const record of pod.waiting) {
        pod.waiting.delete(record);
        await this.#write(pod, record);
      }
    } catch (cause) {
      // A full disk must not stop pods from working.
      pod.rows = undefined;
      this.log.warn("run not kept", { pod: pod.ref.pod, cause: String(cause) });
    } finally {
      pod.flushing = undefined;
      if (pod.waiting.size > 0) pod.flushing = this.#writeSoon(pod);
      else if (pod.rows === undefined) this.#pods.delete(formatPodRef(pod.ref));
    }
  }

  async #write(pod: PodRows, record: RunRecord): Promise<void> {
    const { ref } = pod;
    pod.rows ??= await this.#read(ref);
    const bytes = encodeBounded(record);
    const n = (pod.rows.at(-1)?.n ?? 0) + 1;
    const parts = Math.ceil(bytes.length / ROW_BYTES);
    const row: Row = { ...summaryOf(record, bytes.length), n, parts };
    const places = Array.from({ length: parts }, (_, part) => part);
    const left = this.#outlived([...pod.rows, row]);
    const gone = pod.rows.filter((one) => !left.includes(one));
    await this.store.commit({
      puts: [
        { key: partitionKey(ref, "run", n), value: { ...row, call: shortened(row.call) } },
        ...places.map((part) => ({
          key: partitionKey(ref, "ran", n, part),
          value: bytes.slice(part * ROW_BYTES, (part + 1) * ROW_BYTES),
        })),
      ],
      deletes: gone.flatMap((one) => keysOf(ref, one)),
    });
    pod.rows = left;
  }

  /** Those that stay; the newest always does. */
  #outlived(rows: readonly Row[]): Row[] {
    const oldestMs = this.clock.nowMs() - KEEP_FAILED_RUNS_MS;
    let bytes = 0;
    const left = rows.toReversed().filter((row, index) => {
      bytes += row.bytes;
      return index === 0 ||
        index < MAX_FAILED_RUNS && bytes <= MAX_FAILED_RUN_BYTES && row.call.nowMs >= oldestMs;
    });
    return left.reverse();
  }

  async #read(ref: PodRef): Promise<Row[]> {
    const known = this.#pods.get(formatPodRef(ref))?.rows;
    if (known !== undefined) return known;
    const prefix = partitionKey(ref, "run");
    const rows = await this.store.list<Row>({ prefix, limit: 2 * MAX_FAILED_RUNS });
    return rows.map(({ value }) => value);
  }

  #podOf(ref: PodRef): PodRows {
    const name = formatPodRef(ref);
    const known = this.#pods.get(name);
    if (known !== undefined) return known;
    const hurry = new AbortController();
    const waiting = new Set<RunRecord>();
    const pod: PodRows = { ref, rows: undefined, waiting, flushing: undefined, hurry };
    this.#pods.set(name, pod);
    return pod;
  }
}

function keysOf(ref: PodRef, { n, parts }: Row): Key[] {
  const places = Array.from({ length: parts }, (_, part) => part);
  return [partitionKey(ref, "run", n), ...places.map((part) => partitionKey(ref, "ran", n, part))];
}

/** A record of many characters that are several bytes each keeps its beginning. */
function encodeBounded(record: RunRecord): Uint8Array {
  const bytes = encodeRecord(record);
  if (bytes.length <= MAX_RUN_RECORD_BYTES) return bytes;
  const steps = record.steps.slice(0, Math.floor(record.steps.length / 2));
  return encodeBounded({ ...recordOf(record), steps, isCut: true });
}

/** What lists do not show stands in the record alone. */
function shortened(call: RunSummary["call"]): RunSummary["call"] {
  return { ...call, arguments: call.arguments.slice(0, SHOWN_CHARS) };
}
