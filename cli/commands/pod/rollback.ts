/** `peri pod rollback`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatTime, formatValue, Report } from "../../output.ts";

export default command({
  about: "Take a pod back to the version it had before",
  details:
    "The version before gets back what it kept when another took its place. What the other " +
    "has written since is put aside, and comes back with it in the same way. What was handled and " +
    "sent meanwhile stays so.",
  json: true,
  flags: { yes: toggle("Neither ask nor wait for a yes to sign") },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.rollback", { pod }, { report, yes: flags.yes });
    await report.lines(({ name, version, previous, previousUntilMs }) =>
      `${formatValue(name)} is ${formatValue(version)} again; ${formatValue(previous)} is kept ` +
      `until ${formatTime(previousUntilMs)}`
    );
    return exitCode;
  },
});
