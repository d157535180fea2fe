/**
 * Files of a pod by SFTP, from a real server with a real pod that keeps what it is given, against
 * OpenSSH's sftp-server.
 *
 * @module
 */

import { join } from "node:path";
import { buildPod } from "../../../pods/build/build.ts";
import { readProject } from "../../../pods/build/project.ts";
import { PacketReader, PacketWriter } from "../../../runtime/gate/files/sftp/bytes.ts";
import { Packets } from "../../../runtime/gate/files/sftp/packets.ts";
import type { Row } from "../../../tools/bench/row.ts";
import { freePlace, freePort, openStage, settle, type Settled } from "../../processes/town.ts";
import type { Sshd } from "./terminal.ts";

/** Of the file that goes there and back. */
const FILE_BYTES = 64 * 1024 * 1024;
/** Files in one folder, and how many are made in one run of the pod. */
const [ENTRIES, AT_ONCE] = [10_000, 500];
/** Files that are looked at one after the other. */
const LOOKS = 500;
const FLOOR = "OpenSSH's sftp-server";

/** Where `ssh` goes: options, and who there. */
interface Way {
  readonly options: readonly string[];
  readonly host: string;
  /** Folder of large files, and of ten thousand small ones. */
  readonly files: string;
  readonly notes: string;
}

/**
 * `get`, `put`: 64 MiB by `sftp`, with its start; `stat`: one at a time; `readdir`: a folder of 10,000;
 * `ls -lR`: the same on a mount of `sshfs`, where there is FUSE.
 */
export async function* files(sshd: Sshd): AsyncGenerator<Row, void, void> {
  using stage = openStage();
  const port = freePort();
  const place = { ...freePlace(), before: `export PERI_SSH=127.0.0.1:${port}` };
  const settled = await settle("alice", stage, place, []);
  try {
    const ours = await openOurs(settled, port);
    const theirs = await openTheirs(stage.folder, sshd);
    const file = join(stage.folder, "large");
    await Deno.writeFile(file, noise(FILE_BYTES));
    yield transfer("put", ours, theirs, (way) => `put ${file} ${way.files}/large`);
    yield transfer("get", ours, theirs, (way) => `get ${way.files}/large ${file}.back`);
    await using own = await openRaw(ours);
    await using other = await openRaw(theirs);
    yield pair("stat", "us", 20, () => stats(own, ours), () => stats(other, theirs));
    yield pair("readdir", "ms", 20, () => list(own, ours), () => list(other, theirs));
    if (await Deno.stat("/dev/fuse").then(() => true, () => false)) {
      const at = join(stage.folder, "mount");
      await Deno.mkdir(at);
      yield pair("ls -lR", "ms", 5, () => lookAt(ours, at), () => lookAt(theirs, at));
    }
  } finally {
    await settled.person.stop("SIGKILL");
  }
}

/** A pod of files with ten thousand notes. */
async function openOurs({ person }: Settled, port: number): Promise<Way> {
  const { folder } = person.scene;
  const project = await readProject(new URL("../../pods/shelf", import.meta.url).pathname);
  const { component } = await buildPod(project, join(folder, "build"));
  await person.types("pod", "install", component, "--yes");
  await person.types("pod", "limit", "shelf", "--state", "1G");
  for (let n = 0; n < ENTRIES; n += AT_ONCE) {
    await person.types("shelf", "fill", String(n), String(AT_ONCE));
  }
  const key = join(folder, "alice.key");
  await person.types("key", "export", "--ssh", "--secret", "--to", key);
  const passphrase = (await Deno.readTextFile(join(folder, "alice.passphrase"))).trim();
  await run("ssh-keygen", ["-q", "-p", "-P", passphrase, "-N", "", "-f", key]);
  const [{ ssh }] = await person.records("status") as [{ ssh: { knownHosts: string } }];
  const known = join(folder, "known_hosts");
  await Deno.writeTextFile(known, `${ssh.knownHosts}\n`);
  const set = ["IdentitiesOnly=yes", `UserKnownHostsFile=${known}`, `Port=${port}`];
  const options = ["-F", "none", "-i", key, ...set.flatMap((one) => ["-o", one])];
  return { options, host: "shelf@127.0.0.1", files: "/files", notes: "/notes" };
}

/** The same for OpenSSH's server, on this disk. */
async function openTheirs(folder: string, { args }: Sshd): Promise<Way> {
  const [files, notes] = [join(folder, "files"), join(folder, "notes")];
  await Promise.all([files, notes].map((one) => Deno.mkdir(one)));
  for (let n = 0; n < ENTRIES; n++) {
    Deno.writeTextFileSync(`${notes}/note-${String(n).padStart(5, "0")}.txt`, `note ${n}\n`);
  }
  const all = args([]);
  const options = all.slice(0, -1).flatMap((one, at) =>
    one === "-p" ? ["-o", `Port=${all[at + 1]}`] : all[at - 1] === "-p" ? [] : [one]
  );
  return { options, host: all.at(-1)!, files, notes };
}

function pair(
  row: string,
  unit: Row["unit"],
  runs: number,
  ours: () => Promise<number>,
  against: () => Promise<number>,
): Row {
  return { row, floor: FLOOR, unit, runs, ours, against };
}

function transfer(row: string, ours: Way, theirs: Way, batch: (way: Way) => string): Row {
  const go = async (way: Way) => {
    const startMs = performance.now();
    await run("sftp", ["-q", ...way.options, "-b", "-", way.host], `${batch(way)}\n`);
    return performance.now() - startMs;
  };
  return pair(row, "ms", 7, () => go(ours), () => go(theirs));
}

/** One session of the protocol. */
interface Raw extends AsyncDisposable {
  ask(packet: PacketWriter): Promise<PacketReader>;
}

async function openRaw({ options, host }: Way): Promise<Raw> {
  const child = new Deno.Command("ssh", {
    args: [...options, "-s", host, "sftp"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const packets = new Packets();
  const ask = async (packet: PacketWriter) => {
    await writer.write(packet.end());
    for (;;) {
      const answer = packets.next();
      if (answer !== undefined) return new PacketReader(answer);
      const { value, done } = await reader.read();
      if (done) throw new Error("the session is over");
      packets.push(value);
    }
  };
  await ask(new PacketWriter(1).u32(3));
  return {
    ask,
    async [Symbol.asyncDispose]() {
      await Promise.all([writer.close(), reader.cancel()]).catch(() => {});
      await child.status;
    },
  };
}

/** Microseconds for one file. */
async function stats(raw: Raw, { notes }: Way): Promise<number> {
  const startMs = performance.now();
  for (let n = 0; n < LOOKS; n++) {
    const path = `${notes}/note-${String(n * 7).padStart(5, "0")}.txt`;
    const answer = await raw.ask(new PacketWriter(17).u32(n).text(path));
    if (answer.byte() !== 105) throw new Error(`no ${path}`);
  }
  return (performance.now() - startMs) * 1000 / LOOKS;
}

/** Milliseconds for the folder. */
async function list(raw: Raw, { notes }: Way): Promise<number> {
  const startMs = performance.now();
  const opened = await raw.ask(new PacketWriter(11).u32(1).text(notes));
  opened.byte(), opened.u32();
  const handle = opened.string(256).slice();
  let entries = 0;
  for (;;) {
    const page = await raw.ask(new PacketWriter(12).u32(2).string(handle));
    if (page.byte() !== 104) break;
    page.u32();
    entries += page.u32();
  }
  const tookMs = performance.now() - startMs;
  if (entries < ENTRIES) throw new Error(`${entries} entries`);
  await raw.ask(new PacketWriter(4).u32(3).string(handle));
  return tookMs;
}

/** Milliseconds of `ls`, on a mount of its own. */
async function lookAt({ options, host, notes }: Way, at: string): Promise<number> {
  const ssh = ["ssh", ...options].join(" ");
  await run("sshfs", ["-o", `ssh_command=${ssh}`, `${host}:${notes}`, at]);
  try {
    const startMs = performance.now();
    await run("ls", ["-lR", at]);
    return performance.now() - startMs;
  } finally {
    await run("fusermount3", ["-u", at]);
  }
}

async function run(program: string, args: readonly string[], input = ""): Promise<void> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  void writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { code, stderr } = await child.output();
  if (code !== 0) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

/** Bytes that nothing makes smaller. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}
