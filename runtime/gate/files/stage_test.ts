import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { MemoryBlobs } from "../../adapters/memory/blobs.ts";
import { MemoryFiles } from "../../../tests/helpers/files.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { isPassing } from "./passing.ts";
import { parsePath } from "./path.ts";
import type { OpenMode } from "./sftp/request.ts";
import { Stage } from "./stage.ts";
import type { Work } from "./work.ts";

const NONE: OpenMode = {
  read: false,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};
const READ = { ...NONE, read: true };
const NEW = { ...NONE, write: true, create: true, exclusive: true };
const WRITE = { ...NONE, write: true };
const OVER = { ...NONE, write: true, create: true, truncate: true };

function open() {
  const blobs = new MemoryBlobs();
  const pod = new MemoryFiles(blobs);
  const stage = new Stage(pod, () => 1_800_000_000_000);
  const write = async (path: string, mode: OpenMode, text: string, at = 0) => {
    const file = await stage.open(path, mode) as Work;
    await stage.write(file, at, encodeUtf8(text));
    return file;
  };
  const save = async (path: string, mode: OpenMode, text: string, at = 0) =>
    await stage.close(await write(path, mode, text, at));
  const read = async (path: string) => {
    const file = await stage.open(path, READ);
    const text = new TextDecoder().decode(await stage.read(file, 0, 1 << 20));
    await stage.close(file);
    return text;
  };
  return { blobs, pod, stage, write, save, read };
}

Deno.test("a file that is made, changed or appended to is one event each", async () => {
  const { pod, save, stage } = open();
  await save("/a", NEW, "one");
  equal(await pod.text("/a"), "one");
  await save("/a", WRITE, "ONE, two", 0);
  await save("/a", WRITE, " three", 8);
  equal(await pod.text("/a"), "ONE, two three");
  await save("/a", OVER, "new");
  await stage.set("/a", { size: 1 });
  equal(await pod.text("/a"), "n");
  deepEqual(pod.told, Array(5).fill("save /a"));
  await rejects(save("/a", NEW, "again"), { kind: "exists" });
  await rejects(save("/b", WRITE, "none"), { kind: "not-found" });
});

Deno.test("what is only looked at, or opened and not written, is no event", async () => {
  const { pod, stage, read } = open();
  pod.put("/a", "text");
  equal(await read("/a"), "text");
  await stage.close(await stage.open("/a", WRITE));
  await stage.set("/a", { modifiedMs: 5 });
  deepEqual(pod.told, []);
});

Deno.test("vim: the file is moved away, written anew, synced, and its copy removed", async () => {
  const { pod, stage, save, write } = open();
  pod.put("/a", "old");
  await save("/4913", NEW, "");
  await stage.remove("/4913");
  const swap = await write("/.a.swp", NEW, "swap");
  await stage.rename("/a", "/a~", true);
  equal(await stage.look("/a"), undefined);
  equal((await stage.look("/a~"))?.size, 3);
  const file = await write("/a", NEW, "newer");
  await stage.sync(file);
  equal(await pod.text("/a"), "newer");
  await stage.close(file);
  await stage.remove("/a~");
  await stage.close(swap);
  await stage.remove("/.a.swp");
  deepEqual(pod.told, ["save /a"]);
  equal(await pod.text("/a"), "newer");
});

Deno.test("vim: what the pod refuses stays as it was, and the copy goes back", async () => {
  const { pod, stage, write, read } = open();
  pod.put("/a", "old");
  await stage.rename("/a", "/a~", true);
  const file = await write("/a", NEW, "refuse me");
  await rejects(stage.sync(file), { kind: "denied" });
  // It is said again at the close, and the pod is not asked again.
  await rejects(stage.close(file), { kind: "denied" });
  await stage.rename("/a~", "/a", true);
  equal(await read("/a"), "old");
  deepEqual(pod.told, ["save /a"]);
});

Deno.test("written beside and renamed over it is one event, and a refusal leaves both", async () => {
  const { pod, stage, save, read } = open();
  pod.put("/a", "old");
  await save("/.a.Xy12Zq", NEW, "new");
  await stage.set("/.a.Xy12Zq", { modifiedMs: 9 });
  await stage.rename("/.a.Xy12Zq", "/a", true);
  equal(await stage.look("/.a.Xy12Zq"), undefined);
  equal(await read("/a"), "new");
  await save("/a.tmp", NEW, "refuse me");
  await rejects(stage.rename("/a.tmp", "/a", false), { kind: "exists" });
  await rejects(stage.rename("/a.tmp", "/a", true), { kind: "denied" });
  equal(await read("/a"), "new");
  equal(await read("/a.tmp"), "refuse me");
  deepEqual(pod.told, ["save /a", "save /a"]);
});

Deno.test("emptied and filled again while it is open, it is one event", async () => {
  const { pod, stage } = open();
  pod.put("/a", "old text");
  // As the kernel does it for sshfs: open, then cut by path.
  const file = await stage.open("/a", WRITE) as Work;
  await stage.set("/a", { size: 0 });
  equal((await stage.look("/a"))?.size, 0);
  await stage.write(file, 0, encodeUtf8("new"));
  await stage.close(file);
  deepEqual(pod.told, ["save /a"]);
  equal(await pod.text("/a"), "new");
});

Deno.test("a removed file is removed, also when it was moved away before", async () => {
  const { pod, stage } = open();
  pod.put("/a", "a");
  pod.put("/b", "b");
  await stage.remove("/a");
  await stage.rename("/b", "/b.bak", false);
  await stage.remove("/b.bak");
  deepEqual(pod.told, ["remove /a", "remove /b"]);
  await rejects(stage.remove("/a"), { kind: "not-found" });
});

Deno.test("folders are listed with what is being written, each name once", async () => {
  const { pod, stage, write } = open();
  pod.pageEntries = 2;
  for (const name of ["a", "b", "c", "d"]) pod.put(`/${name}`, name);
  const files = [await write("/b", OVER, "longer"), await write("/.b.swp", NEW, "x")];
  await stage.rename("/c", "/c~", false);
  const seen: string[] = [];
  for await (const page of stage.list("/")) seen.push(...page.map(({ name }) => name));
  deepEqual(seen.sort(), [".b.swp", "a", "b", "d"]);
  await stage.end();
  equal(await stage.look("/.b.swp"), undefined);
  equal(await pod.text("/b"), "b", "what was not closed is not saved");
  deepEqual([files[0]!.path, pod.told], [undefined, []]);
});

Deno.test("large contents are kept for the pod, and it is told where they are", async () => {
  const { pod, stage, blobs, read, save } = open();
  const large = "0123456789".repeat(10_000);
  await save("/large", NEW, large);
  equal("blob" in (pod.nodes.get("/large") as object), true);
  equal(await read("/large"), large);
  const file = await stage.open("/large", WRITE) as Work;
  await stage.write(file, 5, encodeUtf8("X"));
  await stage.sync(file);
  await stage.write(file, 6, encodeUtf8("Y"));
  await stage.close(file);
  equal((await read("/large")).slice(0, 9), "01234XY78");
  equal((await stage.look("/large"))?.size, large.length);
  equal(pod.told.length, 3);
  equal(blobs.count, 3);
});

Deno.test("there is an end to how much is written, and to how many files are open", async () => {
  const { pod, stage, write } = open();
  pod.mostBytes = 10;
  const file = await write("/a", NEW, "1234567890");
  await rejects(async () => await stage.write(file, 10, encodeUtf8("x")), { kind: "over-quota" });
  await rejects(async () => await stage.write(file, 2 ** 50, encodeUtf8("x")), {
    kind: "over-quota",
  });
  await rejects(stage.setOpen(file, { size: 11 }), { kind: "over-quota" });
  for (let n = 1; n < 128; n++) await stage.open(`/n${n}`, NEW);
  await rejects(stage.open("/more", NEW), { kind: "busy" });
  await stage.end();
  deepEqual(pod.told, []);
});

Deno.test("paths lead nowhere but into the tree, and names are names", () => {
  equal(parsePath("/a/../../../etc/./passwd"), "/etc/passwd");
  equal(parsePath(""), "/");
  equal(parsePath("people//bob/"), "/people/bob");
  for (const wrong of ["a\0b", "x".repeat(256), "a/".repeat(65), "a\nb", "\x1b[2J"]) {
    try {
      parsePath(wrong);
      throw new Error(`${JSON.stringify(wrong)} was taken`);
    } catch (thrown) {
      match(String(thrown), /cannot find a file/);
    }
  }
});

Deno.test("files that programs make for themselves are known by their names, others are not", () => {
  const passing =
    ".a.txt.swp .a.txt.swx .swpx 4913 a~ #a# .#a .a.txt.AbC123 sedAb12Cd a.tmp a.part .DS_Store";
  for (const name of passing.split(" ")) equal(isPassing(name), true, name);
  for (
    const name of ["a", "a.txt", ".bashrc", "49130.txt", "note.md", "tmp", ".gitignore", "swp"]
  ) {
    equal(isPassing(name), false, name);
  }
});
