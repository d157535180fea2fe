/**
 * `ssh -t pod@host`: the screens of a pod; `ssh host` on a terminal: those of the person's pods.
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError, toPeriError } from "../../model/errors.ts";
import { canShow, formatSize } from "../../model/terminal.ts";
import type { Fingerprint, PodName } from "../../model/words.ts";
import type { Session } from "../../ports/session.ts";
import type { Desk } from "../control/session.ts";
import { Input } from "../control/input.ts";
import { harmless } from "../terminal/paint.ts";
import type { Channel, Terminal } from "./channel.ts";

/** What is known of the pods' screens. */
export interface Screens {
  /** Whether a pod of a person has any. */
  has(person: Fingerprint, pod: PodName): boolean;
  /** Words that are commands of a pod, on a terminal too. */
  verbs(person: Fingerprint, pod: PodName): Promise<readonly string[]>;
}

/** Where somebody goes. */
export interface Way {
  /** None: to the list of their pods. */
  readonly pod: PodName | undefined;
  readonly argv: readonly string[];
}

/** The operation that serves it. */
const OPERATION = "pod.terminal";
const HELP = new Set(["help", "--help", "-h"]);

/**
 * Where screens are meant by what was typed; undefined when a command is: what is a command of the
 * pod stays one.
 *
 * @param pod that the user name names
 */
export async function wayOf(
  person: Fingerprint,
  pod: PodName | undefined,
  words: readonly string[],
  { term }: Terminal,
  own: readonly PodName[],
  screens: Screens,
): Promise<Way | undefined> {
  if (!canShow(term)) return undefined;
  if (pod === undefined && words.length === 0) return { pod, argv: [] };
  const named = pod ?? own.find((name) => name === words[0]);
  if (named === undefined || !screens.has(person, named)) return undefined;
  const argv = pod === undefined ? words.slice(1) : words;
  const [first] = argv;
  const isCommand = first !== undefined &&
    (HELP.has(first) || (await screens.verbs(person, named)).includes(first));
  return isCommand ? undefined : { pod: named, argv };
}

/** Serves it. Resolves to the exit code; what fails is said on a terminal that is as it was. */
export async function serveScreens(
  person: Fingerprint,
  { pod, argv }: Way,
  { columns, rows, colours }: Terminal,
  channel: Channel,
  { operations, gone }: Desk,
): Promise<number> {
  const session = new ChannelSession(person, channel);
  const sent = gone?.(person);
  const leave = () => channel.close();
  sent?.addEventListener("abort", leave);
  const args = { ...(pod === undefined ? {} : { pod }), argv, columns, rows, colours };
  try {
    return await operations.get(OPERATION)!(args, session);
  } catch (thrown) {
    const { message, hint, exitCode } = toPeriError(thrown, "show a terminal");
    const lines = [`peri: ${message}`, ...(hint ? [`hint: ${hint}`] : [])].map(harmless);
    await channel.write(2, encodeUtf8(`${lines.join("\r\n")}\r\n`));
    return exitCode;
  } finally {
    sent?.removeEventListener("abort", leave);
    session.end();
  }
}

/** A session without a line in between: what somebody does not read is not kept for them. */
class ChannelSession implements Session {
  readonly terminal = true;
  readonly input: Input = new Input();
  #written: Promise<void> = Promise.resolve();

  constructor(readonly person: Fingerprint, private readonly channel: Channel) {
    void this.#read();
    channel.onResize?.((columns, rows) => {
      void this.input.push(encodeUtf8(formatSize(columns, rows)));
    });
  }

  get interrupted(): AbortSignal {
    return this.channel.interrupted;
  }

  write(fd: 1 | 2, data: Uint8Array): void {
    this.#written = this.#written.then(() => this.channel.write(fd, data)).catch(() => {});
  }

  flush(): Promise<void> {
    return this.#written;
  }

  /** Nobody reads any more. */
  end(): void {
    this.input.end();
  }

  item(): void {}
  note(): void {}

  sign(): Promise<never> {
    return Promise.reject(notHere());
  }

  signAll(): Promise<never> {
    return Promise.reject(notHere());
  }

  confirm(): Promise<never> {
    return Promise.reject(notHere());
  }

  async #read(): Promise<void> {
    try {
      for await (const piece of this.channel.incoming) await this.input.push(piece);
    } catch {
      // The client is gone, which the channel tells as well.
    }
    this.input.end();
  }
}

function notHere(): PeriError {
  return new PeriError("denied", { op: "ask the person", subject: "a pod has the terminal" });
}
