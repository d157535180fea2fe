/**
 * Reads the sources of the house and what `plugin.ts` sees in them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { relative } from "node:path";
import type { Fact, Seen, Source } from "./fact.ts";

const LINT_CONFIG = fileURLToPath(new URL("lint.json", import.meta.url));

/** Folders that hold no sources of the house. */
const SKIPPED = new Set(["dist", "node_modules", "coverage", ".git", "golden"]);

/**
 * All TypeScript files below `root` with their facts, sorted by path.
 *
 * @throws {Error} when a file cannot be parsed; the message is that of `deno lint`.
 */
export async function readSources(root: string): Promise<Source[]> {
  const paths = [...listFiles(root, ".ts")].sort();
  const seen = Map.groupBy(await readFacts(root, paths), ({ file }) => file);
  return paths.map((path) => ({
    path,
    text: Deno.readTextFileSync(`${root}/${path}`),
    seen: seen.get(path) ?? [],
  }));
}

/** Paths from `root` of all files with an ending, without what is built or foreign. */
export function* listFiles(root: string, ending: string, below = ""): Iterable<string> {
  for (const entry of Deno.readDirSync(`${root}/${below}`)) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory && !SKIPPED.has(entry.name)) yield* listFiles(root, ending, path);
    if (entry.isFile && path.endsWith(ending)) yield path;
  }
}

async function readFacts(root: string, paths: readonly string[]): Promise<Seen[]> {
  if (paths.length === 0) return [];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["lint", "--json", "--config", LINT_CONFIG, ...paths],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const report = parseReport(new TextDecoder().decode(stdout), new TextDecoder().decode(stderr));
  const [error] = report.errors;
  if (error) throw new Error(`cannot parse ${error.file_path}: ${error.message}`);
  const realRoot = Deno.realPathSync(root);
  return report.diagnostics.map(({ filename, range, message }) => ({
    ...JSON.parse(message) as Fact,
    file: relative(realRoot, fileURLToPath(filename)).replaceAll("\\", "/"),
    line: range.start.line,
  }));
}

interface Report {
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly message: string;
    readonly range: { readonly start: { readonly line: number } };
  }[];
  readonly errors: readonly { readonly file_path: string; readonly message: string }[];
}

function parseReport(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch (cause) {
    throw new Error(`cannot read the report of deno lint: ${stderr || stdout}`, { cause });
  }
}
