/** `peri key invite`. @module */

import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { parseExpiry } from "../../keys.ts";
import { formatTime, printLine, Report } from "../../output.ts";
import { showQr } from "../../qr.ts";

export default command({
  about: "Make a link by which somebody proves which key is theirs, once",
  details:
    "Send it by a way that only they read. peri key accept shows your server their key, and them " +
    "yours; then you can sign each other without comparing fingerprints. Whoever else gets the " +
    "link first comes in their place, so look at the name before you sign.",
  json: true,
  flags: {
    note: text("text", "Whom it is for, for yourself"),
    expires: text("when", "At most 90d; else 7d"),
    list: toggle("Show those that are open, and who has come by which"),
    cancel: text("id", "Take one back, by the beginning of its id"),
  },
  async run(context, { note, expires, list, cancel, json }) {
    const report = new Report(context, json);
    if (list) return await showAll(context, report);
    if (cancel !== undefined) {
      return await control(context, "invitation.cancel", { id: cancel }, { report });
    }
    const expiresMs = expires === undefined ? undefined : parseExpiry(expires, context.nowMs());
    const exitCode = await control(context, "invitation.make", { note, expiresMs }, {
      report: {
        async add(record) {
          await report.add(record);
          if (json) return;
          await printLine(context.streams.stdout, String(record.link));
          const until = formatTime(record.expiresMs);
          await printLine(context.streams.stderr, `It is good for one person, until ${until}.`);
          await showQr(context, String(record.link));
        },
      },
    });
    return exitCode;
  },
});

async function showAll(context: Context, report: Report): Promise<number> {
  const exitCode = await control(context, "invitation.list", {}, { report });
  await report.table([
    { field: "id", format: (value) => String(value).slice(0, 8) },
    { field: "note" },
    { field: "expiresMs", title: "until", format: formatTime },
    { field: "guest", title: "came (peri key sign …)" },
  ], "No invitations. peri key invite makes one.");
  return exitCode;
}
