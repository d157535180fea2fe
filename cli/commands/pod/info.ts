/** `peri pod info`. @module */

import type { JsonRecord } from "../../../runtime/model/control.ts";
import { MAX_COMPONENT_BYTES } from "../../../runtime/model/limits.ts";
import type { Verb } from "../../../runtime/model/pod.ts";
import type { ShownInterface } from "../../../runtime/model/shown.ts";
import { isFile } from "../../capability/source.ts";
import { command } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { Report } from "../../output.ts";

export default command({
  about: "Show a pod: what it offers, its limits, its behalf",
  details: "A component file is shown without a server: what it is, offers and needs.",
  json: true,
  arguments: [{
    name: "pod|file",
    about: "Name of the pod, or a component: ./birds.wasm",
    complete: podNames,
  }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    if (!isFile(pod!)) {
      const exitCode = await control(context, "pod.info", { pod }, { report });
      await report.fields();
      return exitCode;
    }
    await report.add(await describeFile(context, pod!, flags.json));
    await report.fields();
    return 0;
  },
});

async function describeFile(context: Context, path: string, json: boolean): Promise<JsonRecord> {
  const bytes = await context.files.read(path, MAX_COMPONENT_BYTES);
  const { manifest, id, offers, needs } = await (await context.inspector()).component(bytes);
  const { name, version, about, verbs = [] } = manifest;
  const shown = json ? (all: readonly ShownInterface[]) => all : listed;
  return {
    name,
    version,
    about,
    component: id,
    sizeBytes: bytes.length,
    offers: shown(offers) as unknown as JsonRecord[],
    needs: shown(needs) as unknown as JsonRecord[],
    verbs: (json ? verbs : verbs.map(verbLine)) as unknown as JsonRecord[],
  };
}

/** Interfaces for people: a line for each, and one for each function. */
function listed(all: readonly ShownInterface[]): string[] {
  return all.flatMap(({ interface: name, capability, about, functions }) => [
    `${name} ${capability}${about === "" ? "" : `  ${firstLine(about)}`}`,
    ...functions.map(({ line, about }) =>
      `  ${line}${about === "" ? "" : `  ${firstLine(about)}`}`
    ),
  ]);
}

function verbLine({ name, usage, about }: Verb): string {
  const called = usage === "" ? name : `${name} ${usage}`;
  return about === "" ? called : `${called}  ${firstLine(about)}`;
}

function firstLine(text: string): string {
  return text.split("\n")[0]!;
}
