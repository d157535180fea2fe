/**
 * What an author of a pod waits for, and what the types of a class cost each call.
 *
 * @module
 */

import { bundlePod } from "../../pods/build/bundle.ts";
import { buildPod } from "../../pods/build/build.ts";
import { makeComponent } from "../../pods/build/componentize.ts";
import { generatePod } from "../../pods/build/generate.ts";
import { readProject } from "../../pods/build/project.ts";
import type { Row } from "../../tools/bench/row.ts";
import { openStage, settle } from "../processes/town.ts";
import { openPair } from "./capability/call.ts";
import { openDev } from "./capability/dev.ts";
import { FUNCTIONS, writeLarge } from "./capability/large.ts";
import { runOnce, tempFolder } from "./floor/process.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const scriptOf = (path: string) => new URL(path, import.meta.url).pathname;

/** See the module. */
export default async function* capability(): AsyncGenerator<Row, void, void> {
  using folder = tempFolder();
  const project = await readProject(await writeLarge(`${folder.path}/large`));
  yield buildRow(project, folder.path);
  yield* callRows(project, folder.path);
  yield* reloadRows(project, folder.path);
  yield {
    row: "a village of two people",
    floor: "an empty Deno program",
    unit: "ms",
    runs: 15,
    ours: () =>
      runOnce(Deno.execPath(), [
        "run",
        "-A",
        "--no-check",
        `--config=${root}/deno.json`,
        scriptOf("capability/start.ts"),
      ]),
    against: () => runOnce(Deno.execPath(), ["run", scriptOf("floor/empty.ts")]),
  };
}

type Project = Awaited<ReturnType<typeof readProject>>;

function buildRow(project: Project, folder: string): Row {
  return {
    row: `build of ${FUNCTIONS} functions with deep types`,
    floor: "deno bundle and componentize-qjs alone",
    unit: "ms",
    runs: 5,
    ours: () => timed(() => buildPod(project, `${folder}/dist`)),
    against: () => bundleAndComponentize(project, folder),
  };
}

async function* callRows(project: Project, folder: string): AsyncGenerator<Row, void, void> {
  const pair = await openPair(project, folder);
  try {
    yield {
      row: "typed call of a pod in its host",
      floor: "the same function offered by hand",
      unit: "us",
      runs: 30,
      ours: () => pair.typed(),
      against: () => pair.byHand(),
    };
  } finally {
    await pair.close();
  }
}

async function* reloadRows(project: Project, folder: string): AsyncGenerator<Row, void, void> {
  using stage = openStage();
  const alice = await settle("alice", stage);
  try {
    await using dev = await openDev(stage.peri, project.folder, alice.person.env);
    yield {
      row: "save to reloaded",
      floor: "deno bundle and componentize-qjs alone",
      unit: "ms",
      runs: 7,
      ours: () => dev.save(),
      against: () => bundleAndComponentize(project, folder),
    };
  } finally {
    await alice.person.stop("SIGKILL");
  }
}

/** What no build can do without. */
async function bundleAndComponentize(project: Project, folder: string): Promise<number> {
  const joint = await generatePod(project);
  return await timed(async () =>
    void await makeComponent(await bundlePod(project, joint, `${folder}/.floor`))
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
