import { strictEqual } from "node:assert/strict";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { MAX_IDLE_LANES } from "../model/limits.ts";
import { parsePodRef, type PodRef } from "../model/words.ts";
import { Lanes } from "./lanes.ts";

const FROM = parsePodRef(`${"A".repeat(40)}/hey`);
const recipient = (number: number): PodRef =>
  parsePodRef(`${number.toString(16).toUpperCase().padStart(40, "0")}/hey`);

Deno.test("a lane that is in use is the only one of its name, however many others are", async () => {
  const lanes = new Lanes(new MemoryStore(new MemoryDisk()), new SeededEntropy("lanes"));
  for (let number = 0; number < MAX_IDLE_LANES; number++) await lanes.pin(FROM, recipient(number));
  const [first, second] = await Promise.all([
    lanes.pin(FROM, recipient(MAX_IDLE_LANES)),
    lanes.pin(FROM, recipient(MAX_IDLE_LANES + 1)),
  ]);
  strictEqual(await lanes.pin(FROM, first.to), first);
  strictEqual(await lanes.pin(FROM, second.to), second);
  strictEqual(first.pins, 2);
});
