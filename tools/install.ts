/**
 * Puts the `peri` launcher on PATH, and takes it away. Run by `deno task install [--to FOLDER]`
 * and `deno task uninstall [--to FOLDER]`.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatLauncher, parseLauncher } from "./install/launcher.ts";

const root = dirname(import.meta.dirname!);

/** A reason for a person, without a stack. */
class Refusal extends Error {}

async function readLauncher(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw new Refusal(`cannot read ${path}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

/** Refuses to touch what somebody else has put there. */
async function guardForeign(path: string): Promise<string | undefined> {
  const text = await readLauncher(path);
  if (text !== undefined && parseLauncher(text) === undefined) {
    throw new Refusal(`${path} is not a launcher of peri; it stays as it is`);
  }
  return text;
}

function guardPath(path: string): void {
  if (/[,\n]/.test(path)) {
    throw new Refusal(`${path} has a comma or line break, which Deno's permissions cannot name`);
  }
}

/** Everything peri imports, so that the launcher never has to wait for the network. */
async function fetchPackages(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--frozen"],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Refusal(`cannot fetch packages: ${new TextDecoder().decode(stderr)}`);
}

async function install(folder: string, say: (line: string) => void): Promise<void> {
  const path = join(folder, "peri");
  const deno = Deno.execPath();
  for (const used of [root, deno]) guardPath(used);
  await guardForeign(path);
  await fetchPackages();
  await Deno.mkdir(folder, { recursive: true });
  // Written beside and moved, so that a launcher that is running is never half of one.
  const draft = `${path}.${Deno.pid}.tmp`;
  try {
    await Deno.writeTextFile(draft, formatLauncher({ deno, root }), { mode: 0o755 });
    await Deno.chmod(draft, 0o755);
    await Deno.rename(draft, path);
  } catch (thrown) {
    await Deno.remove(draft).catch(() => {});
    throw thrown;
  }
  say(`installed ${path}`);
  const onPath = (Deno.env.get("PATH") ?? "").split(":").some((part) => resolve(part) === folder);
  if (!onPath) {
    say(`${folder} is not on your PATH yet. For this shell: export PATH="${folder}:$PATH"`);
  }
  say("next: peri --help; completion: peri completions bash|zsh|fish");
}

async function uninstall(folder: string, say: (line: string) => void): Promise<void> {
  const path = join(folder, "peri");
  const text = await guardForeign(path);
  if (text === undefined) return say(`${path} is not there; nothing to do`);
  const other = parseLauncher(text);
  if (other !== root) throw new Refusal(`${path} belongs to the checkout ${other}; run it there`);
  await Deno.remove(path);
  say(`removed ${path}; your home, with keys and pods, stays`);
}

function defaultFolder(): string {
  const home = Deno.env.get("HOME");
  if (!home) throw new Refusal("HOME is not set; say --to FOLDER");
  return join(home, ".local", "bin");
}

try {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      to: { type: "string" },
      quiet: { type: "boolean", default: false },
      remove: { type: "boolean", default: false },
    },
  });
  const folder = resolve(values.to ?? defaultFolder());
  const say = (line: string) => values.quiet || console.log(line);
  await (values.remove ? uninstall : install)(folder, say);
} catch (thrown) {
  if (!(thrown instanceof Refusal) && !(thrown instanceof TypeError)) throw thrown;
  console.error(`install: ${thrown.message}`);
  Deno.exitCode = 1;
}
