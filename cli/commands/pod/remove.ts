/** `peri pod remove`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

export default command({
  about: "Remove a pod with everything it keeps",
  json: true,
  flags: { yes: toggle("Do not ask") },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.remove", { pod }, { report, yes: flags.yes });
    await report.lines((record) => `removed ${formatValue(record.name ?? pod)}`);
    return exitCode;
  },
});
