/**
 * Processes and folders of the benches.
 *
 * @module
 */

/** Starts a program without input and waits for its end; milliseconds. @throws when it fails. */
export async function runOnce(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const startMs = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
  }).output();
  const tookMs = performance.now() - startMs;
  if (code === 0) return tookMs;
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${said}`);
}

/** Starts a program and waits for the first it says; milliseconds. It is ended then. */
export async function runUntilSaid(program: string, args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  const child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped" })
    .spawn();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  const tookMs = performance.now() - startMs;
  await reader.cancel();
  const { code } = await child.status;
  if (done) throw new Error(`${program} ${args.join(" ")} ended with ${code} and said nothing`);
  return tookMs;
}

/** A folder that is gone when it is closed. */
export function tempFolder(): Disposable & { readonly path: string } {
  // Short, because the path of a Unix socket may have 107 bytes.
  const path = Deno.makeTempDirSync({ dir: "/tmp", prefix: "bench-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
