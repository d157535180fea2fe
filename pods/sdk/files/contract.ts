/**
 * The interfaces of face.wit in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape } from "../mod.ts";

/** `kind` of `peri:face/files`. */
export type Kind = "file" | "folder";

/** A file or a folder. Times are milliseconds since 1970 UTC. */
export interface Entry { /** The last part of its path; of the root it does not matter. */ name: string; kind: Kind; /** Bytes of a file's content: exactly, for programs read as many. */ size: number; /** 0 where nobody knows. */ modifiedMs: number; /** Whether it may be saved and renamed; of a folder, whether something may be put there. */ writable: boolean; /** Of a file whose content the periphery keeps: by which it is found, so that nobody asks `read`. */ blob?: string | undefined }

/** A part of a folder. */
export interface Page { entries: Array<Entry>; /** Where the next part begins; none when this is the last. */ next?: string | undefined }

/** A content that the periphery keeps for this pod (docs/PROTOCOL.md, "Contents"). */
export interface Kept { blob: string; /** Bytes. */ size: number }

/** `content` of `peri:face/files`. */
export type Content = { /** At most 32 KiB. */ tag: "inline"; val: Uint8Array } | { tag: "kept"; val: Kept };

/**
 * A pod as a tree of files, for `sftp` and `sshfs`. A path is absolute and has no empty part, no `.`
 * and no `..`; that of the root is `/`. A refusal is what the editor shows.
 */
export abstract class Files extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:face/files",
    "capability": "52251197545e0e3b63073c6915367526250fbfb55c8229285de864d62bd6fb31",
    "functions": [
      {"name":"look","method":"look","functionId":"616ca7e9dc99ace1bf8678815ab81b9a00bf9a0362a66e4aff71a772906ff327","params":[["path","string"]],"result":{"option":{"record":[["name","string"],["kind",{"enum":["file","folder"]}],["size","f64"],["modified-ms","f64"],["writable","bool"],["blob",{"option":"string"}]]}}},
      {"name":"list","method":"list","functionId":"72507aaab05f221e59e6c26d6930080c53c6adb82841184b97cb8b3b3eb93ec6","params":[["path","string"],["after",{"option":"string"}]],"result":{"record":[["entries",{"list":{"record":[["name","string"],["kind",{"enum":["file","folder"]}],["size","f64"],["modified-ms","f64"],["writable","bool"],["blob",{"option":"string"}]]}}],["next",{"option":"string"}]]}},
      {"name":"read","method":"read","functionId":"40a9878239f4ad15d681220ad94811893dce5180f2d40207a4a670add9c1e82b","params":[["path","string"]],"result":{"variant":[["inline",{"list":"u8"}],["kept",{"record":[["blob","string"],["size","f64"]]}]]}},
      {"name":"save","method":"save","functionId":"421b3c27bff35a06481245e6588b01dc6702a55571bed12be33c7293efddee81","params":[["path","string"],["content",{"variant":[["inline",{"list":"u8"}],["kept",{"record":[["blob","string"],["size","f64"]]}]]}],["modified-ms","f64"]],"result":null},
      {"name":"remove","method":"remove","functionId":"f9c4c483cd20d4530989573fbc14e8929b755856d76202cdd19818434a81c3ab","params":[["path","string"]],"result":null},
      {"name":"rename","method":"rename","functionId":"559bea793d71fbff71a5778eef58b6ff62de57e3692601b83cd54a9244dc2eaa","params":[["path","string"],["to","string"]],"result":null},
      {"name":"make","method":"make","functionId":"b94431b8cee7b203fd5156cf84db8865646a4761a2116ceb0aeb78e9733d7e95","params":[["path","string"]],"result":null},
    ],
  };

  /** What is at a path; none when there is nothing. */
  abstract look(path: string): Promise<Entry | undefined>;

  /** The entries of a folder in an order of its own, a part at a time, the first without `after`. */
  abstract list(path: string, after?: string): Promise<Page>;

  /** The content of a file. */
  abstract read(path: string): Promise<Content>;

  /**
   * A file has been saved: all of its content, once, whatever the editor did meanwhile. A file that
   * is there already gets this content in place of its own.
   */
  abstract save(path: string, content: Content, modifiedMs: number): Promise<void>;

  /** Removes a file, or a folder in which there is nothing. */
  abstract remove(path: string): Promise<void>;

  /** Gives a file or a folder another path. A file that is there already is replaced. */
  abstract rename(path: string, to: string): Promise<void>;

  /** Makes a folder. */
  abstract make(path: string): Promise<void>;
}
