/** `peri inbox list`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, Report } from "../../output.ts";

export default command({
  about: "List messages that have come in and wait for your pods",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "inbox.list", {}, { report });
    const columns = [
      { field: "pod" },
      { field: "from" },
      { field: "kind" },
      { field: "function" },
      { field: "receivedMs", title: "since", format: formatTime },
      { field: "attempts" },
    ];
    await report.table(columns, "Nothing waits.");
    return exitCode;
  },
});
