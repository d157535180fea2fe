/** `peri key export`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { command, toggle } from "../../command.ts";
import { KEY_ARGUMENT, warn } from "../../keys.ts";

export default command({
  about: "Print a key, ASCII armored",
  details: "The certificate, which is public, unless --secret or --revocation says otherwise. " +
    "gpg --import reads all of them.",
  json: true,
  flags: {
    secret: toggle("The secret key, locked with your passphrase"),
    revocation: toggle("What takes the key out of use for good; keep it as safe as the key"),
    unprotected: toggle("Print a secret key even when no passphrase locks it"),
  },
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    if (flags.secret && flags.revocation) {
      const subject = "--secret and --revocation are two different things";
      throw new PeriError("invalid", { op: "export the key", subject, hint: "export one by one" });
    }
    const { choosePerson, exportPerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys();
    const { fingerprint } = await choosePerson(tools, wanted);
    const armor = flags.revocation
      ? await tools.keyring.revocation(fingerprint)
      : await exportPerson(tools, fingerprint, {
        secret: flags.secret,
        evenUnprotected: flags.unprotected,
      });
    const { stdout } = context.streams;
    const text = flags.json ? JSON.stringify({ fingerprint, armor }) : armor.trimEnd();
    await stdout.write(new TextEncoder().encode(`${text}\n`));
    if ((flags.secret || flags.revocation) && !stdout.isTerminal) {
      await warn(context, "whoever reads this may act as you; a file of it wants chmod 600");
    }
    return 0;
  },
});
