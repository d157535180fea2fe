/**
 * The real `peri` as a process of its own, against a periphery of given operations that listens in a
 * home for the test alone.
 *
 * @module
 */

import { join } from "node:path";
import { openControlSocket } from "../../runtime/adapters/control_socket.ts";
import type { Operation } from "../../runtime/ports/session.ts";

/** The checkout. */
export const ROOT: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home with a server and a `peri` on its PATH. */
export interface Place {
  /** Everything of the test is below; removed with it. */
  readonly folder: string;
  /** Environment in which `peri` finds the home. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts any program with pipes. */
  start(program: string, args: readonly string[]): Deno.ChildProcess;
  /** Runs any program to its end. */
  run(program: string, args: readonly string[], input?: string): Promise<Ended>;
}

/** Has a test live in a place of its own. */
export async function inPlace(
  operations: Readonly<Record<string, Operation>>,
  test: (place: Place) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-cli-" });
  const quiet = { info() {}, warn() {}, error() {} };
  const desk = { operations: new Map(Object.entries(operations)), owner: () => undefined };
  const socket = await openControlSocket(join(folder, "control.sock"), { ...desk, log: quiet });
  try {
    await test(await furnish(folder));
  } finally {
    await socket.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function furnish(folder: string): Promise<Place> {
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  const flags = `run -A --quiet --no-check --config='${ROOT}/deno.json'`;
  const script = `#!/bin/sh\nexec '${Deno.execPath()}' ${flags} '${ROOT}/main.ts' "$@"\n`;
  await Deno.writeTextFile(join(bin, "peri"), script, { mode: 0o755 });
  const env = {
    PATH: `${bin}:${Deno.env.get("PATH")}`,
    PERI_HOME: folder,
    NO_COLOR: "1",
    TERM: "xterm",
  };
  const start = (program: string, args: readonly string[]) =>
    new Deno.Command(program, {
      args: [...args],
      env,
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  return {
    folder,
    env,
    start,
    async run(program, args, input = "") {
      const child = start(program, args);
      const writer = child.stdin.getWriter();
      // A program that does not read its input ends before all of it is written.
      const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
      const [{ code, stdout, stderr }] = await Promise.all([
        child.output(),
        written.catch(() => {}),
      ]);
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    },
  };
}
