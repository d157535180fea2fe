/**
 * The pods that live here.
 *
 * @module
 */

import { utf8Length } from "../model/bytes.ts";
import { type ErrorRecord, PeriError } from "../model/errors.ts";
import { checkArguments } from "../../wit/values.ts";
import type { FunctionType } from "../../wit/types.ts";
import type { Call } from "../model/message.ts";
import { missingFunction } from "../model/missing.ts";
import type { OfferedFunction } from "../model/pod.ts";
import { type Fingerprint, formatPodRef, type PodRef } from "../model/words.ts";
import type { Residents } from "../ports/mailbox.ts";
import { functionOf } from "./turn/offer.ts";
import type { ReadManifest, ResidentPod } from "./resident.ts";
import { Twins } from "./twins.ts";

/** Interfaces that only a pod's own periphery calls, for a person who has come in. */
const FACES = "peri:face/";

/** The pods that live here, in memory. */
export class ResidentMap implements Residents {
  readonly #pods = new Map<string, ResidentPod>();
  readonly #keys = new Map<Fingerprint, ResidentPod>();
  /** Pods of which all is here but a record that can be read. */
  readonly #unreadable = new Map<string, PodRef>();
  readonly #twins = new Twins();

  /** Reads manifests of records; those that are here already are not read again. */
  readonly manifests: ReadManifest = this.#twins.read.bind(this.#twins);

  /** @param onWake told of a pod with new events in its inbox */
  constructor(readonly onWake: (ref: PodRef) => void) {}

  byRef(ref: PodRef): ResidentPod | undefined {
    return this.#pods.get(formatPodRef(ref));
  }

  byKey(podKey: Fingerprint): ResidentPod | undefined {
    return this.#keys.get(podKey);
  }

  all(): readonly ResidentPod[] {
    return [...this.#pods.values()];
  }

  /** How many pods of a person live here, the server's own and unreadable ones among them. */
  countOf(person: Fingerprint): number {
    const refs = [...this.#pods.values()].map(({ ref }) => ref);
    return [...refs, ...this.#unreadable.values()].filter((ref) => ref.person === person).length;
  }

  /** Pods that live here and cannot be worked with, because their records are damaged. */
  unreadable(): readonly PodRef[] {
    return [...this.#unreadable.values()];
  }

  /** Whether a pod is one of {@link ResidentMap.unreadable}. */
  isUnreadable(ref: PodRef): boolean {
    return this.#unreadable.has(formatPodRef(ref));
  }

  /**
   * The pod with this address.
   *
   * @throws {PeriError} `not-found` when it does not live here; `damaged` when its record is.
   */
  get(ref: PodRef): ResidentPod {
    const pod = this.byRef(ref);
    if (pod !== undefined) return pod;
    if (this.isUnreadable(ref)) throw unreadable(ref);
    const subject = `there is no pod ${ref.pod} of ${ref.person} here`;
    throw new PeriError("not-found", { op: "find a pod", subject, hint: "peri pod list" });
  }

  refusal(to: PodRef, call: Call): ErrorRecord | undefined {
    const name = `${call.interface}#${call.function}`;
    const offered = this.#offered(to, call);
    if (offered !== undefined) {
      const most = this.byRef(to)!.budget.messageBytes;
      if (isLonger(call.payload, most)) return tooLarge(to, name, most);
      const fault = checkArguments(offered.type as FunctionType, call.payload);
      return fault === undefined
        ? undefined
        : { kind: "invalid", op: `call ${name}`, subject: fault };
    }
    const offers = this.byRef(to)?.manifest.offers ?? [];
    // What only its own periphery may call is nothing that others are told of.
    const shown = offers.filter((offer) => !offer.interface.startsWith(FACES));
    return missingFunction(to.pod, call, shown);
  }

  wake(to: PodRef): void {
    this.onWake(to);
  }

  /**
   * Adds a pod or takes it in place of an earlier one of the same address. What it has in common
   * with others is held once, so {@link ResidentMap.byRef} gives an equal pod, not the same object.
   */
  put(pod: ResidentPod): void {
    this.remove(pod.ref);
    const joined = this.#twins.join(pod);
    this.#pods.set(formatPodRef(pod.ref), joined);
    this.#keys.set(pod.podKey, joined);
  }

  /** Notes that a pod's record cannot be read. */
  mark(ref: PodRef): void {
    this.#unreadable.set(formatPodRef(ref), ref);
  }

  /** Forgets a pod. */
  remove(ref: PodRef): void {
    this.#unreadable.delete(formatPodRef(ref));
    const pod = this.byRef(ref);
    if (pod === undefined) return;
    this.#pods.delete(formatPodRef(ref));
    this.#keys.delete(pod.podKey);
  }

  #offered(to: PodRef, call: Call): OfferedFunction | undefined {
    if (call.interface.startsWith(FACES)) return undefined;
    const offer = this.byRef(to)?.manifest.offers.find((one) => one.interface === call.interface);
    const offered = offer && functionOf(offer, call.function);
    return offered?.id === call.functionId ? offered : undefined;
  }
}

/** Whether a text takes more bytes; most texts are short, and are not walked. */
function isLonger(text: string, mostBytes: number): boolean {
  return text.length * 3 > mostBytes && utf8Length(text) > mostBytes;
}

function tooLarge({ pod }: PodRef, called: string, mostBytes: number): ErrorRecord {
  const subject = `${pod} takes at most ${mostBytes} bytes of arguments`;
  return { kind: "too-large", op: `call ${called}`, subject };
}

function unreadable({ pod }: PodRef): PeriError {
  return new PeriError("damaged", {
    op: "find a pod",
    subject: `the record of the pod ${pod} cannot be read`,
    hint: `restore the home from a backup, or give up what it keeps: peri pod remove ${pod}`,
  });
}
