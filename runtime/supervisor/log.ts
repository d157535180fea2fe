/**
 * What pods say of themselves, for `peri pod logs`: bounded, slowed down when it floods, on disk a
 * moment later.
 *
 * @module
 */

import { MAX_POD_LOG_LINES, POD_LOG_PER_MINUTE } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import { Bucket } from "./bucket.ts";
import { partitionKey } from "./rows.ts";

/** How serious a line is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** A line of a pod's log. */
export interface LogLine {
  /** Grows by 1 from line to line of one pod. */
  readonly number: number;
  readonly atMs: number;
  readonly level: LogLevel;
  /** At most 4,000 characters, control characters but line feeds escaped. */
  readonly text: string;
  /** The run that wrote it (`peri pod replay`), as far as can be told. */
  readonly run?: string;
}

/** Longest line kept, in UTF-16 units. */
const MAX_TEXT = 4_000;
/** Lines a pod may write at once: of what it may in a minute, this part and at least so many. */
const BURST_PART = 1 / 15;
const LEAST_BURST = 10;
/** After this it is said how many lines were dropped, if the pod writes no more. */
const DROPPED_MS = 2_000;
/** Lines wait this long to go to disk together. */
const FLUSH_MS = 1_000;
/** Lines of one commit, and their UTF-16 units, of which each takes at most three bytes. */
const FLUSH_LINES = 400;
const FLUSH_UNITS = 200_000;
/** Lines a follower may lag behind before older ones are dropped for it. */
const FOLLOW_LINES = 2_000;

interface PodLog {
  readonly ref: PodRef;
  next: number | undefined;
  /** Not yet on disk, and not yet numbered while `next` is being looked up. */
  waiting: Omit<LogLine, "number">[];
  flushing: Promise<void> | undefined;
  /** Ends the wait of the next write. */
  hurry: AbortController;
  readonly written: Bucket;
  dropped: number;
  readonly followers: Set<Follower>;
}

/** The logs of all pods. */
export class PodLogs {
  readonly #pods = new Map<string, PodLog>();
  readonly #closing = new AbortController();

  /** @param perMinute lines a pod may write in a minute */
  constructor(
    readonly store: Store,
    readonly clock: Clock,
    readonly log: Log,
    readonly perMinute: (ref: PodRef) => number = () => POD_LOG_PER_MINUTE,
  ) {}

  /**
   * Adds a line of the pod, or several that belong together such as a stack; over its rate it is
   * counted and dropped. Unknown levels are `info`.
   *
   * @param run id of the run that wrote it
   */
  append(ref: PodRef, level: string, text: string, run?: string): void {
    if (this.#closing.signal.aborted) return;
    const pod = this.#podOf(ref);
    if (!this.#allows(pod)) return this.#drop(pod);
    this.#tellDropped(pod);
    this.#add(pod, parseLevel(level), escapeText(text), run);
  }

  /** Adds a line that the periphery has to say of the pod; it is never dropped. */
  note(ref: PodRef, level: LogLevel, text: string, run?: string): void {
    if (this.#closing.signal.aborted) return;
    const pod = this.#podOf(ref);
    this.#tellDropped(pod);
    this.#add(pod, level, escapeText(text), run);
  }

  /** The last lines of a pod, oldest first. */
  async read(ref: PodRef, limit: number): Promise<LogLine[]> {
    await this.flush(ref);
    const rows = await this.store.list<LogLine>({
      prefix: partitionKey(ref, "log"),
      limit: Math.min(Math.max(limit, 1), MAX_POD_LOG_LINES),
      reverse: true,
    });
    return rows.reverse().map(({ value }) => value);
  }

  /** The last lines of a pod and then each new one, until the signal. */
  async *follow(ref: PodRef, limit: number, signal: AbortSignal): AsyncGenerator<LogLine> {
    const follower = new Follower();
    const { followers } = this.#podOf(ref);
    followers.add(follower);
    const end = () => follower.end();
    signal.addEventListener("abort", end);
    this.#closing.signal.addEventListener("abort", end);
    try {
      let last = -1;
      if (signal.aborted) return;
      for (const line of await this.read(ref, limit)) {
        last = line.number;
        yield line;
      }
      for await (const line of follower.lines()) if (line.number > last) yield line;
    } finally {
      followers.delete(follower);
      signal.removeEventListener("abort", end);
      this.#closing.signal.removeEventListener("abort", end);
    }
  }

  /** Resolves when all lines of a pod so far are on disk. */
  async flush(ref: PodRef): Promise<void> {
    const pod = this.#podOf(ref);
    while (pod.flushing !== undefined) {
      pod.hurry.abort();
      await pod.flushing;
    }
  }

  /** Forgets a pod; its rows go with its partition. */
  async forget(ref: PodRef): Promise<void> {
    this.#podOf(ref).dropped = 0;
    await this.flush(ref);
    for (const follower of this.#podOf(ref).followers) follower.end();
    this.#pods.delete(formatPodRef(ref));
  }

  /** Writes what waits and ends all followers. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const pod of this.#pods.values()) this.#tellDropped(pod);
    await Promise.all([...this.#pods.values()].map(({ ref }) => this.flush(ref)));
  }

  #podOf(ref: PodRef): PodLog {
    const name = formatPodRef(ref);
    const known = this.#pods.get(name);
    if (known !== undefined) return known;
    const pod: PodLog = {
      ref,
      next: undefined,
      waiting: [],
      flushing: undefined,
      hurry: new AbortController(),
      written: new Bucket(this.clock.nowMs()),
      dropped: 0,
      followers: new Set(),
    };
    this.#pods.set(name, pod);
    return pod;
  }

  #allows({ ref, written }: PodLog): boolean {
    const perMinute = this.perMinute(ref);
    const burst = Math.min(perMinute, Math.max(LEAST_BURST, Math.ceil(perMinute * BURST_PART)));
    return written.take(1, { perMinute, burst }, this.clock.nowMs()) === 0;
  }

  #drop(pod: PodLog): void {
    if (pod.dropped++ > 0) return;
    // A pod that is silent from here on would leave nobody a word of it.
    this.clock.sleep(DROPPED_MS, this.#closing.signal).then(() => this.#tellDropped(pod));
  }

  #tellDropped(pod: PodLog): void {
    if (pod.dropped === 0) return;
    const { ref, dropped } = pod;
    pod.dropped = 0;
    const limit = `${this.perMinute(ref)}/min are allowed (peri pod limit ${ref.pod} --log)`;
    this.#add(pod, "warning", `${dropped} lines were dropped: ${limit}`);
  }

  #add(pod: PodLog, level: LogLevel, text: string, run?: string): void {
    const line = { atMs: this.clock.nowMs(), level, text };
    pod.waiting.push(run === undefined ? line : { ...line, run });
    pod.flushing ??= this.#writeSoon(pod);
  }

  async #writeSoon(pod: PodLog): Promise<void> {
    pod.hurry = new AbortController();
    if (pod.followers.size === 0) await this.clock.sleep(FLUSH_MS, pod.hurry.signal);
    // The appending run goes first: many lines of one moment are one commit.
    await Promise.resolve();
    await this.#write(pod);
  }

  async #write(pod: PodLog): Promise<void> {
    try {
      pod.next ??= await this.#nextNumber(pod.ref);
      const lines = pod.waiting.splice(0, countOf(pod.waiting)).map((line) => ({
        number: pod.next!++,
        ...line,
      }));
      for (const follower of pod.followers) for (const line of lines) follower.give(line);
      await this.#commit(pod.ref, lines);
    } catch (cause) {
      // A full disk must not stop pods from working; their lines are all that is lost.
      this.log.warn("pod log not written", { pod: pod.ref.pod, cause: String(cause) });
    } finally {
      pod.flushing = undefined;
      if (pod.waiting.length > 0) pod.flushing = this.#writeSoon(pod);
    }
  }

  async #commit(ref: PodRef, lines: readonly LogLine[]): Promise<void> {
    const key = (number: number) => partitionKey(ref, "log", number);
    const old = lines.map(({ number }) => number - MAX_POD_LOG_LINES).filter((n) => n >= 0);
    await this.store.commit({
      puts: lines.map((line) => ({ key: key(line.number), value: line })),
      deletes: old.map(key),
    });
  }

  async #nextNumber(ref: PodRef): Promise<number> {
    const [last] = await this.store.list<LogLine>({
      prefix: partitionKey(ref, "log"),
      limit: 1,
      reverse: true,
    });
    return last === undefined ? 0 : last.value.number + 1;
  }
}

/** Lines on their way to one reader. */
class Follower {
  #lines: LogLine[] = [];
  #isOver = false;
  #bell = Promise.withResolvers<void>();

  give(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > FOLLOW_LINES) this.#lines.shift();
    this.#bell.resolve();
  }

  end(): void {
    this.#isOver = true;
    this.#bell.resolve();
  }

  async *lines(): AsyncGenerator<LogLine> {
    while (!this.#isOver || this.#lines.length > 0) {
      yield* this.#lines.splice(0);
      if (this.#isOver) return;
      await this.#bell.promise;
      this.#bell = Promise.withResolvers();
    }
  }
}

function parseLevel(level: string): LogLevel {
  return level === "debug" || level === "warning" || level === "error" ? level : "info";
}

/** How many of the lines that wait fit into one commit. */
function countOf(lines: readonly Pick<LogLine, "text">[]): number {
  let units = 0;
  let count = 0;
  for (const { text } of lines.slice(0, FLUSH_LINES)) {
    units += text.length;
    if (count > 0 && units > FLUSH_UNITS) return count;
    count++;
  }
  return count;
}

/** A text that cannot move a terminal's cursor or change its colours, but for the ends of lines. */
export function escapeText(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
  return cut.toWellFormed().replace(/\r?\n/g, "\n").replace(
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => char === "\t" ? " " : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
