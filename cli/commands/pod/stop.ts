/** `peri pod stop`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatTime, formatValue, Report } from "../../output.ts";

export default command({
  about: "Stop a pod until it is started again",
  details: "What comes for it waits, also through restarts of the server.",
  json: true,
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.stop", { pod }, { report });
    await report.lines(({ name, sinceMs }) =>
      `${formatValue(name)} is stopped since ${formatTime(sinceMs)}; peri pod start ${
        formatValue(name)
      } starts it`
    );
    return exitCode;
  },
});
