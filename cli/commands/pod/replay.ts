/** `peri pod replay`. @module */

import type { Json, JsonRecord } from "../../../runtime/model/control.ts";
import { MAX_COMPONENT_BYTES } from "../../../runtime/model/limits.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { podNames, runIds } from "../../lookup.ts";
import {
  type Column,
  formatJsonLine,
  formatTime,
  formatValue,
  printLine,
  Report,
} from "../../output.ts";

const RUNS: readonly Column[] = [
  { field: "id" },
  { field: "atMs", title: "when", format: formatTime },
  { field: "from", title: "asked by", format: (value) => shorten(value, 40) },
  { field: "function", format: (value, { command }) => shorten(command ?? value, 50) },
  { field: "tookMs", title: "took" },
  { field: "ended", format: (value) => shorten(value, 60) },
  { field: "of", title: "goes on with" },
];

export default command({
  about: "Show what a run of a pod did, step by step, by running it again; without one, the latest",
  details:
    "It runs apart, with the time, the chance and the answers that it had. What it does goes " +
    "nowhere. Where it does something else than it did, that is an error which names the step; " +
    "with another build the steps that differ are marked. Runs that fail are kept for 7 days, the " +
    "latest others while the server runs.",
  json: true,
  flags: {
    all: toggle("List all that are kept; of one run, show what the SDK does for itself too"),
    with: text("file.wasm", "Run it with another build, such as one that mends it"),
    installed: toggle("Run it with the version that is installed now"),
  },
  arguments: [
    { name: "pod", about: "Name of the pod", complete: podNames },
    { name: "id", about: "Beginning of a run's id", count: "optional", complete: runIds },
  ],
  async run(context, flags, pod, id) {
    if (id !== undefined) return await replay(context, flags, pod!, id);
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.replay", { pod, all: flags.all }, { report });
    await report.table(RUNS, "No runs yet.");
    return exitCode;
  },
});

interface ReplayFlags {
  readonly json: boolean;
  readonly all: boolean;
  readonly with: string | undefined;
  readonly installed: boolean;
}

async function replay(
  context: Context,
  { json, all, with: file, installed }: ReplayFlags,
  pod: string,
  id: string,
): Promise<number> {
  const { formatStep, isOfSdk } = await import("../../replay.ts");
  const component = file === undefined
    ? undefined
    : await context.files.read(file, MAX_COMPONENT_BYTES);
  const { stdout } = context.streams;
  const report = {
    async add(record: JsonRecord) {
      if (json) await printLine(stdout, formatJsonLine(record));
      else if (all || !isOfSdk(record)) {
        await printLine(stdout, formatStep(record, stdout, context));
      }
    },
  };
  const wishes = { pod, id, installed, ...component && { with: true } };
  const input = async function* () {
    yield component!;
  };
  return await control(context, "pod.replay", wishes, {
    report,
    ...component && { input: input() },
  });
}

function shorten(value: Json | undefined, length: number): string {
  const whole = formatValue(value);
  return whole.length > length ? `${whole.slice(0, length - 1)}…` : whole;
}
