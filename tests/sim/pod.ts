/**
 * A pod that answers every call and writes down what it was given, in the commit that handles it.
 * Calls of `count` it answers with a stream, one item after the other, each in a commit of its own;
 * those of `pages` as fast as their caller takes them.
 *
 * @module
 */

import type { MemoryDisk } from "../../runtime/adapters/memory/store.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Errand, InboxEvent, Post, StreamWork } from "../../runtime/model/message.ts";
import type { PodRef } from "../../runtime/model/words.ts";
import type { Clock } from "../../runtime/ports/clock.ts";
import type { Mailbox, PlannedMail } from "../../runtime/ports/mailbox.ts";
import { type Change, type Key, mergeChanges, type Store } from "../../runtime/ports/store.ts";
import {
  type Deed,
  errandStream,
  type Giving,
  NO_WORK,
  planTurn,
  spreadErrand,
  streamKey,
} from "./turn.ts";

export { COUNT, type Deed, makePost } from "./turn.ts";

const RETRY_MS = 100;
/** Between two items. */
const ITEM_MS = 700;

/** See the module. Works as the supervisor does: one event after the other, each in one commit. */
export class SimPod {
  readonly ref: PodRef;
  /** Set to let events wait. */
  isAsleep = false;
  /** Most messages that waited for the caller when a stream went on at its pace. */
  mostWaiting = 0;
  readonly #store: Store;
  readonly #mailbox: Mailbox;
  readonly #clock: Clock;
  #deeds: number | undefined;
  #working: Promise<void> | undefined;
  #isCalled = false;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(ref: PodRef, store: Store, mailbox: Mailbox, clock: Clock) {
    this.ref = ref;
    this.#store = store;
    this.#mailbox = mailbox;
    this.#clock = clock;
  }

  /** Events may wait. */
  wake(): void {
    this.#isCalled = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      // Called between its last look and now.
      if (this.#isCalled && !this.isAsleep) this.wake();
    });
  }

  /** Posts in one commit; false when it did not happen. */
  async post(...posts: Post[]): Promise<boolean> {
    if (posts.every(({ key }) => key === undefined)) return await this.#send(posts, NO_WORK);
    return await this.#inOrder(() => this.#send(posts, NO_WORK));
  }

  /** Posts the first part, and leaves errands for the others; false when it did not happen. */
  async spread([now = [], ...rest]: readonly (readonly Post[])[]): Promise<boolean> {
    return await this.#send(now, NO_WORK, spreadErrand(rest));
  }

  /** Leaves an errand; false when it did not happen. */
  async leave(errand: Errand): Promise<boolean> {
    return await this.#inOrder(() => this.#send([], NO_WORK, [errand]));
  }

  /** Cancels own open calls; false when it did not happen. */
  async cancel(...keys: string[]): Promise<boolean> {
    return await this.#inOrder(() => this.#send([], { ...NO_WORK, cancels: keys }));
  }

  async #send(
    posts: readonly Post[],
    work: StreamWork,
    errands: readonly Errand[] = [],
  ): Promise<boolean> {
    return await this.#commit({}, await this.#mailbox.plan(this.ref, posts, [], errands, work));
  }

  async #commit(change: Change, mail: PlannedMail): Promise<boolean> {
    let committed = false;
    try {
      return committed = await this.#store.commit(mergeChanges([change, mail.change]));
    } finally {
      mail.settle(committed);
    }
  }

  /** Plans with keys are committed in the order in which they were made. */
  async #inOrder(send: () => Promise<boolean>): Promise<boolean> {
    const sending = this.#sending.then(send, send);
    this.#sending = sending;
    return await sending;
  }

  /** What was handled, in order. */
  async deeds(): Promise<Deed[]> {
    const prefix = this.#key("deed");
    const found: Deed[] = [];
    for (;;) {
      const start = this.#key("deed", found.length);
      const rows = await this.#store.list<Deed>({ prefix, start, limit: 1000 });
      found.push(...rows.map(({ value }) => value));
      if (rows.length < 1000) return found;
    }
  }

  async #work(): Promise<void> {
    while (this.#isCalled && !this.isAsleep) {
      this.#isCalled = false;
      try {
        for (const event of await this.#mailbox.waiting(this.ref, -1, 50)) {
          await this.#handle(event);
          this.#isCalled = true;
        }
        if (await this.#give()) {
          this.#isCalled = true;
          await this.#clock.sleep(ITEM_MS);
        }
      } catch {
        this.#isCalled = true;
        this.#deeds = undefined;
        await this.#clock.sleep(RETRY_MS);
      }
    }
  }

  async #handle(event: InboxEvent): Promise<void> {
    this.#deeds ??= (await this.deeds()).length;
    const turn = planTurn(this.ref, event, await this.#giving(event));
    const { posts, replies, errands, work, deed } = turn;
    let mail: PlannedMail;
    try {
      mail = await this.#mailbox.plan(this.ref, posts, replies, errands, work);
    } catch (error) {
      if (!(error instanceof PeriError) || error.kind !== "invalid") throw error;
      return await this.#refuse(event, error);
    }
    const changes = [this.#mailbox.removal(this.ref, event), turn.change];
    if (deed) changes.push({ puts: [{ key: this.#key("deed", this.#deeds), value: deed }] });
    await this.#commit(mergeChanges(changes), mail);
    if (deed) this.#deeds++;
  }

  /** A call that may not have its effects is answered with the reason. */
  async #refuse(event: InboxEvent, error: PeriError): Promise<void> {
    const { from, body } = event.message;
    const reply = { to: from, token: body.token, outcome: { error: error.toRecord() } };
    const mail = await this.#mailbox.plan(this.ref, [], [reply], [], NO_WORK);
    await this.#commit(this.#mailbox.removal(this.ref, event), mail);
  }

  /** The stream that goes on with this event. */
  async #giving(event: InboxEvent): Promise<Giving | undefined> {
    const stream = errandStream(event);
    if (!stream) return undefined;
    const { caller } = stream;
    const prefix = this.#key("outbox", caller.person, caller.pod);
    const waiting = await this.#store.list({ prefix, limit: 1000 });
    this.mostWaiting = Math.max(this.mostWaiting, waiting.length);
    return (await this.#store.get<Giving>(streamKey(this.ref, stream)))?.value;
  }

  /** Gives every stream its next item or its end. False when there is none. */
  async #give(): Promise<boolean> {
    const all = await this.#store.list<Giving>({ prefix: this.#key("stream"), limit: 1000 });
    const rows = all.filter(({ value }) => value.page === undefined);
    for (const { key, value } of rows) {
      const { caller, token, given, total } = value;
      const part = given < total ? { item: `${given}` } : { end: true as const };
      const work = { ...NO_WORK, answers: [{ caller, token, part }] };
      const mail = await this.#mailbox.plan(this.ref, [], [], [], work);
      const next = { puts: [{ key, value: { ...value, given: given + 1 } }] };
      await this.#commit("end" in part ? { deletes: [key] } : next, mail);
    }
    return rows.length > 0;
  }

  #key(...parts: (string | number)[]): Key {
    return ["pod", this.ref.person, this.ref.pod, ...parts];
  }
}

/** What a pod has handled by what is on a disk, in order. */
export function deedsOn(disk: MemoryDisk, { person, pod }: PodRef): Deed[] {
  const deeds: Deed[] = [];
  for (;;) {
    const row = disk.get(["pod", person, pod, "deed", deeds.length]);
    if (!row) return deeds;
    deeds.push(row.value as Deed);
  }
}
