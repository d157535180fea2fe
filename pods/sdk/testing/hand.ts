/**
 * A pod whose handlers are written by hand, on values as they travel: for the tests of what stands
 * below classes and shapes.
 *
 * @module
 */

import { COMMAND, CommandFace, type Completer, type VerbHandler } from "../command.ts";
import { openingOf } from "../face.ts";
import { give, isMany } from "../stream/give.ts";
import type { Json } from "../text/json.ts";
import { type Handler, Pod } from "../pod.ts";
import type { Addressee } from "../post/recipients.ts";
import type { Answer, Continuation, FunctionRef, Part, Stream } from "../reference.ts";
import type { Run } from "../run.ts";
import type { Subscription } from "../stream/subscription.ts";

/** The functions of an interface by their names in camel case. */
export type InterfaceRef = Readonly<Record<string, FunctionRef<never, unknown>>>;

/** One handler for every function of an interface. */
export type Handlers<Interface extends InterfaceRef> = {
  readonly [Name in keyof Interface]: Interface[Name] extends
    FunctionRef<infer Arguments, infer Result> ? HandlerOf<Arguments, Result>
    : never;
};

type HandlerOf<Arguments extends readonly unknown[], Result> = [Result] extends [Stream<infer Item>]
  ? StreamHandler<Arguments, Item>
  : (...args: Arguments) => Result | Promise<Result>;

type StreamHandler<Arguments extends readonly unknown[], Item> = (
  ...args: Arguments
) => AsyncIterable<Item> | Promise<void>;

/** See the module. The constructor declares what it offers. */
export abstract class HandPod extends Pod {
  readonly #handlers = new Map<string, Handler>();
  readonly #continuations = new Map<string, Handler>();
  readonly #command: CommandFace;

  constructor(run: Run) {
    super(run);
    this.#command = new CommandFace(run);
  }

  /** Offers an interface. */
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

  /** Declares a handler for the answers to posts; `to` is the recipient that each is about. */
  protected continuation<Note extends Json, Result>(
    name: string,
    handler: (note: Note, answer: Answer<Result>, to: Addressee) => void | Promise<void>,
  ): Continuation<Note, Result> {
    this.#continuations.set(name, handler as Handler);
    return { name };
  }

  /** Declares a handler for the answers of a stream: it is run for each of them, in order. */
  protected listener<Note extends Json, Item>(
    name: string,
    handler: (note: Note, part: Part<Item>, from: Addressee) => void | Promise<void>,
  ): Continuation<Note, Stream<Item>> {
    this.#continuations.set(name, handler as Handler);
    return { name };
  }

  /** A handler that sends at once, keeps the subscription for later runs, or both. */
  protected stream<Arguments extends readonly unknown[], Item>(
    open: (subscription: Subscription<Item>, ...args: Arguments) => void | Promise<void>,
  ): (...args: Arguments) => Promise<void> {
    return async (...args) => {
      const { handle } = openingOf(this.run, "a stream", (item) => item as Json);
      await open(this.subscription<Item>(handle), ...args);
    };
  }

  /** The handler of a call. */
  override handlerOf(interfaceName: string, name: string): Handler | undefined {
    if (interfaceName === COMMAND) return this.#command.handlerOf(name);
    const own = interfaceName === ""
      ? this.#continuations.get(name)
      : this.#handlers.get(`${interfaceName}#${name}`);
    return own ?? super.handlerOf(interfaceName, name);
  }

  #giving(of: string, handler: Handler): Handler {
    return async (...args) => {
      const result = await handler(...args);
      if (!isMany(result)) return result;
      await give(this.run, openingOf(this.run, of, (item) => item as Json), result);
    };
  }
}
