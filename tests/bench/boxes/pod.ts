/**
 * A pod of the bench: handles what comes in as the supervisor does, many events in one commit, one
 * commit at a time, without any sandbox.
 *
 * @module
 */

import type { InboxEvent, Reply } from "../../../runtime/model/message.ts";
import type { PodRef } from "../../../runtime/model/words.ts";
import type { Mailbox } from "../../../runtime/ports/mailbox.ts";
import { mergeChanges, type Store } from "../../../runtime/ports/store.ts";

const MOST_AT_ONCE = 64;

/** The time in this machine's processes, in ms with fractions. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** See the module. */
export class BenchPod {
  readonly ref: PodRef;
  /** Whether calls are answered. */
  answers = false;
  /** Told of the answers that came, by token. */
  answered = (_tokens: readonly string[]): void => {};
  readonly #store: Store;
  readonly #mailbox: Mailbox;
  #isCalled = false;
  #isWorking = false;
  #lastArrival = -1;
  #count = 0;
  #delays: number[] = [];
  #goal: { readonly count: number; readonly reached: () => void } | undefined;

  constructor(ref: PodRef, store: Store, mailbox: Mailbox) {
    this.ref = ref;
    this.#store = store;
    this.#mailbox = mailbox;
  }

  /** Events may wait. */
  wake(): void {
    this.#isCalled = true;
    if (!this.#isWorking) void this.#work();
  }

  /** Resolves when so many calls were handled; they are counted from 0 again. */
  async reached(count: number): Promise<void> {
    if (this.#count < count) {
      await new Promise<void>((reached) => this.#goal = { count, reached });
    }
    this.#goal = undefined;
    this.#count -= count;
  }

  /** What the messages with a stamp took, since the last time. */
  takeDelays(): number[] {
    return this.#delays.splice(0);
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#isCalled) {
      this.#isCalled = false;
      const events = await this.#mailbox.waiting(this.ref, this.#lastArrival, MOST_AT_ONCE);
      if (events.length === 0) continue;
      this.#lastArrival = events.at(-1)!.arrival;
      this.#isCalled = true;
      await this.#handle(events);
    }
    // In the same step as the last look at #isCalled, so that no call falls in between.
    this.#isWorking = false;
  }

  async #handle(events: readonly InboxEvent[]): Promise<void> {
    const calls = events.filter(({ message: { body } }) => body.kind === "call");
    const replies = this.answers ? calls.map(replyTo) : [];
    const mail = await this.#mailbox.plan(this.ref, [], replies);
    const removals = events.map((event) => this.#mailbox.removal(this.ref, event));
    const committed = await this.#store.commit(mergeChanges([...removals, mail.change]));
    mail.settle(committed);
    for (const call of calls) this.#note(call);
    const answers = events.filter(({ message: { body } }) => body.kind === "answer");
    if (answers.length > 0) this.answered(answers.map(({ message }) => message.body.token));
    this.#count += calls.length;
    if (this.#goal && this.#count >= this.#goal.count) this.#goal.reached();
  }

  #note({ message: { body } }: InboxEvent): void {
    if (body.kind !== "call") return;
    const [stampMs] = JSON.parse(body.payload) as [number];
    if (stampMs > 0) this.#delays.push(nowMs() - stampMs);
  }
}

function replyTo({ message: { from, body } }: InboxEvent): Reply {
  return { to: from, token: body.token, outcome: { ok: "null" } };
}
