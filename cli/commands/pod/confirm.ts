/** `peri pod confirm`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

export default command({
  about: "Keep the version a pod has, and forget the one before",
  details: "Without it the version before is kept for 7 days or until the next upgrade.",
  json: true,
  flags: { yes: toggle("Do not ask") },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.confirm", { pod }, { report, yes: flags.yes });
    await report.lines(({ name, version }) =>
      `${formatValue(name)} stays ${formatValue(version)}; the version before is forgotten`
    );
    return exitCode;
  },
});
