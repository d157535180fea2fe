/** `peri pod info`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { Report } from "../../output.ts";

export default command({
  about: "Show a pod: what it offers, its limits, its behalf",
  json: true,
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "pod.info", { pod }, { report });
    await report.fields();
    return exitCode;
  },
});
