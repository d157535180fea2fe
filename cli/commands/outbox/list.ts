/** `peri outbox list`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, Report } from "../../output.ts";

export default command({
  about: "List messages that are on their way, and those that were given up",
  details: "A number or the beginning of a token names a message to the other verbs.",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "outbox.list", {}, { report });
    const columns = [
      { field: "from" },
      { field: "to" },
      { field: "sequence", title: "no" },
      { field: "token" },
      { field: "function" },
      { field: "createdMs", title: "since", format: formatTime },
      { field: "expiresMs", title: "until", format: formatTime },
      { field: "state" },
      { field: "tries" },
      { field: "nextMs", title: "next try", format: formatTime },
      { field: "server" },
      { field: "reason" },
      { field: "hint" },
    ];
    await report.table(columns, "Nothing is on its way.");
    return exitCode;
  },
});
