/**
 * The periphery's end of a control session (PROTOCOL.md, "Control").
 *
 * @module
 */

import { type Bytes, parseBase64 } from "../../model/bytes.ts";
import { errorFromRecord, type ErrorRecord, PeriError, toPeriError } from "../../model/errors.ts";
import {
  type Ask,
  type ClientMessage,
  decodeClientMessage,
  encodeMessage,
  type Json,
  type JsonRecord,
  type Open,
  type ServerMessage,
} from "../../model/control.ts";
import { encodeStream, FRAME, type Frame, readFrames } from "../../model/frame.ts";
import { MAX_SIGNATURE_BYTES, MAX_SIGNED_TOGETHER } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Log } from "../../ports/log.ts";
import type { Operation, Session } from "../../ports/session.ts";
import { Input } from "./input.ts";

/** A two-way byte stream to one client. */
export interface Line {
  /** Pieces from the client; ends when the client is gone. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Sends a piece; pieces arrive in the order of the calls. Rejects when the client is gone. */
  send(piece: Uint8Array): Promise<void>;
  /** Ends the line; nothing happens when it has ended. */
  close(): void;
  /** Aborts when the client is gone, whatever of it waits to be read; absent: reading alone tells. */
  readonly gone?: AbortSignal;
}

/** Who is at the other end of a line, as whoever opened it has made sure. */
export interface Caller {
  /**
   * Who has proved to be this person; null: whoever has this computer, by a socket that is theirs
   * alone. They act for the owner.
   */
  readonly person: Fingerprint | null;
}

/** What sessions are served with. */
export interface Desk {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Operations that make sure themselves who asks: a caller may name any person for these. */
  readonly open?: ReadonlySet<string>;
  /** For whom a client without a key acts. */
  readonly owner: () => Fingerprint | undefined;
  /** Aborts when somebody may be here no longer; absent of those who may not be sent away. */
  readonly gone?: (person: Fingerprint) => AbortSignal | undefined;
  readonly log: Log;
}

/** Unsent bytes at which a client that does not read is dropped. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** Characters of documents that are to be signed together; a frame has more room than that. */
const MAX_PART_LENGTH = 200 * 1024;

/** Serves one session and closes its line. Rejects never. */
export async function serveSession(line: Line, desk: Desk, caller: Caller): Promise<void> {
  const session = new LineSession(line);
  const leave = () => line.close();
  const end = () => session.leave();
  line.gone?.addEventListener("abort", end);
  let gone: AbortSignal | undefined;
  try {
    const frames = readFrames(line.incoming);
    const open = openOf((await frames.next()).value);
    session.person = actorOf(open, desk, caller);
    session.terminal = open.terminal;
    gone = session.person && desk.gone?.(session.person);
    gone?.addEventListener("abort", leave);
    const listening = session.listen(frames);
    session.say({ end: { exitCode: await operationOf(desk, open)(open.arguments, session) } });
    void listening;
  } catch (thrown) {
    const error = toPeriError(thrown, "do that");
    if (error.kind === "internal") desk.log.error("operation failed", thrown);
    session.say({ error: error.toRecord() });
  }
  gone?.removeEventListener("abort", leave);
  line.gone?.removeEventListener("abort", end);
  await session.flush();
  line.close();
}

function openOf(frame: Frame | void): Open {
  const message = frame?.type === FRAME.message ? decodeClientMessage(frame.content) : undefined;
  if (message !== undefined && "open" in message) return message.open;
  const subject = "the first frame is not an open message";
  throw new PeriError("damaged", { op: "open a control session", subject });
}

/** For whom an operation is done: nobody acts for another person than the one they have proved to be. */
function actorOf({ person, operation }: Open, desk: Desk, caller: Caller): Fingerprint | undefined {
  const came = caller.person ?? desk.owner();
  if (person === undefined || came === undefined || person === came) return person ?? came;
  if (caller.person === null && desk.open?.has(operation)) return person;
  throw new PeriError("denied", {
    op: `do ${operation}`,
    subject: `who comes in here acts for ${came}, not for ${person}`,
    hint: "on the computer of the server: peri, without --on",
  });
}

function operationOf(desk: Desk, open: Open): Operation {
  const operation = desk.operations.get(open.operation);
  if (operation !== undefined) return operation;
  throw new PeriError("missing-implementation", {
    op: `do ${open.operation}`,
    subject: "the server does not know it; it may be older than the command",
    hint: "peri status shows the server's version, peri version the command's",
  });
}

class LineSession implements Session {
  person: Fingerprint | undefined;
  terminal = false;
  readonly input: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => this.#read() };
  readonly #pieces = new Input();
  readonly #gone = new AbortController();
  readonly #asked = new Map<number, PromiseWithResolvers<JsonRecord>>();
  #sent: Promise<void> = Promise.resolve();
  #unsent = 0;
  #asks = 0;

  constructor(private readonly line: Line) {}

  get interrupted(): AbortSignal {
    return this.#gone.signal;
  }

  write(fd: 1 | 2, data: Uint8Array): void {
    const type = fd === 1 ? FRAME.output : FRAME.errors;
    for (const frame of encodeStream(type, data)) this.#send(frame);
  }

  item(record: JsonRecord): void {
    this.say({ item: record });
  }

  note(text: string): void {
    this.say({ note: text });
  }

  async sign(person: Fingerprint, document: string): Promise<Bytes> {
    const { signature } = await this.#ask({ kind: "sign", person, document });
    return parseSignature(signature);
  }

  async signAll(person: Fingerprint, documents: readonly string[]): Promise<readonly Bytes[]> {
    const signed: Bytes[] = [];
    for (const part of partsOf(documents)) {
      const { signatures } = await this.#ask({ kind: "sign-all", person, documents: part });
      const all = Array.isArray(signatures) ? signatures : [];
      if (all.length !== part.length) throw unsigned();
      signed.push(...all.map(parseSignature));
    }
    return signed;
  }

  async confirm(question: string, details: readonly string[]): Promise<boolean> {
    return (await this.#ask({ kind: "confirm", question, details })).yes === true;
  }

  /** Sends a message after everything said before. */
  say(message: ServerMessage): void {
    this.#send(encodeMessage(message));
  }

  /** Of what it asked for, too. */
  flush(): Promise<void> {
    return this.#sent;
  }

  /** Takes what the client says until it is gone. Rejects never. */
  async listen(frames: AsyncIterable<Frame>): Promise<void> {
    try {
      for await (const frame of frames) {
        if (frame.type === FRAME.input) await this.#pieces.push(frame.content);
        else if (frame.type === FRAME.message) this.#hear(decodeClientMessage(frame.content));
      }
    } catch {
      // A torn line is a client that is gone; the operation hears of it below.
    }
    this.leave();
  }

  /** Whoever types must not lose what was meant for the next program: it comes when it is wanted. */
  async *#read(): AsyncGenerator<Uint8Array> {
    this.say({ want: "input" });
    yield* this.#pieces;
  }

  #hear(message: ClientMessage): void {
    if ("interrupt" in message) return this.#gone.abort();
    if (!("reply" in message)) return;
    const { ask } = message.reply;
    const asked = this.#asked.get(ask);
    this.#asked.delete(ask);
    if ("value" in message.reply) asked?.resolve(message.reply.value);
    else asked?.reject(errorFromRecord(message.reply.error satisfies ErrorRecord));
  }

  #ask(ask: Ask): Promise<JsonRecord> {
    if (this.#gone.signal.aborted) return Promise.reject(unanswered());
    const id = ++this.#asks;
    const answer = Promise.withResolvers<JsonRecord>();
    this.#asked.set(id, answer);
    this.say({ ask: { id, ...ask } });
    return answer.promise;
  }

  /** The client is gone: what is done for it is interrupted, and waits for it no more. */
  leave(): void {
    this.#gone.abort();
    this.#pieces.end();
    for (const answer of this.#asked.values()) answer.reject(unanswered());
    this.#asked.clear();
  }

  #send(frame: Uint8Array): void {
    this.#unsent += frame.length;
    if (this.#unsent > MAX_UNSENT_BYTES) return this.line.close();
    this.#sent = this.#sent.then(() => this.line.send(frame)).then(
      () => void (this.#unsent -= frame.length),
      () => {},
    );
  }
}

function parseSignature(signature: Json | undefined): Bytes {
  const isLong = typeof signature === "string" && signature.length > MAX_SIGNATURE_BYTES * 2;
  if (typeof signature === "string" && !isLong) return parseBase64(signature);
  throw unsigned();
}

/** Documents in parts that each fit one frame. */
function partsOf(documents: readonly string[]): string[][] {
  const parts: string[][] = [];
  let size = Infinity;
  for (const document of documents) {
    size += document.length;
    if (size > MAX_PART_LENGTH || parts.at(-1)!.length === MAX_SIGNED_TOGETHER) {
      parts.push([]);
      size = document.length;
    }
    parts.at(-1)!.push(document);
  }
  return parts;
}

function unsigned(): PeriError {
  return new PeriError("damaged", { op: "sign", subject: "the answer holds no signature" });
}

function unanswered(): PeriError {
  return new PeriError("denied", {
    op: "ask the person",
    subject: "they left before they answered",
  });
}
