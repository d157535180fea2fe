/**
 * What an author extends.
 *
 * @module
 */

import { COMMAND, CommandFace, type Completer, type VerbHandler } from "./command.ts";
import type { Json } from "./json.ts";
import type { Answer, Continuation, Handlers, InterfaceRef } from "./reference.ts";
import type { Addressee } from "./recipients.ts";
import type { Run } from "./run.ts";
import { Table } from "./table.ts";

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
    this.#continuations.set(name, handler as Handler);
    return { name };
  }

  /** The handler of a call; `interfaceName` is empty for a continuation. Used by the engine. */
  handlerOf(interfaceName: string, name: string): Handler | undefined {
    if (interfaceName === "") return this.#continuations.get(name);
    const handler = this.#handlers.get(`${interfaceName}#${name}`);
    return handler ?? (interfaceName === COMMAND ? this.#command.handlerOf(name) : undefined);
  }
}
