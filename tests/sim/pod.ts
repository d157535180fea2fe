/**
 * A pod that answers every call and writes down what it was given, in the commit that handles it.
 * Calls of `count` it answers with a stream, one item after the other, each in a commit of its own.
 *
 * @module
 */

import { formatHex, sha256 } from "../../runtime/model/bytes.ts";
import type { InboxEvent, Outcome, Post, Reply, StreamWork } from "../../runtime/model/message.ts";
import {
  formatPodRef,
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  type PodRef,
  type ResponseToken,
  type StreamRef,
} from "../../runtime/model/words.ts";
import type { Clock } from "../../runtime/ports/clock.ts";
import type { Mailbox, PlannedMail } from "../../runtime/ports/mailbox.ts";
import { type Change, type Key, mergeChanges, type Store } from "../../runtime/ports/store.ts";

const HOUR_MS = 3_600_000;
const RETRY_MS = 100;
const NO_WORK: StreamWork = { answers: [], cancels: [], fault: () => undefined };
const ANY_ID = formatHex(sha256(new Uint8Array(0)));

/** What was handled: a call that came in, or an answer to an own one. */
export interface Deed {
  readonly from: string;
  readonly token: string;
  readonly payload: string;
  readonly answer?: Outcome;
  readonly note?: string;
  /** Of an answer. */
  readonly index?: number;
  readonly end?: boolean;
}

/** The function that gives a stream: its arguments are any number and how many items there are. */
export const COUNT = parseFunctionName("count");

/** A stream that a pod is giving, as its row. */
interface Giving extends StreamRef {
  readonly given: number;
  readonly total: number;
}

/** Between two items. */
const ITEM_MS = 700;

/** A post with good values for what does not matter. */
export function makePost(
  to: PodRef,
  token: ResponseToken,
  payload: string,
  wishes: Partial<Post> = {},
): Post {
  return {
    to,
    token,
    payload,
    capability: parseCapabilityId(ANY_ID),
    interface: parseInterfaceName("peri:sim/mail"),
    function: parseFunctionName("leave"),
    functionId: parseFunctionId(ANY_ID),
    deadlineMs: HOUR_MS,
    continuation: { then: "answered", note: payload },
    ...wishes,
  };
}

/** See the module. Works as the supervisor does: one event after the other, each in one commit. */
export class SimPod {
  readonly ref: PodRef;
  /** Set to let events wait. */
  isAsleep = false;
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
    this.#working ??= this.#work().finally(() => this.#working = undefined);
  }

  /** Posts in one commit; false when it did not happen. */
  async post(...posts: Post[]): Promise<boolean> {
    if (posts.every(({ key }) => key === undefined)) return await this.#send(posts, NO_WORK);
    return await this.#inOrder(() => this.#send(posts, NO_WORK));
  }

  /** Cancels own open calls; false when it did not happen. */
  async cancel(...keys: string[]): Promise<boolean> {
    return await this.#inOrder(() => this.#send([], { ...NO_WORK, cancels: keys }));
  }

  async #send(posts: readonly Post[], work: StreamWork): Promise<boolean> {
    return await this.#commit({}, await this.#mailbox.plan(this.ref, posts, [], [], work));
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
    const { message: { from, body }, continuation } = event;
    this.#deeds ??= (await this.deeds()).length;
    const deed: Deed = {
      from: formatPodRef(from),
      token: body.token,
      payload: body.kind === "call" ? body.payload : "",
      ...(body.kind === "answer" ? { answer: body.outcome, index: body.index, end: body.end } : {}),
      ...(continuation ? { note: continuation.note } : {}),
    };
    const stream = { caller: from, token: body.token };
    const isCount = body.kind === "call" && body.function === COUNT;
    const replies: Reply[] = body.kind === "call" && !isCount
      ? [{ to: from, token: body.token, outcome: { ok: `"did ${deed.payload}"` } }]
      : [];
    const { expiresMs: dueMs } = event.message;
    const work = {
      ...NO_WORK,
      ...(isCount ? { opened: { ...stream, functionId: body.functionId, dueMs } } : {}),
      ...(body.kind === "cancel" ? { ended: stream } : {}),
    };
    const mail = await this.#mailbox.plan(this.ref, [], replies, [], work);
    const rows: Change[] = [this.#mailbox.removal(this.ref, event)];
    if (body.kind === "cancel") rows.push({ deletes: [this.#streamKey(stream)] });
    else rows.push({ puts: [{ key: this.#key("deed", this.#deeds), value: deed }] });
    if (isCount) {
      const value: Giving = { ...stream, given: 0, total: JSON.parse(body.payload)[1] };
      rows.push({ puts: [{ key: this.#streamKey(stream), value }] });
    }
    await this.#commit(mergeChanges(rows), mail);
    if (body.kind === "cancel") return;
    this.#deeds++;
  }

  /** Gives every stream its next item or its end. False when there is none. */
  async #give(): Promise<boolean> {
    const rows = await this.#store.list<Giving>({ prefix: this.#key("stream"), limit: 1000 });
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

  #streamKey({ caller, token }: StreamRef): Key {
    return this.#key("stream", caller.person, caller.pod, token);
  }

  #key(...parts: (string | number)[]): Key {
    return ["pod", this.ref.person, this.ref.pod, ...parts];
  }
}
