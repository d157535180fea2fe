import assert from "node:assert/strict";
import { listFiles } from "../facts/read.ts";
import { formatBatch, planBatches } from "./batches.ts";
import { findSkipped, isOnPath, PACKAGES, parseNeeds } from "./programs.ts";
import { hideTestOutput } from "./quiet.ts";
import { runDeno } from "./run.ts";
import { addCounts, countTests, findSilent, formatCounts, holds } from "./summary.ts";

/** Runs `deno test` on one file with this text. */
async function testOf(text: string) {
  const root = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${root}/a_test.ts`, text);
    const args = ["test", "--no-config", "--no-check", `${root}/a_test.ts`];
    const { output, exitCode } = await runDeno(args, { timeoutMs: 30_000 });
    return countTests(output, exitCode);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("passed, failed and ignored tests of a real run are counted", async () => {
  const counts = await testOf(`
    Deno.test("a", () => {});
    Deno.test("b", () => {});
    Deno.test("c", () => { throw new Error("c"); });
    Deno.test.ignore("d", () => {});
    console.log("ok | 99 passed | 0 failed");
  `);
  assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1 });
});

Deno.test("a file that does not load, crashes or says nothing is a failure", async () => {
  assert.equal((await testOf(`import "./none.ts";`)).failed, 1);
  assert.equal((await testOf(`throw new Error("at load");`)).failed, 1);
  assert.deepEqual(countTests("", 0), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(countTests("ok | 3 passed | 0 failed (1s)", 1), {
    passed: 3,
    failed: 1,
    skipped: 0,
  });
});

Deno.test("of a run that was ended, what it said is counted, and who said nothing is named", () => {
  const output = [
    "./a_test.ts => one ... ok (1ms)",
    "./a_test.ts => two ... FAILED (2ms)",
    "./b_test.ts => three ... ignored (0ms)",
    "Uncaught error from ./c_test.ts FAILED",
  ].join("\n");
  assert.deepEqual(countTests(output, 124), { passed: 1, failed: 1, skipped: 1 });
  assert.deepEqual(countTests("./a_test.ts => one ... ok (1ms)", 124), {
    passed: 1,
    failed: 1,
    skipped: 0,
  });
  const paths = ["a_test.ts", "b_test.ts", "c_test.ts", "d_test.ts"];
  assert.deepEqual(findSilent(paths, output), ["d_test.ts"]);
});

Deno.test("a run that never ends is ended and says so", async () => {
  const ran = await runDeno(["eval", "setInterval(() => {}, 1000)"], { timeoutMs: 300 });
  assert.equal(ran.exitCode, 124);
});

Deno.test("a run sees the variables it is given and not those it must not see", async () => {
  const script = "console.log(Deno.env.get('PERI_A'), Deno.env.get('PERI_B'))";
  const ran = await runDeno(["eval", script], {
    env: { PERI_A: "1", PERI_B: "2" },
    without: ["PERI_B"],
    timeoutMs: 30_000,
  });
  assert.equal(ran.output, "1 undefined\n");
});

Deno.test("the last line has exactly the promised form", () => {
  assert.equal(formatCounts({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  assert.equal(formatCounts({ passed: 3, failed: 1, skipped: 2 }), "3 passed, 1 failed, 2 skipped");
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 1, failed: 1, skipped: 1 });
  assert.deepEqual(sum, { passed: 2, failed: 3, skipped: 4 });
});

Deno.test("skips are fine at the desk and a failure in CI; nothing at all is a failure", () => {
  const skipped = { passed: 3, failed: 0, skipped: 1 };
  assert.equal(holds(skipped, false), true);
  assert.equal(holds(skipped, true), false);
  assert.equal(holds({ passed: 3, failed: 0, skipped: 0 }, true), true);
  assert.equal(holds({ passed: 3, failed: 1, skipped: 0 }, false), false);
  assert.equal(holds({ passed: 0, failed: 0, skipped: 0 }, false), false);
});

Deno.test("test files whose program is missing are named with the package that brings it", () => {
  assert.deepEqual(parseNeeds("/** A. */\n// needs: gpg, ssh\n"), ["gpg", "ssh"]);
  assert.deepEqual(parseNeeds("const a = 1;"), []);
  const files = [
    { path: "a_test.ts", text: "// needs: gpg\n" },
    { path: "b_test.ts", text: "// needs: ssh\n" },
  ];
  assert.deepEqual(findSkipped(files, (name) => name === "ssh"), [
    { path: "a_test.ts", why: "gpg missing (apt-get install gnupg)" },
  ]);
  assert.equal(isOnPath("sh"), true);
  assert.equal(isOnPath("no-such-program"), false);
});

Deno.test(".ci/run installs every program that a test of this house needs", () => {
  const root = new URL("../..", import.meta.url).pathname;
  const script = Deno.readTextFileSync(`${root}/.ci/run`);
  for (const path of listFiles(root, "_test.ts")) {
    if (path.startsWith("tools/gate/")) continue;
    for (const name of parseNeeds(Deno.readTextFileSync(`${root}/${path}`))) {
      assert.ok(script.includes(`\nneed ${name} ${PACKAGES[name]}\n`), `${path} needs ${name}`);
    }
  }
});

Deno.test("tests are loaded together, each in one batch, but those that wait; stories begin", () => {
  const units = Array.from({ length: 30 }, (_, n) => `runtime/boxes/a${n}_test.ts`);
  const wide = Array.from({ length: 13 }, (_, n) => `tests/periphery/a${n}_test.ts`);
  const long = ["tests/processes/kill_test.ts", "tests/sim/sim_test.ts"];
  const stories = ["tests/walkthroughs/walkthroughs_test.ts"];
  const { alone, batches } = planBatches([...long, ...units, ...stories, ...wide]);
  assert.deepEqual(alone, long);
  assert.deepEqual(
    batches.flatMap(({ paths }) => paths),
    [...stories, ...wide.toSorted(), ...units.toSorted()],
  );
  assert.deepEqual(batches.map(({ name, paths }) => [name, paths.length]), [
    ["walkthroughs_test.ts", 1],
    ["wide_01_test.ts", 12],
    ["wide_02_test.ts", 1],
    ["units_01_test.ts", 24],
    ["units_02_test.ts", 6],
  ]);
  const text = formatBatch({ name: "a", paths: ["b c/d_test.ts"] }, new URL("file:///e/"));
  assert.equal(text, 'import "file:///e/b%20c/d_test.ts";\n');
});

Deno.test("what tests print is hidden, but for how to run one again", () => {
  const reveal = hideTestOutput();
  const lines = [
    "./a_test.ts => one ... ok (1ms)",
    "------- post-test output -------",
    "an inner test ... FAILED (2ms)",
    "replay: SEED=1",
    "./a_test.ts => two ...----- post-test output end -----",
    "./a_test.ts => two ... FAILED (1ms)",
    "------- output -------",
    "more",
    "----- output end -----",
    "FAILED | 1 passed | 1 failed",
  ];
  const text = lines.join("\n");
  const shown = reveal(text.slice(0, 50)) + reveal(text.slice(50, 200)) + reveal(text.slice(200)) +
    reveal();
  const expected = [lines[0], lines[3], lines[5], lines[9]].map((line) => `${line}\n`).join("");
  assert.equal(shown, expected);
});
