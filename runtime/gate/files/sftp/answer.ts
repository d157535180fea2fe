/**
 * Answers to clients.
 *
 * @module
 */

import { encodeUtf8 } from "../../../model/bytes.ts";
import type { Entry, Room } from "../pod.ts";
import { encodeEntry, longName } from "./attributes.ts";
import { PacketWriter } from "./bytes.ts";
import { MAX_PACKET_BYTES } from "./packets.ts";

/** How a request ended (SSH_FX_…). */
export const STATUS = {
  ok: 0,
  end: 1,
  noSuchFile: 2,
  denied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

/** One of {@link STATUS}. */
export type Status = typeof STATUS[keyof typeof STATUS];

/** Most bytes of one read or write. */
export const MAX_DATA_BYTES = MAX_PACKET_BYTES - 1024;
/** Bytes of names in one answer. */
const MAX_NAMES_BYTES = 128 * 1024;
/** Of a file system as `df` shows it. */
const BLOCK_BYTES = 4096;
const NAME_BYTES = 255;

const EXTENSIONS = {
  "posix-rename@openssh.com": "1",
  "statvfs@openssh.com": "2",
  "fsync@openssh.com": "1",
  "limits@openssh.com": "1",
};

/** The answer to the hello: version 3, and what is offered beyond it. */
export function encodeVersion(): Uint8Array {
  const writer = new PacketWriter(2).u32(3);
  for (const [name, version] of Object.entries(EXTENSIONS)) writer.text(name).text(version);
  return writer.end();
}

/** How a request ended; the text is for people. */
export function encodeStatus(id: number, status: Status, text = ""): Uint8Array {
  return new PacketWriter(101, 32 + 3 * text.length).u32(id).u32(status).text(text).text("").end();
}

/** A file or folder is open. */
export function encodeHandle(id: number, handle: number): Uint8Array {
  return new PacketWriter(102, 32).u32(id).u32(4).u32(handle).end();
}

/** The head of an answer with so many bytes of a file, which follow it. */
export function encodeDataHead(id: number, bytes: number): Uint8Array {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, 9 + bytes);
  head[4] = 103;
  view.setUint32(5, id);
  view.setUint32(9, bytes);
  return head;
}

/** The answer of one path. */
export function encodePath(id: number, path: string): Uint8Array {
  return new PacketWriter(104).u32(id).u32(1).text(path).text(path).u32(0).end();
}

/** As many entries from a place on as one answer takes, one at least. */
export function encodeNames(
  id: number,
  entries: readonly Entry[],
  from: number,
): { readonly packet: Uint8Array; readonly count: number } {
  const writer = new PacketWriter(104, 64 * 1024).u32(id).u32(0);
  let count = 0;
  for (let at = from; at < entries.length && writer.length < MAX_NAMES_BYTES; at++, count++) {
    const entry = entries[at]!;
    writer.text(entry.name).text(longName(entry));
    encodeEntry(writer, entry);
  }
  const packet = writer.end();
  new DataView(packet.buffer).setUint32(9, count);
  return { packet, count };
}

/** What a file or folder is. */
export function encodeAttributes(id: number, entry: Entry): Uint8Array {
  const writer = new PacketWriter(105, 64).u32(id);
  encodeEntry(writer, entry);
  return writer.end();
}

/** What there is room for (`df`). */
export function encodeRoom(id: number, { mostBytes, freeBytes }: Room): Uint8Array {
  const [all, free] = [mostBytes, freeBytes].map((bytes) => Math.floor(bytes / BLOCK_BYTES));
  const writer = new PacketWriter(201, 128).u32(id);
  const files = [1_000_000, 1_000_000, 1_000_000];
  for (const value of [BLOCK_BYTES, BLOCK_BYTES, all!, free!, free!, ...files, 0, 0, NAME_BYTES]) {
    writer.u64(value);
  }
  return writer.end();
}

/** Bounds of a session. */
export function encodeLimits(id: number, handles: number): Uint8Array {
  const writer = new PacketWriter(201, 64).u32(id);
  for (const value of [MAX_PACKET_BYTES, MAX_DATA_BYTES, MAX_DATA_BYTES, handles]) {
    writer.u64(value);
  }
  return writer.end();
}

/** A text for people, no longer than an answer should be. */
export function shortText(text: string): string {
  return encodeUtf8(text).length <= 1000 ? text : `${text.slice(0, 300)}…`;
}
