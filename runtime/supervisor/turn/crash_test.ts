/**
 * What a pod does happens once, whatever breaks: a simulation from seeds.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import { settled } from "../../adapters/memory/clock.ts";
import { PeriError } from "../../model/errors.ts";
import type { Reply } from "../../model/message.ts";
import { counter, type GuestRun } from "../../../tests/helpers/guest.ts";
import { ALICE, eventOf, World } from "../../../tests/helpers/world.ts";
import { parsePodName } from "../../model/words.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };
const EVENTS = 25;
const SEEDS = Number(Deno.env.get("PERI_SEEDS") ?? 40);
const DEATHS = ["time", "memory", "trap", "host"] as const;

/** One story: events come in while commits fail, instances die and the process is killed. */
class Story {
  readonly chance: SeededEntropy;
  world!: World;
  kills = 0;
  faults = 0;

  constructor(readonly seed: number) {
    this.chance = new SeededEntropy(seed);
  }

  async tell(): Promise<void> {
    this.world = await World.open();
    await this.world.install((run) => this.guest(run));
    this.breakCommits();
    for (let n = 1; n <= EVENTS; n++) {
      this.world.deliver(REF, n);
      for (let round = this.chance.below(6); round > 0; round--) await settled();
      if (this.chance.happens(0.2)) await this.world.remains.clock.advance(this.chance.below(300));
      if (this.chance.happens(0.06)) await this.restart();
    }
    for (let round = 0; this.world.rows(REF, "inbox").length > 0; round++) {
      assert.ok(round < 3_000, "it comes to an end");
      await this.world.remains.clock.advance(100);
    }
    await this.world.stop();
  }

  async guest(run: GuestRun): Promise<unknown> {
    if (this.chance.happens(0.04)) await run.die(DEATHS[this.chance.below(4)]!);
    const sum = await counter(run);
    if (this.chance.happens(0.04)) await run.die(DEATHS[this.chance.below(4)]!);
    // The instance may be gone by the time anybody looks at what it said last.
    if (this.chance.happens(0.04)) queueMicrotask(() => void run.die("trap"));
    return sum;
  }

  breakCommits(): void {
    const { world } = this;
    world.fault = async (apply) => {
      for (let round = this.chance.below(4); round > 0; round--) await settled();
      if (world.isKilled) return await new Promise(() => {});
      if (!this.chance.happens(0.1) || this.faults > 30) return apply();
      this.faults++;
      throw new PeriError("internal", { op: "write", subject: "the disk failed" });
    };
  }

  async restart(): Promise<void> {
    this.kills++;
    const { world } = this;
    // Some commits land and nobody hears of it.
    world.fault = (apply) => {
      if (this.chance.happens(0.5)) apply();
      world.kill();
      return new Promise(() => {});
    };
    for (let round = this.chance.below(10); round > 0; round--) await settled();
    world.kill();
    this.world = await World.open(world.remains);
    this.breakCommits();
  }

  check(): void {
    const replies = this.world.rows<Reply>(REF, "sent");
    const label = `seed ${this.seed}, ${this.kills} kills, ${this.faults} failed commits`;
    const tokens = replies.map(({ token }) => token);
    const asked = Array.from(
      { length: EVENTS },
      (_, n) => eventOf(REF, n, n + 1).message.body.token,
    );
    assert.deepEqual(tokens, asked, `${label}: each event is answered once, in order`);
    let sum = 0;
    replies.forEach(({ outcome }, n) => {
      if ("error" in outcome) return;
      sum += n + 1;
      assert.equal(outcome.ok, String(sum), `${label}: answer ${n} knows all before it`);
    });
    assert.equal(this.world.state(REF, "count", "sum"), sum, `${label}: the state is their sum`);
  }
}

Deno.test("what a pod does happens once and in order, whatever breaks", async () => {
  let kills = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const story = new Story(seed);
    await story.tell();
    story.check();
    kills += story.kills;
  }
  assert.ok(kills >= SEEDS / 2, "processes were killed");
});
