/** `peri behalf renew`. @module */

import type { JsonRecord } from "../../../runtime/model/control.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { command, text, toggle } from "../../command.ts";
import { describeDone } from "../../behalfs.ts";
import type { Permission } from "../../context.ts";
import { control } from "../../control.ts";
import { parseExpiry } from "../../keys.ts";
import { podNames } from "../../lookup.ts";
import { printLine, Report } from "../../output.ts";

export default command({
  about: "Let your pods act for longer",
  details: "Signs new behalfs, asking once for all of them and once for your passphrase. Without " +
    "pods and --all, those that have ended or end within 30 days. Friends are told; messages that " +
    "waited go on. A pod that was revoked is named to let it act again. What was interrupted is " +
    "gone on with by typing it again.",
  json: true,
  flags: {
    all: toggle("All your pods here that are not revoked"),
    expires: text("when", "90d, 8w, 18m, 2y or a day, at most ten years ahead; else 1y from now"),
    yes: toggle("Sign without asking"),
  },
  arguments: [{ name: "pod", about: "Names of pods", count: "many", complete: podNames }],
  async run(context, flags, ...pods) {
    if (flags.all && pods.length > 0) {
      throw new PeriError("invalid", {
        op: "renew behalfs",
        subject: "--all and the names of pods are two different things",
        hint: "say one",
      });
    }
    const expiresMs = flags.expires === undefined
      ? undefined
      : parseExpiry(flags.expires, context.nowMs());
    if (flags.expires !== undefined && expiresMs === undefined) throw neverEnds();
    const report = new Report(context, flags.json);
    const named = pods.length === 0 ? {} : { pods };
    let count = 0;
    const add = (record: JsonRecord) => (count++, report.add(record));
    const wishes = { ...named, all: flags.all, expiresMs };
    const fits = ({ pod, revoked }: Permission) =>
      revoked === undefined && (pods.length === 0 || pods.includes(pod));
    let exitCode: number;
    try {
      const taking = { report: { add }, yes: flags.yes, fits };
      exitCode = await control(context, "behalf.renew", wishes, taking);
    } finally {
      await report.lines(describeDone);
    }
    if (count === 0 && !flags.json) {
      await printLine(context.streams.stderr, "Nothing ends within 30 days; --all renews all.");
    }
    return exitCode;
  },
});

function neverEnds(): PeriError {
  return new PeriError("invalid", {
    op: "renew behalfs",
    subject: "a behalf ends some day",
    hint: "--expires takes 90d, 8w, 18m, 2y or a day such as 2030-12-31, at most ten years ahead",
  });
}
