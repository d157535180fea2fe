/**
 * What a pod offers, held against what it does.
 *
 * @module
 */

import type { FunctionType } from "../../../wit/types.ts";
import { checkResult } from "../../../wit/values.ts";
import { PeriError } from "../../model/errors.ts";
import type { Outcome } from "../../model/message.ts";
import type { Manifest, Offer, OfferedFunction } from "../../model/pod.ts";
import type { Run } from "./run.ts";

/**
 * Holds what goes out to another pod against the type that the manifest promises.
 *
 * @throws {PeriError} `invalid` when it does not fit.
 */
export function checkResultOf(run: Run, outcome: Outcome, manifest: Manifest): void {
  const body = run.kind === "event" ? run.event.message.body : undefined;
  if (body?.kind !== "call" || "error" in outcome) return;
  const offer = manifest.offers.find((one) => one.interface === body.interface);
  const type = offer && functionOf(offer, body.function)?.type as FunctionType | undefined;
  const fault = type && checkResult(type, outcome.ok);
  if (fault !== undefined) {
    const op = `answer ${body.interface}#${body.function}`;
    throw new PeriError("invalid", { op, subject: fault });
  }
}

/** A function of an offer by its name, which comes from outside. */
export function functionOf(offer: Offer, name: string): OfferedFunction | undefined {
  const functions = offer.functions as Readonly<Record<string, OfferedFunction>>;
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}
