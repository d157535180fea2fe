/**
 * One run of a handler: who asks, and everything it may do.
 *
 * @module
 */

import { type Callee, type CallOptions, Calls } from "./await/calls.ts";
import { awaitWithin, sleep, type SleepPort, sleepUntil } from "./await/sleep.ts";
import { isBeginning } from "./begin.ts";
import { EffectBuffer } from "./effects.ts";
import type { WireCall } from "./host.ts";
import { InputBuffer } from "./input.ts";
import { formatJson, formatJsonLine, type Json } from "./text/json.ts";
import { openRandom } from "./random.ts";
import { Posting } from "./post/posting.ts";
import type { Recipients } from "./post/recipients.ts";
import type { FunctionRef, Stream } from "./reference.ts";
import { Refusal } from "./refusal.ts";
import type { Fields } from "./state/fields.ts";
import type { Indexes } from "./state/indexes.ts";
import type { Caller, Found, Level, PodAbout, PostOptions, RunPort } from "./terms.ts";
import { type Duration, type Moment, readDuration, readMoment } from "./time/duration.ts";
import { decodeUtf8 } from "./text/utf8.ts";

/** Most standard input taken as one text unless the author says otherwise. */
const MAX_INPUT_BYTES = 1024 * 1024;

export type { Caller, Found, Level, PodAbout, PostOptions, RunPort } from "./terms.ts";

/** A run from its call to its end. Valid only until its handler returns. */
export class Run {
  /** The name under which the pod lives: its own, or the one that its person gave it. */
  readonly pod: string;
  /** Who asks. */
  readonly caller: Caller;
  /**
   * Milliseconds since 1970 UTC at which the run began, or at which the last answer came that it
   * awaited; stands still in between.
   */
  nowMs: number;
  /** Of a call that opens a stream: what names it. */
  readonly handle: string | undefined;
  /** When the caller gives up, in milliseconds since 1970 UTC; none without such a call. */
  readonly expiresMs: number | undefined;
  /** With it a version of the pod begins. */
  readonly isBeginning: boolean;
  /** Used by tables; authors use `this.table`. */
  readonly effects: EffectBuffer = new EffectBuffer(() => `${this.id}-${this.effects.turn}`);
  /** What the process of a verb that ends well ends with, 0 to 125. */
  exitCode = 0;
  /** Called before the run of a verb waits for others: what is to be seen by then. */
  onWait: (() => void) | undefined;
  /** Set by the engine when the one who asked is gone: the run may stop early. */
  cancelled = false;
  /** Of its tables; none when no table has any. */
  indexes: Indexes | undefined;
  /** Fields that last; none when the pod's object has none. */
  fields: Fields | undefined;
  // Most runs post nothing and ask nobody, and every object takes its time to make.
  #posting: Posting | undefined;
  #calls: Calls | undefined;
  #input: InputBuffer | undefined;
  readonly #seed: number;
  #chance: (() => number) | undefined;

  constructor(call: WireCall, readonly about: PodAbout, private readonly port: RunPort) {
    const { person, pod } = call.caller;
    this.pod = call.pod ?? about.name;
    this.caller = pod ? { person, pod } : { person };
    this.nowMs = call.nowMs;
    this.handle = call.many ? call.handle ?? undefined : undefined;
    this.expiresMs = call.expiresMs ?? undefined;
    this.#seed = call.seed;
    this.isBeginning = isBeginning(call);
  }

  /** Filled by the engine. */
  get input(): InputBuffer {
    return this.#input ??= new InputBuffer();
  }

  /** Number from 0 up to 1; the same again when the run is repeated. Not for secrets. */
  get random(): () => number {
    return this.#chance ??= openRandom(this.#seed);
  }

  /** Names it among the runs of its pod; the same after a restart. */
  get id(): string {
    return this.port.id;
  }

  /** Writes a line to standard output when the run ends well. */
  print(line = ""): void {
    this.effects.output(1, `${line}\n`);
  }

  /** Writes one JSON record as a line to standard output; safe to show on a terminal. */
  printJson(record: Json): void {
    this.print(formatJsonLine(record));
  }

  /** Writes a line to standard error when the run ends well. */
  printError(line: string): void {
    this.effects.output(2, `${line}\n`);
  }

  /** Writes text as it is, without a newline. */
  write(text: string, fd: 1 | 2 = 1): void {
    this.effects.output(fd, text);
  }

  /** Writes bytes as they are: not for a terminal, which would take them for commands. */
  writeBytes(bytes: Uint8Array): void {
    this.effects.outputBytes(1, bytes);
  }

  /**
   * The next line of standard input without its newline; undefined at the end. What the run has
   * done so far happens before it waits, and other runs of the pod may come between.
   *
   * @throws {Refusal} `too-large` for a longer line, `invalid` when it is not UTF-8.
   */
  async readLine(maxBytes = MAX_INPUT_BYTES): Promise<string | undefined> {
    for (;;) {
      const line = this.input.takeLine();
      if (line !== undefined) return decodeUtf8(line).replace(/\r?\n$/, "");
      this.input.bound(maxBytes);
      if (this.input.ended) break;
      await this.#wait();
    }
    return this.input.size === 0 ? undefined : decodeUtf8(this.input.takeAll());
  }

  /**
   * Everything until the end of standard input. Waits as {@link Run.readLine} does.
   *
   * @throws {Refusal} `too-large` over `maxBytes`, `invalid` when it is not UTF-8.
   */
  async readAll(maxBytes = MAX_INPUT_BYTES): Promise<string> {
    return decodeUtf8(await this.readBytes(maxBytes));
  }

  /**
   * Everything until the end of standard input, whatever it is. Waits as {@link Run.readLine} does.
   *
   * @throws {Refusal} `too-large` over `maxBytes`.
   */
  async readBytes(maxBytes = MAX_INPUT_BYTES): Promise<Uint8Array> {
    while (!this.input.ended) {
      await this.#wait();
      this.input.bound(maxBytes);
    }
    return this.input.takeAll();
  }

  /**
   * Calls a function of other pods once the run has ended well: of one, of several, of whatever an
   * iterable gives. Everyone is asked once, however often and in whatever form they stand there.
   * The answer of each goes to `then`, in a run of its own; so does the error for a text that
   * stands for nobody, without harm to the others.
   *
   * What does not fit one turn is posted in the next ones and survives a restart. It needs not be
   * awaited: the run ends when everyone has been looked for.
   *
   * @param to at most 1,000 recipients; without a pod this pod's name is meant
   * @throws {Refusal} `too-large` for more.
   */
  post<const Arguments extends readonly unknown[], Result, Note extends Json = null>(
    ref: FunctionRef<Arguments, Result>,
    to: Recipients,
    args: NoInfer<Arguments>,
    options: PostOptions<Note, NoInfer<Result>> = {},
  ): Promise<void> {
    const { then, note = null, deadlineMs, key } = options;
    const { capability, interface: name, function: called, functionId } = ref;
    const letter = {
      capability,
      interface: name,
      function: called,
      functionId,
      arguments: formatJson(args),
      deadlineMs,
      then: then?.name,
      key,
    };
    this.#posting ??= this.#openPosting();
    return this.#posting.post(letter, to, typeof note === "function" ? note : () => note);
  }

  /**
   * Calls a function of another pod and waits for its result, wherever that pod lives and however
   * long it takes. While the run waits, what it has done so far has happened, others of the pod run,
   * and a restart does not harm it: the handler is then run again up to here with the same answers,
   * and nothing of it happens twice. So a handler that awaits is several transactions, and must do
   * the same when it is given the same. A run of a verb lives as long as its person waits for it.
   *
   * A call that is not awaited when the run ends is made, and its answer is nobody's.
   *
   * @param args JSON values as they travel
   * @throws {Refusal} the error of the other pod or of a periphery on the way; `expired` when the
   * time has passed or the one who asked is gone.
   */
  async call<const Arguments extends readonly unknown[], Result>(
    ref: FunctionRef<Arguments, Result>,
    to: Callee,
    args: NoInfer<Arguments>,
    options: CallOptions = {},
  ): Promise<Result> {
    return await this.#asking().ask(
      ref as FunctionRef<never, unknown>,
      to,
      args,
      options,
    ) as Result;
  }

  /**
   * Opens a stream of another pod; each item is awaited as {@link Run.call} does. Leaving the loop
   * early cancels it.
   *
   * @throws {Refusal} as `call`, from the iterator.
   */
  open<const Arguments extends readonly unknown[], Item>(
    ref: FunctionRef<Arguments, Stream<Item>>,
    to: Callee,
    args: NoInfer<Arguments>,
    options: CallOptions = {},
  ): AsyncGenerator<Item, void> {
    const plain = ref as unknown as FunctionRef<never, unknown>;
    return this.#asking().open(plain, to, args, options) as AsyncGenerator<Item, void>;
  }

  /**
   * Goes on in a later run, others of the pod come between; what was done has happened. In a run
   * that gives a stream: when most of what was given has left.
   *
   * @throws {Refusal} `expired` when the one who asked is gone.
   */
  async pause(): Promise<void> {
    await this.#asking().pause(this.handle);
  }

  /**
   * Sleeps, however long and through restarts of the server, as {@link Run.call} waits; a run of a
   * verb sleeps as long as its person waits for it.
   *
   * @param duration as `"90 s"`, `"1h 30m"` or `{ days: 2 }`; at most ten years
   * @throws {Refusal} `expired` when the one who asked is gone.
   */
  async sleep(duration: Duration): Promise<void> {
    await sleep(this.#sleeping(), readDuration(duration));
  }

  /** As {@link Run.sleep}, until a moment; not at all when that has passed. */
  async until(moment: Moment): Promise<void> {
    await sleepUntil(this.#sleeping(), readMoment(moment, this.nowMs));
  }

  /**
   * What a promise gives, if it does so within a time.
   *
   * @throws {Refusal} `expired` when the time is over before; what it waited for goes on.
   */
  async withDeadline<Value>(duration: Duration, work: Promise<Value>): Promise<Value> {
    return await awaitWithin(this.#sleeping(), readDuration(duration), work);
  }

  /**
   * Ends an own open call by the key it was posted with, and who answers is told. What had come by
   * then is still heard, nothing else is. A key without an open call is left out.
   */
  cancel(key: string): void {
    this.effects.cancel(key);
  }

  /** Whether it has posted anything; used by the engine. */
  get isPosting(): boolean {
    return this.#posting !== undefined;
  }

  /** Resolves when all posts are made; used by the engine before effects happen. */
  async settled(): Promise<void> {
    await this.#posting?.settled();
  }

  /** Nothing happens of what it has done since it last waited; used by the SDK. */
  async undo(): Promise<void> {
    await this.settled().catch(() => {});
    this.effects.take();
    this.fields?.revert();
  }

  /**
   * The person of a fingerprint or user id.
   *
   * @throws {Refusal} `not-found` when nobody, `conflict` when more than one fits.
   */
  async findPerson(text: string): Promise<Found> {
    return await this.request("person-find", { text }) as Found;
  }

  /** Fingerprint of the pod's own person, who is not always the one who asks. */
  async owner(): Promise<string> {
    return (await this.request("person-own", {}) as Found).person;
  }

  /**
   * How far somebody is from the pod's own person by what people have certified: 0 the person, 1 whom
   * they have signed, 2 whom somebody has whom they trust to, …; null when there is no way.
   *
   * @param person a fingerprint
   */
  async standing(person: string): Promise<{ readonly distance: number | null }> {
    return await this.request("standing", { person }) as { readonly distance: number | null };
  }

  /** Asks the periphery; the answer's JSON value (PROTOCOL.md, "Pod requests"). */
  async request(operation: string, argument: unknown): Promise<unknown> {
    return JSON.parse(await this.port.request(operation, formatJson(argument)));
  }

  /** One line for `peri pod logs`; kept even when the run fails. */
  log(level: Level, line: string): void {
    this.port.log(level, line);
  }

  /** @throws {Refusal} `expired` when the one who asked is gone. */
  checkCancelled(): void {
    if (!this.cancelled) return;
    throw new Refusal("expired", { op: "go on", subject: "the one who asked is gone" });
  }

  async #wait(): Promise<void> {
    await this.settled();
    await this.port.waitForInput();
  }

  #openPosting(): Posting {
    const { effects, pod } = this;
    const log = (line: string) => this.log("warning", line);
    return new Posting({ effects, find: (text) => this.#find(text), log }, pod);
  }

  #asking(): Calls {
    return this.#calls ??= new Calls({
      effects: this.effects,
      expiresMs: this.expiresMs,
      pod: this.pod,
      nowMs: () => this.nowMs,
      find: (text) => this.#find(text),
      wait: (make) => this.port.wait(make),
    });
  }

  #sleeping(): SleepPort {
    const { effects } = this;
    return { effects, nowMs: () => this.nowMs, wait: (make) => this.port.wait(make) };
  }

  async #find(text: string): Promise<string> {
    return (await this.findPerson(text)).person;
  }

  /** A name that nothing else has; used by the SDK. */
  newId(): string {
    const chance = Math.floor(this.random() * 0x1_0000_0000);
    return `${this.nowMs.toString(36)}-${chance.toString(36).padStart(7, "0")}`;
  }
}
