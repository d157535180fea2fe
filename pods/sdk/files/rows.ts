/**
 * The rows of a table as files: one row, one file.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import type { Table } from "../table.ts";
import type { Content } from "./contract.ts";
import { textLeaf, textOf } from "./folder.ts";
import type { Folder, Leaf, Node } from "./tree.ts";

/** How rows look as files. */
export interface RowFiles<Row> {
  /** What is in the file of a row. */
  text(row: Row, key: string): string;
  /**
   * The row of a text that was saved, in place of `row` if there was one. Throws a `Refusal` for what
   * it does not take; without it the files are only there to be read.
   */
  save?(text: string, key: string, row: Row | undefined): Row | Promise<Row>;
  /** Whether files may be removed, and their rows with them. */
  readonly removable?: boolean;
  /** What the names of files end with: `.md`. */
  readonly ending?: string;
  /** When a row was changed, in milliseconds since 1970 UTC. */
  modifiedMs?(row: Row): number;
}

/**
 * A folder of a table. The keys of its rows are the names of its files, so rows whose keys have a `/`
 * are not seen.
 */
export function rows<Row>(table: Table<Row>, view: RowFiles<Row>): Folder {
  const { ending = "", removable = false } = view;
  const writable = view.save !== undefined;
  const leaf = (key: string, row: Row): Leaf =>
    textLeaf(key + ending, view.text(row, key), {
      modifiedMs: view.modifiedMs?.(row) ?? 0,
      writable,
    });
  const keyOf = (name: string) =>
    name.endsWith(ending) && name.length > ending.length
      ? name.slice(0, name.length - ending.length)
      : undefined;
  return {
    async look(name): Promise<Node | undefined> {
      const key = keyOf(name);
      const row = key === undefined ? undefined : await table.get(key);
      return row === undefined ? undefined : leaf(key!, row);
    },
    async list(after, limit) {
      const found = await table.list({ limit, ...after !== undefined && { after } });
      // What cannot be named is left out by whoever shows it, so that a page is as long as it was asked.
      return found.map(([key, row]) => [key, leaf(key, row)]);
    },
    ...writable && {
      async save(name: string, content: Content) {
        const key = keyOf(name);
        if (key === undefined) {
          const subject = `names of files here end with ${ending}`;
          throw new Refusal("invalid", { op: "save a file", subject });
        }
        table.put(key, await view.save!(textOf(content), key, await table.get(key)));
      },
    },
    ...removable && {
      remove: (node: Node) => Promise.resolve(table.delete(keyOf(node.name)!)),
    },
  };
}
