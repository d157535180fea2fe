/**
 * The whole gate, `deno task test`: format, lint, types, floors, docs, then every test. With files
 * or folders, or `--filter <text>`, only those tests: `deno task test runtime/boxes`.
 *
 * The last line is the count; every check of the gate counts as one.
 *
 * @module
 */

import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { listFiles } from "./facts/read.ts";
import { formatBatch, planBatches } from "./gate/batches.ts";
import { findSkipped, isOnPath } from "./gate/programs.ts";
import { hideTestOutput } from "./gate/quiet.ts";
import { runDeno } from "./gate/run.ts";
import {
  addCounts,
  type Counts,
  countTests,
  findSilent,
  formatCounts,
  holds,
  NO_COUNTS,
} from "./gate/summary.ts";

const MINUTE_MS = 60_000;
/** A whole run takes less than ten minutes on two cores; a busy machine is given more before it is ended. */
const TESTS_MS = 14 * MINUTE_MS;
/** Files tested at a time: tests of servers wait for them, and leave a core to another meanwhile. */
const JOBS = navigator.hardwareConcurrency + 1;
const LATE = `the tests took more than ${TESTS_MS / MINUTE_MS} minutes and were ended\n`;
/** Over the failures that `deno test` tells of at its end; without them the end of all is shown. */
const ERRORS = "\n ERRORS \n";
const MAX_END_CHARS = 10_000;

/** What has to hold before a test is run. */
const CHECKS: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check"] },
  { name: "floors", args: ["run", "-A", "tools/floors.ts"] },
  { name: "docs", args: ["run", "-A", "tools/docs.ts"] },
];

/** A person's own peri, keys and settings are out of reach of the tests. */
const PRIVATE_VARIABLES = ["PERI_", "XDG_", "GNUPGHOME", "GPG_", "SSH_"];

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));

async function runChecks(): Promise<Counts> {
  let failed = 0;
  for (const { name, args } of CHECKS) {
    const startMs = performance.now();
    const { output, exitCode } = await runDeno(args, { timeoutMs: 4 * MINUTE_MS });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    write(`${name.padEnd(8)} ${exitCode === 0 ? "ok" : "FAILED"} (${seconds} s)\n`);
    if (exitCode === 0) continue;
    failed++;
    write(`${output}\n`);
  }
  return { passed: CHECKS.length - failed, failed, skipped: 0 };
}

/** Builds what the tests run: the pods, when the house has a task for it. */
async function build(): Promise<Counts> {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json")) as {
    tasks: Record<string, unknown>;
  };
  if (!("build" in tasks)) return NO_COUNTS;
  const { output, exitCode } = await runDeno(["task", "build"], { timeoutMs: 4 * MINUTE_MS });
  write(`build    ${exitCode === 0 ? "ok" : `FAILED\n${output}`}\n`);
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
}

async function runTests(args: readonly string[]): Promise<Counts> {
  const files = [...listFiles(".", "_test.ts")].map((path) => ({
    path,
    text: Deno.readTextFileSync(path),
  }));
  const skipped = findSkipped(files, isOnPath);
  for (const { path, why } of skipped) write(`skipped: ${path}: ${why}\n`);
  const ignored = skipped.map(({ path }) => path);
  const paths = files.map(({ path }) => path).filter((path) => !ignored.includes(path));
  const home = Deno.makeTempDirSync({ prefix: "peri-tests-" });
  try {
    const counts = args.length === 0 ? await runWhole(paths, home) : await runSome(
      [...ignored.length > 0 ? [`--ignore=${ignored.join(",")}`] : [], ...args],
      home,
    );
    return addCounts(counts, { passed: 0, failed: 0, skipped: ignored.length });
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

async function runSome(args: readonly string[], home: string): Promise<Counts> {
  const { output, exitCode } = await testFiles(args, home, write);
  if (exitCode === 124) write(LATE);
  return countTests(output, exitCode);
}

async function runWhole(paths: readonly string[], home: string): Promise<Counts> {
  const { alone, batches } = planBatches(paths);
  const root = pathToFileURL(`${Deno.cwd()}/`);
  for (const batch of batches) {
    Deno.writeTextFileSync(`${home}/${batch.name}`, formatBatch(batch, root));
  }
  const names = batches.map(({ name }) => name);
  // All types were looked at before.
  const args = [
    "--no-check",
    "--config=deno.json",
    ...alone,
    ...names.map((name) => `${home}/${name}`),
  ];
  const place = `${relative(Deno.cwd(), Deno.realPathSync(home))}/`;
  const clean = (text: string) => text.replaceAll(place, "./");
  const reveal = hideTestOutput();
  const { output, exitCode } = await testFiles(args, home, (piece) => write(clean(reveal(piece))));
  write(clean(reveal()));
  if (exitCode !== 0 && !output.includes(ERRORS)) write(clean(output.slice(-MAX_END_CHARS)));
  if (exitCode === 124) {
    write(LATE);
    for (const path of findSilent([...alone, ...names], clean(output))) {
      write(`not done: ${path}\n`);
    }
  }
  return countTests(output, exitCode);
}

async function testFiles(args: readonly string[], home: string, show: (piece: string) => void) {
  return await runDeno([
    "test",
    "-A",
    "--parallel",
    "--permit-no-files",
    "--hide-stacktraces",
    ...args,
  ], {
    env: { HOME: home, DENO_DIR: await denoDir(), TMPDIR: home, DENO_JOBS: String(JOBS) },
    without: Object.keys(Deno.env.toObject()).filter((name) =>
      PRIVATE_VARIABLES.some((prefix) => name.startsWith(prefix))
    ),
    timeoutMs: TESTS_MS,
    show,
  });
}

/** Where packages are kept, which otherwise follows HOME. */
async function denoDir(): Promise<string> {
  const { output } = await runDeno(["info", "--json"], { timeoutMs: MINUTE_MS });
  return (JSON.parse(output) as { denoDir: string }).denoDir;
}

if (import.meta.main) {
  const isCi = Deno.env.get("CI") === "true";
  const isWhole = Deno.args.length === 0;
  const checks = isWhole ? await runChecks() : NO_COUNTS;
  const built = await build();
  const counts = [checks, built, await runTests(Deno.args)].reduce(addCounts);
  if (isCi && counts.skipped > 0) write("CI=true: what is skipped counts as failed\n");
  console.log(formatCounts(counts));
  Deno.exitCode = holds(counts, isCi) ? 0 : 1;
}
