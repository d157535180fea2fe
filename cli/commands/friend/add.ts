/** `peri friend add`. @module */

import { parseFingerprint, parseServerUrl } from "../../../runtime/model/words.ts";
import { command, text, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { printable, Report } from "../../output.ts";

export default command({
  about: "Talk with another server",
  details:
    "Asks the server who owns it. Compare the fingerprint with the one its owner gave you, " +
    "or say it with --owner: then any other owner is refused.",
  json: true,
  flags: {
    owner: text("fingerprint", "Who must own the server"),
    name: text("name", "Your name for its owner, as in peri hey leave-message <name> …"),
    yes: toggle("Do not ask whether the owner is the right one"),
  },
  arguments: [{ name: "url", about: "Its address: https://bob.example" }],
  async run(context, flags, url) {
    const report = new Report(context, flags.json);
    const wishes = {
      url: parseServerUrl(url!),
      owner: flags.owner === undefined ? undefined : parseFingerprint(flags.owner),
      name: flags.name,
    };
    const exitCode = await control(context, "friend.add", wishes, { report, yes: flags.yes });
    await report.lines(({ name, owner }) =>
      `friends with ${printable(String(name ?? owner ?? ""))} at ${wishes.url}`
    );
    return exitCode;
  },
});
