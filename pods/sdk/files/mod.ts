/**
 * Files of a pod, for `sftp` and `sshfs`: what a pod imports that offers `peri:face/files`.
 *
 * @module
 */

export { FileFace } from "./face.ts";
export type { Content, Entry, Kept, Page } from "./contract.ts";
export { branch, folder, type Plan, type TextFile, textLeaf, textOf } from "./folder.ts";
export { type RowFiles, rows } from "./rows.ts";
export { shelf } from "./shelf.ts";
export type { Branch, Folder, Leaf, Listed, Node } from "./tree.ts";
