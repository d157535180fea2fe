import assert from "node:assert/strict";
import type { WireEffects } from "./host.ts";
import type { Run } from "./run.ts";
import { FakePeriphery } from "./testing/fake.ts";
import { HandPod } from "./testing/hand.ts";

const OWNER = "A".repeat(40);
const ABOUT = { name: "notes", version: "2.0.0", about: "Notes" };
const OLD = 1_500;

class Notes extends HandPod {
  readonly old = this.table<string>("old");
  readonly notes = this.table<{ text: string }>("notes");

  constructor(run: Run) {
    super(run);
    this.verb("begin", "", "Not what it is for.", () => this.migrate("1.0.0"));
  }

  protected override async migrate(from: string): Promise<void> {
    if (from === "0.1.0") throw new Error("too old");
    if (from === "0.2.0") await this.run.readLine();
    for await (const [key, text] of this.old.walk()) {
      this.notes.put(key, { text });
      this.old.delete(key);
    }
    // Without a word to the periphery in between.
    for (let n = 0; n < 1_000; n++) this.notes.put(`new/${n}`, { text: "x".repeat(1_000) });
  }

  protected override async health(): Promise<void> {
    const [first] = await this.notes.list({ limit: 1 });
    if (first?.[1].text === "broken") throw new TypeError("the first note is broken");
  }
}

class Watched extends FakePeriphery {
  readonly parts: WireEffects[] = [];

  override commit(invocation: number, effects: WireEffects): void {
    this.parts.push(effects);
    super.commit(invocation, effects);
  }
}

async function open(first = "text"): Promise<Watched> {
  const periphery = new Watched(Notes, ABOUT, OWNER);
  const rows = Array.from({ length: OLD }, (_, n) => [`${n}`, '"text"'] as const);
  periphery.tables.set("old", new Map([...rows, ["0", JSON.stringify(first)]]));
  await periphery.settle();
  return periphery;
}

const begin = (periphery: FakePeriphery, from: string | null) =>
  periphery.begin({ person: OWNER }, "", "installed", JSON.stringify([{ version: "2.0.0", from }]))
    .ended;

Deno.test("a version brings tables of any size up to date, in parts that fit a turn", async () => {
  const periphery = await open();
  assert.equal((await begin(periphery, "1.0.0")).result, null);
  assert.deepEqual(periphery.rows("old"), []);
  assert.equal(periphery.rows("notes").length, OLD + 1_000);
  assert.ok(periphery.parts.length > 5);
  for (const { writes } of periphery.parts) {
    assert.ok(writes.length <= 400);
    assert.ok(writes.reduce((sum, { value = "" }) => sum + value.length, 0) <= 400 * 1024);
  }
});

Deno.test("there is nothing to be brought up to date at first, nor of the same version", async () => {
  for (const from of [null, "2.0.0"]) {
    const periphery = await open();
    assert.equal((await begin(periphery, from)).result, null);
    assert.equal(periphery.rows("old").length, OLD);
    assert.deepEqual(periphery.parts, []);
  }
});

Deno.test("what migrate or health throws refuses the version", async () => {
  const { failure } = await begin(await open(), "0.1.0");
  assert.equal(failure?.subject, "too old");
  const broken = await begin(await open("broken"), "1.0.0");
  assert.equal(broken.failure?.subject, "the first note is broken");
});

Deno.test("a version begins without waiting for anybody", async () => {
  const { failure } = await begin(await open(), "0.2.0");
  assert.equal(failure?.kind, "invalid");
  assert.match(failure!.hint!, /post in migrate/);
});
