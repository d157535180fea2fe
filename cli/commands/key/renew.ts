/** `peri key renew`. @module */

import { command, text } from "../../command.ts";
import {
  describeKey,
  KEY_ARGUMENT,
  keyRecord,
  parseExpiry,
  PASSPHRASE_FLAGS,
  passphraseSource,
} from "../../keys.ts";
import { formatTime, Report } from "../../output.ts";
import { publishChange } from "../../publish.ts";

/** As for a new key. */
const DEFAULT_LIFE = "3y";

export default command({
  about: "Let a key expire later",
  details:
    "Your key and its parts expire at the new time, also when they have expired already; a " +
    "part that you let expire or revoked before stays so. The fingerprint stays the same. " +
    "Your server, when it is here, is told, and tells your friends.",
  json: true,
  flags: {
    expires: text("when", `never, 90d, 8w, 18m, 2y or a day; else ${DEFAULT_LIFE} from now`),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    const { choosePerson, renewPerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const { fingerprint } = await choosePerson(tools, wanted);
    const expiresMs = parseExpiry(flags.expires ?? DEFAULT_LIFE, tools.clock.nowMs());
    const renewed = await renewPerson(tools, fingerprint, expiresMs);
    const report = new Report(context, flags.json);
    await report.add(keyRecord(renewed));
    await report.lines(() =>
      `${describeKey(renewed)} expires ${formatTime(renewed.expiresMs) || "never"}`
    );
    await publishChange(context, tools, fingerprint, flags.json);
    return 0;
  },
});
