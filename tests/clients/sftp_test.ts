// needs: ssh sftp scp sshfs fusermount3 rsync vim nano tmux
/** The files of a pod with the programs that people have: OpenSSH's, a mount, and editors on it. */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileBlobs } from "../../runtime/adapters/blobs.ts";
import { openFar } from "../../runtime/adapters/far.ts";
import { encodeVersion } from "../../runtime/gate/files/sftp/answer.ts";
import { PacketReader, PacketWriter } from "../../runtime/gate/files/sftp/bytes.ts";
import { Packets } from "../../runtime/gate/files/sftp/packets.ts";
import { formatSshKey } from "../../runtime/model/ssh/key.ts";
import { MemoryFiles } from "../helpers/files.ts";
import { type Hall, type Somebody, withHall } from "../helpers/ssh.ts";

/** Runs a program; its output and code. */
async function run(program: string, args: readonly string[], input = "", env = {}) {
  const child = new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  void writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The options of `sftp` and `scp`, and where they go. */
function farOf(hall: Hall, as: Somebody) {
  const all = hall.arguments({ as, user: "hey" }).map((one) => one === "-p" ? "-P" : one);
  return { options: all.slice(0, -1), host: all.at(-1)! };
}

function openFiles(hall: Hall): MemoryFiles {
  const files = new MemoryFiles(fileBlobs(join(hall.folder, "blobs")));
  hall.files = files;
  return files;
}

Deno.test(
  "sftp and scp see a pod's tree, take files out of it and put files into it",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const files = openFiles(hall);
    const { options, host } = farOf(hall, alice);
    const at = (name: string) => join(hall.folder, name);
    const sftp = (...lines: string[]) =>
      run("sftp", ["-q", ...options, "-b", "-", host], lines.join("\n"));
    for (let n = 0; n < 250; n++) files.put(`/n${n}`, `${n}`);
    const large = new Uint8Array(700_000).map((_, at) => at * 7 + (at >> 9));
    await Deno.writeFile(at("large"), large);
    const first = await sftp(
      "ls -1",
      "get n7 " + at("seven"),
      "mkdir d",
      "put " + at("large") + " d/large",
      "get d/large " + at("back"),
      "rename d/large d/other",
      "ls -l d",
      "df d",
      "rm n8",
      "-rmdir d",
      "-get ../../etc/passwd",
      "-ln n1 n2x",
      "-symlink n1 n2x",
    );
    equal(first.code, 0, first.stderr);
    equal(first.stdout.match(/^n[0-9]+$/gm)?.length, 250);
    match(first.stdout, /700000 .* other/);
    equal(await Deno.readTextFile(at("seven")), "7");
    deepEqual(await Deno.readFile(at("back")), large);
    match(first.stderr, /rmdir "\/d": Failure/);
    match(first.stderr, /"\/..\/..\/etc\/passwd" not found/);
    match(first.stderr, /does not support hardlink/);
    match(first.stderr, /symlink .* Operation unsupported/);
    deepEqual(files.told, [
      "make /d",
      "save /d/large",
      "rename /d/large /d/other",
      "remove /n8",
      "remove /d",
    ]);

    const copied = await run("scp", ["-q", ...options, `${host}:/d/other`, at("again")]);
    equal(copied.code, 0, copied.stderr);
    deepEqual(await Deno.readFile(at("again")), large);
    equal((await run("scp", ["-q", ...options, at("seven"), `${host}:/d/`])).code, 0);
    equal(await files.text("/d/seven"), "7");
    await Deno.writeTextFile(at("wrong"), "refuse me");
    const refused = await run("scp", ["-q", ...options, at("wrong"), `${host}:/d/seven`]);
    equal(refused.code, 1);
    match(refused.stderr, /Permission denied/i);
    equal(await files.text("/d/seven"), "7");
    hall.files = undefined;
    match((await sftp("ls")).stderr, /cannot show files: hey has no files\nhint: sftp hey@host/);
    equal(files.closed.length, 4);
  }),
);

/** Mounts the tree as `peri mount` does, with a token; gives how to let go of it. */
async function mount(hall: Hall, alice: Somebody, at: string): Promise<() => Promise<void>> {
  const far = openFar(join(hall.folder, "alice"));
  const hostKey = formatSshKey(hall.hostKey, "");
  const server = { name: "here", host: "127.0.0.1", port: hall.port, hostKey };
  const come = async () => {
    const token = await alice.token(hall.fingerprint);
    await far.mount(server, { kind: "token", token }, "hey", at);
  };
  await come();
  await rejects(come(), { kind: "exists" });
  return () => far.unmount(at);
}

Deno.test(
  "editors, sed, rsync and cp on a mount: what is saved is one event, what is refused an error",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const files = openFiles(hall);
    const at = join(hall.folder, "mount");
    files.put("/a.txt", "one\n");
    files.put("/b.txt", "b\n");
    const unmount = await mount(hall, alice, at);
    // The last close is on its way until something else has been answered.
    const home = { HOME: hall.folder, TERM: "xterm" };
    const sh = (text: string) => run("sh", ["-c", text], "", home);
    const told = async () => {
      await sh(`df ${at}`);
      return files.told.splice(0);
    };
    try {
      equal((await sh(`cat ${at}/a.txt`)).stdout, "one\n");
      await sh(`echo two >> ${at}/a.txt`);
      deepEqual([await told(), await files.text("/a.txt")], [["save /a.txt"], "one\ntwo\n"]);
      await sh(`sed -i s/one/1/ ${at}/a.txt`);
      deepEqual([await told(), await files.text("/a.txt")], [["save /a.txt"], "1\ntwo\n"]);
      for (const copy of ["no", "yes", "auto"]) {
        const set = ["set nocompatible", `set writebackup backupcopy=${copy}`];
        const vim = ["-es", "-u", "NONE", "-i", "NONE", ...set.flatMap((one) => ["-c", one])];
        const edit = (text: string) =>
          run(
            "vim",
            [...vim, "-c", `call append(line("$"), "${text}")`, "-c", "wq", `${at}/a.txt`],
            "",
            home,
          );
        equal((await edit(copy)).code, 0, copy);
        deepEqual(await told(), ["save /a.txt"], copy);
        const before = await files.text("/a.txt");
        equal(before!.endsWith(`\n${copy}\n`), true);
        const refused = await edit("refuse me");
        equal(refused.code, 1, copy);
        deepEqual([await told(), await files.text("/a.txt")], [["save /a.txt"], before], copy);
      }
      await nano(hall, `${at}/b.txt`, files);
      deepEqual([await told(), await files.text("/b.txt")], [
        ["save /b.txt", "save /b.txt"],
        "typed b\n",
      ]);
      const large = new Uint8Array(300_000).map((_, at) => at * 13 + (at >> 8));
      await Deno.mkdir(join(hall.folder, "src"));
      for (const name of ["x", "y", "z"]) await Deno.writeFile(`${hall.folder}/src/${name}`, large);
      equal((await sh(`rsync -rt ${hall.folder}/src/ ${at}/d/`)).code, 0);
      deepEqual(await told(), ["make /d", "save /d/x", "save /d/y", "save /d/z"]);
      equal(
        (await sh(`diff -r ${hall.folder}/src ${at}/d && rsync -rtin ${hall.folder}/src/ ${at}/d/`))
          .code,
        0,
      );
      equal((await sh(`printf X | dd of=${at}/d/x bs=1 seek=200000 conv=notrunc`)).code, 0);
      equal(
        (await sh(`tail -c 99999 ${at}/d/x | cmp - ${hall.folder}/src/x 2>&1; rm -r ${at}/d`)).code,
        0,
      );
      deepEqual(await told(), [
        "save /d/x",
        "remove /d/x",
        "remove /d/y",
        "remove /d/z",
        "remove /d",
      ]);
    } finally {
      await unmount();
    }
  }),
);

/** Saves with nano in a terminal, once well and once refused. */
async function nano(hall: Hall, path: string, files: MemoryFiles): Promise<void> {
  const socket = join(hall.folder, "tmux");
  const tmux = (...args: string[]) => run("tmux", ["-S", socket, ...args]);
  const screen = async () => (await tmux("capture-pane", "-p")).stdout;
  const shows = async (what: RegExp) => {
    for (let turn = 0; turn < 100 && !what.test(await screen()); turn++) {
      await new Promise((go) => setTimeout(go, 30));
    }
    match(await screen(), what);
  };
  // A wide screen: the path of the folder stands in the same line as what nano says of it.
  await tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "20", `nano -I ${path}`);
  try {
    await shows(/Read 1 line/);
    await tmux("send-keys", "typed ", "C-s");
    await shows(/Wrote 1 line/);
    equal(await files.text("/b.txt"), "typed b\n");
    await tmux("send-keys", "refuse me ", "C-s");
    await shows(/Error writing .*Permission denied/);
    // Ended otherwise it would keep what was not saved in a file of its own.
    await tmux("send-keys", "C-x");
    await shows(/Save modified buffer/);
    await tmux("send-keys", "n");
    for (let turn = 0; turn < 100 && (await tmux("has-session")).code === 0; turn++);
  } finally {
    await tmux("kill-server");
  }
}

/** A session of the protocol itself. */
function openRaw(hall: Hall, as: Somebody) {
  const child = hall.spawn(["sftp"], { as, user: "hey", options: ["-s"] });
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const packets = new Packets();
  const answer = async () => {
    for (;;) {
      const packet = packets.next();
      if (packet !== undefined) return new PacketReader(packet.slice());
      const { value, done } = await reader.read();
      if (done) return undefined;
      packets.push(value);
    }
  };
  return {
    child,
    answer,
    send: (packet: Uint8Array) => writer.write(packet),
    async ask(packet: PacketWriter) {
      await writer.write(packet.end());
      return (await answer())!;
    },
    async end() {
      await Promise.all([writer.abort(), reader.cancel(), child.stderr.cancel()]).catch(() => {});
      try {
        child.kill();
      } catch {
        // It has ended by itself.
      }
      await child.status;
    },
  };
}

Deno.test(
  "handles of others mean nothing, garbage ends one session only, and who never reads costs nothing",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const files = openFiles(hall);
    files.put("/secret", "for alice");
    const [one, other] = [openRaw(hall, alice), openRaw(hall, alice)];
    for (const session of [one, other]) {
      await session.send(new PacketWriter(1).u32(3).end());
      equal((await session.answer())!.byte(), encodeVersion()[4]);
    }
    const opened = await one.ask(new PacketWriter(3).u32(1).text("/secret").u32(1).u32(0));
    deepEqual([opened.byte(), opened.u32()], [102, 1]);
    const handle = opened.string(4);
    const read = () => new PacketWriter(5).u32(2).string(handle).u64(0).u32(100);
    equal((await one.ask(read())).byte(), 103);
    const stranger = await other.ask(read());
    deepEqual([stranger.byte(), stranger.u32(), stranger.u32()], [101, 2, 4]);
    const torn = await other.ask(new PacketWriter(7).u32(9).u32(0xffff_ff));
    deepEqual([torn.byte(), torn.u32(), torn.u32()], [101, 9, 5]);
    await other.send(new Uint8Array(64).fill(255));
    equal(await other.answer(), undefined);
    equal((await one.ask(read())).byte(), 103);

    // Asks for 4 GiB and takes nothing of it.
    files.put("/large", "x".repeat(200_000));
    const held = await one.ask(new PacketWriter(3).u32(3).text("/large").u32(1).u32(0));
    ok(held.byte() === 102 && held.u32() === 3);
    const more = new PacketWriter(5).u32(4).string(held.string(4)).u64(0).u32(200_000).end();
    const before = Deno.memoryUsage().rss;
    const many = new Uint8Array(more.length * 1_000);
    for (let at = 0; at < many.length; at += more.length) many.set(more, at);
    let taken = 0;
    const asking = (async () => {
      for (let n = 0; n < 20; n++, taken++) await one.send(many);
    })().catch(() => {});
    await new Promise((go) => setTimeout(go, 300));
    ok(Deno.memoryUsage().rss - before < 150 * 1024 * 1024, "it is not kept for who does not read");
    await Promise.all([one.end(), other.end(), asking]);
  }),
);
