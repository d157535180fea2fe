/**
 * Reading long lists of rows.
 *
 * @module
 */

import type { Entry, Key, Store } from "../ports/store.ts";

const PAGE = 100;

/** Rows below a prefix, page by page: a backlog of any length fits into memory. */
export async function* pagesOf<Value>(store: Store, prefix: Key): AsyncGenerator<Entry<Value>> {
  let start: { start?: Key } = {};
  for (;;) {
    const page = await store.list<Value>({ prefix, ...start, limit: PAGE + 1 });
    yield* page.slice(0, PAGE);
    const next = page[PAGE]?.key;
    if (next === undefined) return;
    start = { start: next };
  }
}
