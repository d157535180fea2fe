/**
 * A villain beside a witness on one real server: whatever the villain does, the witness answers in
 * time and loses nothing, the villain is stopped, and no core keeps burning for it.
 *
 * `ROUNDS=20` does it all for longer.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { makeVillain } from "../pods/villain/make.ts";
import { letters, type Said, talk } from "./client.ts";
import { setting } from "./haunt.ts";
import { openStage, settle } from "./town.ts";
import { cpuTicks, descendants } from "./tree.ts";
import { patience, pause } from "./wait.ts";

const ROUNDS = setting("ROUNDS", 1);
/** What the witness may take for an answer. */
const MAX_WAIT_MS = 500;
/** What an endless loop may last. */
const MAX_LOOP_MS = 1_000;
/** What a pod may compute at once, and what one may on a machine that does much else. */
const [SLICE, LONG_SLICE] = ["200ms", "5s"];
/** Between two letters of the witness. */
const STEP_MS = 20;
const TICKS_PER_SECOND = 100;

const TIME = /stopped: time/;
const MEMORY = /stopped: memory/;
const TRAP = /stopped: trap/;
const HARMLESS = undefined;

/** What each crime leads to: the reason that is told, or nothing when nothing comes of it. */
const CRIMES: Readonly<Record<string, RegExp | undefined>> = {
  loop: TIME,
  regexp: TIME,
  microtasks: TIME,
  later: TIME,
  digits: /stopped: (time|memory|trap)/,
  stuck: TRAP,
  eat: MEMORY,
  texts: /stopped: (memory|trap|time)/,
  recurse: TRAP,
  nest: /stopped: (memory|time)/,
  lines: TRAP,
  chatter: HARMLESS,
  curses: HARMLESS,
  surrogates: TRAP,
  print: /stopped: (trap|memory)/,
  requests: TRAP,
  requestsAtOnce: TRAP,
  lists: HARMLESS,
  twice: TRAP,
  others: TRAP,
  after: HARMLESS,
  finishTwice: HARMLESS,
  commitAfter: HARMLESS,
  readTwice: /while it worked \(trap\)/,
  operation: HARMLESS,
  proto: HARMLESS,
  number: HARMLESS,
  exponent: HARMLESS,
  long: HARMLESS,
  deep: HARMLESS,
  torn: HARMLESS,
  notRecord: HARMLESS,
  pollute: HARMLESS,
  secrets: HARMLESS,
  nobody: HARMLESS,
  writes: /writes, 500 allowed/,
  table: HARMLESS,
  key: /key/,
  value: HARMLESS,
  giant: /./,
  hoard: HARMLESS,
  inherit: HARMLESS,
  posts: /posts, 100 allowed/,
  forged: /not in the pod's manifest/,
  deepPost: /./,
  fatPost: /bytes of arguments/,
  cursedPost: /./,
  endless: /./,
  never: TRAP,
  keys: /same key/,
  errands: HARMLESS,
  answers: /answers to streams, 190 allowed/,
  foreign: /stream/,
  handles: /fingerprint/,
  cancels: /cancels, 100 allowed/,
  stream: TRAP,
  noJson: /./,
  deepResult: /./,
  fatResult: /bytes of result/,
  exitCode: /exit code/,
  failure: /./,
  globals: TRAP,
  throw: TRAP,
};

/** Leaves letters to itself until it is stopped; how long each took, in milliseconds. */
async function witness(person: Person, self: string, stopped: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!stopped.aborted) {
    const startMs = performance.now();
    const words = ["hey", "leave-message", self, `${times.length}`];
    const { exitCode, stderr, error } = await talk(person, words);
    assert.equal(exitCode, 0, `${stderr}${error}`);
    times.push(performance.now() - startMs);
    await pause(STEP_MS);
  }
  return times;
}

/** Has the villain do something; what ends it must leave it able to do well again. */
async function commit(person: Person, crime: string): Promise<Said> {
  const said = await talk(person, ["villain", crime]);
  if (!said.error) return said;
  const { stdout, error } = await talk(person, ["villain", "behave"]);
  return stdout === "well behaved\n"
    ? said
    : { ...said, error: new Error(`then ${error}`) as never };
}

/** Share of a core that processes below one take. */
async function burning(pid: number): Promise<number> {
  const ticks = () => descendants(pid).reduce((sum, { pid }) => sum + cpuTicks(pid), 0);
  const before = ticks();
  const startMs = performance.now();
  await pause(400);
  return (ticks() - before) / TICKS_PER_SECOND / ((performance.now() - startMs) / 1000);
}

Deno.test("whatever a villain does, its neighbour answers in time and loses nothing", async (t) => {
  using stage = openStage();
  const path = `${stage.folder}/villain.wasm`;
  const [{ person }] = await Promise.all([
    settle("eve", stage),
    makeVillain().then((component) => Deno.writeFile(path, component)),
  ]);
  try {
    await person.types("pod", "install", path, "--yes");
    await commit(person, "behave");
    await t.step(
      "an endless loop is stopped within a second, and no core keeps burning",
      () => stopLoop(person),
    );
    const [key] = await person.records<{ fingerprint: string }>("key", "list");
    const self = key!.fingerprint;
    // Of strangers hey takes few letters.
    await person.types("hey", "name", "eve", self);
    const stop = new AbortController();
    const witnessing = witness(person, self, stop.signal);
    // Whatever fails before, it is not left alone.
    witnessing.catch(() => {});
    const wrong: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [crime, told] of Object.entries(CRIMES)) {
        wrong.push(...await judge(person, crime, told));
      }
    }
    stop.abort();
    assert.deepEqual(wrong, []);
    const times = (await witnessing).sort((a, b) => a - b);
    const [median, longest] = [times[times.length >> 1]!, times.at(-1)!];
    console.log(
      `  ${Object.keys(CRIMES).length} crimes beside ${times.length} letters: ` +
        `median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms`,
    );
    assert.ok(longest < MAX_WAIT_MS * patience(), `the witness waited ${longest} ms`);
    await keepsAll(person, times.length);
    await t.step("its log is bounded and cannot steer a terminal", () => checkLog(person));
    await t.step("one that only fails stays stopped until it is started", () => giveUp(person));
    assert.equal(await person.stop("SIGTERM"), 0);
  } finally {
    await person.stop("SIGKILL");
  }
});

async function stopLoop(person: Person): Promise<void> {
  const startMs = performance.now();
  const { error } = await talk(person, ["villain", "loop"]);
  const lastedMs = performance.now() - startMs;
  assert.match(error!.subject, TIME);
  const share = await burning(person.pid!);
  console.log(
    `  the loop lasted ${lastedMs.toFixed(0)} ms, then ${(share * 100).toFixed(0)} % of a core`,
  );
  assert.ok(lastedMs < MAX_LOOP_MS * patience(), `it lasted ${lastedMs} ms`);
  assert.ok(share < 0.2, `${share} of a core`);
}

/** What a crime led to, unless it is what it should. */
async function judge(person: Person, crime: string, told: RegExp | undefined): Promise<string[]> {
  const isAsTold = ({ error }: Said) =>
    told === undefined ? !error : told.test(error?.message ?? "");
  let said = await commit(person, crime);
  // What is not about time may need more of it where there is no core for it.
  if (!isAsTold(said) && TIME.test(said.error?.message ?? "")) {
    await person.types("pod", "limit", "villain", "--slice", LONG_SLICE);
    said = await commit(person, crime);
    await person.types("pod", "limit", "villain", "--slice", SLICE);
  }
  return isAsTold(said) ? [] : [`${crime}: ${said.error}`];
}

async function keepsAll(person: Person, count: number): Promise<void> {
  const endMs = performance.now() + 5_000;
  let heard: string[] = [];
  while (heard.length < count && performance.now() < endMs) {
    heard = (await letters(person)).map(({ start }) => start);
    await pause(STEP_MS);
  }
  assert.deepEqual(heard, Array.from({ length: count }, (_, n) => `${n}`));
}

async function checkLog(person: Person): Promise<void> {
  const lines = await person.records<{ line: string }>("pod", "logs", "villain");
  assert.ok(lines.length <= 1_000, `${lines.length} lines`);
  for (const { line } of lines) {
    assert.ok(line.length <= 6_000);
    // deno-lint-ignore no-control-regex -- that is what is looked for
    assert.doesNotMatch(line, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
  const all = lines.map(({ line }) => line).join("\n");
  assert.match(all, /lines were dropped: 3000\/min are allowed/);
  assert.match(all, /refused: run: .*posts, 100 allowed/);
  assert.match(all, /stopped: memory/);
}

async function giveUp(person: Person): Promise<void> {
  let said = await talk(person, ["villain", "throw"]);
  for (let tries = 0; said.error?.kind === "internal" && tries < 20; tries++) {
    said = await talk(person, ["villain", "throw"]);
  }
  assert.equal(said.error?.kind, "busy", `${said.error}`);
  assert.match(said.error!.subject, /has failed and is stopped since .*10 failures in a row.*trap/);
  const [info] = await person.records<{ state: string; why: string }>("pod", "info", "villain");
  assert.equal(info!.state, "failed");
  assert.match(info!.why, /^10 failures in a row, the last: trap/);
  await person.types("pod", "start", "villain");
  await commit(person, "behave");
}
