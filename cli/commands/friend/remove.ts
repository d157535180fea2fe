/** `peri friend remove`. @module */

import { command, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { suggest } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

const friends = (context: Context) => suggest(context, "friend.list", {}, "url");

export default command({
  about: "Stop talking with a server",
  json: true,
  flags: { yes: toggle("Do not ask") },
  arguments: [{ name: "friend", about: "Address, owner or name", complete: friends }],
  async run(context, flags, friend) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "friend.remove", { friend }, {
      report,
      yes: flags.yes,
    });
    await report.lines((record) => `removed ${formatValue(record.url ?? friend)}`);
    return exitCode;
  },
});
