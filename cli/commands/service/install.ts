/** `peri service install`. @module */

import { command, text, toggle } from "../../command.ts";
import { printLine, Report } from "../../output.ts";
import { launcherOf, whereOf } from "../../service/options.ts";

export default command({
  about: "Run peri serve from now on, by systemd, also after a restart",
  details: "Writes a unit that allows the server little more than its home and the network, " +
    "enables and starts it. Doing it again brings it up to date.",
  json: true,
  flags: {
    system: toggle("For the whole machine, started at boot; needs root and --user"),
    user: text("name", "Who runs the system service"),
  },
  async run(context, flags) {
    const { installService } = await import("../../service/install.ts");
    const { path, next } = await installService(await context.machine(), {
      ...whereOf(context, flags.system),
      command: [launcherOf(context), "serve"],
      home: context.home,
      ...(flags.user === undefined ? {} : { user: flags.user }),
      environment: denoFolder(context.env("DENO_DIR")),
    });
    const report = new Report(context, flags.json);
    await report.add({ path, next });
    await report.lines(() => `installed ${path}`);
    if (flags.json) return 0;
    for (const line of next) await printLine(context.streams.stdout, `  ${line}`);
    return 0;
  },
});

/** The server must find the packages where this process found them. */
function denoFolder(given: string | undefined): Record<string, string> {
  return given ? { DENO_DIR: given } : {};
}
