/**
 * What an author extends.
 *
 * @module
 */

import { type Beginning, INSTALLED } from "./begin.ts";
import { COMMAND, CommandFace } from "./command.ts";
import { faceOf } from "./face.ts";
import type { Json } from "./text/json.ts";
import { forgetPages, Pages, type PageSource } from "./stream/pages.ts";
import { type CapabilityClass, openPeer, type PeerAddress, type Remote } from "./peer.ts";
import {
  type FunctionName,
  openPost,
  type Outcome,
  type OutcomeHandler,
  type Post,
  readOutcome,
} from "./post/posts.ts";
import type { Answer } from "./reference.ts";
import type { Addressee } from "./post/recipients.ts";
import type { Caller, Run } from "./run.ts";
import type { Indexed } from "./state/entries.ts";
import { FIELDS_TABLE } from "./state/fields.ts";
import { Indexes } from "./state/indexes.ts";
import { Subscribers } from "./stream/subscribers.ts";
import { Subscription } from "./stream/subscription.ts";
import { Table } from "./table.ts";
import type { Duration, Moment } from "./time/duration.ts";
import { Later, type LaterHandler, type LaterOptions, laterTaker } from "./time/later.ts";
import type { Rhythm } from "./time/rhythm.ts";
import {
  type Schedule,
  type ScheduleHandler,
  type ScheduleOptions,
  Schedules,
} from "./time/schedules.ts";
import { verbsOf } from "./verbs/verb.ts";

/** What the periphery calls when a stream is over; its one argument is the handle. */
export const CANCELLED = "cancelled";

/** What a table has besides its rows. */
export interface TableOptions<Value> {
  /** By name, what a row is found by; it depends on the row alone. */
  readonly by?: Indexed<Value>;
}

/** A handler as the engine calls it: arguments and result are JSON values. */
export type Handler = (...args: never[]) => unknown;

/**
 * A pod. Its public methods are the functions that other pods call, and the verbs that its person
 * types; `protected` and `#private` ones are its own business. Fields may mount further capabilities
 * (`Capability`) and verbs (`Commands`).
 *
 * What shall last stands in tables, or in fields: what a field holds that is neither `readonly` nor
 * `#private` is there in the next run, whenever the server was restarted, for it is kept with
 * everything else that the run did or not at all. There is a new object for every run; any other
 * field lives as long as that.
 *
 * Runs come one after another: nothing else of the pod happens between two lines of a method, except
 * while it awaits another pod, sleeps or awaits standard input. Then fields hold what others have left
 * in them; look at them again after the `await`. (`this.sum += await …` looks before it: what others
 * add meanwhile is lost. Await first, then add.)
 */
export abstract class Pod {
  // There is an object for every run: what most pods do not declare takes no time.
  #continuations: Map<string, Handler> | undefined;
  #subscribers: Map<string, Subscribers<unknown, Json>> | undefined;
  #pages: Map<string, PageSource<readonly unknown[], unknown>> | undefined;
  #schedules: Schedules | undefined;

  /** @param run what the pod may do besides its tables */
  constructor(readonly run: Run) {}

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

  /**
   * Sleeps, however long and through restarts of the server: others of the pod run meanwhile.
   *
   * @param duration as `"90 s"`, `"1h 30m"` or `{ days: 2 }`
   */
  protected sleep(duration: Duration): Promise<void> {
    return this.run.sleep(duration);
  }

  /** Sleeps until a moment; not at all when that has passed. */
  protected until(moment: Moment): Promise<void> {
    return this.run.until(moment);
  }

  /**
   * What a promise gives, if it does so within a time.
   *
   * @throws {Refusal} `expired` when the time is over before; what it waited for goes on.
   */
  protected withDeadline<Value>(duration: Duration, work: Promise<Value>): Promise<Value> {
    return this.run.withDeadline(duration, work);
  }

  /**
   * A table of this pod; JSON values by key. Rows are found by what its indexes give for them:
   *
   * ```ts
   * readonly #issues = this.table<Issue>("issues", { by: { label: (issue) => issue.labels } });
   * await this.#issues.by("label", "bug").list();
   * ```
   *
   * Indexes are declared with the fields of the object. They change in the transaction of the rows,
   * and are made anew when a version begins.
   */
  table<Value>(name: string, { by }: TableOptions<Value> = {}): Table<Value> {
    // What fields hold is turned in migrate.
    const isTurned = name === FIELDS_TABLE && this.run.isBeginning;
    if (isOwn(name) && !isTurned) throw ownName(name);
    if (by !== undefined) {
      this.run.indexes ??= new Indexes(this.run, this.run.isBeginning);
      this.run.indexes.declare(name, by);
    }
    return new Table<Value>(name, this.run);
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
   * @param name of the continuation, which nothing else of the pod has; must outlive the posts that
   * wait
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

  /**
   * Declares what the pod does again and again by itself, from its installation on and through
   * restarts: every so long, or every day at a time of UTC.
   *
   * ```ts
   * readonly #tidy = this.every("tidy", { daily: "03:30" }, ({ dueMs, missed }) => …);
   * ```
   *
   * One run of it goes on at a time; one that fails is told to the log, and the next one comes. A
   * version that does not declare it any more ends it; one with the same rhythm goes on with it.
   *
   * @param name letters, digits and `-`; the same in all versions
   * @param rhythm as `"1h"`, `{ minutes: 10 }` or `{ daily: "07:30" }`; a second at least
   */
  every(
    name: string,
    rhythm: Rhythm,
    take: ScheduleHandler,
    options: ScheduleOptions = {},
  ): Schedule {
    return this.schedules.declare(name, rhythm, take, options);
  }

  /**
   * Declares what is done at moments that are chosen later. What this returns chooses them:
   *
   * ```ts
   * readonly #remind = this.later("remind", (what: string) => this.#show(what));
   * this.#remind.at(momentMs, "call Bob", { key: "bob" });
   * this.#remind.after("20 min", "tea");
   * ```
   *
   * @param name letters, digits and `-`, as nothing else of the pod; must outlive the moments that
   * wait
   */
  later<Note extends Json = null>(
    name: string,
    take: LaterHandler<Note>,
    options: LaterOptions = {},
  ): Later<Note> {
    this.#declare(name, laterTaker(this.run, name, take, options) as Handler);
    return new Later<Note>(this.run, name);
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
    this.#pages ??= new Map();
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

  /**
   * Subscriptions that are kept in a table of this name until they end: a method returns
   * `this.#readers.follow(tag)`, and later runs `send` to all of them.
   */
  subscribers<Item, Tag extends Json = null>(name: string): Subscribers<Item, Tag> {
    if (isOwn(name)) throw ownName(name);
    const subscribers = new Subscribers<Item, Tag>(
      name,
      this.run,
      (of) => faceOf(this)?.encoderOf(of),
    );
    this.#subscribers ??= new Map();
    this.#subscribers.set(name, subscribers as unknown as Subscribers<unknown, Json>);
    return subscribers;
  }

  /** Called when a stream is over that this pod did not end itself; override it to do more. */
  protected cancelled(_handle: string): void | Promise<void> {}

  /**
   * Called once when this version takes the place of another, on a copy of what that one kept, while
   * messages wait; override it to bring tables up to date. It may write any amount. Where it throws,
   * the version before goes on with what it has, as if nothing had been. It may post, and await its
   * tables, but no other pod.
   *
   * @param from the version that kept the tables so
   */
  protected migrate(_from: string): void | Promise<void> {}

  /**
   * Called when this version has been installed, after {@link Pod.migrate}; override it to look
   * whether the pod can work, and throw when it cannot: then it is refused.
   */
  protected health(): void | Promise<void> {}

  /** Begins a version. Used by the engine. */
  async beginVersion({ version, from }: Beginning): Promise<void> {
    if (from !== null && from !== version) await this.migrate(from);
    await this.run.fields?.reload(this.run);
    this.run.fields?.check();
    await this.run.indexes?.begin(from === null);
    await this.schedules.begin();
    await this.health();
  }

  /** Forgets a stream that is over. Used by the engine. */
  async endStream(handle: string): Promise<void> {
    for (const subscribers of this.#subscribers?.values() ?? []) await subscribers.forget(handle);
    await forgetPages(this.run, handle);
    await this.cancelled(handle);
  }

  /** The subscribers of a name; used by the engine. */
  subscribersOf(name: string): Subscribers<unknown, Json> | undefined {
    return this.#subscribers?.get(name);
  }

  /** What the pod does again and again; used by the engine. */
  get schedules(): Schedules {
    return this.#schedules ??= new Schedules(this.run);
  }

  /** The source of pages of a name; used by the engine. */
  pagesOf(name: string): PageSource<readonly unknown[], unknown> | undefined {
    return this.#pages?.get(name);
  }

  #declare(name: string, handler: Handler): void {
    if (name === CANCELLED || name === INSTALLED || isOwn(name)) throw ownName(name);
    this.#continuations ??= new Map();
    if (this.#continuations.has(name)) throw new Error(`posts or later declare ${name} twice`);
    this.#continuations.set(name, handler);
  }

  /** The handler of a call; `interfaceName` is empty for a continuation. Used by the engine. */
  handlerOf(interfaceName: string, name: string): Handler | undefined {
    if (interfaceName === "") return this.#continuations?.get(name);
    const face = faceOf(this);
    if (face === undefined) return undefined;
    if (interfaceName !== COMMAND) {
      return face.handlerOf(this, this.run, `${interfaceName}#${name}`) as Handler;
    }
    const command = new CommandFace(this.run);
    for (const verb of verbsOf(this, this.run, face)) command.add(verb);
    return command.handlerOf(name);
  }
}

/** Whether a table or a continuation is the SDK's own. */
function isOwn(name: string): boolean {
  return name.startsWith("sdk:");
}

function ownName(name: string): Error {
  return new Error(`${name} is a name that the SDK keeps for itself`);
}
