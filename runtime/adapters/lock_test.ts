import assert from "node:assert/strict";
import { PeriError } from "../model/errors.ts";
import { openLock } from "./lock.ts";

async function withHome(test: (home: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/deep/home`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A process of its own that takes the lock and keeps it until it is killed. */
async function startHolder(home: string) {
  const lock = new URL("lock.ts", import.meta.url).href;
  const script = `
    const { openLock } = await import(${JSON.stringify(lock)});
    globalThis.held = await openLock(${JSON.stringify(home)}, "peri serve");
    console.log("held");
    setInterval(() => {}, 1000);`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", script],
    stdout: "piped",
    stderr: "inherit",
    stdin: "null",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  return {
    pid: process.pid,
    async kill() {
      process.kill("SIGKILL");
      await process.status;
      await reader.cancel();
    },
  };
}

Deno.test("a home in use is refused with the pid that has it, until that process is killed", () =>
  withHome(async (home) => {
    const holder = await startHolder(home);
    try {
      await assert.rejects(openLock(home, "peri"), (error: PeriError) => {
        assert.equal(error.kind, "busy");
        assert.equal(error.subject, `${home} is in use by peri serve with pid ${holder.pid}`);
        assert.match(error.hint ?? "", new RegExp(`kill ${holder.pid}`));
        return true;
      });
    } finally {
      await holder.kill();
    }
    (await openLock(home, "peri")).close();
  }));

Deno.test("a closed lock can be taken again, also by the same process", () =>
  withHome(async (home) => {
    const first = await openLock(home, "peri");
    await assert.rejects(openLock(home, "peri", 0), { kind: "busy" });
    first.close();
    first.close();
    using second = await openLock(home, "peri serve");
    assert.equal(Deno.readTextFileSync(`${home}/lock`), `${Deno.pid}\nperi serve\n`);
    assert.ok(second);
  }));

Deno.test("a command is waited for, because it is soon done", () =>
  withHome(async (home) => {
    const command = await openLock(home, "peri");
    const waiting = openLock(home, "peri serve");
    await new Promise((resolve) => setTimeout(resolve, 50));
    command.close();
    using server = await waiting;
    assert.ok(server);
    const startMs = performance.now();
    await assert.rejects(openLock(home, "peri"), { kind: "busy", subject: /peri serve/ });
    assert.ok(performance.now() - startMs < 4_000, "a server is not waited for");
  }));

Deno.test("the home and its lock are for their owner alone", () =>
  withHome(async (home) => {
    using lock = await openLock(home, "peri");
    assert.ok(lock);
    assert.equal(Deno.statSync(home).mode! & 0o777, 0o700);
    assert.equal(Deno.statSync(`${home}/lock`).mode! & 0o777, 0o600);
  }));

Deno.test("a home that cannot be written is denied, with a way out", async () => {
  // Root may write anywhere but not below a file or in /proc.
  for (const home of ["/dev/null/home", "/proc/self/home"]) {
    await assert.rejects(openLock(home, "peri"), {
      kind: "denied",
      subject: new RegExp(`^${home}: `),
      hint: /PERI_HOME/,
    });
  }
});

Deno.test("a holder that has not said its name yet is refused all the same", () =>
  withHome(async (home) => {
    await Deno.mkdir(home, { recursive: true });
    using file = await Deno.open(`${home}/lock`, { create: true, write: true });
    await file.lock(true);
    await assert.rejects(openLock(home, "peri"), { kind: "busy", subject: /another process/ });
  }));

Deno.test("commands that come at once have the home one after the other", () =>
  withHome(async (home) => {
    // A server that was killed has left its name.
    await Deno.mkdir(home, { recursive: true });
    await Deno.writeTextFile(`${home}/lock`, "1\nperi serve\n");
    const turns = Array.from({ length: 8 }, async () => {
      using lock = await openLock(home, "peri");
      await new Promise((resolve) => setTimeout(resolve, 40));
      return lock;
    });
    assert.equal((await Promise.all(turns)).length, 8);
  }));
