/** `peri pod start`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

export default command({
  about: "Start a pod that is stopped or has failed",
  details: "Its failures are forgiven, and what waits for it is worked on at once.",
  json: true,
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.start", { pod }, { report });
    await report.lines(({ name, was, why }) =>
      why === undefined
        ? `${formatValue(name)} was not stopped (${formatValue(was)})`
        : `${formatValue(name)} works again; it was stopped: ${formatValue(why)}`
    );
    return exitCode;
  },
});
