/** `peri key passwd`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { command, text, toggle } from "../../command.ts";
import { describeKey, KEY_ARGUMENT, PASSPHRASE_FLAGS, passphraseSource, warn } from "../../keys.ts";
import { printLine, Report } from "../../output.ts";

export default command({
  about: "Change the passphrase that locks a key",
  details:
    "The key stays the same. Copies of it that were made before, such as backups, keep the " +
    "passphrase they have.",
  json: true,
  flags: {
    newPassphraseFile: text("file", "Take the new passphrase from the first line of a file"),
    noPassphrase: toggle("Leave the key unlocked: whoever reads its file is you"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    if (flags.noPassphrase && flags.newPassphraseFile !== undefined) {
      const subject = "--no-passphrase and --new-passphrase-file are two different things";
      throw new PeriError("invalid", { op: "change the passphrase", subject, hint: "say one" });
    }
    const { changePassphrase, choosePerson } = await import("../../../runtime/mod.ts");
    const source = passphraseSource(flags);
    const tools = await context.keys(source);
    const { fingerprint, userIds } = await choosePerson(tools, wanted);
    // A file that says the old one says nothing of the new one.
    const asked = { agent: flags.agent, isFresh: true };
    const fresh = flags.newPassphraseFile === undefined
      ? asked
      : { file: flags.newPassphraseFile, agent: false };
    await changePassphrase(tools, fingerprint, {
      fresh: (await context.keys(fresh)).passphrase,
      unprotected: flags.noPassphrase,
    });
    if (flags.noPassphrase) await warn(context, "no passphrase protects this key");
    const report = new Report(context, flags.json);
    await report.add({ fingerprint, locked: !flags.noPassphrase });
    const done = flags.noPassphrase ? "unlocked" : "locked with the new passphrase";
    await report.lines(() => `${done}: ${describeKey({ fingerprint, userIds })}`);
    if (!flags.json) {
      const line = "Backups keep the old one: peri key backup writes a new one.";
      await printLine(context.streams.stderr, line);
    }
    return 0;
  },
});
