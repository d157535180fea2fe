/** `peri friend list`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, Report } from "../../output.ts";

export default command({
  about: "List the servers that yours talks with",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "friend.list", {}, { report });
    const columns = [
      { field: "name" },
      { field: "url", title: "server" },
      { field: "owner" },
      { field: "seenMs", title: "last seen", format: formatTime },
    ];
    await report.table(columns, "No friends yet. peri friend add https://bob.example adds one.");
    return exitCode;
  },
});
