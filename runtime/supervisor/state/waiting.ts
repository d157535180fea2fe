/**
 * Runs that wait for others, as the supervisor sees them: rows of the pod's table `sdk:runs`
 * (PROTOCOL.md, "Suspended runs"). They move with the state to another version and go on there.
 *
 * @module
 */

import type { Store } from "../../ports/store.ts";
import { stateKey, type StatePlace } from "../rows.ts";

/** The table, and the row that every run which waits has in it. */
const TABLE = "sdk:runs";
const OPEN = "open/";
/** More do not wait. */
const MAX_RUNS = 1000;

/** How many runs of a pod wait. */
export async function countWaiting(store: Store, place: StatePlace): Promise<number> {
  return (await openRuns(store, place)).length;
}

/**
 * Keys of the rows of runs that have gone on or ended since their state was put aside: whatever
 * they wait for has been told to the version that took its place.
 */
export async function findStale(
  store: Store,
  aside: StatePlace,
  current: StatePlace,
): Promise<string[]> {
  const keys: string[] = [];
  for (const run of await openRuns(store, aside)) {
    const [then, now] = await Promise.all([
      lastNote(store, aside, run),
      lastNote(store, current, run),
    ]);
    if (then !== undefined && then === now) continue;
    keys.push(`run/${run}`, `${OPEN}${run}`, ...await notesOf(store, aside, run));
  }
  return keys;
}

async function openRuns(store: Store, place: StatePlace): Promise<string[]> {
  const rows = await store.list({ ...below(place, OPEN), limit: MAX_RUNS });
  return rows.map(({ key }) => String(key.at(-1)).slice(OPEN.length));
}

/** What a run was told last, with where it stands; it changes whenever the run goes on. */
async function lastNote(store: Store, place: StatePlace, run: string): Promise<string | undefined> {
  const range = { ...below(place, `log/${run}/`), limit: 1, reverse: true };
  const [row] = await store.list<unknown>(range);
  return row && JSON.stringify([row.key.at(-1), row.value]);
}

async function notesOf(store: Store, place: StatePlace, run: string): Promise<string[]> {
  const keys: string[] = [];
  const range = below(place, `log/${run}/`);
  for (let start = range.start;;) {
    const rows = await store.list({ ...range, start, limit: MAX_RUNS });
    keys.push(...rows.map(({ key }) => String(key.at(-1))));
    if (rows.length < MAX_RUNS) return keys;
    start = stateKey(place, "state", TABLE, `${keys.at(-1)!}\0`);
  }
}

/** Keys that begin with a text that ends in a slash, after which a zero comes next. */
function below(place: StatePlace, prefix: string) {
  const key = (text: string) => stateKey(place, "state", TABLE, text);
  return {
    prefix: stateKey(place, "state", TABLE),
    start: key(prefix),
    end: key(`${prefix.slice(0, -1)}0`),
  };
}
