/** `peri service uninstall`. @module */

import { command, toggle } from "../../command.ts";
import { Report } from "../../output.ts";
import { whereOf } from "../../service/options.ts";

export default command({
  about: "Stop the service and remove it; your home stays",
  json: true,
  flags: { system: toggle("The one for the whole machine") },
  async run(context, flags) {
    const { uninstallService } = await import("../../service/install.ts");
    const path = await uninstallService(await context.machine(), whereOf(context, flags.system));
    const report = new Report(context, flags.json);
    await report.add({ path });
    await report.lines(() => `removed ${path}`);
    return 0;
  },
});
