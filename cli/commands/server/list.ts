/** `peri server list`. @module */

import { formatSshAddress } from "../../../runtime/model/ssh/servers.ts";
import { command } from "../../command.ts";
import { fingerprintOf } from "../../far.ts";
import { Report } from "../../output.ts";

export default command({
  about: "List the servers elsewhere that you have met",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const { known, use } = await (await context.far()).read();
    for (const server of known) {
      await report.add({
        name: server.name,
        address: formatSshAddress(server),
        used: server.name === use,
        fingerprint: fingerprintOf(server),
      });
    }
    await report.table(
      [
        { field: "name", title: "server" },
        { field: "address" },
        { field: "used", format: (used) => used ? "yes" : "" },
        { field: "fingerprint", title: "host key" },
      ],
      "None yet. peri server add HOST:PORT --name NAME meets one.",
    );
    return 0;
  },
});
