/**
 * Pods hey of several people, whose mail a test carries.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openStaged, stagePod } from "../../pods/build/stage.ts";
import type { FakePeriphery } from "../../pods/sdk/testing/fake.ts";

const HEY = await stagePod(join(import.meta.dirname!, "../../pods/hey"));

/** People. */
export const ALICE = "A11CE".padEnd(40, "0");
/** People. */
export const BOB = "B0B".padEnd(40, "0");
/** People. */
export const CAROL = "CA401".padEnd(40, "0");
/** People. */
export const DAVE = "DA7E".padEnd(40, "0");
/** Whom nobody knows. */
export const EVE = "E".repeat(40);

/** Somebody's pod. */
export const openHey = (owner: string): FakePeriphery => openStaged(HEY, owner);

/** Gives people names. */
export async function giveNames(
  hey: FakePeriphery,
  names: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, person] of Object.entries(names)) await say(hey, "name", name, person);
}

/** Lines that a command prints; it must end well. */
export async function say(hey: FakePeriphery, ...argv: string[]): Promise<string[]> {
  const { stdout, failure, result } = await hey.command(argv);
  assert.deepEqual([failure, result], [undefined, 0]);
  return stdout.split("\n").slice(0, -1);
}

/** Kind, subject and hint of what refuses a command. */
export async function refusal(hey: FakePeriphery, ...argv: string[]): Promise<string[]> {
  const { failure, stdout } = await hey.command(argv);
  assert.equal(stdout, "");
  return [failure!.kind, failure!.subject, failure!.hint ?? ""];
}

/** Carries what waits to whom it is for, and the answers back. @returns kinds of what was refused */
export async function carry(
  from: FakePeriphery,
  ...others: readonly FakePeriphery[]
): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const post of from.posts.splice(0)) {
    const to = others.find(({ owner }) => owner === post.person);
    assert.ok(to, `a letter to ${post.person}`);
    const caller = { person: from.owner, pod: "hey" };
    const run = to.begin(caller, post.interface, post.function, post.arguments);
    const { result, failure } = await run.ended;
    const error = { hint: "", ...failure } as { kind: string; op: string; subject: string };
    await from.answer(post, failure === undefined ? { ok: result } : { error });
    outcomes.push(failure?.kind);
  }
  return outcomes;
}
