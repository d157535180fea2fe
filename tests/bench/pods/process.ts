/**
 * Processes that are asked by lines and answer each by a line.
 *
 * @module
 */

import { TextLineStream } from "../boxes/lines.ts";

const here = (path: string) => new URL(path, import.meta.url).pathname;

/** Such a process; closing it ends it. */
export interface Asked extends AsyncDisposable {
  readonly pid: number;
  /** Milliseconds until it has answered. */
  ask(line: string): Promise<number>;
}

/** Starts `raw_process.ts`. */
export function openRaw(...args: readonly string[]): Promise<Asked> {
  return open([here("raw_process.ts"), ...args]);
}

/** Starts Extism. @throws {Error} when it cannot be loaded here. */
export function openExtism(): Promise<Asked> {
  return open(["--no-config", "--no-lock", "--quiet", here("../peers/extism.js")]);
}

async function open(args: readonly string[]): Promise<Asked> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaint = new Response(process.stderr).text();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const writer = process.stdin.getWriter();
  const answered = async () => {
    const { done } = await lines.read();
    if (done) throw new Error((await complaint).trim().split("\n")[0]);
  };
  await answered();
  return {
    pid: process.pid,
    async ask(line) {
      const startMs = performance.now();
      await writer.write(new TextEncoder().encode(`${line}\n`));
      await answered();
      return performance.now() - startMs;
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
      await complaint;
      await writer.abort().catch(() => {});
    },
  };
}
