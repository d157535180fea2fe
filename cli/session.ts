/**
 * The client's end of a control session (PROTOCOL.md, "Control"). On the hot way of
 * `peri <pod> …`: imports nothing heavy.
 *
 * @module
 */

import { errorFromRecord, PeriError } from "../runtime/model/errors.ts";
import {
  type Ask,
  type ClientMessage,
  decodeServerMessage,
  encodeMessage,
  type JsonRecord,
  type Open,
} from "../runtime/model/control.ts";
import {
  encodeFrame,
  encodeStream,
  FRAME,
  type Frame,
  readFrames,
} from "../runtime/model/frame.ts";

/** Ctrl-C. The command ends with 130: 128 and the number of SIGINT, as shells count. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** A two-way byte stream to a periphery. */
export interface Line {
  /** Pieces from the periphery; ends when it is gone. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Sends a piece; pieces arrive in the order of the calls. Rejects when the periphery is gone. */
  send(piece: Uint8Array): Promise<void>;
  /** Ends the line and releases what is behind it; nothing happens when it has ended. */
  close(): Promise<void>;
}

/** What becomes of what the periphery says. Each is awaited before more is read. */
export interface Handlers {
  item(record: JsonRecord): void | Promise<void>;
  note(text: string): void | Promise<void>;
  /** Standard output (1) and error (2). */
  output(fd: 1 | 2, bytes: Uint8Array): void | Promise<void>;
  /** Resolves to the value of the reply; a `PeriError` is the reply too. */
  ask(ask: Ask): Promise<JsonRecord>;
  /** Standard input, not touched before the operation reads it; absent: it ends at once. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Tells of Ctrl-C; returns how to stop telling. */
  onInterrupt?(listener: () => void): () => void;
}

/**
 * Runs one operation over a line and closes it. Resolves to the exit code.
 *
 * @throws {PeriError} the operation's error; `unreachable` when the periphery goes away; what a
 * handler throws.
 * @throws {Interrupted} when it failed after Ctrl-C, and on the second one at once.
 */
export async function runSession(
  line: Line,
  open: Omit<Open, "v">,
  handlers: Handlers,
): Promise<number> {
  const say = (message: ClientMessage) => sendOrLeave(line, encodeMessage(message));
  let interrupts = 0;
  const forget = handlers.onInterrupt?.(() => {
    // Whoever presses it twice does not want to wait for what the periphery makes of the first.
    const heard = interrupts++ === 0 ? say({ interrupt: true }) : line.close();
    heard.catch(() => {});
  });
  try {
    await say({ open: { v: 1, ...open } });
    for await (const frame of readFrames(line.incoming)) {
      const exitCode = await hear(frame, line, handlers);
      if (exitCode !== undefined) return exitCode;
    }
  } catch (thrown) {
    if (interrupts > 0) throw new Interrupted("Ctrl-C", { cause: thrown });
    throw isGone(thrown) ? gone(open.operation, thrown) : thrown;
  } finally {
    forget?.();
    await line.close();
  }
  throw gone(open.operation);
}

/** Takes one frame; the exit code when it was the last. */
async function hear(
  frame: Frame,
  line: Line,
  handlers: Handlers,
): Promise<number | undefined> {
  if (frame.type === FRAME.output) return void await handlers.output(1, frame.content);
  if (frame.type === FRAME.errors) return void await handlers.output(2, frame.content);
  if (frame.type === FRAME.input) return undefined;
  const message = decodeServerMessage(frame.content);
  if ("end" in message) return message.end.exitCode;
  if ("error" in message) throw errorFromRecord(message.error);
  if ("item" in message) await handlers.item(message.item);
  else if ("note" in message) await handlers.note(message.note);
  else if ("ask" in message) {
    await sendOrLeave(line, encodeMessage(await replyTo(message.ask, handlers)));
  } else void sendInput(line, handlers.input).catch(() => {});
}

/** Sends a piece. A periphery that is gone is noticed by reading, which also sees why it went. */
async function sendOrLeave(line: Line, piece: Uint8Array): Promise<void> {
  await line.send(piece).catch(() => {});
}

async function replyTo(ask: Ask & { id: number }, handlers: Handlers): Promise<ClientMessage> {
  try {
    return { reply: { ask: ask.id, value: await handlers.ask(ask) } };
  } catch (thrown) {
    // Ctrl-C and faults of this side are no answer; the periphery sees the line end.
    if (!(thrown instanceof PeriError)) throw thrown;
    return { reply: { ask: ask.id, error: thrown.toRecord() } };
  }
}

async function sendInput(line: Line, input: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  for await (const piece of input ?? []) {
    for (const frame of encodeStream(FRAME.input, piece)) await line.send(frame);
  }
  await line.send(encodeFrame(FRAME.input, new Uint8Array(0)));
}

/** Whether a stream broke because the other side is no more. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof Error && ["ConnectionReset", "NotConnected"].includes(thrown.name) ||
    thrown instanceof PeriError && thrown.kind === "damaged" && /ended within/.test(thrown.subject);
}

function gone(operation: string, cause?: unknown): PeriError {
  return new PeriError("unreachable", {
    op: operation.replaceAll(".", " "),
    subject: "the periphery went away before it had answered",
    hint: "peri status shows whether it runs; what it had taken, it keeps",
    cause,
  });
}
