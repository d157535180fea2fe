/**
 * What a pod shows as folders and files, and the way along a path through them.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import type { Content } from "./contract.ts";

/** A file in a folder. */
export interface Leaf {
  readonly kind: "file";
  /** Without `/`; at most 255 bytes. */
  readonly name: string;
  /** Bytes of its content: exactly. */
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly modifiedMs: number;
  /** Whether it may be saved and renamed. */
  readonly writable?: boolean;
  /** Of a content that the periphery keeps. */
  readonly blob?: string;
  read(): Content | Promise<Content>;
}

/** A folder in a folder. */
export interface Branch {
  readonly kind: "folder";
  readonly name: string;
  readonly modifiedMs?: number;
  /** Whether it may be renamed. */
  readonly writable?: boolean;
  open(): Folder;
}

/** What may be in a folder. */
export type Node = Leaf | Branch;

/** A node with the place after which a list of its folder goes on. */
export type Listed = readonly [at: string, node: Node];

/**
 * A folder of a pod. What it has no method for cannot be done in it.
 */
export interface Folder {
  /** What is there by this name. */
  look(name: string): Promise<Node | undefined>;
  /** At most `limit` nodes, those after a place. Fewer than `limit`: there are no more. */
  list(after: string | undefined, limit: number): Promise<readonly Listed[]>;
  /** A file has been saved; {@link Folder.look} is not asked before. */
  save?(name: string, content: Content, modifiedMs: number): Promise<void>;
  /** Removes what is there; a folder with something in it is refused. */
  remove?(node: Node): Promise<void>;
  /** Gives a node another name, in this folder or in another of the same kind; `false`: it cannot. */
  rename?(node: Node, to: Folder, name: string): Promise<boolean>;
  /** Makes a folder. */
  make?(name: string): Promise<void>;
}

/** The parts of a path. @throws {Refusal} `invalid` when it is none. */
export function partsOf(path: string): string[] {
  if (path === "/") return [];
  const parts = path.slice(1).split("/");
  const isSound = path.startsWith("/") &&
    parts.every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"));
  if (isSound) return parts;
  throw new Refusal("invalid", { op: "look at a path", subject: "it is not absolute and plain" });
}

/** What is at the end of a path; undefined when there is nothing. The root has an empty name. */
export async function lookAt(root: Folder, path: string): Promise<Node | undefined> {
  let node: Node | undefined = { kind: "folder", name: "", open: () => root };
  for (const part of partsOf(path)) {
    if (node?.kind !== "folder") return undefined;
    node = await node.open().look(part);
  }
  return node;
}

/** The folder of a path. @throws {Refusal} `not-found`, `invalid` when it is a file. */
export async function folderAt(root: Folder, op: string, path: string): Promise<Folder> {
  const node = await nodeAt(root, op, path);
  if (node.kind === "folder") return node.open();
  throw new Refusal("invalid", { op, subject: `${path} is a file` });
}

/** What is at a path. @throws {Refusal} `not-found` */
export async function nodeAt(root: Folder, op: string, path: string): Promise<Node> {
  const node = await lookAt(root, path);
  if (node !== undefined) return node;
  throw new Refusal("not-found", { op, subject: `there is no ${path}` });
}

/** The folder in which a path ends, and its last part. @throws {Refusal} as {@link folderAt} */
export async function placeAt(
  root: Folder,
  op: string,
  path: string,
): Promise<{ readonly folder: Folder; readonly name: string }> {
  const at = path.lastIndexOf("/");
  const [name] = partsOf(path).slice(-1);
  if (name === undefined) throw cannot(op, "/");
  return { folder: await folderAt(root, op, path.slice(0, at) || "/"), name };
}

/** The refusal of what a folder has no method for. */
export function cannot(op: string, path: string): Refusal {
  return new Refusal("denied", { op, subject: `${path} is only there to be read` });
}
