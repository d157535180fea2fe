/** `peri pod logs`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatJsonLine, formatTime, formatValue, printLine } from "../../output.ts";

export default command({
  about: "Show what a pod has logged",
  json: true,
  flags: { follow: toggle("Go on showing what comes, until Ctrl-C") },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const { stdout } = context.streams;
    // Shown as they come: with --follow there is no end at which a table could be drawn.
    const report = {
      add: (record: Parameters<typeof formatLine>[0]) =>
        printLine(stdout, flags.json ? formatJsonLine(record) : formatLine(record)),
    };
    return await control(context, "pod.logs", { pod, follow: flags.follow }, { report });
  },
});

function formatLine(record: Readonly<Record<string, unknown>>): string {
  const { atMs, level, line } = record;
  const text = (value: unknown) => formatValue(typeof value === "string" ? value : "");
  return `${formatTime(typeof atMs === "number" ? atMs : undefined)} ${text(level).padEnd(7)} ${
    text(line)
  }`;
}
