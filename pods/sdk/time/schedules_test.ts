import assert from "node:assert/strict";
import { RUNS_TABLE } from "../await/journal.ts";
import { bindFace } from "../face.ts";
import type { Run } from "../run.ts";
import { FakePeriphery } from "../testing/fake.ts";
import { HandPod } from "../testing/hand.ts";
import { FIELDS_TABLE } from "../state/fields.ts";
import { type CatchUp, type Occasion } from "./occasion.ts";
import type { Rhythm } from "./rhythm.ts";
import { EVERY, SCHEDULES_TABLE } from "./schedules.ts";

const OWNER = "A".repeat(40);
const ABOUT = { name: "clock", version: "0.1.0", about: "Ticks." };
const HOUR = 3_600_000;

/** How the next pods are made. */
interface Mood {
  rhythm?: Rhythm;
  catchUp?: CatchUp;
  isGone?: boolean;
  fails?: boolean;
  sleepMs?: number;
  /** Rhythm of another schedule. */
  second?: Rhythm;
}
let mood: Mood = {};

class Clock extends HandPod {
  begun = 0;
  readonly seen = this.table<unknown>("seen");

  constructor(run: Run) {
    super(run);
    this.verb("hello", "", "Says hello.", () => run.print("hello"));
    if (mood.isGone) return;
    const { rhythm = "1h", catchUp = "once" } = mood;
    const hourly = this.every("hourly", rhythm, (one) => this.#note(one), { catchUp });
    if (mood.second) this.every("second", mood.second, () => {});
    this.verb("next", "", "When.", async () => run.print(`${await hourly.next()}`));
  }

  async #note({ dueMs, missed }: Occasion): Promise<void> {
    this.begun++;
    const place = String((await this.seen.list()).length);
    this.seen.put(place, [dueMs, missed, this.run.nowMs]);
    if (mood.sleepMs) await this.sleep(mood.sleepMs);
    if (mood.fails) throw new TypeError("slip");
    if (mood.sleepMs) this.seen.put(place, [dueMs, missed, this.run.nowMs, "rested"]);
  }
}
bindFace(Clock, { offers: [], verbs: [], fields: [{ name: "begun", type: "u32" }] }, {});

/** A periphery whose pod has been installed. */
async function open(wish: Mood = {}): Promise<FakePeriphery> {
  mood = wish;
  const clock = new FakePeriphery(Clock, ABOUT, OWNER);
  await install(clock);
  return clock;
}

/** A version begins, with the mood of now. */
async function install(clock: FakePeriphery): Promise<void> {
  clock.restart();
  const args = JSON.stringify([{ version: "0.1.0", from: null }]);
  assert.equal((await clock.begin({ person: OWNER }, "", "installed", args).ended).result, null);
}

const seen = (clock: FakePeriphery) => clock.rows("seen").map(([, row]) => row as number[]);
const row = (clock: FakePeriphery) => new Map(clock.rows(SCHEDULES_TABLE)).get("hourly");

Deno.test("what is declared begins with the installation and comes again and again", async () => {
  const clock = await open();
  const begunMs = clock.nowMs;
  assert.equal((await clock.command(["next"])).stdout, `${begunMs + HOUR}\n`);
  await clock.pass(3 * HOUR + 5);
  assert.deepEqual(
    seen(clock),
    [1, 2, 3].map((n) => {
      const dueMs = begunMs + n * HOUR;
      return [dueMs, 0, dueMs];
    }),
  );
  assert.equal(clock.timers.all.length, 1);
});

Deno.test("the phase outlives restarts, and ends with the rhythm", async () => {
  const clock = await open();
  const begunMs = clock.nowMs;
  await clock.pass(HOUR / 2);
  await install(clock);
  assert.deepEqual(clock.timers.all, [[`${EVERY}hourly`, begunMs + HOUR]]);
  mood = { rhythm: "2h" };
  await install(clock);
  assert.deepEqual(clock.timers.all, [[`${EVERY}hourly`, clock.nowMs + 2 * HOUR]]);
});

Deno.test("a schedule that a version does not declare ends when its moment comes", async () => {
  const clock = await open();
  mood = { isGone: true };
  clock.restart();
  await clock.pass(2 * HOUR);
  assert.deepEqual([seen(clock), clock.timers.all, row(clock)], [[], [], undefined]);
});

Deno.test("after downtime what was missed is made up for as the rule says", async () => {
  const late = 5.5 * HOUR;
  const told = async (catchUp: CatchUp) => {
    const clock = await open({ catchUp });
    const begunMs = clock.nowMs;
    // The server is down: nothing is given meanwhile.
    clock.nowMs += late;
    clock.restart();
    await clock.pass(HOUR);
    return seen(clock).map(([dueMs, missed]) => [(dueMs! - begunMs) / HOUR, missed]);
  };
  assert.deepEqual(await told("once"), [[5, 4], [6, 0]]);
  assert.deepEqual(await told("all"), [[1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [6, 0]]);
  assert.deepEqual(await told("skip"), [[6, 5]]);
});

Deno.test("a handler that throws is told to the log, leaves nothing, and comes again", async () => {
  for (const sleepMs of [0, 60_000]) {
    const clock = await open({ fails: true, sleepMs });
    await clock.pass(3 * HOUR + sleepMs);
    const lines = clock.logs.map(({ level, line }) => `${level} ${line.split("\n")[0]}`);
    assert.deepEqual(lines, Array(3).fill("error every hourly: TypeError: slip"));
    assert.deepEqual(seen(clock).length, sleepMs === 0 ? 0 : 3);
    const kept = sleepMs === 0 ? [] : [["begun", 3]];
    assert.deepEqual(clock.rows(FIELDS_TABLE), kept, "a field is as the run found it, too");
    assert.deepEqual(clock.rows(RUNS_TABLE), []);
    assert.equal(clock.timers.all.length, 1);
  }
});

Deno.test("one run goes on at a time, and what comes meanwhile is made up for", async () => {
  for (const isNew of [false, true]) {
    for (const catchUp of ["once", "all"] as const) {
      const clock = await open({ catchUp, sleepMs: 2.5 * HOUR });
      const begunMs = clock.nowMs;
      await clock.pass(3.2 * HOUR);
      assert.equal(seen(clock).length, 1);
      if (isNew) clock.restart();
      await clock.pass(0.4 * HOUR);
      const [first, second] = seen(clock);
      assert.deepEqual(first?.at(-1), "rested");
      const dueMs = begunMs + (catchUp === "all" ? 2 : 3) * HOUR;
      assert.deepEqual(second?.slice(0, 2), [dueMs, catchUp === "all" ? 0 : 1]);
      assert.equal(seen(clock).length, 2);
    }
  }
});

Deno.test("a run that ended without a word does not hold up the next", async () => {
  const clock = await open({ sleepMs: 10 * HOUR });
  await clock.pass(HOUR);
  assert.equal(seen(clock).length, 1);
  // The pod was stopped and its run given up.
  clock.tables.delete(RUNS_TABLE);
  clock.restart();
  await clock.pass(HOUR);
  assert.equal(seen(clock).length, 2);
});

Deno.test("an errand that was lost is left again when another comes", async () => {
  const clock = await open({ second: "30 min" });
  await clock.pass(HOUR / 4);
  clock.timers.cancel(`${EVERY}hourly`);
  await clock.pass(2.5 * HOUR);
  assert.deepEqual(seen(clock).map(([, missed]) => missed), [0, 0]);
  assert.equal(clock.timers.all.length, 2);
});

Deno.test("a version that begins has all its schedules, whatever another has ended", async () => {
  const clock = await open();
  const before = row(clock) as { nextMs: number };
  await clock.pass(HOUR / 2);
  clock.timers.cancel(`${EVERY}hourly`);
  clock.tables.get(SCHEDULES_TABLE)!.set("other", JSON.stringify(before));
  await install(clock);
  assert.deepEqual(clock.timers.all, [[`${EVERY}hourly`, before.nextMs]]);
  assert.deepEqual(clock.rows(SCHEDULES_TABLE).map(([name]) => name), ["hourly"]);
});

Deno.test("a clock that was a day ahead holds up no version that begins then", async () => {
  const clock = await open();
  clock.nowMs += 24 * HOUR;
  await clock.pass(1);
  assert.equal(seen(clock).length, 1);
  clock.nowMs -= 24 * HOUR;
  await install(clock);
  await clock.pass(HOUR);
  assert.equal(seen(clock).length, 2);
  assert.equal(clock.timers.all.length, 1);
});

Deno.test("what is no schedule is refused when the class is made", () => {
  const make = (name: string, rhythm: Rhythm) => () => {
    class Bad extends HandPod {
      constructor(run: Run) {
        super(run);
        this.every(name, rhythm, () => {});
      }
    }
    new Bad({} as Run);
  };
  for (const [name, rhythm] of [["", "1h"], ["a b", "1h"], ["ok", "1 ms"]] as const) {
    assert.throws(make(name, rhythm));
  }
});
