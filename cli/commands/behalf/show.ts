/** `peri behalf show`. @module */

import { encodeUtf8, parseBase64 } from "../../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../../runtime/model/control.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { formatFingerprint } from "../../../runtime/model/words.ts";
import { command, text } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatJsonLine, formatTime, printLine } from "../../output.ts";

const OP = "show a behalf";

export default command({
  about: "Show the behalf of a pod, with its signature checked",
  details: "The document goes to standard output as it was signed, what is to be said of it to " +
    "standard error: peri behalf show hey --signature-to behalf.sig > behalf.txt; " +
    "gpg --verify behalf.sig behalf.txt",
  json: true,
  flags: { signatureTo: text("file", "Write the detached signature to a new file") },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const records: JsonRecord[] = [];
    const report = { add: (record: JsonRecord) => Promise.resolve(void records.push(record)) };
    await control(context, "behalf.show", { pod }, { report });
    const introduction = introductionOf(records[0]);
    const { behalf, why } = await judge(context, introduction);
    const { document, signature } = introduction;
    if (flags.signatureTo !== undefined) {
      await context.files.write(flags.signatureTo, [signature], { isNew: true });
    }
    const { stdout, stderr } = context.streams;
    if (flags.json) {
      const good = why === undefined;
      const record = { ...records[0]!, good, ...(good ? {} : { why: why.message }) };
      await printLine(stdout, formatJsonLine(record));
      return why?.exitCode ?? 0;
    }
    await stdout.write(encodeUtf8(document));
    if (why !== undefined) throw why;
    const end = behalf.revoked === undefined
      ? `in force until ${formatTime(behalf.expiresMs)}`
      : `revoked (${behalf.revoked})`;
    const signer = formatFingerprint(behalf.person);
    await printLine(stderr, `good signature of ${signer}, ${end}`);
    return 0;
  },
});

/** What the periphery has said, which is checked here and not there. */
function introductionOf(record: JsonRecord | undefined) {
  const { document, signature, certificate } = record ?? {};
  if (
    typeof document === "string" && typeof signature === "string" && typeof certificate === "string"
  ) {
    return {
      document,
      signature: parseBase64(signature),
      certificate: parseBase64(certificate),
    };
  }
  throw new PeriError("damaged", { op: OP, subject: "the periphery has shown none" });
}

async function judge(context: Context, introduction: ReturnType<typeof introductionOf>) {
  const { checkIntroduction, parseBehalf } = await import("../../../runtime/mod.ts");
  const behalf = parseBehalf(introduction.document);
  const { pgp, clock } = await context.keys();
  const why = await checkIntroduction(pgp, introduction, clock.nowMs()).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof PeriError) return error;
      throw error;
    },
  );
  return { behalf, why };
}
