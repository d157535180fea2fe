/** `peri pod renew`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatTime, formatValue, Report } from "../../output.ts";

export default command({
  about: "Sign a new behalf for a pod before the old one expires",
  json: true,
  flags: { yes: toggle("Sign without asking") },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.renew", { pod }, { report, yes: flags.yes });
    await report.lines(({ name, expiresMs }) =>
      `${formatValue(name)} may act until ${formatTime(expiresMs)}`
    );
    return exitCode;
  },
});
