/** `peri key show`. @module */

import { formatFingerprint } from "../../../runtime/model/words.ts";
import { command } from "../../command.ts";
import { KEY_ARGUMENT, keyRecord } from "../../keys.ts";
import { Report } from "../../output.ts";

export default command({
  about: "Show one of your keys",
  json: true,
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    const { choosePerson } = await import("../../../runtime/mod.ts");
    const key = await choosePerson(await context.keys(), wanted);
    const report = new Report(context, flags.json);
    const record = keyRecord(key);
    await report.add(
      flags.json ? record : {
        ...record,
        fingerprint: formatFingerprint(key.fingerprint),
        expiresMs: key.expiresMs ?? "never",
      },
    );
    await report.fields();
    return 0;
  },
});
