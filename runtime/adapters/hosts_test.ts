import assert from "node:assert/strict";
import { PeriError } from "../model/errors.ts";
import type { BlobId } from "../model/words.ts";
import type { PodOutput, PodProgram } from "../model/pod.ts";
import type { Sandbox } from "../ports/sandbox.ts";
import { type Child, killChild, readComplaint, spawnChild } from "./child.ts";
import { BUDGET, call, withHosts, withScript } from "../../tests/helpers/hosts.ts";

Deno.test("a host ends when its standard input ends, as it does when the periphery dies", async () => {
  const child = spawnChild({ script: new URL("./host/main.ts", import.meta.url), heapMib: 64 });
  const rest = Promise.all([readComplaint(child), new Response(child.stdout).bytes()]);
  await child.stdin.close();
  assert.equal((await statusSoon(child)).code, 0);
  await rest;
});

async function statusSoon(child: Child): Promise<Deno.CommandStatus> {
  const timer = setTimeout(() => killChild(child), 30_000);
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
