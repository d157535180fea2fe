/**
 * Pods made with the SDK that do what no pod should, installed beside hey on a real server. What can
 * be done past the SDK is in `villain_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { lendPod } from "../helpers/programs.ts";
import { talk } from "./client.ts";
import { openStage, settle } from "./town.ts";
import { descendants, residentBytes } from "./tree.ts";
import { patience, pause } from "./wait.ts";

const MIB = 1024 * 1024;
/** Memory of a server after all crimes; twice what it has before, and some values of 8 MiB. */
const MAX_SERVER_BYTES = 400 * MIB;
/** Memory of each pod host; a pod may have 64 MiB, and what is free is collected late. */
const MAX_HOST_BYTES = 1024 * MIB;
/** What a neighbour may have to wait beyond the usual. */
const MAX_DELAY_MS = 500;
/** Between two visits to the neighbour. */
const STEP_MS = 20;

interface Crime {
  readonly code: number;
  readonly says: RegExp;
  readonly fault?: RegExp;
  /** As long as it may compute at once, where a busy machine makes the usual too short. */
  readonly slice?: string;
}

/** What each verb of rogue ends with. */
const CRIMES: Readonly<Record<string, Crime>> = {
  throw: {
    code: 1,
    says:
      /^peri: cannot run throw: the pod failed: it was too much for me\nhint: peri pod replay throw [0-9a-f]{5}\n$/,
  },
  eat: { code: 1, says: /used more than it may/, fault: /^memory/ },
  hoard: { code: 8, says: /501 writes, 500 allowed/ },
  overfill: { code: 8, says: /a value of 9437184 bytes, 8388608 allowed/, slice: "5s" },
  swallow: { code: 8, says: /bytes asked for at once/, slice: "5s" },
};

interface Info {
  readonly state: string;
  readonly lastFault?: string;
}

async function infoOf(person: Person, pod: string): Promise<Info> {
  const [info] = await person.records<Info>("pod", "info", pod);
  return info!;
}

/** Visits the neighbour until `crime` is over; the longest time one visit took. */
async function watch(person: Person, crime: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = crime.finally(() => isOver = true);
  let longest = 0;
  do {
    const startMs = performance.now();
    const { exitCode } = await talk(person, ["hey", "names"]);
    assert.equal(exitCode, 0);
    longest = Math.max(longest, performance.now() - startMs);
    await pause(STEP_MS);
  } while (!isOver);
  await over;
  return longest;
}

Deno.test("pods that misbehave are ended; their neighbour and the server do not suffer", async (t) => {
  using stage = openStage();
  const { component, lend } = await lendPod(new URL("rogue", import.meta.url).pathname);
  const { person } = await settle("eve", stage);
  lend(person.home);
  const { pid } = person;
  try {
    for (const [verb, { code, says, fault, slice }] of Object.entries(CRIMES)) {
      await t.step(`one that is told to ${verb}`, async () => {
        await person.types("pod", "install", component, "--as", verb, "--yes");
        if (slice !== undefined) await person.types("pod", "limit", verb, "--slice", slice);
        // The visitor's process itself takes time from the others.
        const usual = await watch(person, person.run([verb, "behave"]));
        const crime = person.run([verb, verb]);
        const longest = await watch(person, crime);
        const { code: ended, stderr } = await crime;
        assert.match(stderr, /^peri: cannot /);
        assert.match(stderr, says);
        const hint = RegExp(`^hint: peri pod (logs|replay) ${verb}( [0-9a-f]{5})?$`, "m");
        if (fault !== undefined) assert.match(stderr, hint);
        assert.equal(ended, code);
        const waited = `hey answered after ${longest} ms, usually ${usual} ms`;
        assert(longest < usual + MAX_DELAY_MS * patience(), waited);
        const { lastFault } = await infoOf(person, verb);
        if (fault === undefined) assert.equal(lastFault, undefined);
        else assert.match(lastFault!, fault);
        assert.equal(await person.types(verb, "behave"), "well behaved\n");
      });
    }
    await t.step("one that keeps as much as it may has it again", async () => {
      await person.types("pod", "limit", "throw", "--slice", "5s");
      await person.types("throw", "keep", "8");
      assert.equal(await person.types("throw", "kept"), `${8 * MIB - 2}\n`);
    });
    assert.equal(person.pid, pid);
    checkMemory(pid!);
    assert.equal(await person.stop("SIGTERM"), 0);
  } finally {
    await person.stop("SIGKILL");
  }
});

function checkMemory(server: number): void {
  const used = residentBytes(server);
  assert(used < MAX_SERVER_BYTES, `the server has ${used} bytes`);
  for (const { pid } of descendants(server)) {
    const used = residentBytes(pid);
    assert(used < MAX_HOST_BYTES, `a pod host has ${used} bytes`);
  }
}
