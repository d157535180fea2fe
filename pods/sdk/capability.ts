/**
 * Parts of a pod that its author mounts as fields: further capabilities, and further verbs.
 *
 * ```ts
 * export default class Hey extends Pod {
 *   readonly mail = new Mail(this);
 *   readonly letters = new LetterVerbs(this);
 * }
 * ```
 *
 * @module
 */

import type { Json } from "./text/json.ts";
import { type CapabilityClass, peer, type PeerAddress, type Remote } from "./peer.ts";
import type { Pod, TableOptions } from "./pod.ts";
import type { FunctionName, OutcomeHandler, Post } from "./post/posts.ts";
import type { Caller, Run } from "./run.ts";
import type { Subscribers } from "./stream/subscribers.ts";
import type { Table } from "./table.ts";
import type { Duration, Moment } from "./time/duration.ts";
import type { Later, LaterHandler, LaterOptions } from "./time/later.ts";
import type { Rhythm } from "./time/rhythm.ts";
import type { Schedule, ScheduleHandler, ScheduleOptions } from "./time/schedules.ts";

/**
 * What the parts of a pod have in common. There is a new object for every run, and its fields last as
 * long as that: what shall last longer stands in a table, or in a field of the pod itself.
 */
export abstract class Part {
  /** @param pod whose part it is */
  constructor(readonly pod: Pod) {}

  /** The run: what the part may do besides its tables. */
  protected get run(): Run {
    return this.pod.run;
  }

  /** Who asks. */
  protected get caller(): Caller {
    return this.pod.run.caller;
  }

  /** A table of the pod; all its parts share the names. */
  protected table<Value>(name: string, options: TableOptions<Value> = {}): Table<Value> {
    return this.pod.table<Value>(name, options);
  }

  /** Declares a function that is posted to others, and what is done with each answer. */
  protected posts<Class, Name extends FunctionName<Class>, Note extends Json>(
    name: string,
    of: CapabilityClass<Class>,
    method: Name,
    take?: OutcomeHandler<Class[Name], Note>,
  ): Post<Class[Name], Note> {
    return this.pod.posts(name, of, method, take);
  }

  /** Declares what the pod does again and again by itself; all its parts share the names. */
  protected every(
    name: string,
    rhythm: Rhythm,
    take: ScheduleHandler,
    options: ScheduleOptions = {},
  ): Schedule {
    return this.pod.every(name, rhythm, take, options);
  }

  /** Declares what is done at moments that are chosen later. */
  protected later<Note extends Json = null>(
    name: string,
    take: LaterHandler<Note>,
    options: LaterOptions = {},
  ): Later<Note> {
    return this.pod.later(name, take, options);
  }

  /** Sleeps, however long and through restarts of the server. */
  protected sleep(duration: Duration): Promise<void> {
    return this.pod.run.sleep(duration);
  }

  /** Sleeps until a moment; not at all when that has passed. */
  protected until(moment: Moment): Promise<void> {
    return this.pod.run.until(moment);
  }

  /** What a promise gives, if it does so within a time. */
  protected withDeadline<Value>(duration: Duration, work: Promise<Value>): Promise<Value> {
    return this.pod.run.withDeadline(duration, work);
  }

  /** Subscriptions that are kept in a table of this name until they end. */
  protected subscribers<Item, Tag extends Json = null>(name: string): Subscribers<Item, Tag> {
    return this.pod.subscribers<Item, Tag>(name);
  }
}

/**
 * A part whose public methods are the functions of an interface. The build generates one for each
 * interface that is given as WIT; its author extends that one.
 */
export abstract class Capability extends Part {
  /** The same capability of another person's pod. */
  protected peer<Self extends Capability>(this: Self, address: PeerAddress): Remote<Self> {
    return peer(this, this.constructor as unknown as CapabilityClass<Self>, address);
  }
}

/**
 * A part whose public methods are verbs for the pod's own person and for nobody else. A method may
 * print by itself with `this.run.print`, return a value, or return what {@link shown} gives.
 */
export abstract class Commands extends Part {}
