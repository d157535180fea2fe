/**
 * People who come in: a pod's words on the command line and what else it shows them.
 *
 * @module
 */

import { utf8Length } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { INTERRUPT_GRACE_MS, MAX_PAYLOAD_BYTES } from "../../model/limits.ts";
import type { PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import { checkJson } from "../json.ts";
import { functionOf } from "../turn/offer.ts";
import type { Life } from "../life/life.ts";
import type { Lives } from "../life/lives.ts";
import type { ResidentMap } from "../residents.ts";
import { Visit, type Visitor } from "./visit.ts";
import { Watchers } from "./watchers.ts";

/** The face that runs commands. */
export const COMMAND_FACE = "peri:face/command";
/** Exit code of a command that was interrupted: 128 and SIGINT. */
const INTERRUPTED = 130;

/** Someone at a command line. */
export interface CommandSession extends Visitor {
  readonly terminal: boolean;
  /** Aborts when they interrupt the command or are gone. */
  readonly signal?: AbortSignal;
}

/** The faces of all pods. */
export class Faces {
  constructor(
    readonly residents: ResidentMap,
    readonly lives: Lives,
    readonly clock: Clock,
    private readonly watchers = new Watchers(),
  ) {}

  /**
   * Runs a command of a pod. Output is written once what it tells of is on disk. After an
   * interrupt the pod has two seconds; then the exit code is 130.
   *
   * @param argv without the pod's name
   * @returns the exit code
   * @throws {PeriError} `not-found`, `missing-implementation` when the pod has no commands, or
   * what ended the run.
   */
  async run(ref: PodRef, argv: readonly string[], session: CommandSession): Promise<number> {
    await this.#untilItLives(ref);
    const { life, visit } = this.#visit(ref, "run", [argv, session.terminal], session);
    const { signal } = session;
    const done = new AbortController();
    const interrupted = Promise.withResolvers<number>();
    const interrupt = () => {
      life.cancel(visit);
      this.clock.sleep(INTERRUPT_GRACE_MS, done.signal).then(() =>
        interrupted.resolve(INTERRUPTED)
      );
    };
    life.visit(visit);
    if (signal?.aborted) interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await Promise.race([visit.result.then(parseExitCode), interrupted.promise]);
    } catch (cause) {
      if (signal?.aborted) return INTERRUPTED;
      throw cause;
    } finally {
      done.abort();
      signal?.removeEventListener("abort", interrupt);
      if (!visit.isOver) life.abandon(visit);
    }
  }

  /**
   * Calls a function of one of a pod's faces; the result as JSON value.
   *
   * @param signal aborts when nobody waits for it any more; what it has done stands
   * @throws {PeriError} `not-found`, `missing-implementation` when the pod does not offer it, or
   * what ended the run.
   */
  async call(
    ref: PodRef,
    face: string,
    called: string,
    args: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<unknown> {
    await this.#untilItLives(ref);
    const { life, visit } = this.#visit(ref, called, args, {}, face);
    life.visit(visit);
    const abandon = () => life.abandon(visit);
    if (signal?.aborted) abandon();
    signal?.addEventListener("abort", abandon, { once: true });
    try {
      return checkJson("result", await visit.result);
    } finally {
      signal?.removeEventListener("abort", abandon);
    }
  }

  /** Whether a pod has such a face. */
  has(ref: PodRef, face: string): boolean {
    return this.residents.byRef(ref)?.manifest.offers.some((one) => one.interface === face) ??
      false;
  }

  /** Tells of every change of a pod's tables until the function that it gives is called. */
  watch(ref: PodRef, changed: () => void): () => void {
    return this.watchers.watch(ref, changed);
  }

  /** Whoever comes while a pod gets a new version is let in to that. */
  async #untilItLives(ref: PodRef): Promise<void> {
    while (this.residents.get(ref) && this.lives.pause(ref)) await this.lives.pause(ref);
  }

  #visit(
    ref: PodRef,
    called: string,
    args: readonly unknown[],
    visitor: Visitor,
    face = COMMAND_FACE,
  ): { readonly life: Life; readonly visit: Visit } {
    const offer = this.residents.get(ref).manifest.offers.find((one) => one.interface === face);
    const life = this.lives.get(ref);
    if (life === undefined || offer === undefined || functionOf(offer, called) === undefined) {
      const subject = `the pod ${ref.pod} has no ${face}#${called}`;
      const hint = `peri pod info ${ref.pod}`;
      throw new PeriError("missing-implementation", { op: "come in", subject, hint });
    }
    const text = JSON.stringify(args);
    const bytes = utf8Length(text);
    if (bytes > MAX_PAYLOAD_BYTES) {
      const subject = `${bytes} bytes of arguments, ${MAX_PAYLOAD_BYTES} allowed`;
      throw new PeriError("too-large", { op: "run a command", subject });
    }
    const call = { interface: face, function: called, arguments: text };
    return { life, visit: new Visit(call, visitor) };
  }
}

function parseExitCode(result: string): number {
  const code = checkJson("exit code", result);
  if (typeof code === "number" && Number.isInteger(code) && code >= 0 && code <= 255) return code;
  const subject = `the pod returned ${result.slice(0, 80)} as its exit code`;
  throw new PeriError("invalid", { op: "run a command", subject });
}
