/**
 * People who write whatever happens to their servers, and the judge who counts afterwards: nothing
 * lost, nothing doubled, everything in order.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Person } from "../../tools/demo/person.ts";
import { type Letter, letters, talk } from "./client.ts";
import { pause } from "./wait.ts";

/** Longest time from the last message until all have arrived and their senders know. */
const SETTLE_MS = 60_000;
/** Wait for a server that does not run. */
const STEP_MS = 50;
/** Lines of a log that a failure shows. */
const LOG_LINES = 30;

/** A message as its writer remembers it; `maybe`: the server died before it answered. */
export interface Written {
  readonly text: string;
  readonly state: "taken" | "maybe";
}

/** When a writer has written enough, and how fast. */
export interface Pace {
  isEnough(written: number): boolean;
  /** Between two messages; none when absent. */
  readonly restMs?: number;
}

/** Somebody who writes one message after the other, whatever happens to the server. */
export class Writer {
  readonly written: Written[] = [];

  constructor(readonly person: Person, readonly to: Person, readonly pace: Pace) {}

  /** Writes until it is enough, or until it is stopped. */
  async run(stopped: AbortSignal): Promise<void> {
    const { isEnough, restMs = 0 } = this.pace;
    while (!isEnough(this.written.length) && !stopped.aborted) {
      const text = `${this.person.name} ${this.written.length}`;
      const state = await this.#write(text);
      if (state === undefined) await pause(STEP_MS);
      else this.written.push({ text, state });
      if (restMs > 0) await pause(restMs);
    }
  }

  /** Undefined when no server runs, so that it cannot have been taken. */
  async #write(text: string): Promise<Written["state"] | undefined> {
    try {
      const argv = ["hey", "leave-message", this.to.name, text];
      const { exitCode, stderr } = await talk(this.person, argv);
      assert.equal(exitCode, 0, stderr);
      return "taken";
    } catch (error) {
      if (!(error instanceof PeriError) || error.kind !== "unreachable") throw error;
      return /does not run/.test(error.subject) ? undefined : "maybe";
    }
  }
}

/** How many messages several have written. */
export function countWritten(writers: readonly Writer[]): number {
  return writers.reduce((sum, { written }) => sum + written.length, 0);
}

/** Resolves when all have ended; one that fails stops the others. */
export async function together(start: (stopped: AbortSignal) => Promise<void>[]): Promise<void> {
  const stop = new AbortController();
  const tasks = start(stop.signal);
  tasks.forEach((task) => task.catch(() => stop.abort()));
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}

/** Waits until nobody's message waits any more. @throws {Error} after a minute, with the logs. */
export async function settled(people: readonly Person[]): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  for (const person of people) {
    for (;;) {
      const waiting = (await letters(person, "--sent")).filter(({ fate }) => fate === "waiting");
      if (waiting.length === 0) break;
      const example = `${person.name} still waits for ${waiting.length}: ${waiting[0]!.start}`;
      assert(performance.now() < end, `${example}\n${logs(people)}`);
      await pause(200);
    }
  }
}

/** The ends of everybody's log. */
export function logs(people: readonly Person[]): string {
  const tail = (path: string) => Deno.readTextFileSync(path).split("\n").slice(-LOG_LINES);
  return people.map(({ log }) => tail(log).join("\n")).join("\n\n");
}

/** What was taken has been delivered, once and in order, and nothing else has. */
export async function judge({ person, to, written }: Writer): Promise<void> {
  const textsOf = (list: readonly Letter[]) => list.map(({ start }) => start);
  const sent = await letters(person, "--sent");
  const texts = textsOf(sent);
  const taken = written.filter(({ state }) => state === "taken").map(({ text }) => text);
  const lost = taken.filter((text) => !texts.includes(text));
  assert.deepEqual(lost, [], `${person.name}'s server forgot what it had taken`);
  const order = written.map(({ text }) => text).filter((text) => texts.includes(text));
  assert.deepEqual(texts, order, `${person.name}'s server has other messages than were written`);
  const failed = sent.filter(({ fate }) => fate !== "delivered");
  assert.deepEqual(failed, [], "not delivered");
  assert.deepEqual(textsOf(await letters(to)), texts, `${to.name} has other messages`);
}
