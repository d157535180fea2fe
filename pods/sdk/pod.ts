/**
 * What an author extends.
 *
 * @module
 */

import { COMMAND, CommandFace, type Completer, type VerbHandler } from "./command.ts";
import type { Json } from "./json.ts";
import { forgetPages, type PageSource, sendPage } from "./pages.ts";
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
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";
import { Subscribers } from "./subscribers.ts";
import { Subscription } from "./subscription.ts";
import { Table } from "./table.ts";

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

  constructor(protected readonly run: Run) {
    this.#command = new CommandFace(run);
  }

  /** A table of this pod; JSON values by key. */
  protected table<Value>(name: string): Table<Value> {
    return new Table<Value>(name, this.run);
  }

  /** Offers an interface: one handler for each of its functions. */
  protected offer<Interface extends InterfaceRef>(
    functions: Interface,
    handlers: Handlers<Interface>,
  ): void {
    for (const [key, ref] of Object.entries(functions)) {
      const handler = handlers[key as keyof Interface] as Handler;
      this.#handlers.set(`${ref.interface}#${ref.function}`, handler);
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
  protected continuation<Note extends Json, Result>(
    name: string,
    handler: (note: Note, answer: Answer<Result>, to: Addressee) => void | Promise<void>,
  ): Continuation<Note, Result> {
    return this.#declare(name, handler as Handler);
  }

  /** Declares a handler for the answers of a stream: it is run for each of them, in order. */
  protected listener<Note extends Json, Item>(
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
   * A handler that gives a long list, a part in each run.
   *
   * @param name must be the same while lists are being given
   */
  protected pages<Arguments extends readonly unknown[], Item>(
    name: string,
    source: PageSource<Arguments, Item>,
  ): StreamHandler<Arguments, Item> {
    const plain = source as unknown as PageSource<readonly unknown[], unknown>;
    this.#pages.set(name, plain);
    return async (...args) => await sendPage(this.run, name, plain, this.#handle(), args);
  }

  /** An open call by the handle that was kept. */
  protected subscription<Item>(handle: string): Subscription<Item> {
    return new Subscription<Item>(this.run, handle);
  }

  /** Subscriptions that are kept in a table of this name until they end. */
  protected subscribers<Item, Tag extends Json = null>(name: string): Subscribers<Item, Tag> {
    const subscribers = new Subscribers<Item, Tag>(name, this.run);
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

  #declare<Note, Result>(name: string, handler: Handler): Continuation<Note, Result> {
    if (name === CANCELLED || name.startsWith("sdk:")) {
      throw new Error(`${name} is a name that the SDK keeps for itself`);
    }
    this.#continuations.set(name, handler);
    return { name };
  }

  #handle(): string {
    const { handle } = this.run;
    if (handle !== undefined) return handle;
    throw new Refusal("invalid", { op: "open a stream", subject: "the function's result is none" });
  }

  /** The handler of a call; `interfaceName` is empty for a continuation. Used by the engine. */
  handlerOf(interfaceName: string, name: string): Handler | undefined {
    if (interfaceName === "") return this.#continuations.get(name);
    const handler = this.#handlers.get(`${interfaceName}#${name}`);
    return handler ?? (interfaceName === COMMAND ? this.#command.handlerOf(name) : undefined);
  }
}
