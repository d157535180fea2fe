/**
 * The tables of a pod without the pod: turns are written as they are, and read as a pod reads.
 *
 * @module
 */

import type { Manifest, TableWrite } from "../../runtime/model/pod.ts";
import { parsePodName } from "../../runtime/model/words.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Mailbox } from "../../runtime/ports/mailbox.ts";
import type { Key, Store } from "../../runtime/ports/store.ts";
import { Shares } from "../../runtime/supervisor/guests/shares.ts";
import { Commits, type TurnFate } from "../../runtime/supervisor/turn/commits.ts";
import { readLarge, type Stored } from "../../runtime/supervisor/state/large.ts";
import { indexKey, partitionKey, type StatePlace } from "../../runtime/supervisor/rows.ts";
import {
  listState,
  Overlay,
  readState,
  type StateSource,
  type TableEntry,
} from "../../runtime/supervisor/state/state.ts";
import { Sweeper } from "../../runtime/supervisor/version/sweep.ts";
import { ALICE } from "./world.ts";

/** What {@link Tables} are made of. */
export interface TablesOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pod?: string;
  readonly generation?: number;
  readonly quotaBytes?: number;
}

const MANIFEST: Manifest = {
  name: parsePodName("tables"),
  version: "1",
  about: "",
  offers: [],
  needs: [],
};

const NO_MAIL: Pick<Mailbox, "plan"> = {
  plan: () => Promise.resolve({ change: {}, settle: () => {} }),
};

/** One life of a pod that only writes. */
export class Tables {
  readonly ref: StatePlace;
  readonly commits: Commits;
  readonly overlay = new Overlay();
  #turns = 0;

  private constructor(readonly options: TablesOptions, fence: { key: Key; version: string }) {
    const { store, blobs, quotaBytes = 64 * 1024 * 1024 } = options;
    this.ref = refOf(options);
    this.commits = new Commits({
      ref: this.ref,
      place: this.ref,
      manifest: MANIFEST,
      store,
      blobs,
      mailbox: NO_MAIL as Mailbox,
      overlay: this.overlay,
      keep: new Shares(() => undefined).purse(this.ref, () => ({ stateBytes: quotaBytes })).keep,
      fence,
      maxTurns: Infinity,
      broken: () => {},
    });
  }

  /** A pod at its start, after the sweep of the server's start. */
  static async open(options: TablesOptions): Promise<Tables> {
    const { store, blobs } = options;
    await new Sweeper(store, blobs).recover();
    const key = indexKey(refOf(options));
    if (await store.get(key) === undefined) {
      await store.commit({ puts: [{ key, value: { state: "installed", blobs: [] } }] });
    }
    return new Tables(options, { key, version: (await store.get(key))!.version });
  }

  /** Begins a turn; resolves when it has met its fate. */
  write(...writes: readonly TableWrite[]): Promise<TurnFate> {
    const number = ++this.#turns;
    this.overlay.put(number, writes);
    return new Promise((settled) =>
      this.commits.push({
        number,
        writes,
        posts: [],
        errands: [],
        answers: [],
        cancels: [],
        bytes: 1000,
        settled,
      })
    );
  }

  /** A value as the pod reads it. */
  get(table: string, key: string): Promise<string | undefined> {
    return readState(this.source, table, key);
  }

  /** A list as the pod reads it. */
  list(table: string): Promise<TableEntry[]> {
    return listState(this.source, { table, prefix: "", limit: 1000, isReverse: false });
  }

  /** What requests of the pod are answered from. */
  get source(): StateSource {
    const { ref, overlay, options: { store, blobs } } = this;
    const count = (table: string) => this.commits.count(table);
    return { place: ref, store, overlay, readLarge: (large) => readLarge(blobs, large), count };
  }

  /** What its rows hold below a part of its partition, by the last part of their keys. */
  async rows<Value = Stored>(...part: readonly string[]): Promise<Map<string, Value>> {
    const prefix = partitionKey(this.ref, ...part);
    const rows = await this.options.store.list<Value>({ prefix, limit: 1000 });
    // Of the parts it is the last text: a generation may follow.
    return new Map(rows.map(({ key, value }) => [String(key[3 + part.length]), value]));
  }
}

function refOf({ pod = "tables", generation = 0 }: TablesOptions): StatePlace {
  return { person: ALICE, pod: parsePodName(pod), generation };
}
