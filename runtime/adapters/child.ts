/**
 * Child processes that run a script of peri itself under Deno with almost nothing allowed: no
 * prompt, no network for modules, no environment but where Deno finds its module cache.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boundCommand, confineCommand, type Confinement, SHELL } from "./confine.ts";

/** What to run. */
export interface ChildOptions {
  /** A file URL of the checkout. */
  readonly script: URL;
  /** Permission flags, for example `--allow-env`; none for no permission at all. */
  readonly allow?: readonly string[];
  /** Largest JavaScript heap. V8 ends the process above it. */
  readonly heapMib: number;
  /** More flags of V8. */
  readonly v8Flags?: readonly string[];
  /** The `deno` program. Default: the one that runs this process. */
  readonly denoPath?: string;
  /** What it may have of the system; left out where the shell for it is missing or not allowed. */
  readonly confinement?: Confinement;
}

/** A process whose three standard streams are pipes. */
export type Child = Deno.ChildProcess;

/** Most of a child's standard error that is kept for the log. */
const MAX_COMPLAINT = 2_000;

/** Starts a child. The caller reads its output and waits for its status. */
export function spawnChild(options: ChildOptions): Child {
  const deno = options.denoPath ?? Deno.execPath();
  const args = argumentsOf(options);
  const { confinement } = options;
  if (confinement === undefined) return spawn(deno, args);
  try {
    return spawn(SHELL, confineCommand(confinement, [deno, ...args]));
  } catch (error) {
    if (!isMissing(error)) throw error;
    return spawn(deno, args);
  }
}

/** Whether a child can be confined here. */
export async function canConfine(): Promise<boolean> {
  try {
    return (await new Deno.Command(SHELL, { args: ["-c", "ulimit -f 0"] }).output()).success;
  } catch {
    return false;
  }
}

/** Whether all confined children together have a bound of memory. */
export async function hasMemoryBound(groups: string): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command(SHELL, { args: boundCommand(groups) }).output();
    return /^\d+$/m.test(new TextDecoder().decode(stdout));
  } catch {
    return false;
  }
}

/** Runs a script that ends with its input, so that Deno has it in its caches. Never rejects. */
export async function warmChild(options: ChildOptions): Promise<void> {
  try {
    const child = spawn(options.denoPath ?? Deno.execPath(), argumentsOf(options));
    const said = Promise.all([readComplaint(child), child.stdout.cancel()]);
    await child.stdin.close();
    await Promise.all([said, child.status]);
  } catch {
    // The next host starts more slowly; that is all.
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable;
}

function argumentsOf({ heapMib, v8Flags = [], allow = [], script }: ChildOptions): string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--cached-only",
    // Without this, code may be imported from some hosts on the network.
    "--deny-import",
    "--no-check",
    `--v8-flags=${[`--max-old-space-size=${heapMib}`, ...v8Flags]}`,
    ...allow,
    fileURLToPath(script),
  ];
}

function spawn(program: string, args: string[]): Child {
  const command = new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { DENO_DIR: denoDir(), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    cwd: "/",
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  return command.spawn();
}

/** Where Deno keeps downloaded modules, by the rules of Deno itself. */
export function denoDir(): string {
  const given = Deno.env.get("DENO_DIR");
  if (given) return given;
  const home = Deno.env.get("HOME") ?? "/";
  if (Deno.build.os === "darwin") return join(home, "Library", "Caches", "deno");
  return join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "deno");
}

/** The beginning of what a child says on standard error; reads on to its end. */
export async function readComplaint(child: Child): Promise<string> {
  const decoder = new TextDecoder();
  let complaint = "";
  for await (const chunk of child.stderr) {
    if (complaint.length < MAX_COMPLAINT) complaint += decoder.decode(chunk, { stream: true });
  }
  return complaint.slice(0, MAX_COMPLAINT).trim();
}

/** Ends a child at once; nothing happens when it has ended. */
export function killChild(child: Child): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself in between.
  }
}
