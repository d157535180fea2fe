/** `peri key publish`. @module */

import { command } from "../../command.ts";
import { KEY_ARGUMENT } from "../../keys.ts";
import { Report } from "../../output.ts";
import { explainPublished, publishKey } from "../../publish.ts";

export default command({
  about: "Tell your server, and by it your friends, what has become of your key",
  details: "peri key renew, revoke and import --replace do it by themselves, where a server is. " +
    "Only the public part is told.",
  json: true,
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    const { choosePerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys();
    const { fingerprint } = await choosePerson(tools, wanted);
    const report = new Report(context, flags.json);
    await report.add(await publishKey(context, tools, fingerprint));
    await report.lines(explainPublished);
    return 0;
  },
});
