import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { readComplaint, spawnChild } from "./child.ts";
import { BUDGET, withHosts, withScript } from "../../tests/helpers/hosts.ts";

Deno.test("a host has no permission, no environment of ours and no files", async () => {
  const probe = `
    const names = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];
    const states = names.map((name) => Deno.permissions.querySync({ name }).state);
    console.log(JSON.stringify(states));`;
  await withScript(probe, async (script) => {
    const child = spawnChild({ script, heapMib: 64 });
    const [said] = await Promise.all([new Response(child.stdout).json(), readComplaint(child)]);
    await child.stdin.close();
    await child.status;
    // Nobody is there to be prompted.
    assert.deepEqual(said.filter((state: string) => state !== "prompt"), ["denied"]);
  });
});

/** What a process that may do all that Deno can allow still cannot do in a host. */
const BREAKOUT = `
  const said = {};
  const attempt = (what, run) => {
    try {
      said[what] = run() ?? "did";
    } catch (error) {
      said[what] = error.message;
    }
  };
  const path = Deno.makeTempFileSync({ prefix: "peri-breakout-" });
  attempt("write", () => Deno.writeTextFileSync(path, "x"));
  attempt("size", () => Deno.statSync(path).size);
  Deno.removeSync(path);
  attempt("open", () => {
    for (let n = 0; n < 500; n++) Deno.openSync("/dev/null");
  });
  attempt("memory", () => {
    const held = [];
    for (let n = 0; n < 64; n++) held.push(new ArrayBuffer(256 * 1024 * 1024));
  });
  const { default: os } = await import("node:os");
  attempt("nice", () => os.getPriority());
  console.log(JSON.stringify(said));`;

Deno.test("a host that broke out of V8 writes no file, opens few, takes no endless memory", async () => {
  await withScript(BREAKOUT, async (script) => {
    const before = getPriority();
    const confinement = { files: 64, dataMib: 2_048, nice: 2 };
    const child = spawnChild({ script, heapMib: 64, allow: ["--allow-all"], confinement });
    const [said] = await Promise.all([new Response(child.stdout).json(), readComplaint(child)]);
    await child.stdin.close();
    await child.status;
    const { write, size, open, memory, nice } = said;
    assert.match(write, /File too large/);
    assert.equal(size, 0);
    assert.match(open, /Too many open files|os error 24/);
    assert.match(memory, /allocation failed/);
    assert.equal(nice, Math.min(before + 2, 19));
  });
});

Deno.test("real hosts are confined so, and dump no core", async () => {
  await withHosts({}, async (sandbox, program, hosts) => {
    await sandbox.start(program, BUDGET, () => {});
    const [pid] = await hosts();
    const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
    assert.match(limits, /^Max file size +0 +0 +bytes/m);
    assert.match(limits, /^Max core file size +0 +0 +bytes/m);
    assert.match(limits, /^Max open files +64 +64 +files/m);
    assert.match(limits, /^Max data size +8589934592 +8589934592 +bytes/m);
    const flaws = await sandbox.flaws?.();
    assert.deepEqual(flaws?.map(({ isMinor }) => isMinor), [true], "no group was given");
  });
});

Deno.test("where the service manager gives a part of its groups, hosts have a bound of memory there", async () => {
  const groups = await Deno.makeTempDir({ prefix: "peri-groups-" });
  const own = /^0::(.*)$/m.exec(await Deno.readTextFile("/proc/self/cgroup"))?.[1] ?? "/";
  const top = `${groups}${own}`.replace(/\/$/, "");
  const read = async (path: string) => (await Deno.readTextFile(`${top}/${path}`)).trim();
  try {
    await Deno.mkdir(top, { recursive: true });
    await Deno.writeTextFile(`${top}/cgroup.subtree_control`, "");
    await withHosts({ groups }, async (sandbox, program, hosts) => {
      await sandbox.start(program, BUDGET, () => {});
      assert.equal(await read("pods/cgroup.procs"), String((await hosts())[0]));
      assert.equal(await read("serve/cgroup.procs"), String(Deno.pid));
      assert.equal(await read("cgroup.subtree_control"), "+memory");
      const bound = Number(await read("pods/memory.max"));
      const { total } = Deno.systemMemoryInfo();
      assert.ok(bound > 0 && bound < total, `${bound} of ${total}`);
      assert.deepEqual(await sandbox.flaws?.(), []);
    });
  } finally {
    await Deno.remove(groups, { recursive: true });
  }
});

Deno.test("where no shell may be run, hosts run without the bounds of the system, which is told", async () => {
  const hosts = new URL("./hosts.ts", import.meta.url);
  const child = new URL("./child.ts", import.meta.url);
  const probe = `
    import { spawnChild } from "${child}";
    import { openHosts } from "${hosts}";
    const script = new URL("${new URL("./host/main.ts", import.meta.url)}");
    const confinement = { files: 64, dataMib: 2048, nice: 2 };
    const host = spawnChild({ script, heapMib: 64, confinement });
    await Promise.all([host.stdin.close(), host.stdout.cancel(), host.stderr.cancel()]);
    const { success } = await host.status;
    console.log(JSON.stringify([success, (await openHosts({ count: 1 }).flaws()).length]));`;
  await withScript(probe, async (script) => {
    const deno = Deno.execPath();
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const allow = ["--allow-read", "--allow-env", "--allow-sys", `--allow-run=${deno}`];
    const args = ["run", "--no-prompt", "--no-check", `--config=${config}`, ...allow];
    const { stdout, stderr } = await new Deno.Command(deno, { args: [...args, script.pathname] })
      .output();
    const said = new TextDecoder().decode(stdout);
    assert.equal(said, "[true,1]\n", new TextDecoder().decode(stderr));
  });
});
