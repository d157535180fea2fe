/** `peri pod list`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, Report } from "../../output.ts";

export default command({
  about: "List your pods",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.list", {}, { report });
    await report.table(
      [
        { field: "name", title: "pod" },
        { field: "version" },
        { field: "state" },
        { field: "stoppedMs", title: "since", format: formatTime },
        { field: "about" },
        { field: "why" },
        { field: "hint" },
      ],
      "No pods yet. peri pod install hey brings the first.",
    );
    return exitCode;
  },
});
