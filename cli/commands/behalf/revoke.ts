/** `peri behalf revoke`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import type { RevocationReason } from "../../../runtime/mod.ts";
import { describeDone } from "../../behalfs.ts";
import { command, text, toggle } from "../../command.ts";
import type { Permission } from "../../context.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { printLine, Report } from "../../output.ts";

const REASONS: Readonly<Record<RevocationReason, string>> = {
  retired: "it is no longer used",
  superseded: "another takes its place",
  compromised: "somebody else may have its key",
  unspecified: "no reason is given",
};

export default command({
  about: "Let a pod act for you no more",
  details: "The pod stops, friends are told, and whoever writes to it hears that it is over. " +
    "peri behalf renew lets it act again, unless its key is compromised: then it is removed and " +
    "installed anew. A pod of yours on a server that you have lost is revoked from here too.",
  json: true,
  flags: {
    reason: text("why", `${Object.keys(REASONS).join(", ")}; else unspecified`),
    yes: toggle("Sign without asking"),
  },
  arguments: [{ name: "pod", about: "Names of pods", count: "many", complete: podNames }],
  async run(context, flags, ...pods) {
    if (pods.length === 0) {
      const subject = "no pod is named";
      throw new PeriError("invalid", { op: "revoke", subject, hint: "peri behalf list" });
    }
    const reason = reasonOf(flags.reason ?? "unspecified");
    const report = new Report(context, flags.json);
    const fits = ({ pod, revoked }: Permission) => revoked === reason && pods.includes(pod);
    const taking = { report, yes: flags.yes, fits };
    let exitCode: number;
    try {
      exitCode = await control(context, "behalf.revoke", { pods, reason }, taking);
    } finally {
      await report.lines(describeDone);
    }
    if (flags.json) return exitCode;
    const again = reason === "compromised" ? "peri pod remove" : "peri behalf renew";
    await printLine(context.streams.stderr, `Way back: ${again} ${pods.join(" ")}`);
    return exitCode;
  },
});

function reasonOf(word: string): RevocationReason {
  if (Object.hasOwn(REASONS, word)) return word as RevocationReason;
  const lines = Object.entries(REASONS).map(([reason, meaning]) => `${reason} (${meaning})`);
  throw new PeriError("invalid", {
    op: "revoke",
    subject: `${JSON.stringify(word)} is no reason`,
    hint: `--reason ${lines.join(", ")}`,
  });
}
