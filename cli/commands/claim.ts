/** `peri claim`. @module */

import { formatBase64 } from "../../runtime/model/bytes.ts";
import { command, text, toggle } from "../command.ts";
import { control } from "../control.ts";
import { Report } from "../output.ts";

export default command({
  about: "Make a new periphery yours",
  details: "You sign a behalf for the periphery itself. Only the first one may claim it.",
  json: true,
  flags: {
    key: text("person", "Which of your keys; needed when you have several"),
    yes: toggle("Sign without asking"),
  },
  async run(context, flags) {
    const { person, certificate } = await (await context.signer()).chooseKey(flags.key);
    const report = new Report(context, flags.json);
    const wishes = { certificate: formatBase64(certificate) };
    const exitCode = await control(context, "claim", wishes, { report, yes: flags.yes, person });
    await report.lines(() => "this periphery is yours; next: peri pod install hey");
    return exitCode;
  },
});
