/** `peri behalf list`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, formatValue, Report } from "../../output.ts";

export default command({
  about: "List what lets your pods act for you, and until when",
  details: "Also of pods of yours that live elsewhere, as far as your server knows.",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "behalf.list", {}, { report });
    await report.table(
      [
        { field: "pod" },
        {
          field: "state",
          format: (state, { reason }) =>
            formatValue(state) + (reason === undefined ? "" : ` (${formatValue(reason)})`),
        },
        { field: "serial", title: "number" },
        { field: "issuedMs", title: "issued", format: formatTime },
        { field: "expiresMs", title: "expires", format: formatTime },
        { field: "daysLeft", title: "days left" },
        { field: "endpoint", title: "at" },
        { field: "capabilities", title: "answers" },
      ],
      "No pod of yours may act yet. peri claim makes this server yours.",
    );
    return exitCode;
  },
});
