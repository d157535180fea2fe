/**
 * How long a person waits for the command line, against what any Deno program takes to start.
 *
 * @module
 */

import { formatLauncher } from "../../tools/install/launcher.ts";
import type { Row } from "../../tools/bench/row.ts";
import { runOnce, tempFolder } from "./floor/process.ts";
import { openTown } from "../processes/town.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const floorScript = (name: string) => new URL(`floor/${name}.ts`, import.meta.url).pathname;

const EMPTY = { floor: "an empty Deno program", script: floorScript("empty"), suffix: "" };
const DISPATCH = {
  floor: "a table of words in Deno",
  script: floorScript("dispatch"),
  suffix: " (dispatch)",
};

/** `peri --help`, and a command of a pod through a running server. */
export default async function* cli(): AsyncGenerator<Row, void, void> {
  using folder = tempFolder();
  const peri = `${folder.path}/peri`;
  Deno.writeTextFileSync(peri, formatLauncher({ deno: Deno.execPath(), root }), { mode: 0o755 });
  const env = { PERI_HOME: `${folder.path}/home`, NO_COLOR: "1" };
  for (const { floor, script, suffix } of [EMPTY, DISPATCH]) {
    yield {
      row: `peri --help${suffix}`,
      floor,
      unit: "ms",
      runs: 25,
      ours: () => runOnce(peri, ["--help"], env),
      against: () => runOnce(Deno.execPath(), ["run", script, "--help"]),
    };
  }
  await using town = await openTown();
  yield {
    row: "peri hey list",
    floor: "an empty Deno program",
    unit: "ms",
    runs: 25,
    ours: () => runOnce(town.peri, ["hey", "list"], town.alice.env),
    against: () => runOnce(Deno.execPath(), ["run", EMPTY.script]),
  };
}
