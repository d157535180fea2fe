import { deepEqual, equal, ok, throws } from "node:assert/strict";
import type { Entry } from "../pod.ts";
import { encodeAttributes, encodeNames, encodeStatus, encodeVersion } from "./answer.ts";
import { BadPacket, PacketReader, PacketWriter } from "./bytes.ts";
import { MAX_PACKET_BYTES, Packets } from "./packets.ts";
import { decodeHello, decodeRequest } from "./request.ts";

/** A packet as {@link Packets} gives it. */
const body = (writer: PacketWriter) => writer.end().subarray(4);

Deno.test("requests are read with everything they say", () => {
  const open = new PacketWriter(3).u32(7).text("/é").u32(2 | 8 | 32).u32(4).u32(0o644);
  const mode = {
    read: false,
    write: true,
    append: false,
    create: true,
    truncate: false,
    exclusive: true,
  };
  deepEqual(decodeRequest(body(open)), { id: 7, kind: "open", path: "/é", mode });
  const write = new PacketWriter(6).u32(8).u32(4).u32(1).u64(2 ** 40).text("abc");
  const request = decodeRequest(body(write));
  ok(request.kind === "write");
  equal(request.at, 2 ** 40);
  equal(new TextDecoder().decode(request.bytes), "abc");
  const set = new PacketWriter(9).u32(1).text("/a").u32(1 | 2 | 4 | 8).u64(5).u32(0).u32(0)
    .u32(0o600).u32(9).u32(10);
  deepEqual(decodeRequest(body(set)), {
    id: 1,
    kind: "setstat",
    path: "/a",
    wanted: { size: 5, modifiedMs: 10_000 },
  });
  const over = new PacketWriter(200).u32(2).text("posix-rename@openssh.com").text("/a").text("/b");
  deepEqual(decodeRequest(body(over)), { id: 2, kind: "rename", path: "/a", to: "/b", over: true });
  for (const name of ["hardlink@openssh.com", "toString", "__proto__"]) {
    equal(decodeRequest(body(new PacketWriter(200).u32(2).text(name))).kind, "unknown");
  }
  equal(decodeRequest(body(new PacketWriter(20).u32(2).text("/a").text("/b"))).kind, "unknown");
  equal(decodeHello(body(new PacketWriter(1).u32(3))), 3);
});

Deno.test("what is cut short, too long, no text or above 2^53 is refused before it is used", () => {
  const path = new PacketWriter(7).u32(1).text("x".repeat(4097));
  throws(() => decodeRequest(body(path)), BadPacket);
  throws(() => decodeRequest(body(new PacketWriter(7).u32(1).u32(0xffff_ffff))), BadPacket);
  const torn = new PacketWriter(7).u32(1).string(Uint8Array.of(0xff, 0xfe));
  throws(() => decodeRequest(body(torn)), BadPacket);
  const far = new PacketWriter(5).u32(1).u32(4).u32(1).u32(0xffff_ffff).u32(0).u32(1);
  throws(() => decodeRequest(body(far)), BadPacket);
  const many = new PacketWriter(9).u32(1).text("/a").u32(0x8000_0000).u32(1_000_000);
  throws(() => decodeRequest(body(many)), BadPacket);
  const other = new PacketWriter(4).u32(1).text("not a handle");
  deepEqual(decodeRequest(body(other)), { id: 1, kind: "close", handle: -1 });
});

Deno.test("packets come out however their bytes came in", () => {
  const sent = [1, 5, 300, 70_000].map((size) => {
    const bytes = new Uint8Array(size).map((_, at) => at * 7);
    return new PacketWriter(99).string(bytes).end();
  });
  const stream = Uint8Array.from(sent.flatMap((one) => [...one]));
  for (const step of [1, 3, 1000, 65_536, stream.length]) {
    const packets = new Packets();
    const got: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += step) {
      packets.push(stream.subarray(at, at + step));
      for (let one = packets.next(); one; one = packets.next()) got.push(one.slice());
    }
    deepEqual(got.map(({ length }) => length), sent.map(({ length }) => length - 4));
    got.forEach((one, at) => equal(equalBytes(one, sent[at]!.subarray(4)), true));
  }
  for (const length of [0, MAX_PACKET_BYTES + 1, 0xffff_ffff]) {
    const packets = new Packets();
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, length);
    packets.push(head);
    throws(() => packets.next(), BadPacket);
  }
});

Deno.test("answers say what files are, and are never longer than a packet", () => {
  const entry: Entry = {
    name: "ä.txt",
    kind: "file",
    size: 2 ** 33,
    modifiedMs: 1_800_000_000_123,
    writable: false,
  };
  const reader = new PacketReader(encodeAttributes(3, entry).subarray(4));
  deepEqual([reader.byte(), reader.u32(), reader.u32(), reader.u64()], [105, 3, 15, 2 ** 33]);
  deepEqual([reader.u32(), reader.u32(), reader.u32()], [1000, 1000, 0o100400]);
  deepEqual([reader.u32(), reader.u32(), reader.left], [1_800_000_000, 1_800_000_000, 0]);
  const odd: Entry = { ...entry, name: "x".repeat(255), modifiedMs: -1e300, kind: "folder" };
  const all = Array.from({ length: 2_000 }, () => odd);
  for (let from = 0; from < all.length;) {
    const { packet, count } = encodeNames(1, all, from);
    ok(count > 0 && packet.length < MAX_PACKET_BYTES);
    const names = new PacketReader(packet.subarray(4));
    deepEqual([names.byte(), names.u32(), names.u32()], [104, 1, count]);
    from += count;
  }
  ok(encodeStatus(1, 4, "why".repeat(300)).length < 1_000);
  equal(new PacketReader(encodeVersion().subarray(4)).byte(), 2);
});

Deno.test("whatever bytes come, a packet is a request or refused", () => {
  let seed = 17;
  const next = () => (seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0) >>> 8;
  const types = [3, 4, 5, 6, 9, 14, 18, 200, 21];
  for (let round = 0; round < 20_000; round++) {
    const bytes = new Uint8Array(1 + next() % 60).map(() => next() % 4 === 0 ? next() : 0);
    bytes[0] = types[next() % types.length]!;
    try {
      ok(Number.isInteger(decodeRequest(bytes).id));
    } catch (thrown) {
      ok(thrown instanceof BadPacket, String(thrown));
    }
  }
});

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
