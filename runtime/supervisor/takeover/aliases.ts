/**
 * Partitions under another name: the rows of a pod whose person has another key than before stay
 * where they are, and are found by the address that it has now. So a pod goes to its person's new key
 * in one commit, whatever it keeps.
 *
 * Row: `["alias", person, pod]` says under which person the partition of that pod stands.
 *
 * @module
 */

import type { Fingerprint, PodRef } from "../../model/words.ts";
import type { Change, Entry, Key, Range, Store, When } from "../../ports/store.ts";

const PREFIX: Key = ["alias"];
/** Rows read at once. */
const PAGE = 1_000;

/** The row that says where the partition of a pod is. */
export function aliasKey({ person, pod }: PodRef): Key {
  return [...PREFIX, person, pod];
}

/** Under which person the partition of a pod stands. */
export async function partitionOf(store: Store, ref: PodRef): Promise<Fingerprint> {
  return (await store.get<Fingerprint>(aliasKey(ref)))?.value ?? ref.person;
}

/** The store as it is to be used: itself when no pod here has had another address. */
export async function openAliases(store: Store): Promise<Store> {
  const partitions = new Map<string, string>();
  for (let start: { start?: Key } = {};;) {
    const rows = await store.list<Fingerprint>({ prefix: PREFIX, ...start, limit: PAGE });
    for (const { key, value } of rows) partitions.set(`${key[1]}/${key[2]}`, value);
    if (rows.length < PAGE) break;
    start = { start: [...rows.at(-1)!.key, ""] };
  }
  return partitions.size === 0 ? store : new AliasedStore(store, partitions);
}

/** See the module. Whoever opened the store behind it closes that. */
class AliasedStore implements Store {
  readonly #store: Store;
  /** Person of the partition, by `<person>/<pod>`. */
  readonly #partitions: ReadonlyMap<string, string>;

  constructor(store: Store, partitions: ReadonlyMap<string, string>) {
    this.#store = store;
    this.#partitions = partitions;
  }

  async get<Value>(key: Key): Promise<Entry<Value> | undefined> {
    const found = await this.#store.get<Value>(this.#inner(key));
    return found && { ...found, key };
  }

  async list<Value>(range: Range): Promise<Entry<Value>[]> {
    const prefix = this.#inner(range.prefix);
    if (prefix === range.prefix) return await this.#store.list<Value>(range);
    const { start, end } = range;
    const rows = await this.#store.list<Value>({
      ...range,
      prefix,
      ...(start === undefined ? {} : { start: this.#inner(start) }),
      ...(end === undefined ? {} : { end: this.#inner(end) }),
    });
    const person = range.prefix[1]!;
    return rows.map((row) => ({ ...row, key: row.key.with(1, person) }));
  }

  async commit(change: Change, when?: When): Promise<boolean> {
    const { checks, puts, deletes } = change;
    const inner: Change = {
      ...(checks && { checks: checks.map((one) => ({ ...one, key: this.#inner(one.key) })) }),
      ...(puts && { puts: puts.map((one) => ({ ...one, key: this.#inner(one.key) })) }),
      ...(deletes && { deletes: deletes.map((key) => this.#inner(key)) }),
    };
    return await this.#store.commit(inner, when);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #inner(key: Key): Key {
    if (key[0] !== "pod" || key.length < 3) return key;
    const person = this.#partitions.get(`${key[1]}/${key[2]}`);
    return person === undefined ? key : key.with(1, person);
  }
}
