/** `peri key unsign`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { concatBytes, parseBase64 } from "../../../runtime/model/bytes.ts";
import { formatFingerprint } from "../../../runtime/model/words.ts";
import { command, text, toggle } from "../../command.ts";
import { PASSPHRASE_FLAGS, passphraseSource } from "../../keys.ts";
import { printable, printLine, Report } from "../../output.ts";
import { askYes } from "../../prompt.ts";
import { ask, findSomeone, giveRing, WHO_ARGUMENT } from "../../trust.ts";

const OP = "take a signature back";

export default command({
  about: "Take back what you signed of somebody's key",
  details: "Others learn of it as they learned of the signature. peri key sign signs anew.",
  json: true,
  flags: {
    key: text("key", "The key of yours that signed; else your default key"),
    yes: toggle("Take it back without asking"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [WHO_ARGUMENT],
  async run(context, flags, who) {
    const { choosePerson, unsignPerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const own = (await choosePerson(tools, flags.key)).fingerprint;
    const { person, certificate, signed } = await findSomeone(context, who!, own);
    if (signed.length === 0) {
      const subject = `you have signed nothing of ${formatFingerprint(person)}`;
      throw new PeriError("not-found", { op: OP, subject, hint: "peri key trust" });
    }
    await printLine(context.streams.stderr, `This takes back what you signed of`);
    for (const userId of signed) {
      await printLine(context.streams.stderr, `    ${printable(userId)}`);
    }
    if (!flags.yes && !await askYes(context, "Take it back?")) {
      throw new PeriError("denied", { op: OP, subject: "you said no" });
    }
    const kept = await ask(context, "trust.export", {}, own);
    const rings = kept.filter((each) => each.subject === person)
      .map(({ keyring }) => parseBase64(String(keyring)));
    const ring = concatBytes(rings);
    await giveRing(context, await unsignPerson(tools, own, ring, certificate, signed), own);
    const report = new Report(context, flags.json);
    await report.add({ person, userIds: [...signed], revoked: true });
    await report.lines(() => `taken back: ${formatFingerprint(person)}  ${printable(signed[0]!)}`);
    return 0;
  },
});
