/**
 * Runs continuations: the author's, with who it is about, and the errands of the SDK itself.
 *
 * @module
 */

import { type Beginning, INSTALLED } from "./begin.ts";
import { formatJson } from "./text/json.ts";
import { findProgress, sendPage } from "./stream/pages.ts";
import { leave, type Remains } from "./await/leave.ts";
import { CANCELLED, type Pod } from "./pod.ts";
import type { Addressee } from "./post/recipients.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";
import { ERRANDS, type Miss } from "./post/dispatch.ts";
import { SPREAD_TABLE, type Step, takePart } from "./post/spread.ts";
import type { Broadcast } from "./stream/subscribers.ts";
import { Table } from "./table.ts";
import type { Occasion } from "./time/occasion.ts";
import { EVERY } from "./time/schedules.ts";

/**
 * Runs the continuation of a name with its note and outcome.
 *
 * @throws {Refusal} `missing-implementation` without one of that name.
 */
export async function runContinuation(
  pod: Pod,
  run: Run,
  name: string,
  [note, outcome]: readonly unknown[],
): Promise<unknown> {
  if (name === ERRANDS.spread) return await goOn(run, note as Step);
  if (name === ERRANDS.miss) return await tell(pod, run, note as Miss);
  if (name === ERRANDS.broadcast) return await broadcast(pod, note as Broadcast, outcome);
  if (name === ERRANDS.page) return await turnPage(pod, run, note as { handle: string });
  if (name === ERRANDS.tick) return await pod.schedules.tick((note as { name: string }).name);
  if (name.startsWith(EVERY)) {
    return await pod.schedules.perform(name.slice(EVERY.length), note as Occasion);
  }
  if (name === ERRANDS.leave) return leave(run, note as Remains);
  if (name === INSTALLED) return await pod.beginVersion(note as Beginning);
  if (name === CANCELLED) return await pod.endStream(note as string);
  const { person, pod: from = run.pod } = run.caller;
  return await call(pod, run, name, note, outcome, { person, pod: from });
}

async function goOn(run: Run, step: Step): Promise<void> {
  const table = new Table<unknown>(SPREAD_TABLE, run);
  for (const dispatch of await takePart(table, step)) run.effects.post(dispatch);
}

async function broadcast(pod: Pod, { table, after }: Broadcast, outcome: unknown): Promise<void> {
  await pod.subscribersOf(table)?.sendAfter(after, formatJson((outcome as { ok: unknown }).ok));
}

/** A list that its caller has cancelled meanwhile is not gone on with. */
async function turnPage(pod: Pod, run: Run, { handle }: { handle: string }): Promise<void> {
  const progress = await findProgress(run, handle);
  const source = progress && pod.pagesOf(progress.name);
  if (!source) return;
  const { after, ...list } = progress;
  await sendPage(run, list, source, pod.subscription(handle, progress.of), after);
}

async function tell(pod: Pod, run: Run, { then, note, to, error }: Miss): Promise<unknown> {
  return await call(pod, run, then, note, { error }, to);
}

async function call(
  pod: Pod,
  run: Run,
  name: string,
  note: unknown,
  outcome: unknown,
  to: Addressee,
): Promise<unknown> {
  const handler = pod.handlerOf("", name) as
    | ((note: unknown, outcome: unknown, to: Addressee) => unknown)
    | undefined;
  if (handler !== undefined) return await handler(note, outcome, to);
  throw new Refusal("missing-implementation", {
    op: `run ${name}`,
    subject: `${run.about.name} has no continuation of that name`,
  });
}
