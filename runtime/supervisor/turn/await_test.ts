/**
 * Answers that a run of the pod awaits: they are never lost without the run hearing of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Answer, InboxEvent } from "../../model/message.ts";
import { tokenFromBytes } from "../../model/words.ts";
import type { GuestRun } from "../../../tests/helpers/guest.ts";
import { eventOf, World } from "../../../tests/helpers/world.ts";

type Ref = Parameters<typeof eventOf>[0];

/** An answer `7` for whoever waits as `then`. */
function answerTo(ref: Ref, then: string): InboxEvent {
  const { message, ...event } = eventOf(ref, 1, 0);
  const token = tokenFromBytes(new Uint8Array(16));
  const body: Answer = { kind: "answer", token, index: 0, end: true, outcome: { ok: "7" } };
  return { ...event, message: { ...message, body }, continuation: { then, note: '{"run":"r"}' } };
}

/** What a pod is told that does something bad with every result. */
async function story(then: string, bad: (run: GuestRun) => unknown): Promise<unknown[]> {
  const world = await World.open();
  const told: unknown[] = [];
  const ref = await world.install(async (run) => {
    const [, outcome] = run.args as [unknown, { ok?: unknown; error?: { kind: string } }];
    told.push(outcome.ok ?? outcome.error?.kind);
    if (outcome.ok !== undefined) return await bad(run);
    run.put("count", "told", outcome.error!.kind);
  });
  world.put(ref, answerTo(ref, then));
  world.supervisor.residents.wake(ref);
  await world.until(() => world.rows(ref, "inbox").length === 0);
  assert.equal(world.state(ref, "count", "told"), told.find((one) => typeof one === "string"));
  await world.stop();
  return told;
}

const tooLarge = (run: GuestRun) => run.put("count", "much", "x".repeat(9 * 1024 * 1024));

Deno.test("an answer whose run is refused is given to it once more, as that error", async () => {
  assert.deepEqual(await story("sdk:settle", tooLarge), [7, "too-large"]);
});

Deno.test("an answer on which the pod dies is given to it in the end as an error", async () => {
  const told = await story("sdk:settle", (run) => run.die("trap"));
  assert.deepEqual(told, [7, 7, 7, "internal"]);
});

/** As what a pod is called and told, in turn, that does something bad when it is called so. */
async function calls(isBad: (called: string) => boolean, bad: (run: GuestRun) => unknown) {
  const world = await World.open();
  const told: string[] = [];
  const ref = await world.install(async (run) => {
    const [, outcome] = run.args as [unknown, { ok?: unknown; error?: { kind: string } }];
    told.push(`${run.call.function} ${outcome.error?.kind ?? "ok"}`);
    if (isBad(run.call.function)) await bad(run);
  });
  world.put(ref, answerTo(ref, "sdk:settle"));
  world.supervisor.residents.wake(ref);
  await world.until(() => world.rows(ref, "inbox").length === 0);
  await world.stop();
  return told;
}

Deno.test("a run that is refused with the error too is ended without its handler", async () => {
  const told = await calls((called) => called === "sdk:settle", tooLarge);
  assert.deepEqual(told, ["sdk:settle ok", "sdk:settle too-large", "sdk:give-up too-large"]);
});

Deno.test("an answer that kills as an error too, and in the end, is given up", async () => {
  const told = await calls(() => true, (run) => run.die("trap"));
  const ok = Array(3).fill("sdk:settle ok");
  assert.deepEqual(told, [...ok, "sdk:settle internal", "sdk:give-up internal"]);
});

Deno.test("answers for other continuations are given once, as they are", async () => {
  assert.deepEqual(await story("told", tooLarge), [7]);
});
