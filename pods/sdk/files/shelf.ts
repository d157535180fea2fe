/**
 * Folders in which people keep files of any kind: small ones in rows of a table, large ones as
 * contents that the periphery keeps.
 *
 * @module
 */

import type { Pod } from "../pod.ts";
import { Refusal } from "../refusal.ts";
import type { Table } from "../table.ts";
import type { Content, Kept } from "./contract.ts";
import type { Folder, Listed, Node } from "./tree.ts";

/** What a shelf keeps of a file or folder. */
interface Kid {
  /** Of a folder: the beginning of the keys of what is in it. Of a file: names its content. */
  readonly id: number;
  readonly folder?: true;
  readonly size: number;
  readonly modifiedMs: number;
  /** Small content, base64. */
  readonly inline?: string;
  readonly blob?: string;
}

/** The table of contents that the periphery keeps (docs/PROTOCOL.md, "Contents"). */
const CONTENTS = "peri:contents";
/** Row of the number that the next file or folder gets. */
const NEXT = "next";
/** Folders in folders. */
const MAX_DEPTH = 64;

/**
 * A folder of any files and folders, kept in a table of this name.
 *
 * @param name of the table, which the pod uses for nothing else
 */
export function shelf(pod: Pod, name: string): Folder {
  const kids = pod.table<Kid | number>(name);
  const contents = pod.table<Kept>(CONTENTS);
  return new Shelf({ name, kids, contents, nowMs: () => pod.run.nowMs }, [0]);
}

interface Stock {
  readonly name: string;
  readonly kids: Table<Kid | number>;
  readonly contents: Table<Kept>;
  nowMs(): number;
}

class Shelf implements Folder {
  constructor(
    private readonly stock: Stock,
    /** Numbers of the folders from the root on, this one's last. */
    private readonly path: readonly number[],
  ) {}

  async look(name: string): Promise<Node | undefined> {
    const kid = await this.#kid(name);
    return kid && this.#nodeOf(name, kid);
  }

  async list(after: string | undefined, limit: number): Promise<readonly Listed[]> {
    const prefix = this.#key("");
    const range = { prefix, limit, ...after !== undefined && { after: this.#key(after) } };
    const found = await this.stock.kids.list(range);
    return found.map(([key, kid]) => {
      const name = key.slice(prefix.length);
      return [name, this.#nodeOf(name, kid as Kid)];
    });
  }

  async save(name: string, content: Content, modifiedMs: number): Promise<void> {
    const before = await this.#kid(name);
    if (before?.folder) throw exists("save a file", name);
    const id = before?.id ?? await this.#newId();
    const { kids } = this.stock;
    if (content.tag === "inline") {
      const inline = content.val.toBase64();
      if (before?.blob !== undefined) this.#forget(id);
      kids.put(this.#key(name), { id, size: content.val.length, modifiedMs, inline });
      return;
    }
    const { blob, size } = content.val;
    this.stock.contents.put(this.#contentKey(id), { blob, size });
    kids.put(this.#key(name), { id, size, modifiedMs, blob });
  }

  async remove(node: Node): Promise<void> {
    const kid = await this.#kid(node.name);
    if (kid === undefined) return;
    if (kid.folder && (await this.#below(kid).list(undefined, 1)).length > 0) {
      const subject = `there is something in ${node.name}`;
      throw new Refusal("conflict", { op: "remove a folder", subject });
    }
    this.#drop(node.name, kid);
  }

  async rename({ name }: Node, to: Folder, newName: string): Promise<boolean> {
    const kid = await this.#kid(name);
    if (!(to instanceof Shelf) || to.stock.name !== this.stock.name || !kid) return false;
    if (to.#id === this.#id && newName === name) return true;
    const op = "rename a file";
    if (kid.folder && to.path.includes(kid.id)) {
      throw new Refusal("invalid", { op, subject: "a folder cannot be put into itself" });
    }
    const there = await to.#kid(newName);
    if (there && (there.folder || kid.folder)) throw exists(op, newName);
    if (there) to.#drop(newName, there);
    this.stock.kids.delete(this.#key(name));
    this.stock.kids.put(to.#key(newName), kid);
    return true;
  }

  async make(name: string): Promise<void> {
    const op = "make a folder";
    if (await this.#kid(name) !== undefined) throw exists(op, name);
    if (this.path.length > MAX_DEPTH) {
      throw new Refusal("invalid", { op, subject: `folders are at most ${MAX_DEPTH} deep` });
    }
    const id = await this.#newId();
    const modifiedMs = this.stock.nowMs();
    this.stock.kids.put(this.#key(name), { id, folder: true, size: 0, modifiedMs });
  }

  async #kid(name: string): Promise<Kid | undefined> {
    return await this.stock.kids.get(this.#key(name)) as Kid | undefined;
  }

  #nodeOf(name: string, kid: Kid): Node {
    const { size, modifiedMs, blob, inline = "" } = kid;
    const head = { name, modifiedMs, writable: true };
    if (kid.folder) return { kind: "folder", ...head, open: () => this.#below(kid) };
    return {
      kind: "file",
      ...head,
      size,
      ...blob !== undefined && { blob },
      read: () =>
        blob === undefined
          ? { tag: "inline", val: Uint8Array.fromBase64(inline) }
          : { tag: "kept", val: { blob, size } },
    };
  }

  #below({ id }: Kid): Shelf {
    return new Shelf(this.stock, [...this.path, id]);
  }

  #drop(name: string, kid: Kid): void {
    this.stock.kids.delete(this.#key(name));
    if (kid.blob !== undefined) this.#forget(kid.id);
  }

  #forget(id: number): void {
    this.stock.contents.delete(this.#contentKey(id));
  }

  get #id(): number {
    return this.path.at(-1)!;
  }

  async #newId(): Promise<number> {
    const next = await this.stock.kids.get(NEXT) as number | undefined ?? 1;
    this.stock.kids.put(NEXT, next + 1);
    return next;
  }

  #key(name: string): string {
    return `${this.#id}/${name}`;
  }

  #contentKey(id: number): string {
    return `${this.stock.name}:${id}`;
  }
}

function exists(op: string, name: string): Refusal {
  return new Refusal("exists", { op, subject: `${name} is there already` });
}
