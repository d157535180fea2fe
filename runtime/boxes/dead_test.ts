import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { silentLog } from "../../tests/sim/house.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { MAX_NOTE_BYTES, MAX_PAYLOAD_BYTES } from "../model/limits.ts";
import { parseFunctionId, parsePodRef, parseResponseToken } from "../model/words.ts";
import { DeadLetters } from "./dead.ts";
import { messageOf } from "./outbox.ts";
import { type DeadLetter, decodeDead, encodeDead, keys } from "./rows.ts";

const REF = parsePodRef(`${"AB".repeat(20)}/hey`);
const TOKEN = parseResponseToken("A".repeat(22));

function letter(atMs: number, payload = "[]"): DeadLetter {
  const { from: _from, to: _to, ...message } = messageOf(
    REF,
    makePost(REF, TOKEN, payload),
    7,
    atMs,
  );
  const error = { kind: "unreachable", op: "deliver a message", subject: "gone" } as const;
  return { atMs, error, message };
}

Deno.test("of too many dead letters the oldest go, whatever their lanes", async () => {
  const disk = new MemoryDisk();
  const dead = new DeadLetters(new MemoryStore(disk), silentLog, 10);
  const other = { ...REF, pod: parsePodRef(`${REF.person}/other`).pod };
  for (let atMs = 1; atMs <= 80; atMs++) {
    const to = atMs % 2 ? REF : other;
    disk.apply({
      puts: [{ key: keys.dead(REF, to, 1000 - atMs), value: encodeDead(letter(atMs)) }],
    });
    await dead.added(REF, 1);
  }
  const kept = disk.rows().map(({ value }) => decodeDead(value as Uint8Array).atMs);
  // Over the bound by 64, at the 75th, all but ten went; five have come since.
  deepStrictEqual(kept.sort((a, b) => a - b), Array.from({ length: 15 }, (_, at) => 66 + at));
});

Deno.test("a dead letter is read as it was written, with what its poster left to be done", () => {
  const written = { ...letter(5), continuation: { then: "answered", note: "[1]" } };
  deepStrictEqual(decodeDead(encodeDead(written)), written);
});

Deno.test("the largest dead letter fits one value", () => {
  const long = "ü".repeat(1_000);
  const full = letter(5, "x".repeat(MAX_PAYLOAD_BYTES));
  const row = encodeDead({
    ...full,
    error: { kind: "unreachable", op: long, subject: long, hint: long },
    continuation: {
      then: "x".repeat(128),
      note: "x".repeat(MAX_NOTE_BYTES),
      functionId: parseFunctionId("f".repeat(64)),
      isStream: true,
    },
  });
  strictEqual(row.length < 65_536, true, `${row.length} bytes`);
  strictEqual(decodeDead(row).message.sequence, 7);
});
