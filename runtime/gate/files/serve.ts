/**
 * One session of file transfer: packets in, answers out, in their order. What a client asks waits in
 * its own connection until what it asked before has been answered and taken, so it costs no memory
 * here however much it asks.
 *
 * @module
 */

import { concatBytes } from "../../model/bytes.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Channel } from "../ssh/channel.ts";
import { type Answer, Desk, failure } from "./desk.ts";
import type { PodFiles } from "./pod.ts";
import { encodeVersion } from "./sftp/answer.ts";
import { BadPacket } from "./sftp/bytes.ts";
import { Packets } from "./sftp/packets.ts";
import { decodeHello, decodeId, decodeRequest } from "./sftp/request.ts";
import { Stage } from "./stage.ts";

/** Bytes of answers that are sent together. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** Writes whose answers are sent together. */
const MAX_WAITING = 8;
/** SSH_FXP_WRITE */
const WRITE = 6;

/**
 * Serves `sftp` to the files of a pod until the client is done. What it leaves open is not saved.
 * Resolves to the exit code.
 */
export async function serveFiles(
  pod: PodFiles,
  channel: Channel,
  clock: Clock,
): Promise<number> {
  const desk = new Desk(new Stage(pod, () => clock.nowMs()));
  const out = new Outgoing(channel);
  try {
    const packets = new Packets();
    let isOpen = false;
    for await (const piece of paused(channel.incoming, clock, out)) {
      packets.push(piece);
      for (let packet = packets.next(); packet !== undefined; packet = packets.next()) {
        if (packet[0] !== WRITE) out.hurry();
        if (isOpen) {
          const answer = answerTo(desk, packet);
          await out.add(answer instanceof Promise ? await unlessGone(channel, answer) : answer);
        } else {
          decodeHello(packet);
          isOpen = true;
          await out.add([encodeVersion()]);
        }
      }
      if (!out.canWait) await out.flush();
    }
    await out.flush();
    return 0;
  } catch (cause) {
    if (cause instanceof BadPacket || channel.interrupted.aborted) return 1;
    throw cause;
  } finally {
    await desk.end();
    pod.close();
  }
}

function answerTo(desk: Desk, packet: Uint8Array): Answer | Promise<Answer> {
  const id = decodeId(packet);
  try {
    return desk.answer(decodeRequest(packet));
  } catch (cause) {
    return [failure(id, cause)];
  }
}

/** Whoever is gone does not wait for a pod. */
async function unlessGone(channel: Channel, answer: Promise<Answer>): Promise<Answer> {
  const { interrupted } = channel;
  const gone = Promise.withResolvers<never>();
  const leave = () => gone.reject(new BadPacket("the client is gone"));
  if (interrupted.aborted) leave();
  interrupted.addEventListener("abort", leave);
  try {
    return await Promise.race([answer, gone.promise]);
  } finally {
    interrupted.removeEventListener("abort", leave);
  }
}

/** Pieces as they come; when none comes for a moment, what waits goes out. */
async function* paused(
  incoming: AsyncIterable<Uint8Array>,
  clock: Clock,
  out: Outgoing,
): AsyncGenerator<Uint8Array> {
  const pieces = incoming[Symbol.asyncIterator]();
  for (;;) {
    const next = pieces.next();
    if (out.canWait) {
      const done = new AbortController();
      const first = await Promise.race([next, clock.sleep(1, done.signal)]);
      done.abort();
      if (first === undefined) await out.flush();
    }
    const { done, value } = await next;
    if (done) return;
    yield value;
  }
}

/** Answers on their way. */
class Outgoing {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #isUrgent = false;

  constructor(private readonly channel: Channel) {}

  /** Whether there is nothing but a few answers for which nobody waits who goes on writing. */
  get canWait(): boolean {
    return this.#bytes > 0 && !this.#isUrgent && this.#parts.length < MAX_WAITING;
  }

  /** The next answer is waited for. */
  hurry(): void {
    this.#isUrgent = true;
  }

  add(answer: Answer): void | Promise<void> {
    for (const part of answer) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    if (this.#bytes >= MAX_UNSENT_BYTES) return this.flush();
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : concatBytes(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.#isUrgent = false;
    await this.channel.write(1, bytes);
  }
}
