/**
 * What a lookup and a change cost among a million people: `deno task scale`. The table of
 * docs/SCALE.md, computed from pieces that are measured here and now, on real keys and a real store.
 * How many messages things take is counted in the simulation, and tests hold it to that.
 *
 * @module
 */

import { findClaims } from "../../../runtime/directory/claims.ts";
import { MAX_NOTICE_ENTRIES } from "../../../runtime/model/limits.ts";
import { countCost } from "../../sim/folk/cost.ts";
import { tempFolder } from "../floor/process.ts";
import { type BigBook, openBigBook } from "./book.ts";

/** What the table assumes of how people live; change it and see. */
const WORLD = {
  people: 1_000_000,
  peoplePerServer: 2,
  podsEach: 4,
  /** Changes of a pod a year: renewals, moves, new versions with other interfaces. */
  changesEach: 4,
};
/** Friends of a server, in columns of the table. */
const FRIENDS = [10, 50, 150];
/** HTTP's own lines around a request and its reply. */
const HTTP_BYTES = 400;
const BOOK = 100_000;
const RUNS = 300;

interface Pieces {
  readonly introductionBytes: number;
  readonly rowsEach: number;
  readonly recallMs: number;
  readonly findMs: number;
  readonly learnMs: number;
  readonly signMs: number;
  readonly changeMessages: number;
  readonly lookupMessages: number;
  readonly friendsCounted: number;
}

async function measure(): Promise<Pieces> {
  using folder = tempFolder();
  const big = await openBigBook(`${folder.path}/book.kv`, BOOK);
  try {
    const friendsCounted = 4;
    const { change, lookup } = await countCost(24, friendsCounted);
    return {
      introductionBytes: big.introductionBytes,
      rowsEach: big.rowsEach,
      recallMs: await median((at) => big.book.recall(big.ref(at))),
      findMs: await median((at) => findClaims(big.store, big.nameOf(at))),
      ...await measureChange(big),
      changeMessages: change.messages,
      lookupMessages: lookup.messages,
      friendsCounted,
    };
  } finally {
    await big.store.close();
  }
}

async function measureChange({ book, sign }: BigBook) {
  const [signing, learning]: [number[], number[]] = [[], []];
  for (let n = 0; n < 50; n++) {
    const startMs = performance.now();
    const { introduction } = await sign();
    const signedMs = performance.now();
    await book.learn(introduction, "friend http://friend.example");
    signing.push(signedMs - startMs);
    learning.push(performance.now() - signedMs);
  }
  return { signMs: middle(signing), learnMs: middle(learning) };
}

async function median(go: (at: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    const startMs = performance.now();
    await go((n * 7_919) % BOOK);
    times.push(performance.now() - startMs);
  }
  return middle(times);
}

function middle(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

/** The rows of the table for one number of friends. */
function column(friends: number, pieces: Pieces): readonly [string, string][] {
  const { introductionBytes: bytes, rowsEach, learnMs, recallMs, findMs, signMs } = pieces;
  const own = WORLD.peoplePerServer * WORLD.podsEach + 1;
  const near = friends * own + friends * friends * WORLD.peoplePerServer;
  const published = own + friends * WORLD.peoplePerServer;
  const daily = (WORLD.peoplePerServer * WORLD.podsEach * WORLD.changesEach) / 365;
  const notice = 2 * bytes + HTTP_BYTES;
  // Messages that the simulation counted for each friend, for so many friends.
  const told = (pieces.changeMessages / pieces.friendsCounted) * friends;
  const asked = (pieces.lookupMessages / pieces.friendsCounted) * Math.min(friends, 64);
  const heard = friends * daily;
  const passed = friends * friends * (WORLD.peoplePerServer * WORLD.changesEach) / 365;
  return [
    ["change: messages", whole(told)],
    ["change: bytes sent", sized(told * notice)],
    ["change: work of who tells", `${(signMs * (1 + friends)).toFixed(0)} ms`],
    ["change: work of each friend", `${learnMs.toFixed(1)} ms`],
    ["lookup in the book", `${recallMs.toFixed(2)} ms`],
    ["lookup by name", `${findMs.toFixed(2)} ms`],
    ["lookup elsewhere: messages", whole(asked)],
    ["lookup elsewhere: bytes", sized(asked * (bytes + HTTP_BYTES))],
    ["book: entries", whole(near)],
    ["book: rows", whole(near * (1 + rowsEach / WORLD.podsEach))],
    ["book: bytes", sized(near * bytes * 1.5)],
    ["a day: notices in and out", whole(heard + daily * friends)],
    ["a day: books read", whole(friends)],
    ["a day: entries learned", whole(heard + passed)],
    ["a day: bytes in", sized(heard * notice + passed * bytes + friends * HTTP_BYTES)],
    ["a day: work", `${(((heard + passed) * learnMs) / 1000).toFixed(1)} s`],
    [
      "whole week's reading: pages",
      whole(friends * Math.ceil(published / MAX_NOTICE_ENTRIES)),
    ],
  ];
}

function whole(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function sized(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function tableOf(pieces: Pieces): string {
  const columns = FRIENDS.map((friends) => column(friends, pieces));
  const head = ["", ...FRIENDS.map((friends) => `${friends} friends`)];
  const rows = columns[0]!.map(([name], at) => [name, ...columns.map((one) => one[at]![1])]);
  const rule = head.map((_, at) => at === 0 ? "---" : "---:");
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (import.meta.main) {
  const pieces = await measure();
  console.log(
    `${whole(WORLD.people)} people; of each server ${WORLD.peoplePerServer}, with ` +
      `${WORLD.podsEach} pods and ${WORLD.changesEach} changes a year each; ` +
      `an introduction has ${pieces.introductionBytes} bytes.\n`,
  );
  console.log(tableOf(pieces));
}
