import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { buildTrial } from "../../tests/pods/build.ts";
import { PeriError } from "../model/errors.ts";
import type { BlobId } from "../model/words.ts";
import type { PodEvent, PodOutput, PodProgram } from "../model/pod.ts";
import type { Sandbox } from "../ports/sandbox.ts";
import { type Child, killChild, readComplaint, spawnChild } from "./child.ts";
import { openCompiler } from "./compiler.ts";
import { type HostsOptions, openHosts } from "./hosts.ts";

const BUDGET = { memoryBytes: 64 * 1024 * 1024, sliceMs: 200 };

const call = (name: string): PodEvent => ({
  kind: "call",
  invocation: 1,
  pod: "trial",
  caller: { person: "A".repeat(40) },
  interface: "",
  function: name,
  arguments: "[]",
  nowMs: 0,
  seed: 1,
});

let trial: Promise<PodProgram> | undefined;

function compileTrial(): Promise<PodProgram> {
  trial ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "peri-hosts-" });
    try {
      return await openCompiler({ cacheDir: folder }).compile(await buildTrial());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  })();
  return trial;
}

/** `run` is given how to find this sandbox's processes: other tests have theirs at the same time. */
async function withHosts(
  options: Partial<HostsOptions>,
  run: (sandbox: Sandbox, program: PodProgram, hosts: () => Promise<number[]>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-deno-" });
  const denoPath = `${folder}/deno`;
  await Deno.symlink(Deno.execPath(), denoPath);
  const sandbox = openHosts({ count: 1, denoPath, ...options });
  try {
    await run(sandbox, await compileTrial(), () => childrenRunning(denoPath));
  } finally {
    await sandbox.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Processes of this one that a program was started as. */
async function childrenRunning(program: string): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const read = (file: string) => Deno.readTextFile(`/proc/${name}/${file}`).catch(() => "");
    const isChild = (await read("stat")).split(") ")[1]?.split(" ")[1] === String(Deno.pid);
    if (isChild && (await read("cmdline")).startsWith(program)) pids.push(Number(name));
  }
  return pids;
}

/** A script that plays a host; it lives in a file because children run files. */
async function withScript(text: string, run: (script: URL) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "peri-host-", suffix: ".js" });
  try {
    await Deno.writeTextFile(path, text);
    await run(new URL(`file://${path}`));
  } finally {
    await Deno.remove(path);
  }
}

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

Deno.test("a host ends when its standard input ends, as it does when the periphery dies", async () => {
  const child = spawnChild({ script: new URL("./host/main.ts", import.meta.url), heapMib: 64 });
  const rest = Promise.all([readComplaint(child), new Response(child.stdout).bytes()]);
  await child.stdin.close();
  assert.equal((await statusSoon(child)).code, 0);
  await rest;
});

async function statusSoon(child: Child): Promise<Deno.CommandStatus> {
  const timer = setTimeout(() => killChild(child), 5_000);
  return await child.status.finally(() => clearTimeout(timer));
}

Deno.test("pods are spread over processes, which all go when the sandbox is closed", async () => {
  await withHosts({ count: 2 }, async (sandbox, program, hosts) => {
    assert.deepEqual(await hosts(), []);
    for (let pod = 0; pod < 4; pod++) await sandbox.start(program, BUDGET, () => {});
    assert.equal((await hosts()).length, 2);
    await sandbox.close();
    assert.deepEqual(await hosts(), []);
    await assert.rejects(sandbox.start(program, BUDGET, () => {}), /closed/);
  });
});

Deno.test("pods of a killed host end as such; the next start has a new process", async () => {
  await withHosts({}, async (sandbox, program, hosts) => {
    const pods = await Promise.all([1, 2].map(() => sandbox.start(program, BUDGET, () => {})));
    const [pid] = await hosts();
    Deno.kill(pid!, "SIGKILL");
    assert.deepEqual(await Promise.all(pods.map((pod) => pod.ended)), ["shared", "shared"]);
    const heard = Promise.withResolvers<PodOutput>();
    const next = await sandbox.start(program, BUDGET, heard.resolve);
    next.dispatch([call("echo")]);
    assert.equal((await heard.promise).kind, "finish");
  });
});

Deno.test("a pod that wants to be alone is, until it does well; neighbours' ends say so", async () => {
  await withHosts({}, async (sandbox, program, hosts) => {
    const start = (isAlone: boolean) => sandbox.start(program, { ...BUDGET, isAlone }, () => {});
    const alone = await start(true);
    const [first] = await hosts();
    const beside = await start(false);
    assert.equal((await hosts()).length, 2, "nobody is put beside it");
    Deno.kill(first!, "SIGKILL");
    assert.equal(await alone.ended, "host");
    const well = await start(true);
    assert.equal((await hosts()).length, 2);
    well.share();
    const more = [await start(false), await start(false)];
    assert.equal((await hosts()).length, 2, "no more processes than before");
    for (const pid of await hosts()) Deno.kill(pid, "SIGKILL");
    const ends = await Promise.all([beside, well, ...more].map(({ ended }) => ended));
    assert.deepEqual(ends, ["shared", "shared", "shared", "shared"]);
  });
});

Deno.test("a host that does not answer is killed", async () => {
  await withHosts({ pingMs: 300 }, async (sandbox, program, hosts) => {
    const pod = await sandbox.start(program, BUDGET, () => {});
    const [pid] = await hosts();
    Deno.kill(pid!, "SIGSTOP");
    assert.equal(await pod.ended, "host");
    assert.deepEqual(await hosts(), []);
  });
});

Deno.test("a host that answers is not killed, however long it lives", async () => {
  await withHosts({ pingMs: 300 }, async (sandbox, program) => {
    const pod = await sandbox.start(program, BUDGET, () => {});
    const pause = new Promise((resolve) => setTimeout(() => resolve("alive"), 2_400));
    assert.equal(await Promise.race([pod.ended, pause]), "alive");
  });
});

Deno.test("a pod whose slice is longer than any ping ends by its slice, and its host lives on", async () => {
  await withHosts({ pingMs: 50 }, async (sandbox, program) => {
    const patient = { ...BUDGET, sliceMs: 700 };
    const [pod, beside] = [
      await sandbox.start(program, patient, () => {}),
      await sandbox.start(program, patient, () => {}),
    ];
    pod.dispatch([call("spin")]);
    assert.equal(await pod.ended, "time");
    const silence = new Promise((resolve) => setTimeout(() => resolve("alive"), 200));
    assert.equal(await Promise.race([beside.ended, silence]), "alive");
  });
});

/** How long a pod is kept waiting for its turn by others that always compute, in the middle. */
async function waitBeside(
  sandbox: Sandbox,
  program: PodProgram,
  groupOf: (index: number) => string,
): Promise<number> {
  const budget = { ...BUDGET, sliceMs: 2_000 };
  let isOver = false;
  const busy = Array.from({ length: 8 }, async (_, index) => {
    const pod = await sandbox.start(program, { ...budget, group: groupOf(index + 1) }, () => {
      if (!isOver) pod.dispatch([call("compute")]);
    });
    // Two, so that there is always one more to do.
    pod.dispatch([call("compute"), call("compute")]);
    return pod;
  });
  const pods = await Promise.all(busy);
  let answered = Promise.withResolvers<void>();
  const witness = await sandbox.start(program, { ...budget, group: groupOf(0) }, () => {
    answered.resolve();
  });
  const times: number[] = [];
  for (let round = 0; round < 9; round++) {
    answered = Promise.withResolvers<void>();
    const startMs = performance.now();
    witness.dispatch([call("count")]);
    await answered.promise;
    times.push(performance.now() - startMs);
  }
  isOver = true;
  for (const pod of [witness, ...pods]) pod.stop();
  return times.sort((a, b) => a - b)[4]!;
}

Deno.test("the busy pods of one person hardly keep another person's waiting", async () => {
  await withHosts({ count: 1 }, async (sandbox, program) => {
    const mixed = await waitBeside(sandbox, program, () => "one person");
    const apart = await waitBeside(sandbox, program, (index) => index === 0 ? "alice" : "bob");
    console.log(
      `  beside 8 busy pods: ${mixed.toFixed(1)} ms in a row, ${apart.toFixed(1)} ms by person`,
    );
    assert.ok(apart < mixed / 2, `${apart} ms, ${mixed} ms when all stand in one row`);
  });
});

Deno.test("a pod's memory is known from its start on, and when it has grown", async () => {
  await withHosts({ pingMs: 50 }, async (sandbox, program) => {
    const heard = Promise.withResolvers<PodOutput>();
    const patient = { ...BUDGET, sliceMs: 5_000 };
    const pod = await sandbox.start(program, patient, heard.resolve);
    const before = pod.memoryBytes!;
    assert.ok(before > 1 << 20 && before < BUDGET.memoryBytes, `${before}`);
    pod.dispatch([call("mumble")]);
    await heard.promise;
    for (let look = 0; pod.memoryBytes === before && look < 100; look++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(pod.memoryBytes! > before);
  });
});

Deno.test("a host that is slow to start, as on a busy machine, is waited for", async () => {
  const denoPath = await Deno.makeTempFile({ prefix: "peri-slow-" });
  await Deno.writeTextFile(denoPath, `#!/bin/sh\nsleep 2\nexec '${Deno.execPath()}' "$@"\n`);
  await Deno.chmod(denoPath, 0o700);
  try {
    await withHosts({ pingMs: 300, denoPath }, async (sandbox, program) => {
      const heard = Promise.withResolvers<PodOutput>();
      const pod = await sandbox.start(program, BUDGET, heard.resolve);
      pod.dispatch([call("echo")]);
      assert.equal((await heard.promise).kind, "finish");
    });
  } finally {
    await Deno.remove(denoPath);
  }
});

/** The start of a hostile host: frames around whatever it says. */
const LIAR = `
  const say = (bytes) => Deno.stdout.writeSync(new Uint8Array(bytes));
  await Deno.stdin.read(new Uint8Array(65536));`;

for (
  const [name, lie] of Object.entries({
    "says something else than frames": `console.log("hello, this is no frame at all");`,
    "announces a frame of 4 GiB": `say([255, 255, 255, 255, 1]);`,
    "sends frames out of form": `say([0, 0, 0, 1, 0xa0]);`,
    "ends at once": `Deno.exit(3);`,
  })
) {
  Deno.test(`a host that ${name} is ended, and the start fails`, async () => {
    await withScript(
      `${LIAR}\n${lie}\nawait new Promise((r) => setTimeout(r, 60_000));`,
      (script) =>
        withHosts({ script }, async (sandbox, program, hosts) => {
          await assert.rejects(sandbox.start(program, BUDGET, () => {}), (thrown) => {
            assert(thrown instanceof PeriError);
            assert.equal(thrown.kind, "internal");
            return true;
          });
          assert.deepEqual(await hosts(), []);
        }),
    );
  });
}

Deno.test("a program that cannot start is damaged and leaves its host to others", async () => {
  await withHosts({}, async (sandbox, program, hosts) => {
    const heard: PodOutput[] = [];
    const named = (digit: string) => ({ ...program, component: digit.repeat(64) as BlobId });
    const broken = {
      ...named("1"),
      script: "export function instantiate() { throw Error('no'); }",
    };
    const without = { ...named("2"), modules: new Map() };
    const small = { ...BUDGET, memoryBytes: 65_536 };
    for (
      const [wrong, budget] of [[broken, BUDGET], [without, BUDGET], [program, small]] as const
    ) {
      await assert.rejects(
        sandbox.start(wrong, budget, (output) => heard.push(output)),
        (thrown) => thrown instanceof PeriError && thrown.kind === "damaged",
      );
    }
    assert.deepEqual(heard, []);
    await sandbox.start(program, BUDGET, () => {});
    assert.equal((await hosts()).length, 1);
  });
});
