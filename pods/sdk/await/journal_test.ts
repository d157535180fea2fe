import assert from "node:assert/strict";
import { EffectBuffer } from "../effects.ts";
import type { WireCall } from "../host.ts";
import { hashText, Journal, MAX_NOTES, MAX_TOLD_BYTES, RUNS_TABLE } from "./journal.ts";
import { packNotes, unpackNotes } from "./rows.ts";
import { sizeUtf8 } from "../text/utf8.ts";

const MAX_VALUE_BYTES = 60 * 1024;

const CALL: WireCall = {
  invocation: 1,
  caller: { person: "A".repeat(40), pod: "a" },
  interface: "test:a/b",
  function: "c",
  arguments: "[1]",
  nowMs: 1,
  seed: 1,
  many: false,
};

const told = (step: number, text: string) => JSON.stringify(["told", step, "h", { ok: text }]);

/** Rows as a table holds them after several packings. */
function pack(turns: readonly (readonly string[])[]): string[] {
  const rows: string[] = [];
  let tail: readonly string[] = [];
  for (const notes of turns) {
    const packed = packNotes(tail, notes);
    if (tail.length > 0) rows.pop();
    rows.push(...packed.rows);
    tail = packed.tail;
  }
  return rows;
}

Deno.test("notes come back as they were, whatever their sizes and turns", () => {
  const sizes = [10, 5_000, 3, 70_000, 18_000, 54_000, 1, 1, 4_000, 300];
  for (const letter of ["x", '"', "é", "\u{1f600}", "\u2028"]) {
    const notes = sizes.map((size, step) =>
      told(step, letter.repeat(Math.ceil(size / letter.length)))
    );
    for (const length of [1, 3, notes.length]) {
      const turns = [];
      for (let at = 0; at < notes.length; at += length) turns.push(notes.slice(at, at + length));
      const rows = pack(turns);
      for (const row of rows) assert.ok(sizeUtf8(row) <= MAX_VALUE_BYTES, `${sizeUtf8(row)} bytes`);
      const back = unpackNotes(rows.map((row) => JSON.parse(row)));
      assert.deepEqual(back, notes.map((note) => JSON.parse(note)));
    }
  }
});

Deno.test("small notes share rows, and a row is written again only while it is small", () => {
  const turns = Array.from({ length: 1_000 }, (_, step) => [told(step, "x".repeat(100))]);
  const rows = pack(turns);
  assert.ok(rows.length < 60, `${rows.length} rows`);
  const big = packNotes([], [told(1, "x".repeat(10_000))]);
  assert.deepEqual(big.tail, []);
});

Deno.test("a journal is erased whole, or says which rows are left", () => {
  for (const turns of [1, 100]) {
    const journal = new Journal("r", CALL);
    const table = new Map<string, string>();
    const turn = (work: (effects: EffectBuffer) => void) => {
      const effects = new EffectBuffer(() => "id");
      work(effects);
      for (const { table: name, key, value } of effects.take().writes) {
        assert.equal(name, RUNS_TABLE);
        if (value === undefined) table.delete(key);
        else table.set(key, value);
      }
    };
    for (let step = 1; step <= turns; step++) {
      journal.told(step, "what", JSON.stringify({ ok: "x".repeat(5_000) }));
      turn((effects) => journal.write(effects));
    }
    assert.ok(table.size > turns);
    let left: readonly [number, number] | undefined;
    turn((effects) => left = journal.erase(effects));
    if (turns === 1) assert.deepEqual([left, table.size], [undefined, 0]);
    else assert.equal(left![1] - left![0] + 1, table.size);
    assert.ok(!table.has("run/r"));
  }
});

Deno.test("a run that was told too much cannot wait", () => {
  const many = new Journal("r", CALL);
  for (let step = 0; step <= MAX_NOTES; step++) many.asked(step, "x");
  assert.throws(() => many.check(), { kind: "too-large", subject: /10000 things/ });
  const large = new Journal("r", CALL);
  for (let at = 0; at < 8; at++) large.told(at, "x", "1".repeat(MAX_TOLD_BYTES / 8));
  large.check();
  large.told(11, "x", "1");
  assert.throws(() => large.check(), { kind: "too-large", subject: /since it last waited/ });
  const reader = new Journal("r", CALL);
  for (let at = 0; at < 100; at++) reader.told(at, "state-get x", `"${"x".repeat(60_000)}"`);
  reader.check();
  const effects = new EffectBuffer(() => "id");
  reader.write(effects);
  const rows = effects.take().writes.map(({ value }) => value!);
  assert.ok(rows.join("").length < 2 * MAX_TOLD_BYTES, "what was read is read again");
});

Deno.test("texts that differ have hashes that differ", () => {
  const hashes = new Set<string>();
  for (let n = 0; n < 50_000; n++) hashes.add(hashText(`state-get {"table":"t","key":"${n}"}`));
  assert.equal(hashes.size, 50_000);
});
