/**
 * What an author extends.
 *
 * @module
 */

import { COMMAND, CommandFace, type Completer, type VerbHandler } from "./command.ts";
import { faceOf, openingOf } from "./face.ts";
import { give, isMany } from "./give.ts";
import type { Json } from "./json.ts";
import { forgetPages, Pages, type PageSource } from "./pages.ts";
import { type CapabilityClass, openPeer, type PeerAddress, type Remote } from "./peer.ts";
import {
  type FunctionName,
  openPost,
  type Outcome,
  type OutcomeHandler,
  type Post,
  readOutcome,
} from "./posts.ts";
import type {
  Answer,
  Continuation,
  Handlers,
  InterfaceRef,
  Part,
  Stream,
  StreamHandler,
} from "./reference.ts";
import type { Addressee } from "./recipients.ts";
import type { Caller, Run } from "./run.ts";
import { Subscribers } from "./subscribers.ts";
import { Subscription } from "./subscription.ts";
import { Table } from "./table.ts";
import { verbsOf } from "./verbs/verb.ts";

/** What the periphery calls when a stream is over; its one argument is the handle. */
export const CANCELLED = "cancelled";

/** A handler as the engine calls it: arguments and result are JSON values. */
export type Handler = (...args: never[]) => unknown;

/**
 * A pod. The constructor declares what it offers; there is a new object for every run, so a field
 * lives as long as its run, and what shall last stands in tables.
 *
 * Handlers run one after another: nothing else of the pod happens between the first and last line
 * of a handler, except while it waits for standard input.
 */
export abstract class Pod {
  readonly #handlers = new Map<string, Handler>();
  readonly #continuations = new Map<string, Handler>();
  readonly #subscribers = new Map<string, Subscribers<unknown, Json>>();
  readonly #pages = new Map<string, PageSource<readonly unknown[], unknown>>();
  readonly #command: CommandFace;

  /** @param run what the pod may do besides its tables */
  constructor(readonly run: Run) {
    this.#command = new CommandFace(run);
  }

  /** Who asks. */
  protected get caller(): Caller {
    return this.run.caller;
  }

  /** The same functions of another person's pod. */
  protected peer<Self extends Pod>(this: Self, address: PeerAddress): Remote<Self> {
    const face = faceOf(this);
    const own = face?.shape.offers.find(({ field }) => field === "");
    if (own === undefined) throw new Error(`${this.run.about.name} offers no functions of its own`);
    return openPeer(this.run, own, face!.errors, address) as Remote<Self>;
  }

  /** A table of this pod; JSON values by key. */
  table<Value>(name: string): Table<Value> {
    return new Table<Value>(name, this.run);
  }

  /** Offers an interface: one handler for each of its functions. */
  protected offer<Interface extends InterfaceRef>(
    functions: Interface,
    handlers: Handlers<Interface>,
  ): void {
    for (const [key, ref] of Object.entries(functions)) {
      const of = `${ref.interface}#${ref.function}`;
      this.#handlers.set(of, this.#giving(of, handlers[key as keyof Interface] as Handler));
    }
  }

  /** Adds a verb to the command face: `peri <pod> <name> <usage>`. */
  protected verb(
    name: string,
    usage: string,
    about: string,
    run: VerbHandler,
    complete?: Completer,
  ): void {
    this.#command.add({ name, usage, about, run, ...complete && { complete } });
  }

  /**
   * Declares a handler for the answers to posts; `to` is the recipient that each is about. Its name
   * must outlive the posts that wait.
   */
  continuation<Note extends Json, Result>(
    name: string,
    handler: (note: Note, answer: Answer<Result>, to: Addressee) => void | Promise<void>,
  ): Continuation<Note, Result> {
    return this.#declare(name, handler as Handler);
  }

  /**
   * Declares a function that is posted to others, and what is done with each answer. What this
   * returns posts it:
   *
   * ```ts
   * readonly #leave = this.posts("left", Mail, "leave", (n: number, outcome, { person }) => …);
   * await this.#leave(["bob", "carol"], [letter], { note: 7 });
   * ```
   *
   * @param name of the continuation; must outlive the posts that wait
   * @param take what is done; without it answers are let go
   */
  posts<Class, Name extends FunctionName<Class>, Note extends Json>(
    name: string,
    of: CapabilityClass<Class>,
    method: Name,
    take?: OutcomeHandler<Class[Name], Note>,
  ): Post<Class[Name], Note> {
    const plain = of as CapabilityClass<unknown>;
    if (take === undefined) return openPost(this.run, plain, method) as Post<Class[Name], Note>;
    this.#declare(
      name,
      ((note: Note, wire: Answer<Json>, to: Addressee) => {
        return take(note, readOutcome(plain, method, wire) as Outcome<Class[Name]>, to);
      }) as Handler,
    );
    return openPost(this.run, plain, method, name) as Post<Class[Name], Note>;
  }

  /** Declares a handler for the answers of a stream: it is run for each of them, in order. */
  listener<Note extends Json, Item>(
    name: string,
    handler: (note: Note, part: Part<Item>, from: Addressee) => void | Promise<void>,
  ): Continuation<Note, Stream<Item>> {
    return this.#declare(name, handler as Handler);
  }

  /**
   * A handler for a function whose result is a stream. It may send at once, keep the subscription
   * for later runs, or both.
   */
  protected stream<Arguments extends readonly unknown[], Item>(
    open: (subscription: Subscription<Item>, ...args: Arguments) => void | Promise<void>,
  ): StreamHandler<Arguments, Item> {
    return async (...args) => await open(this.subscription<Item>(this.#handle()), ...args);
  }

  /**
   * A long list, given a part in each run. What this returns makes the result of a method of it:
   *
   * ```ts
   * readonly #lines = this.pages("lines", (after, count: number) => linesAfter(after, count));
   * lines(count: u32): AsyncIterable<string> {
   *   return this.#lines(count);
   * }
   * ```
   *
   * @param name must be the same while lists are being given
   */
  pages<Arguments extends readonly unknown[], Item>(
    name: string,
    source: PageSource<Arguments, Item>,
  ): (...args: Arguments) => AsyncIterable<Item> {
    const plain = source as unknown as PageSource<readonly unknown[], Item>;
    this.#pages.set(name, plain);
    return (...args) => new Pages<Item>(this.run, name, plain, args);
  }

  /**
   * An open call by the handle that was kept.
   *
   * @param of its function, as `peri:hey/mail#leave`; without it items are JSON as it travels
   */
  subscription<Item>(handle: string, of = ""): Subscription<Item> {
    return new Subscription<Item>(this.run, handle, faceOf(this)?.encoderOf(of));
  }

  /** Subscriptions that are kept in a table of this name until they end. */
  subscribers<Item, Tag extends Json = null>(name: string): Subscribers<Item, Tag> {
    const subscribers = new Subscribers<Item, Tag>(
      name,
      this.run,
      (of) => faceOf(this)?.encoderOf(of),
    );
    this.#subscribers.set(name, subscribers as unknown as Subscribers<unknown, Json>);
    return subscribers;
  }

  /** Called when a stream is over that this pod did not end itself; override it to do more. */
  protected cancelled(_handle: string): void | Promise<void> {}

  /** Forgets a stream that is over. Used by the engine. */
  async endStream(handle: string): Promise<void> {
    for (const subscribers of this.#subscribers.values()) await subscribers.forget(handle);
    await forgetPages(this.run, handle);
    await this.cancelled(handle);
  }

  /** The subscribers of a name; used by the engine. */
  subscribersOf(name: string): Subscribers<unknown, Json> | undefined {
    return this.#subscribers.get(name);
  }

  /** The source of pages of a name; used by the engine. */
  pagesOf(name: string): PageSource<readonly unknown[], unknown> | undefined {
    return this.#pages.get(name);
  }

  #commandFace(): CommandFace {
    const face = faceOf(this);
    for (const verb of face ? verbsOf(this, this.run, face) : []) this.#command.add(verb);
    return this.#command;
  }

  #declare<Note, Result>(name: string, handler: Handler): Continuation<Note, Result> {
    if (name === CANCELLED || name.startsWith("sdk:")) {
      throw new Error(`${name} is a name that the SDK keeps for itself`);
    }
    this.#continuations.set(name, handler);
    return { name };
  }

  #handle(): string {
    return openingOf(this.run, "a stream", (item) => item as Json).handle;
  }

  /** A handler may give a stream as methods do. */
  #giving(of: string, handler: Handler): Handler {
    return async (...args) => {
      const result = await handler(...args);
      if (!isMany(result)) return result;
      await give(this.run, openingOf(this.run, of, (item) => item as Json), result);
    };
  }

  /** The handler of a call; `interfaceName` is empty for a continuation. Used by the engine. */
  handlerOf(interfaceName: string, name: string): Handler | undefined {
    if (interfaceName === "") return this.#continuations.get(name);
    if (interfaceName === COMMAND) return this.#commandFace().handlerOf(name);
    const of = `${interfaceName}#${name}`;
    return this.#handlers.get(of) ?? faceOf(this)?.handlerOf(this, this.run, of) as Handler;
  }
}
