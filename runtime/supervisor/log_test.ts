import assert from "node:assert/strict";
import { MAX_POD_LOG_LINES } from "../model/limits.ts";
import { parsePodName } from "../model/words.ts";
import { MemoryClock, settled } from "../adapters/memory/clock.ts";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { escapeText, PodLogs } from "./log.ts";
import { ALICE } from "../../tests/helpers/world.ts";

const REF = { person: ALICE, pod: parsePodName("counter") };

function open(disk = new MemoryDisk(), clock = new MemoryClock()) {
  const warnings: string[] = [];
  const log = { info() {}, warn: (event: string) => void warnings.push(event), error() {} };
  const store = new MemoryStore(disk);
  return { disk, clock, warnings, store, logs: new PodLogs(store, clock, log) };
}

async function texts(logs: PodLogs, limit = 1000): Promise<string[]> {
  return (await logs.read(REF, limit)).map(({ text }) => text);
}

Deno.test("lines go to disk together after a second and outlive the process", async () => {
  const { disk, clock, logs } = open();
  logs.append(REF, "info", "one");
  logs.append(REF, "shout", "two");
  await settled();
  assert.equal(disk.rows().length, 0);
  await clock.advance(1_000);
  assert.equal(disk.rows().length, 2);
  const next = open(disk);
  next.logs.append(REF, "error", "three");
  const lines = await next.logs.read(REF, 10);
  assert.deepEqual(lines.map(({ number, level, text }) => [number, level, text]), [
    [0, "info", "one"],
    [1, "info", "two"],
    [2, "error", "three"],
  ]);
  assert.deepEqual(await texts(next.logs, 1), ["three"]);
  await next.logs.close();
});

Deno.test("only the last lines are kept", async () => {
  const { disk, clock, logs } = open();
  for (let n = 0; n < MAX_POD_LOG_LINES + 50; n++) {
    logs.append(REF, "info", String(n));
    await clock.advance(100);
  }
  await logs.flush(REF);
  assert.equal(disk.rows().length, MAX_POD_LOG_LINES);
  assert.equal((await texts(logs))[0], "50");
  await logs.close();
});

Deno.test("a flood is cut, and the log says how much of it", async () => {
  const { clock, logs } = open();
  for (let n = 0; n < 1_000; n++) logs.append(REF, "info", String(n));
  await clock.advance(2_000);
  logs.append(REF, "info", "later");
  const lines = await texts(logs);
  assert.deepEqual(lines.slice(198), [
    "198",
    "199",
    "800 lines were dropped: 3000/min are allowed (peri pod limit counter --log)",
    "later",
  ]);
  await logs.close();
});

Deno.test("a follower sees the last lines and then each new one, until it goes", async () => {
  const { clock, logs } = open();
  logs.append(REF, "info", "one");
  logs.append(REF, "info", "two");
  const seen: string[] = [];
  const leave = new AbortController();
  const following = (async () => {
    for await (const { text } of logs.follow(REF, 1, leave.signal)) seen.push(text);
  })();
  for (let n = 0; n < 5; n++) await settled();
  logs.append(REF, "info", "three");
  for (let n = 0; n < 5; n++) await settled();
  assert.deepEqual(seen, ["two", "three"]);
  leave.abort();
  await following;
  logs.append(REF, "info", "four");
  await clock.advance(2_000);
  assert.deepEqual(seen, ["two", "three"]);
  await logs.close();
});

Deno.test("closing writes what waits and ends followers", async () => {
  const { disk, logs } = open();
  const following = (async () => {
    for await (const _ of logs.follow(REF, 1, new AbortController().signal));
  })();
  logs.append(REF, "info", "one");
  await logs.close();
  await following;
  assert.equal(disk.rows().length, 1);
});

Deno.test("a failing store costs lines, not the pod", async () => {
  const { store, logs, warnings } = open();
  await store.close();
  logs.append(REF, "info", "one");
  await logs.flush(REF);
  assert.deepEqual(warnings, ["pod log not written"]);
  await logs.close();
});

Deno.test("a line ends where it ends, and cannot move the cursor, colour the terminal or turn its direction", () => {
  assert.equal(
    escapeText("a\x1b[31mb\r\nc\td\u202e\x9b"),
    "a\\u001b[31mb\nc d\\u202e\\u009b",
  );
  assert.equal(escapeText("x".repeat(5_000)).length, 4_000);
  assert.equal(escapeText("\ud800"), "\ufffd");
});
