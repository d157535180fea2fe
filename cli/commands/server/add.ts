/** `peri server add`. @module */

import { parseSshFingerprint } from "../../../runtime/model/ssh/key.ts";
import { formatSshAddress } from "../../../runtime/model/ssh/servers.ts";
import { command, text, toggle } from "../../command.ts";
import { fingerprintOf, meet } from "../../far.ts";
import { formatJsonLine, printLine } from "../../output.ts";

export default command({
  about: "Meet a server elsewhere: see its host key, and pin it",
  details: "Afterwards peri --on NAME … does there what peri … does here, through your ssh, with " +
    "your key staying on this computer. The host key is shown by peri status on that server.",
  json: true,
  flags: {
    name: text("name", "What you call it; by default its address"),
    fingerprint: text("SHA256:…", "What its host key is; nobody is asked then"),
    yes: toggle("Pin whatever answers now"),
  },
  arguments: [{ name: "host:port", about: "Where its SSH port is; 2222 unless said" }],
  async run(context, flags, address) {
    const fingerprint = flags.fingerprint && parseSshFingerprint(flags.fingerprint);
    const { name, yes } = flags;
    const server = await meet(context, address!, {
      name,
      yes,
      ...(fingerprint && { fingerprint }),
    });
    const record = { name: server.name, address: formatSshAddress(server) };
    const { stdout } = context.streams;
    if (flags.json) {
      await printLine(stdout, formatJsonLine({ ...record, fingerprint: fingerprintOf(server) }));
    } else await printLine(stdout, `met ${record.name}: peri --on ${record.name} status`);
    return 0;
  },
});
