/**
 * One stream on the side of who answers it, or one call that a later run answers: what a run does to
 * its row, and the answers that makes. Pure.
 *
 * @module
 */

import { utf8Length } from "../model/bytes.ts";
import { type ErrorRecord, PeriError } from "../model/errors.ts";
import { MAX_PAYLOAD_BYTES, MAX_STREAM_ANSWERS } from "../model/limits.ts";
import type { OpenedStream, Outcome, Reply, StreamAnswer, StreamWork } from "../model/message.ts";
import { formatPodRef, formatStreamHandle, type PodRef, type StreamRef } from "../model/words.ts";
import type { Change } from "../ports/store.ts";
import { tooManyAnswers } from "./respond.ts";
import { encodeOwed, keys, type OwedStream } from "./rows.ts";

/** A stream while a run's work on it is planned. */
export class StreamDraft {
  readonly ref: StreamRef;
  readonly before: OwedStream | undefined;
  after: OwedStream | undefined;
  readonly #replies: Reply[];
  readonly #nowMs: number;

  /** @param replies the answers of all drafts of a run, in order */
  constructor(ref: StreamRef, row: OwedStream | undefined, replies: Reply[], nowMs: number) {
    this.ref = ref;
    this.before = row;
    this.after = row;
    this.#replies = replies;
    this.#nowMs = nowMs;
  }

  /**
   * Begins it.
   *
   * @throws {PeriError} `invalid` when it is open: what a second call with its token is given would
   * be taken for answers to the first, and be of another type, or come behind its end.
   */
  open({ functionId, dueMs, isOnce }: OpenedStream): void {
    if (this.after) throw invalid("its token is that of another call, which waits for answers");
    const row = { functionId, next: 0, dueMs, isClosing: false };
    this.after = isOnce ? { ...row, isOnce } : row;
  }

  /**
   * Gives one answer. What comes when it is over and the pod could not know (yet) is left out.
   *
   * @throws {PeriError} `invalid` when it is not open or the item is not of its type, `too-large`.
   */
  answer(part: StreamAnswer["part"], work: Pick<StreamWork, "fault" | "isOffered" | "gone">): void {
    const row = this.after;
    if (!row && !this.before && work.gone) return work.gone(formatStreamHandle(this.ref));
    if (!row) throw invalid(`there is no stream ${formatStreamHandle(this.ref)} to answer`);
    if (row.isClosing || row.dueMs <= this.#nowMs) return;
    if (row.isOnce) return this.#only(row, part, work.fault);
    // One subscriber of an older version must not keep the run from all others.
    if ("item" in part && !work.isOffered(row.functionId)) return this.close(noLonger());
    if ("item" in part) return this.#item(row, part.item, work.fault);
    this.#reply(row, "error" in part ? { error: part.error } : { ok: "null" }, true);
    this.after = undefined;
  }

  /** Ends it from this side; its pod is told by and by. */
  close(error: ErrorRecord): void {
    const row = this.after;
    if (!row || row.isClosing) return;
    if (row.dueMs > this.#nowMs) this.#reply(row, { error }, true);
    this.after = { ...row, dueMs: this.#nowMs, isClosing: true };
  }

  /** Its caller wants no more, and its pod has been told. */
  end(): void {
    this.after = undefined;
  }

  /** What of its rows changes. */
  change(pod: PodRef): Change {
    const { ref, before, after } = this;
    if (before === after) return {};
    const handle = formatStreamHandle(ref);
    const dueOf = ({ dueMs }: OwedStream) => keys.due(pod, dueMs, handle);
    const row = keys.owed(pod, ref);
    if (!after) return { deletes: before ? [row, dueOf(before), keys.pace(pod, ref)] : [] };
    const puts = [{ key: row, value: encodeOwed(after) }];
    if (before?.dueMs === after.dueMs) return { puts };
    const due = { key: dueOf(after), value: true };
    return { puts: [...puts, due], deletes: before ? [dueOf(before)] : [] };
  }

  /**
   * The one answer of a plain call. What a run that waited has done stays done, so a result that
   * does not fit is told to the caller instead of refusing the run.
   */
  #only(row: OwedStream, part: StreamAnswer["part"], fault: StreamWork["fault"]): void {
    const result = "item" in part ? part.item : undefined;
    const why = result === undefined ? "it has no result" : fault(row.functionId, result);
    const error = "error" in part ? part.error : why === undefined ? undefined : wrong(why);
    this.#reply(row, error ? { error } : { ok: result! }, true);
    this.after = undefined;
  }

  #item(row: OwedStream, item: string, fault: StreamWork["fault"]): void {
    const size = utf8Length(item);
    if (size > MAX_PAYLOAD_BYTES) {
      const subject = `an item of ${size} bytes, ${MAX_PAYLOAD_BYTES} allowed`;
      throw new PeriError("too-large", { op: "answer a call", subject });
    }
    const why = fault(row.functionId, item);
    if (why !== undefined) throw invalid(why);
    if (row.next >= MAX_STREAM_ANSWERS - 1) return this.close(tooManyAnswers());
    this.#reply(row, { ok: item }, false);
    this.after = { ...row, next: row.next + 1 };
  }

  #reply({ next: index, dueMs: expiresMs }: OwedStream, outcome: Outcome, end: boolean): void {
    const { caller: to, token } = this.ref;
    this.#replies.push({ to, token, outcome, place: { index, end, expiresMs } });
  }
}

/** Why a stream does not begin: the pod has as many as it may. */
export function tooManyStreams(): ErrorRecord {
  const subject = "as many streams wait for answers as may";
  return { kind: "busy", op: "open a stream", subject, hint: "end another one first" };
}

/** Why a stream ends: its caller does not take what waits for it. */
export function notTaken(caller: PodRef): ErrorRecord {
  const subject = `${formatPodRef(caller)} does not take its answers`;
  return { kind: "unreachable", op: "answer a call", subject };
}

/** Why a stream ends: the pod has another version, without the function. */
function noLonger(): ErrorRecord {
  const subject = "the pod no longer offers the function of this stream";
  return { kind: "missing-implementation", op: "answer a call", subject };
}

function wrong(subject: string): ErrorRecord {
  return { kind: "invalid", op: "answer a call", subject };
}

function invalid(subject: string): PeriError {
  return new PeriError("invalid", { op: "answer a call", subject });
}
