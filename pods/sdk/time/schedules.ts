/**
 * Schedules of a pod: what it does again and again by itself. Each is a row of the SDK's own table
 * and an errand for its next moment. When that comes, a run of the SDK's own notes it, leaves the
 * errand to the next one and one to the author's handler, in one transaction; so whatever becomes of
 * the handler, the schedule goes on.
 *
 * @module
 */

import { keysOf, RUNS_TABLE } from "../await/journal.ts";
import { describeError, Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { errandOf, ERRANDS } from "../post/dispatch.ts";
import { Table } from "../table.ts";
import { type CatchUp, chooseOccasion, type Occasion } from "./occasion.ts";
import { checkName } from "./name.ts";
import { beatOf, formatRhythm, nextAfter, type Rhythm } from "./rhythm.ts";

/** The SDK's own table of schedules. */
export const SCHEDULES_TABLE = "sdk:schedules";
/** Continuations that run a schedule, and the keys of the errands for their next moments. */
export const EVERY = "sdk:every/";

/** Schedules of one pod. */
const MAX_SCHEDULES = 100;
/** An errand that is so late has been lost, or is about to come; one more does no harm. */
const ASTRAY_MS = 60_000;

/** What is done at each moment. */
export type ScheduleHandler = (occasion: Occasion) => void | Promise<void>;

/** How a schedule makes up for what was missed. */
export interface ScheduleOptions {
  /** Default `once`. */
  readonly catchUp?: CatchUp;
}

interface Declared {
  readonly rhythm: string;
  readonly take: ScheduleHandler;
  readonly catchUp: CatchUp;
}

/** A schedule as its row says. */
interface Row {
  readonly rhythm: string;
  /** Where its moments are counted from. */
  readonly fromMs: number;
  /** The last moment that had its run. */
  readonly lastMs: number;
  /** For which moment there is an errand. */
  readonly nextMs: number;
  /** The run that was the last to begin. */
  readonly run?: string;
}

/** A schedule as its author holds it. */
export interface Schedule {
  /** When it is due next: milliseconds since 1970 UTC; undefined before it has begun. */
  next(): Promise<number | undefined>;
}

/** The schedules of a pod, in one run. */
export class Schedules {
  readonly #run: Run;
  readonly #declared = new Map<string, Declared>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** @throws {Error} for a name that is none or is taken, and for a rhythm that is none. */
  declare(name: string, rhythm: Rhythm, take: ScheduleHandler, options: ScheduleOptions): Schedule {
    checkName(name, "a schedule");
    if (this.#declared.has(name)) throw new Error(`there are two schedules ${name}`);
    if (this.#declared.size >= MAX_SCHEDULES) throw new Error(`over ${MAX_SCHEDULES} schedules`);
    const { catchUp = "once" } = options;
    this.#declared.set(name, { rhythm: formatRhythm(rhythm), take, catchUp });
    return { next: async () => (await this.#rows.get(name))?.nextMs };
  }

  /**
   * A version begins: schedules that are new or have another rhythm begin, those that are declared no
   * more end. The version before may have ended what this one declares, and its errands did not go
   * back with its state, so all have new ones. Used by the engine.
   */
  async begin(): Promise<void> {
    this.#settle(new Map(await this.#rows.list()), () => true);
  }

  /** A moment has come. Those whose errand was lost go on as well. */
  async tick(name: string): Promise<void> {
    const rows = new Map(await this.#rows.list());
    const row = rows.get(name);
    this.#settle(rows, (other) => other !== row && this.#isAstray(other));
    const declared = this.#declared.get(name);
    if (declared === undefined) return this.#forget(name);
    if (row?.rhythm !== declared.rhythm) return;
    if (await this.#isRunning(row)) this.#await(name, row);
    else this.#begin(name, declared, row);
  }

  #settle(rows: ReadonlyMap<string, Row>, isLost: (row: Row) => boolean): void {
    for (const [name, { rhythm }] of this.#declared) {
      const row = rows.get(name);
      if (row?.rhythm !== rhythm) this.#await(name, begin(rhythm, this.#run.nowMs));
      else if (isLost(row)) this.#mend(name, row);
    }
    for (const name of rows.keys()) if (!this.#declared.has(name)) this.#forget(name);
  }

  /** Runs the handler of a schedule; what it throws goes to the log. */
  async perform(name: string, occasion: Occasion): Promise<void> {
    const run = this.#run;
    const declared = this.#declared.get(name);
    const row = await this.#rows.get(name);
    if (declared === undefined || row === undefined) return;
    this.#rows.put(name, { ...row, run: run.id });
    try {
      await declared.take(occasion);
      await run.settled();
    } catch (thrown) {
      await run.undo();
      run.log("error", `every ${name}: ${describeThrown(thrown)}`);
    }
    const { run: last = run.id, ...idle } = await this.#rows.get(name) ?? {};
    if ("rhythm" in idle && last === run.id) this.#begin(name, declared, idle);
  }

  get #rows(): Table<Row> {
    return new Table<Row>(SCHEDULES_TABLE, this.#run);
  }

  /** Leaves the errand for what is due, if anything is, and the one for the next moment. */
  #begin(name: string, { catchUp }: Declared, row: Row): void {
    const { effects, nowMs } = this.#run;
    const occasion = chooseOccasion(beatOf(row.rhythm, row.fromMs), row.lastMs, nowMs, catchUp);
    if (occasion !== undefined) effects.post(errandOf(EVERY + name, occasion));
    this.#await(name, { ...row, lastMs: occasion?.dueMs ?? row.lastMs });
  }

  #await(name: string, row: Row): void {
    const { nowMs } = this.#run;
    const beat = beatOf(row.rhythm, row.fromMs);
    this.#write(name, { ...row, nextMs: nextAfter(beat, Math.max(nowMs, row.lastMs)) });
  }

  /** Goes on with a row whose errand does not come when it should. */
  #mend(name: string, row: Row): void {
    const { nowMs } = this.#run;
    const { stepMs } = beatOf(row.rhythm, row.fromMs);
    if (row.nextMs <= nowMs) this.#write(name, { ...row, nextMs: nowMs + 1 });
    else if (row.nextMs <= nowMs + stepMs) this.#write(name, row);
    else this.#await(name, { ...row, lastMs: nowMs });
  }

  /** Writes a row with the errand for its next moment. */
  #write(name: string, row: Row): void {
    const { effects, nowMs } = this.#run;
    const key = EVERY + name;
    effects.write(SCHEDULES_TABLE, name, JSON.stringify(row));
    effects.withdraw(key);
    effects.post(errandOf(ERRANDS.tick, { name }, { delayMs: row.nextMs - nowMs, key }));
  }

  #forget(name: string): void {
    const { effects } = this.#run;
    effects.write(SCHEDULES_TABLE, name, undefined);
    effects.cancel(EVERY + name);
  }

  /** Its errand should have come, or comes later than any next moment. */
  #isAstray({ rhythm, fromMs, nextMs }: Row): boolean {
    const { nowMs } = this.#run;
    const { stepMs } = beatOf(rhythm, fromMs);
    return nextMs < nowMs - ASTRAY_MS || nextMs > nowMs + stepMs + ASTRAY_MS;
  }

  /** A run that waits for others stands in the index of such runs. */
  async #isRunning({ run }: Row): Promise<boolean> {
    if (run === undefined) return false;
    return await new Table<unknown>(RUNS_TABLE, this.#run).has(keysOf.open(run));
  }
}

function begin(rhythm: string, nowMs: number): Row {
  return { rhythm, fromMs: nowMs, lastMs: nowMs, nextMs: nowMs };
}

function describeThrown(thrown: unknown): string {
  if (thrown instanceof Refusal) return `cannot ${thrown.op}: ${thrown.subject}`;
  return thrown instanceof Error ? describeError(thrown) : String(thrown);
}
