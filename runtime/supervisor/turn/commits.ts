/**
 * Turns on their way to disk. One commit of a pod is under way at a time and the next one takes
 * along every turn that ended meanwhile; so turns do not wait for the disk, happen in order, and
 * none happens whose forerunner did not.
 *
 * @module
 */

import { PeriError, toPeriError } from "../../model/errors.ts";
import type { Errand, Post, StreamAnswer } from "../../model/message.ts";
import type { Manifest, TableWrite } from "../../model/pod.ts";
import type { PodRef } from "../../model/words.ts";
import type { Blobs } from "../../ports/blobs.ts";
import type { Mailbox, PlannedMail } from "../../ports/mailbox.ts";
import { type Change, mergeChanges, type Store } from "../../ports/store.ts";
import { Account } from "../state/account.ts";
import { TooManyPosts } from "./allowance.ts";
import { Files } from "../state/files.ts";
import type { LargeValue } from "../state/large.ts";
import { joinChanges, type StatePlace } from "../rows.ts";
import { putOff, replyTo, retold, streamOver } from "./run.ts";
import type { Overlay } from "../state/state.ts";
import { type Handled, streamWork } from "./stream.ts";
import type { Fence } from "./terms.ts";

/** What became of a turn. `forgotten`: an earlier one did not happen, so it did not either. */
export type TurnFate =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly error: PeriError }
  | { readonly kind: "failed"; readonly cause: unknown }
  | { readonly kind: "forgotten" };

/** A turn that has ended. */
export interface Turn {
  /** Grows. */
  readonly number: number;
  readonly writes: readonly TableWrite[];
  readonly posts: readonly Post[];
  readonly errands: readonly Errand[];
  readonly answers: readonly StreamAnswer[];
  readonly cancels: readonly string[];
  /** About the bytes of its change. */
  readonly bytes: number;
  /** The event that it handled and the answer to it. */
  readonly handled?: Handled;
  /** Its effects may not happen; an event is answered with this instead. */
  readonly refusal?: PeriError;
  /** Called once. */
  settled(fate: TurnFate): void;
}

/** What {@link Commits} works with. */
export interface CommitsOptions {
  readonly ref: PodRef;
  readonly place: StatePlace;
  readonly manifest: Manifest;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly mailbox: Mailbox;
  readonly overlay: Overlay;
  /** As of its account. */
  keep(usedBytes: number, isGrowing: boolean): void;
  readonly fence: Fence;
  /** A call that was to stay open found no room among those that wait. */
  full?(): void;
  /** As in the terms of its turns. */
  readonly hasGoneBack?: boolean;
  /** Most turns in one commit. */
  readonly maxTurns: number;
  /** Called once, when no further turn can happen. */
  broken(reason: "refused" | "store", cause: unknown): void;
}

/** Somebody wants to know how many entries a table has after the turns before. */
interface Question {
  readonly table: string;
  readonly writes: readonly TableWrite[];
  answer(count: number): void;
}

interface PlannedTurn {
  readonly turn: Turn;
  readonly mail: PlannedMail;
  /** In order; what they write is joined once, with all of a commit. */
  readonly parts: readonly Change[];
  /** What is to be in files before. */
  readonly large: readonly LargeValue[];
  readonly fate: TurnFate;
}

/** Bounds of one change of the store (`Change`), with room for the quota's row and the fence. */
const MAX_ROWS = 990;
const MAX_CHECKS = 90;
const MAX_BYTES = 720 * 1024;
/** What the rows of an answer and a removal take beyond their texts. */
const TURN_BYTES = 1_500;

/** The way of one instance's turns to disk. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #queue: (Turn | Question)[] = [];
  readonly #account: Account;
  readonly #files: Files;
  #carried: PlannedTurn | undefined;
  #working: Promise<void> | undefined;
  #isBroken = false;

  constructor(options: CommitsOptions) {
    this.#options = options;
    this.#files = new Files(options);
    this.#account = new Account(options, this.#files);
  }

  /** Takes a turn; its fate is told to `settled`. */
  push(turn: Turn): void {
    if (this.#isBroken) return turn.settled({ kind: "forgotten" });
    this.#queue.push(turn);
    this.#working ??= this.#work();
  }

  /** How many entries a table has after the turns pushed so far; never, when they do not happen. */
  count(table: string): Promise<number> {
    return new Promise((answer) => {
      if (this.#isBroken) return;
      this.#queue.push({ table, writes: [], answer });
      this.#working ??= this.#work();
    });
  }

  /** Resolves when every turn has met its fate. */
  async drained(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #work(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#carried !== undefined) {
      const batch: PlannedTurn[] = [];
      try {
        await this.#gather(batch);
        await this.#commit(batch);
      } catch (cause) {
        await this.#files.undo(cause);
        this.#give(batch, cause);
      }
    }
    this.#working = undefined;
  }

  /** Plans waiting turns while they fit into one change. */
  async #gather(batch: PlannedTurn[]): Promise<void> {
    const room = new Room();
    this.#account.readAhead(this.#queue.slice(0, MAX_ROWS / 4).flatMap(({ writes }) => writes));
    while (batch.length < this.#options.maxTurns) {
      const [first] = this.#carried === undefined ? this.#queue : [];
      if (first !== undefined && "table" in first) {
        if (!await this.#answer(first, batch)) return;
        continue;
      }
      const next = this.#carried ?? await this.#planNext();
      this.#carried = undefined;
      if (next === undefined) return;
      if (!room.takes(next) && batch.length > 0) {
        this.#carried = next;
        return;
      }
      batch.push(next);
      if (next.fate.kind === "refused") return this.#break("refused", next.fate.error);
    }
  }

  /** Answers the question that comes next; `false`: not before this batch is on disk. */
  async #answer(question: Question, batch: readonly PlannedTurn[]): Promise<boolean> {
    const known = (await this.#account.counts.load()).get(question.table);
    if (known === undefined && batch.length > 0) return false;
    this.#queue.shift();
    question.answer(known ?? await this.#countNow(question.table));
    return true;
  }

  async #countNow(table: string): Promise<number> {
    const { store, fence } = this.#options;
    const { count, change } = await this.#account.counts.count(table);
    const writes = (change.puts?.length ?? 0) > 0;
    // Lost, it is counted again; what is committed next goes after it.
    if (writes) store.commit({ ...change, checks: [fence] }, "soon").catch(() => {});
    return count;
  }

  async #commit(batch: readonly PlannedTurn[]): Promise<void> {
    const { store, fence, overlay } = this.#options;
    const joined = joinChanges(batch.flatMap(({ parts }) => parts));
    const change = await this.#files.keep(batch.flatMap(({ large }) => large), joined);
    const writes = (change.puts?.length ?? 0) + (change.deletes?.length ?? 0);
    if (writes > 0) {
      const checks = [fence, ...change.checks ?? []];
      if (!await store.commit({ ...change, checks })) throw lostRace(this.#options.ref);
    }
    for (const { turn, mail, fate } of batch) {
      mail.settle(true);
      overlay.settle(turn.number, turn.writes);
      this.#account.settle(turn);
      turn.settled(fate);
    }
    await this.#files.letGo(change);
  }

  /** Gives up a batch that could not be committed, and all that builds on it. */
  #give(batch: readonly PlannedTurn[], cause: unknown): void {
    for (const { mail } of batch) mail.settle(false);
    const [only] = batch;
    if (batch.length === 1 && only?.turn.refusal === undefined && isTooLarge(cause)) {
      // It would be too large every time, so it is answered with that instead.
      this.#forget();
      this.#queue.push({ ...only!.turn, refusal: cause });
      return;
    }
    for (const { turn } of batch) turn.settled({ kind: "failed", cause });
    this.#break("store", cause);
  }

  #break(reason: "refused" | "store", cause: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#forget();
    this.#options.broken(reason, cause);
  }

  #forget(): void {
    const carried = this.#carried;
    this.#carried = undefined;
    carried?.mail.settle(false);
    const turns = [...carried === undefined ? [] : [carried.turn], ...this.#queue.splice(0)];
    for (const turn of turns) if ("settled" in turn) turn.settled({ kind: "forgotten" });
  }

  async #planNext(): Promise<PlannedTurn | undefined> {
    const turn = this.#queue.shift() as Turn | undefined;
    if (turn === undefined) return undefined;
    if (turn.refusal !== undefined) return await this.#planRefusal(turn, turn.refusal);
    try {
      return await this.#planTurn(turn);
    } catch (thrown) {
      const error = toPeriError(thrown, "finish a run");
      if (isFault(error)) return await this.#planRefusal(turn, error);
      turn.settled({ kind: "failed", cause: thrown });
      throw thrown;
    }
  }

  async #planTurn(turn: Turn): Promise<PlannedTurn> {
    const { ref, manifest, mailbox } = this.#options;
    const { change: state, large } = await this.#account.plan(turn);
    const { posts, errands, answers, cancels, handled } = turn;
    const event = handled?.event;
    const streams = streamWork(manifest, handled, answers, cancels);
    const gone: string[] = [];
    const work = streams && {
      ...streams,
      full: () => this.#options.full?.(),
      ...(this.#options.hasGoneBack ? { gone: (handle: string) => void gone.push(handle) } : {}),
    };
    const replies = handled && !work?.opened ? replyTo(handled.event, handled.outcome) : [];
    const mail = await mailbox.plan(ref, posts, replies, errands, work);
    const removal = event === undefined ? {} : mailbox.removal(ref, event);
    const told = await this.#planGone(gone, mail);
    const parts = [removal, state, told.change];
    return { turn, mail: told, parts, large, fate: { kind: "done" } };
  }

  /** Tells the pod that streams are over of which it does not know. */
  async #planGone(handles: readonly string[], mail: PlannedMail): Promise<PlannedMail> {
    if (handles.length === 0) return mail;
    const { ref, mailbox } = this.#options;
    try {
      const told = await mailbox.plan(ref, [], [], handles.map(streamOver));
      return {
        change: mergeChanges([mail.change, told.change]),
        settle: (committed) => {
          mail.settle(committed);
          told.settle(committed);
        },
      };
    } catch (cause) {
      // Too much waits for it; it hears of them when it answers them again.
      if (toPeriError(cause, "tell a pod").kind === "over-quota") return mail;
      mail.settle(false);
      throw cause;
    }
  }

  async #planRefusal(turn: Turn, error: PeriError): Promise<PlannedTurn> {
    const { ref, manifest, mailbox } = this.#options;
    const event = turn.handled?.event;
    const outcome = { error: error.toRecord() };
    const replies = event === undefined ? [] : replyTo(event, outcome);
    const work = event && streamWork(manifest, { event, outcome }, [], []);
    // Nobody would hear that an errand was refused, and nobody would leave it again.
    const later = event && error instanceof TooManyPosts && putOff(event, error.waitMs);
    const mail = await mailbox.plan(ref, [], replies, later ? [later] : [], work);
    const again = event && !later && retold(event, outcome.error);
    const removal = () => event === undefined ? {} : mailbox.removal(ref, event);
    const left = again ? mailbox.attempted(ref, again) : removal();
    const parts = [left, mail.change];
    const fate = { kind: "refused", error } as const;
    return { turn: { ...turn, writes: [] }, mail, parts, large: [], fate };
  }
}

/** What still fits into one change. */
class Room {
  #rows = 0;
  #checks = 0;
  #bytes = 0;

  takes({ turn, parts }: PlannedTurn): boolean {
    for (const { puts = [], deletes = [], checks = [] } of parts) {
      this.#rows += puts.length + deletes.length;
      this.#checks += checks.length;
    }
    this.#bytes += turn.bytes + TURN_BYTES;
    return this.#rows <= MAX_ROWS && this.#checks <= MAX_CHECKS && this.#bytes <= MAX_BYTES;
  }
}

/** Whether an error is the run's own fault and would come again with every repetition. */
function isFault({ kind }: PeriError): boolean {
  return kind === "invalid" || kind === "too-large" || kind === "over-quota" || kind === "denied";
}

function isTooLarge(cause: unknown): cause is PeriError {
  return cause instanceof PeriError && cause.kind === "too-large";
}

function lostRace({ pod }: PodRef): PeriError {
  const subject = `${pod} has moved on since the run began`;
  return new PeriError("conflict", { op: "commit a run", subject });
}
