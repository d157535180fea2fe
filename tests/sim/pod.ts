/**
 * A pod that answers every call and writes down what it was given, in the commit that handles it.
 *
 * @module
 */

import { formatHex, sha256 } from "../../runtime/model/bytes.ts";
import type { InboxEvent, Outcome, Post, Reply } from "../../runtime/model/message.ts";
import {
  formatPodRef,
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  type PodRef,
  type ResponseToken,
} from "../../runtime/model/words.ts";
import type { Clock } from "../../runtime/ports/clock.ts";
import type { Mailbox } from "../../runtime/ports/mailbox.ts";
import { type Key, mergeChanges, type Store } from "../../runtime/ports/store.ts";

const HOUR_MS = 3_600_000;
const RETRY_MS = 100;
const ANY_ID = formatHex(sha256(new Uint8Array(0)));

/** What was handled: a call that came in, or an answer to an own one. */
export interface Deed {
  readonly from: string;
  readonly token: string;
  readonly payload: string;
  readonly answer?: Outcome;
  readonly note?: string;
}

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
    const mail = await this.#mailbox.plan(this.ref, posts, []);
    let committed = false;
    try {
      return committed = await this.#store.commit(mail.change);
    } finally {
      mail.settle(committed);
    }
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
      ...(body.kind === "answer" ? { answer: body.outcome } : {}),
      ...(continuation ? { note: continuation.note } : {}),
    };
    const replies: Reply[] = body.kind === "call"
      ? [{ to: from, token: body.token, outcome: { ok: `"did ${deed.payload}"` } }]
      : [];
    const mail = await this.#mailbox.plan(this.ref, [], replies);
    let committed = false;
    try {
      const put = { puts: [{ key: this.#key("deed", this.#deeds), value: deed }] };
      const removal = this.#mailbox.removal(this.ref, event);
      committed = await this.#store.commit(mergeChanges([put, removal, mail.change]));
    } finally {
      mail.settle(committed);
    }
    this.#deeds++;
  }

  #key(...parts: (string | number)[]): Key {
    return ["pod", this.ref.person, this.ref.pod, ...parts];
  }
}
