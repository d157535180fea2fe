/**
 * The first run of a version, before anybody knows of it: the call `installed` (PROTOCOL.md,
 * "Versions"), with which a pod brings its state up to date and says whether it works. What it
 * writes goes to a state that no other version sees, in as many commits as it needs; what else it
 * did is handed back, to happen with the switch to this version or not at all.
 *
 * @module
 */

import type { Budget } from "../../model/budget.ts";
import { errorFromRecord, PeriError, toPeriError } from "../../model/errors.ts";
import {
  INSTALLED_MS,
  INSTALLED_SILENCE_MS,
  MAX_INSTALLED_BACKLOG_BYTES,
  MAX_INSTALLED_MAIL_BYTES,
} from "../../model/limits.ts";
import type { Effects, Manifest, PodProgram, RunOutcome } from "../../model/pod.ts";
import type { PodRef } from "../../model/words.ts";
import type { PodInstance } from "../../ports/sandbox.ts";
import { Commits } from "../turn/commits.ts";
import { Conversation } from "../turn/conversation.ts";
import { type CheckedEffects, checkEffects, NO_EFFECTS } from "../turn/effects.ts";
import { describeEnd } from "../life/faults.ts";
import type { LifePorts } from "../life/life.ts";
import type { Run } from "../turn/run.ts";
import { Overlay } from "../state/state.ts";
import { type Fence, isOwnEnd } from "../turn/terms.ts";
import { Visit } from "../visit/visit.ts";

/** The function of a pod, in no interface, with which a version begins. */
const INSTALLED = "installed";

/** The version that is tried. */
export interface TrialOptions {
  readonly ref: PodRef;
  /** Of the state that it writes. */
  readonly generation: number;
  readonly manifest: Manifest;
  readonly budget: Budget;
  readonly program: PodProgram;
  /** The version whose state that was; null when there is nothing to be brought up to date. */
  readonly from: string | null;
  readonly fence: Fence;
  /** Aborts when the person wants no more of it. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `installed`. A pod that knows no such function has nothing to say, which is well.
 *
 * @returns what is to happen with the switch; writes are in the store already
 * @throws {PeriError} what the pod answered; `internal` when it broke, `expired` when it said
 * nothing for long or was interrupted, `invalid` when it did what this run may not.
 */
export async function tryVersion(
  ports: LifePorts,
  options: TrialOptions,
): Promise<CheckedEffects> {
  return await new Trial(ports, options).run();
}

class Trial {
  readonly #ports: LifePorts;
  readonly #options: TrialOptions;
  readonly #overlay = new Overlay();
  readonly #commits: Commits;
  readonly #talk: Conversation;
  readonly #end = Promise.withResolvers<CheckedEffects>();
  #parts = 0;
  #backlogBytes = 0;
  #hasSpoken = false;

  constructor(ports: LifePorts, options: TrialOptions) {
    this.#ports = ports;
    this.#options = options;
    const { ref, generation, manifest, budget, fence } = options;
    const place = { ...ref, generation };
    this.#commits = new Commits({
      ref,
      place,
      manifest,
      fence,
      store: ports.store,
      blobs: ports.blobs,
      mailbox: ports.mailbox,
      overlay: this.#overlay,
      keep: ports.shares.purse(ref, () => budget).keep,
      maxTurns: Infinity,
      broken: (_reason, cause) => this.#end.reject(cause),
    });
    this.#talk = new Conversation(ports, place, this.#overlay, {
      partDone: (_run, effects) => this.#take(effects),
      ended: (_run, effects, outcome) => this.#conclude(effects, outcome),
      count: (table) => this.#commits.count(table),
      suspended: () => {},
      gaveWay: () => this.#fail("it would wait for others", "a version begins without them"),
      broken: (_reason, cause) => this.#end.reject(this.#broken(String(cause))),
    });
    // It may end before anybody waits for it.
    this.#end.promise.catch(() => {});
  }

  async run(): Promise<CheckedEffects> {
    const { ref, program, manifest, budget, from, signal } = this.#options;
    const stop = () => {
      const subject = "interrupted";
      this.#end.reject(new PeriError("expired", { op: this.#op, subject }));
    };
    signal?.addEventListener("abort", stop);
    const watch = new AbortController();
    const args = JSON.stringify([{ version: manifest.version, from }]);
    const call = { interface: "", function: INSTALLED, arguments: args };
    const run: Run = { kind: "visit", visit: new Visit(call) };
    let instance: PodInstance | undefined;
    try {
      instance = await this.#ports.sandbox.start(
        program,
        { ...budget, group: ref.person },
        (output) => {
          this.#hasSpoken = true;
          this.#talk.hear(output);
        },
      );
      instance.ended.then((reason) => {
        if (isOwnEnd(reason)) run.tape?.stop(reason);
        this.#end.reject(this.#broken(describeEnd(reason)));
      });
      this.#talk.instance = instance;
      this.#talk.reel = this.#ports.recorder?.open(ref, program.component, manifest.version);
      this.#talk.begin(run);
      void this.#watch(watch.signal);
      if (signal?.aborted) stop();
      return await this.#end.promise;
    } finally {
      watch.abort();
      signal?.removeEventListener("abort", stop);
      this.#talk.close();
      instance?.stop();
      // Nothing of it is written once this has returned.
      await this.#commits.drained();
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for (let passedMs = 0; passedMs < INSTALLED_MS; passedMs += INSTALLED_SILENCE_MS) {
      this.#hasSpoken = false;
      await this.#ports.clock.sleep(INSTALLED_SILENCE_MS, signal);
      if (signal.aborted) return;
      if (!this.#hasSpoken) break;
    }
    const subject = "it did not come to an end";
    this.#end.reject(new PeriError("expired", { op: this.#op, subject, hint: this.#hint }));
  }

  /** A part of what it writes; the state is nobody else's, so it needs not happen as a whole. */
  #take({ writes, posts, answers, cancels }: Effects): void {
    if (posts.length + answers.length + cancels.length > 0) {
      return this.#fail("it did more than write before its end", "messages go with its last part");
    }
    this.#write(writes);
  }

  #conclude(effects: Effects, outcome: RunOutcome): void {
    if ("error" in outcome) {
      const isUnknown = outcome.error.kind === "missing-implementation" && this.#parts === 0;
      if (isUnknown) return this.#end.resolve(NO_EFFECTS);
      return this.#end.reject(this.#refused(errorFromRecord(outcome.error)));
    }
    this.#write(effects.writes);
    try {
      const { manifest } = this.#options;
      const mail = checkEffects({ ...effects, writes: [] }, manifest, this.#ports.entropy);
      if (mail.bytes > MAX_INSTALLED_MAIL_BYTES) {
        const subject = `${mail.bytes} bytes of messages, ${MAX_INSTALLED_MAIL_BYTES} allowed`;
        throw new PeriError("too-large", { op: this.#op, subject });
      }
      this.#commits.drained().then(() => this.#end.resolve(mail));
    } catch (cause) {
      this.#end.reject(cause);
    }
  }

  #write(written: Effects["writes"]): void {
    if (written.length === 0) return;
    try {
      const { manifest } = this.#options;
      const part = { writes: written, posts: [], answers: [], cancels: [], outputs: [] };
      const { writes, bytes: rowBytes, largeBytes } = checkEffects(
        part,
        manifest,
        this.#ports.entropy,
      );
      const number = ++this.#parts;
      const bytes = rowBytes + largeBytes;
      this.#backlogBytes += bytes;
      if (this.#backlogBytes > MAX_INSTALLED_BACKLOG_BYTES) {
        return this.#fail("it writes faster than the disk", "it reads on as it writes");
      }
      this.#overlay.put(number, writes);
      const turn = { ...NO_EFFECTS, number, writes, bytes: rowBytes };
      this.#commits.push({ ...turn, settled: () => void (this.#backlogBytes -= bytes) });
    } catch (cause) {
      this.#end.reject(toPeriError(cause, this.#op));
    }
  }

  #fail(subject: string, hint: string): void {
    this.#end.reject(new PeriError("invalid", { op: this.#op, subject, hint }));
  }

  /** What the version itself says keeps it from working. */
  #refused({ kind, op, subject, message, hint = this.#hint }: PeriError): PeriError {
    const isPlain = op === `run ${INSTALLED}`;
    return new PeriError(kind, { op: this.#op, subject: isPlain ? subject : message, hint });
  }

  #broken(why: string): PeriError {
    const subject = `it was stopped: ${why}`;
    return new PeriError("internal", { op: this.#op, subject, hint: this.#hint });
  }

  get #op(): string {
    return `begin ${this.#options.ref.pod} ${this.#options.manifest.version}`;
  }

  get #hint(): string {
    return `peri pod logs ${this.#options.ref.pod}`;
  }
}
