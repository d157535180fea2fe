/**
 * What clients ask for, version 3 of the protocol and extensions of OpenSSH.
 *
 * @module
 */

import { BadPacket, PacketReader } from "./bytes.ts";
import { decodeWanted, type Wanted } from "./attributes.ts";
import { MAX_PACKET_BYTES } from "./packets.ts";

/** How a file is opened. */
export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  /** Makes it when it is not there. */
  readonly create: boolean;
  readonly truncate: boolean;
  /** With `create`: refuses when it is there. */
  readonly exclusive: boolean;
}

/** What is asked. Paths are as they came. */
export type Asked =
  | { readonly kind: "open"; readonly path: string; readonly mode: OpenMode }
  | { readonly kind: "close" | "fstat" | "readdir" | "fsync"; readonly handle: number }
  | { readonly kind: "read"; readonly handle: number; readonly at: number; readonly length: number }
  | {
    readonly kind: "write";
    readonly handle: number;
    readonly at: number;
    /** A view of the packet. */
    readonly bytes: Uint8Array;
  }
  | {
    readonly kind:
      | "stat"
      | "opendir"
      | "remove"
      | "mkdir"
      | "rmdir"
      | "realpath"
      | "readlink"
      | "statvfs";
    readonly path: string;
  }
  | { readonly kind: "setstat"; readonly path: string; readonly wanted: Wanted }
  | { readonly kind: "fsetstat"; readonly handle: number; readonly wanted: Wanted }
  | { readonly kind: "rename"; readonly path: string; readonly to: string; readonly over: boolean }
  | { readonly kind: "limits" }
  | { readonly kind: "unknown" };

/** A request with the number that its answer carries. */
export type Request = Asked & { readonly id: number };

/** Longest path, as in most systems. */
export const MAX_PATH_BYTES = 4096;
const MAX_HANDLE_BYTES = 256;
const MAX_NAME_BYTES = 128;

/** The version that a client begins with. @throws {BadPacket} when it begins otherwise */
export function decodeHello(packet: Uint8Array): number {
  const reader = new PacketReader(packet);
  if (reader.byte() !== 1) throw new BadPacket("a session begins with its version");
  return reader.u32();
}

/** The number of a request, which every answer needs. @throws {BadPacket} when it is too short */
export function decodeId(packet: Uint8Array): number {
  const reader = new PacketReader(packet);
  reader.byte();
  return reader.u32();
}

/** @throws {BadPacket} for what is cut short, too long or not UTF-8 */
export function decodeRequest(packet: Uint8Array): Request {
  const reader = new PacketReader(packet);
  const type = reader.byte();
  const id = reader.u32();
  const asked = DECODERS[type]?.(reader) ?? { kind: "unknown" };
  return { id, ...asked };
}

type Decode = (reader: PacketReader) => Asked;

const path = (reader: PacketReader) => reader.text(MAX_PATH_BYTES);

/** A handle that this server gave is four bytes; any other is none. */
function handle(reader: PacketReader): number {
  const bytes = reader.string(MAX_HANDLE_BYTES);
  if (bytes.length !== 4) return -1;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

const DECODERS: Readonly<Record<number, Decode>> = {
  3: (reader) => {
    const name = path(reader);
    const flags = reader.u32();
    decodeWanted(reader);
    return { kind: "open", path: name, mode: modeOf(flags) };
  },
  4: (reader) => ({ kind: "close", handle: handle(reader) }),
  5: (reader) => ({
    kind: "read",
    handle: handle(reader),
    at: reader.u64(),
    length: reader.u32(),
  }),
  6: (reader) => ({
    kind: "write",
    handle: handle(reader),
    at: reader.u64(),
    bytes: reader.string(MAX_PACKET_BYTES),
  }),
  7: (reader) => ({ kind: "stat", path: path(reader) }),
  8: (reader) => ({ kind: "fstat", handle: handle(reader) }),
  9: (reader) => ({ kind: "setstat", path: path(reader), wanted: decodeWanted(reader) }),
  10: (reader) => ({ kind: "fsetstat", handle: handle(reader), wanted: decodeWanted(reader) }),
  11: (reader) => ({ kind: "opendir", path: path(reader) }),
  12: (reader) => ({ kind: "readdir", handle: handle(reader) }),
  13: (reader) => ({ kind: "remove", path: path(reader) }),
  14: (reader) => {
    const name = path(reader);
    decodeWanted(reader);
    return { kind: "mkdir", path: name };
  },
  15: (reader) => ({ kind: "rmdir", path: path(reader) }),
  16: (reader) => ({ kind: "realpath", path: path(reader) }),
  17: (reader) => ({ kind: "stat", path: path(reader) }),
  18: (reader) => ({ kind: "rename", path: path(reader), to: path(reader), over: false }),
  19: (reader) => ({ kind: "readlink", path: path(reader) }),
  200: (reader) => EXTENSIONS[reader.text(MAX_NAME_BYTES)]?.(reader) ?? { kind: "unknown" },
};

const EXTENSIONS: Readonly<Record<string, Decode>> = Object.assign(Object.create(null), {
  "posix-rename@openssh.com": (reader: PacketReader) => ({
    kind: "rename",
    path: path(reader),
    to: path(reader),
    over: true,
  }),
  "statvfs@openssh.com": (reader: PacketReader) => ({ kind: "statvfs", path: path(reader) }),
  "fsync@openssh.com": (reader: PacketReader) => ({ kind: "fsync", handle: handle(reader) }),
  "limits@openssh.com": () => ({ kind: "limits" }),
});

function modeOf(flags: number): OpenMode {
  const has = (flag: number) => (flags & flag) !== 0;
  return {
    read: has(1),
    write: has(2) || has(4),
    append: has(4),
    create: has(8),
    truncate: has(16),
    exclusive: has(32),
  };
}
