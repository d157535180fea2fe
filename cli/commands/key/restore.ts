/** `peri key restore`. @module */

import { command, toggle } from "../../command.ts";
import {
  describeKey,
  keyRecord,
  MAX_BACKUP_BYTES,
  PASSPHRASE_FLAGS,
  passphraseSource,
  readInput,
  warn,
} from "../../keys.ts";
import { Report } from "../../output.ts";

export default command({
  about: "Bring a key back from a backup, or test that it could be",
  details: "Takes what peri key backup wrote: ASCII armor, or printed lines that were typed or " +
    "scanned, in any order. A line that does not fit its check is named. The key keeps the " +
    "passphrase of the backup.",
  json: true,
  flags: {
    check: toggle("Only read and open it; nothing is kept"),
    default: toggle("Use it from now on when nothing else is said"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [{ name: "file", about: "The backup; - is standard input" }],
  async run(context, flags, file) {
    const { openBackup, restoreBackup, showPerson } = await import("../../../runtime/mod.ts");
    const content = file === "-"
      ? await readInput(context, MAX_BACKUP_BYTES)
      : await context.files.read(file!, MAX_BACKUP_BYTES);
    const tools = await context.keys(passphraseSource(flags));
    const backup = await openBackup(tools, content);
    const report = new Report(context, flags.json);
    if (flags.check) {
      const { fingerprint, userIds } = backup.info;
      await report.add({ fingerprint, userIds, restored: false });
      await report.lines(() => `good: ${describeKey(backup.info)}`);
      return 0;
    }
    const { fingerprint } = await restoreBackup(tools, backup);
    if (flags.default) await tools.keyring.setDefault(fingerprint);
    const key = await showPerson(tools, fingerprint);
    await report.add(keyRecord(key));
    await report.lines(() => `restored ${describeKey(key)}`);
    if (key.revoked) await warn(context, "this key is revoked: nobody believes it");
    else if (key.expiresMs !== undefined && key.expiresMs <= tools.clock.nowMs()) {
      await warn(context, "this key has expired: peri key renew");
    }
    return 0;
  },
});
