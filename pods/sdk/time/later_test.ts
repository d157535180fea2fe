import assert from "node:assert/strict";
import type { Run } from "../run.ts";
import { FakePeriphery } from "../testing/fake.ts";
import { HandPod } from "../testing/hand.ts";

const OWNER = "A".repeat(40);
const ABOUT = { name: "reminder", version: "0.1.0", about: "Reminds." };
const MINUTE = 60_000;

class Reminder extends HandPod {
  readonly said = this.table<string>("said");
  readonly remind = this.later("remind", (what: string, dueMs) => {
    if (what === "nothing") throw new TypeError("slip");
    this.said.put(what, `${dueMs} ${this.run.nowMs - dueMs}`);
  });
  readonly brief = this.later("brief", (what: string) => this.said.put(what, "in time"), {
    catchUp: "skip",
  });

  constructor(run: Run) {
    super(run);
    this.verb("at", "<ms> <what> [key]", "Reminds.", ([ms, what, key]) => {
      this.remind.at(Number(ms), what!, key === undefined ? {} : { key });
    });
    this.verb("after", "<duration> <what>", "Reminds.", ([duration, what]) => {
      this.remind.after(duration!, what!);
      this.brief.after(duration!, `brief ${what}`, { key: "brief" });
    });
    this.verb("cancel", "<key>", "Does not.", ([key]) => this.remind.cancel(key!));
  }
}

const open = () => new FakePeriphery(Reminder, ABOUT, OWNER);

Deno.test("what is left for a moment is done then, after a restart too", async () => {
  const reminder = open();
  const dueMs = reminder.nowMs + MINUTE;
  await reminder.command(["at", `${dueMs}`, "tea"]);
  await reminder.command(["after", "2 min", "cake"]);
  reminder.restart();
  await reminder.pass(MINUTE - 1);
  assert.deepEqual(reminder.rows("said"), []);
  await reminder.pass(2 * MINUTE);
  assert.deepEqual(reminder.rows("said"), [
    ["brief cake", "in time"],
    ["cake", `${dueMs + MINUTE} 0`],
    ["tea", `${dueMs} 0`],
  ]);
});

Deno.test("a key cancels a moment and takes the place of another, also in one run", async () => {
  const reminder = open();
  const at = (ms: number) => `${reminder.nowMs + ms}`;
  await reminder.command(["at", at(MINUTE), "tea", "a"]);
  await reminder.command(["at", at(MINUTE), "milk", "b"]);
  await reminder.command(["cancel", "a"]);
  await reminder.command(["at", at(2 * MINUTE), "cream", "b"]);
  await reminder.pass(5 * MINUTE);
  assert.deepEqual(reminder.rows("said").map(([what]) => what), ["cream"]);
});

Deno.test("a moment that has passed is done soon, unless it is to be skipped", async () => {
  const reminder = open();
  await reminder.command(["after", "2 min", "cake"]);
  await reminder.command(["at", "1000", "history"]);
  reminder.nowMs += 10 * MINUTE;
  reminder.restart();
  await reminder.pass(1);
  assert.deepEqual(reminder.rows("said").map(([what]) => what), ["cake", "history"]);
});

Deno.test("a handler that throws is an error of its own name", async () => {
  const reminder = open();
  await reminder.command(["after", "1 min", "nothing"]);
  await reminder.pass(MINUTE);
  assert.match(reminder.logs[0]!.line, /^#remind failed: TypeError: slip/);
});

Deno.test("a note or a key that is too long is refused where it is chosen", async () => {
  const reminder = open();
  const { nowMs } = reminder;
  for (const words of [["x".repeat(1_023)], ["tea", "k".repeat(181)]]) {
    const { failure } = await reminder.command(["at", `${nowMs + MINUTE}`, ...words]);
    assert.match(
      `${failure?.kind}: ${failure?.op}: ${failure?.subject}`,
      /^too-large: remind later: its (note|key) of/,
    );
    assert.match(failure?.hint ?? "", /in a table/);
  }
  const far = await reminder.command(["at", "1e15", "tea"]);
  assert.match(far.failure?.subject ?? "", /more than ten years/);
  const longest = await reminder.command(["at", "0", "x".repeat(1_022), "k".repeat(180)]);
  assert.equal(longest.failure, undefined);
});

Deno.test("a name is none with which two keys could be the same", () => {
  class Bad extends HandPod {
    readonly slash = this.later("a/b", () => {});
  }
  assert.throws(() => new Bad({} as Run), /"a\/b" is no name of what is done later/);
});
