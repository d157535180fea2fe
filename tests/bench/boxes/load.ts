/**
 * Load: messages that the pods of a bench's server post.
 *
 * @module
 */

import { formatHex, sha256 } from "../../../runtime/model/bytes.ts";
import type { Post } from "../../../runtime/model/message.ts";
import {
  formatPodRef,
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  type PodRef,
  tokenFromBytes,
} from "../../../runtime/model/words.ts";
import type { Entropy } from "../../../runtime/ports/entropy.ts";
import type { Mailbox } from "../../../runtime/ports/mailbox.ts";
import type { Store } from "../../../runtime/ports/store.ts";
import type { Sending } from "./orders.ts";
import { type BenchPod, nowMs } from "./pod.ts";

const DAY_MS = 86_400_000;
const BURST = 100;
const HEARD = { then: "heard", note: "null" };
const ANY_ID = formatHex(sha256(new Uint8Array(0)));

/** What a {@link Load} works with. */
export interface LoadOptions {
  readonly pods: readonly BenchPod[];
  readonly store: Store;
  readonly mailbox: Mailbox;
  readonly entropy: Entropy;
}

type Job = Omit<Sending, "to"> & { readonly to: readonly PodRef[] };

/** See the module. */
export class Load {
  readonly #options: LoadOptions;
  /** Who waits for the delivery of a message, by lane, in order. */
  readonly #undelivered = new Map<string, (() => void)[]>();
  /** Who waits for an answer, by token. */
  readonly #unanswered = new Map<string, () => void>();

  constructor(options: LoadOptions) {
    this.#options = options;
    for (const pod of options.pods) {
      pod.answered = (tokens) => {
        for (const token of tokens) {
          this.#unanswered.get(token)?.();
          this.#unanswered.delete(token);
        }
      };
    }
  }

  /** The boxes have said that so many messages of a lane are delivered. */
  delivered(from: string, to: string, count: number): void {
    for (const done of this.#undelivered.get(`${from} ${to}`)?.splice(0, count) ?? []) done();
  }

  /** Does a job; milliseconds of each round trip, when there are any. */
  async run(job: Job): Promise<number[]> {
    switch (job.way.kind) {
      case "burst":
        await this.#burst(job);
        return [];
      case "rate":
        await this.#pace(job, job.way.perSecond);
        return [];
      case "flight":
        return await this.#fly(job, job.way);
    }
  }

  async #burst(job: Job): Promise<void> {
    for (let at = 0; at < job.count; at += BURST) {
      const count = Math.min(BURST, job.count - at);
      await this.#post(
        job,
        Array.from({ length: count }, (_, index) => this.#make(job, at + index)),
      );
    }
  }

  async #pace(job: Job, perSecond: number): Promise<void> {
    const startMs = performance.now();
    const posted: Promise<void>[] = [];
    for (let at = 0; at < job.count; at++) {
      const waitMs = startMs + at * 1000 / perSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      posted.push(this.#post(job, [this.#make(job, at)]));
    }
    await Promise.all(posted);
  }

  async #fly(job: Job, way: Extract<Job["way"], { kind: "flight" }>): Promise<number[]> {
    const tookMs: number[] = [];
    let at = 0;
    const fly = async () => {
      while (at < job.count) {
        const startMs = performance.now();
        const post = this.#make(job, at++);
        const through = Promise.withResolvers<void>();
        if (way.until === "answered") this.#unanswered.set(post.token, through.resolve);
        else this.#await(job, post, through.resolve);
        await this.#post(job, [post]);
        await through.promise;
        tookMs.push(performance.now() - startMs);
      }
    };
    await Promise.all(Array.from({ length: way.width }, fly));
    return tookMs;
  }

  #await(job: Job, { to }: Post, done: () => void): void {
    const lane = `${this.#options.pods[job.pod]!.ref.pod} ${formatPodRef(to)}`;
    const waiting = this.#undelivered.get(lane) ?? [];
    this.#undelivered.set(lane, waiting);
    waiting.push(done);
  }

  async #post({ pod }: Job, posts: readonly Post[]): Promise<void> {
    const { store, mailbox, pods } = this.#options;
    const mail = await mailbox.plan(pods[pod]!.ref, posts, []);
    mail.settle(await store.commit(mail.change));
  }

  #make({ to, bytes, way }: Job, at: number): Post {
    const stamp = way.kind === "rate" ? nowMs() : 0;
    return {
      to: to[at % to.length]!,
      token: tokenFromBytes(this.#options.entropy.bytes(16)),
      payload: JSON.stringify([stamp, "x".repeat(bytes)]),
      capability: parseCapabilityId(ANY_ID),
      interface: parseInterfaceName("peri:bench/mail"),
      function: parseFunctionName("leave"),
      functionId: parseFunctionId(ANY_ID),
      deadlineMs: DAY_MS,
      // Without one, nobody is told of an answer.
      ...(way.kind === "flight" && way.until === "answered" ? { continuation: HEARD } : {}),
    };
  }
}
