/** `peri capability list`. @module */

import type { Json } from "../../../runtime/model/control.ts";
import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatValue, Report } from "../../output.ts";

/** Digits of a fingerprint that people are shown; `--json` has all. */
const SHORT = 12;

export default command({
  about: "List what your pods offer to others and need of them",
  details: "What only your own periphery calls (peri:face/…) is left out.",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "capability.list", {}, { report });
    const short = (value: Json | undefined) => formatValue(value).slice(0, SHORT);
    const names = (value: Json | undefined) => Object.keys(value ?? {}).map(String).join(", ");
    await report.table([
      { field: "interface" },
      { field: "capability", format: short },
      { field: "offeredBy", title: "offered by" },
      { field: "neededBy", title: "needed by" },
      { field: "functions", format: names },
    ], "Your pods offer nothing to others yet.");
    return exitCode;
  },
});
