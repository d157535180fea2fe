/**
 * Whose turn is next in a host: the people of a server have equal time in it, however many pods each
 * of them has and however long these compute. Pods of one person take turns.
 *
 * @module
 */

/** What waits for its turn. */
export interface Queued {
  /** Those with the same have one share of the time together. */
  readonly group: string;
}

interface Group<Item> {
  readonly items: Set<Item>;
  /** Time it has had, counted from where the others were when it came. */
  spentMs: number;
}

/** What waits; each of it once. */
export class Queue<Item extends Queued> {
  readonly #groups = new Map<string, Group<Item>>();
  /** Time that the group had which was next last: who comes now begins there, not before. */
  #atMs = 0;

  /** Adds what is not there yet, behind all of its group. */
  add(item: Item): void {
    const known = this.#groups.get(item.group);
    if (known === undefined) {
      this.#groups.set(item.group, { items: new Set([item]), spentMs: this.#atMs });
      return;
    }
    // Who had nothing to do has not saved any time.
    if (known.items.size === 0) known.spentMs = Math.max(known.spentMs, this.#atMs);
    known.items.add(item);
  }

  /** Takes out the first of the group that has had the least time; nothing when all is done. */
  next(): Item | undefined {
    let least: Group<Item> | undefined;
    for (const group of this.#groups.values()) {
      const isWaiting = group.items.size > 0;
      if (isWaiting && (least === undefined || group.spentMs < least.spentMs)) least = group;
    }
    if (least === undefined) {
      this.#groups.clear();
      this.#atMs = 0;
      return undefined;
    }
    this.#atMs = least.spentMs;
    const [item] = least.items;
    least.items.delete(item!);
    return item;
  }

  /** Notes what a turn has taken. */
  spent({ group }: Queued, tookMs: number): void {
    const known = this.#groups.get(group);
    if (known !== undefined) known.spentMs += tookMs;
  }
}
