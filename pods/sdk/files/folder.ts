/**
 * Folders whose content the pod's author wrote down, and files that are texts.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import { decodeUtf8, encodeUtf8, sizeUtf8 } from "../text/utf8.ts";
import type { Content } from "./contract.ts";
import type { Branch, Folder, Leaf, Listed, Node } from "./tree.ts";

/** A file that is a text. */
export interface TextFile {
  /** What is in it. */
  text(): string | Promise<string>;
  /** Takes what was saved; without it the file is only there to be read. */
  write?(text: string): void | Promise<void>;
  /** Milliseconds since 1970 UTC. */
  readonly modifiedMs?: number;
}

/** What a fixed folder has by name: folders, texts, and files that are asked for their text. */
export type Plan = Readonly<Record<string, Folder | TextFile | string>>;

/** A folder in which always the same is found. */
export function folder(plan: Plan): Folder {
  const look = async (name: string): Promise<Node | undefined> => {
    const planned = Object.hasOwn(plan, name) ? plan[name]! : undefined;
    return planned === undefined ? undefined : await nodeOf(name, planned);
  };
  const names = Object.keys(plan).sort();
  const writes = Object.values(plan).some((one) => typeof one === "object" && "text" in one);
  return {
    look,
    list: async (after, limit) => {
      const part = names.filter((name) => after === undefined || name > after).slice(0, limit);
      return await Promise.all(part.map(async (name): Promise<Listed> => {
        return [name, (await look(name))!];
      }));
    },
    ...writes && {
      async save(name: string, content: Content) {
        const planned = Object.hasOwn(plan, name) ? plan[name]! : undefined;
        if (typeof planned === "object" && "text" in planned && planned.write !== undefined) {
          return await planned.write(textOf(content));
        }
        const subject = `${JSON.stringify(name)} is none of the files that can be saved here`;
        throw new Refusal("denied", { op: "save a file", subject });
      },
    },
  };
}

/** A file of a text. */
export function textLeaf(
  name: string,
  text: string,
  { modifiedMs = 0, writable = false }: { modifiedMs?: number; writable?: boolean } = {},
): Leaf {
  return {
    kind: "file",
    name,
    size: sizeUtf8(text),
    modifiedMs,
    writable,
    read: () => ({ tag: "inline", val: encodeUtf8(text) }),
  };
}

/** A folder by a name. */
export function branch(name: string, open: () => Folder, modifiedMs = 0): Branch {
  return { kind: "folder", name, modifiedMs, open };
}

/**
 * The text that was saved.
 *
 * @throws {Refusal} `too-large` for more than 32 KiB, `invalid` for what is no text.
 */
export function textOf(content: Content): string {
  if (content.tag === "inline") return decodeUtf8(content.val);
  const subject = `it has ${content.val.size} bytes, and texts here at most 32 KiB`;
  throw new Refusal("too-large", { op: "save a file", subject });
}

async function nodeOf(name: string, planned: Plan[string]): Promise<Node> {
  if (typeof planned === "string") return textLeaf(name, planned);
  if (!("text" in planned)) return branch(name, () => planned);
  const { modifiedMs = 0, write } = planned;
  return textLeaf(name, await planned.text(), { modifiedMs, writable: write !== undefined });
}
