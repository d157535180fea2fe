/**
 * `try.ts <folder> [words for deno test…]`: runs a pod's tests with the test kit.
 *
 * @module
 */

import { join } from "node:path";
import { describeFolder } from "./describe.ts";
import { openFolder } from "./folder.ts";
import { run } from "./run.ts";

/** Runs the tests of a folder with the streams of this process. Resolves to the exit code. */
export async function testPod(folder: string, words: readonly string[]): Promise<number> {
  const { folder: path } = await openFolder(folder);
  await describeFolder(path);
  const args = ["test", "-A", "-q", `--config=${join(path, "deno.json")}`, ...words, path];
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: path,
    env: { DENO_NO_UPDATE_CHECK: "1" },
  }).spawn();
  const end = () => child.kill("SIGTERM");
  Deno.addSignalListener("SIGTERM", end);
  // On a terminal it comes to the tests by itself.
  const interrupt = () => Deno.stdin.isTerminal() || child.kill("SIGINT");
  Deno.addSignalListener("SIGINT", interrupt);
  const { code } = await child.status;
  return code;
}

if (import.meta.main) {
  const [folder = ".", ...words] = Deno.args;
  await run("test a pod", () => testPod(folder, words));
}
