/**
 * Attributes of files as they travel.
 *
 * @module
 */

import type { Entry } from "../pod.ts";
import { BadPacket, type PacketReader, type PacketWriter } from "./bytes.ts";

/** What a client wants a file to be. Owners and rights are read over: there are none here. */
export interface Wanted {
  /** Bytes. */
  readonly size?: number;
  /** Milliseconds since 1970 UTC. */
  readonly modifiedMs?: number;
}

const [SIZE, OWNER, MODE, TIMES, EXTENDED] = [1, 2, 4, 8, 0x8000_0000];
const KNOWN = SIZE! | OWNER! | MODE! | TIMES! | EXTENDED!;
/** Most extended attributes, and bytes of one. */
const [MAX_EXTENDED, MAX_EXTENDED_BYTES] = [16, 1024];
/** Whose all files are: `sshfs` shows them as those of whoever has mounted them. */
const USER = 1000;
const FILE_MODES = { true: 0o100600, false: 0o100400 } as const;
const FOLDER_MODES = { true: 0o040700, false: 0o040500 } as const;

/** @throws {BadPacket} */
export function decodeWanted(reader: PacketReader): Wanted {
  const flags = reader.u32();
  if ((flags & ~KNOWN) !== 0) throw new BadPacket("attributes nobody knows");
  const size = flags & SIZE! ? reader.u64() : undefined;
  if (flags & OWNER!) reader.u32(), reader.u32();
  if (flags & MODE!) reader.u32();
  const modifiedMs = flags & TIMES! ? (reader.u32(), reader.u32() * 1000) : undefined;
  if (flags & EXTENDED!) skipExtended(reader);
  return { ...size !== undefined && { size }, ...modifiedMs !== undefined && { modifiedMs } };
}

/** Writes what an entry is. */
export function encodeEntry(writer: PacketWriter, entry: Entry): void {
  const seconds = Math.min(Math.max(Math.floor(entry.modifiedMs / 1000), 0), 0xffff_ffff);
  writer.u32(SIZE! | OWNER! | MODE! | TIMES!).u64(entry.size).u32(USER).u32(USER)
    .u32(modeOf(entry)).u32(seconds).u32(seconds);
}

/** An entry as `ls -l` shows it, for clients that show that. */
export function longName(entry: Entry): string {
  const { kind, size, modifiedMs, name, writable } = entry;
  const rights = kind === "folder" ? writable ? "drwx" : "dr-x" : writable ? "-rw-" : "-r--";
  const date = new Date(Math.abs(modifiedMs) <= 8.64e15 ? modifiedMs : 0).toISOString();
  const [year, month, day] = [
    date.slice(0, 4),
    MONTHS[Number(date.slice(5, 7)) - 1],
    date.slice(8, 10),
  ];
  return `${rights}------    1 you      you      ${
    String(size).padStart(8)
  } ${month} ${day}  ${year} ${name}`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function modeOf({ kind, writable }: Entry): number {
  return (kind === "folder" ? FOLDER_MODES : FILE_MODES)[`${writable}`];
}

function skipExtended(reader: PacketReader): void {
  const count = reader.u32();
  if (count > MAX_EXTENDED) throw new BadPacket(`${count} extended attributes`);
  for (let at = 0; at < 2 * count; at++) reader.string(MAX_EXTENDED_BYTES);
}
