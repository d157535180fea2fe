/**
 * Programs of the checkout that authors of pods work with. They run as Deno with all permissions,
 * because they build and run what the author has written, wherever it stands.
 *
 * @module
 */

import { join } from "node:path";
import { runProgram } from "./programs.ts";

/** What runs below `pods/build/` of a checkout. */
export function openWorkshop(root: string) {
  const argsOf = (program: string, args: readonly string[]) => [
    "run",
    "-qA",
    "--no-check",
    "--cached-only",
    "--frozen",
    `--config=${join(root, "deno.json")}`,
    join(root, "pods/build", `${program}.ts`),
    ...args,
  ];
  return {
    run: (program: string, args: readonly string[]): Promise<number> =>
      runProgram(Deno.execPath(), argsOf(program, args)),
    start: (program: string, args: readonly string[]) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: argsOf(program, args),
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      return {
        lines: linesOf(child.stdout),
        async stop(): Promise<void> {
          await child.stdin.close().catch(() => {});
          await child.status;
        },
      };
    },
  };
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest: string[] = [];
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = text.split("\n");
    // Lines are long, so what has come of one is not joined before its end.
    while (lines.length > 1) {
      yield [...rest, lines.shift()!].join("");
      rest = [];
    }
    rest.push(lines[0]!);
  }
}
