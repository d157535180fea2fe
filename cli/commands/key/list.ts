/** `peri key list`. @module */

import { formatFingerprint, parseFingerprint } from "../../../runtime/model/words.ts";
import { command } from "../../command.ts";
import { keyRecord, warn } from "../../keys.ts";
import { formatTime, formatValue, Report } from "../../output.ts";

export default command({
  about: "List your keys",
  json: true,
  async run(context, flags) {
    const { listPersons } = await import("../../../runtime/mod.ts");
    const report = new Report(context, flags.json);
    const keys = await listPersons(await context.keys());
    for (const key of keys) await report.add(keyRecord(key));
    await report.table(
      [
        {
          field: "fingerprint",
          format: (value) => formatFingerprint(parseFingerprint(String(value))),
        },
        {
          field: "userIds",
          title: "user id",
          format: (value, { default: isDefault }) =>
            formatValue(Array.isArray(value) ? value[0] : value) + (isDefault ? " (default)" : ""),
        },
        { field: "secret" },
        {
          // Shown for every key, which a time that may be missing is not.
          field: "revoked",
          title: "expires",
          format: (_, { expiresMs, revoked }) =>
            revoked ? "revoked" : formatTime(expiresMs) || "never",
        },
      ],
      'No keys yet. peri key init --name "Your Name" makes one, peri key import brings yours.',
    );
    if (flags.json) return 0;
    for (const { what, hint } of keys.flatMap(({ warnings }) => warnings)) {
      await warn(context, `${what}: ${hint}`);
    }
    return 0;
  },
});
