import assert from "node:assert/strict";
import { join } from "node:path";
import type { Operation } from "../../runtime/ports/session.ts";
import { inPlace, type Place } from "./process.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const echo: Operation = async (args, session) => {
  const { argv } = args as { argv: string[] };
  session.write(1, bytes(`${argv.join("|")}\n`));
  session.write(2, bytes("to stderr\n"));
  for await (const piece of session.input) session.write(1, piece);
  return 42;
};
const hang: Operation = async (_args, session) => {
  session.write(1, bytes("started\n"));
  await new Promise((resolve) => session.interrupted.addEventListener("abort", resolve));
  session.write(1, bytes("interrupted\n"));
  return 7;
};
const list: Operation = (_args, session) => {
  session.item({ name: "hey" });
  return Promise.resolve(0);
};

/** Writes an executable `peri-<word>` on the place's PATH. */
async function putProgram({ folder }: Place, word: string, script: string): Promise<void> {
  await Deno.writeTextFile(join(folder, "bin", `peri-${word}`), script, { mode: 0o755 });
}

/** What a process says until it has said `text`; the rest stays to be read. */
async function readUntil(stream: ReadableStream<Uint8Array>, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let seen = "";
  for await (const piece of stream.values({ preventCancel: true })) {
    seen += decoder.decode(piece, { stream: true });
    if (seen.includes(text)) return seen;
  }
  throw new Error(`it ended after ${JSON.stringify(seen)}`);
}

Deno.test("a pod's streams and exit code come through a process", async () => {
  await inPlace({ "pod.run": echo }, async ({ run }) => {
    const input = "x".repeat(700_000);
    const { code, stdout, stderr } = await run("peri", ["hey", "--a", "b c"], input);
    assert.equal(code, 42);
    assert.equal(stdout, `--a|b c\n${input}`);
    assert.equal(stderr, "to stderr\n");
  });
});

Deno.test("SIGINT interrupts the pod, whose exit code counts; standard input open or not", async () => {
  await inPlace({ "pod.run": hang }, async ({ start }) => {
    const child = start("peri", ["hey", "wait"]);
    await readUntil(child.stdout, "started\n");
    child.kill("SIGINT");
    await readUntil(child.stdout, "interrupted\n");
    assert.equal((await child.status).code, 7);
    await Promise.all([child.stdin.close().catch(() => {}), child.stdout.cancel()]);
    await child.stderr.cancel();
  });
});

Deno.test("a server that dies in between is told from a pod that ends", async () => {
  const die: Operation = (_args, session) => {
    // More than a client may leave unread: the periphery drops the line.
    for (let at = 0; at < 200; at++) session.write(2, new Uint8Array(100_000));
    return new Promise((resolve) => {
      session.interrupted.addEventListener("abort", () => resolve(0));
    });
  };
  await inPlace({ "pod.run": die }, async ({ run }) => {
    const { code, stderr } = await run("sh", [
      "-c",
      "peri hey flood 2>&1 >/dev/null | tail -c 400 >&2",
    ]);
    assert.equal(code, 0);
    assert.match(stderr, /peri: cannot pod run: the periphery went away[^]*\nhint: peri status/);
  });
});

Deno.test("a program on PATH has the streams, arguments, exit code and signals of peri", async () => {
  await inPlace({ "pod.list": list }, async (place) => {
    await putProgram(place, "disco", '#!/bin/sh\necho "$# $2"; cat; exit 9\n');
    const { code, stdout } = await place.run("peri", ["disco", "--x", "a b"], "piped in");
    assert.deepEqual([code, stdout], [9, "2 a b\npiped in"]);
    await putProgram(
      place,
      "wait",
      "#!/bin/sh\ntrap 'echo told; exit 5' TERM\necho up\nwhile :; do sleep 0.05; done\n",
    );
    const child = place.start("peri", ["wait"]);
    await readUntil(child.stdout, "up\n");
    child.kill("SIGTERM");
    await readUntil(child.stdout, "told\n");
    assert.equal((await child.status).code, 5);
    await Promise.all([child.stdin.close().catch(() => {}), child.stdout.cancel()]);
    await child.stderr.cancel();
  });
});

Deno.test("a reader that has enough ends peri quietly", async () => {
  const flood: Operation = (_args, session) => {
    for (let at = 0; at < 100; at++) session.item({ name: "x".repeat(10_000) });
    return Promise.resolve(0);
  };
  await inPlace({ "pod.list": flood }, async ({ run }) => {
    const { stdout, stderr } = await run("bash", [
      "-c",
      "peri pod list --json | head -c 10; code=${PIPESTATUS[0]}; echo; echo $code",
    ]);
    assert.equal(stderr, "");
    assert.equal(stdout, '{"name":"x\n141\n');
  });
});

Deno.test("a stale socket counts as no server", async () => {
  await inPlace({}, async ({ folder, run }) => {
    const stale = join(folder, "stale");
    await Deno.mkdir(stale);
    // Bound and never listened on again: what a server that was killed leaves behind. Under its
    // first name it would be removed when it is closed.
    const listener = Deno.listen({ transport: "unix", path: join(stale, "s") });
    await Deno.rename(join(stale, "s"), join(stale, "control.sock"));
    listener.close();
    assert.ok((await Deno.stat(join(stale, "control.sock"))).isSocket);
    const { code, stdout } = await run("env", [`PERI_HOME=${stale}`, "peri", "__complete", "stat"]);
    assert.deepEqual([code, stdout], [0, "status\n"]);
  });
});
