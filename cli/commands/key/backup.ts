/** `peri key backup`. @module */

import { decodeUtf8, encodeUtf8 } from "../../../runtime/model/bytes.ts";
import type { Backup, KeyTools } from "../../../runtime/mod.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import {
  describeKey,
  KEY_ARGUMENT,
  MAX_BACKUP_BYTES,
  PASSPHRASE_FLAGS,
  passphraseSource,
} from "../../keys.ts";
import { formatJsonLine, printLine } from "../../output.ts";

export default command({
  about: "Copy your secret key for a drawer: a file, or lines to print",
  details:
    "Locked with the passphrase of the key, or with one of its own. What is written is read " +
    "back and opened before peri says that it is good. A file is for you alone (mode 600); without " +
    "--to it is printed: peri key backup --paper | lpr. peri key restore brings it back, also from " +
    "a scan: every line has a check of its own.",
  json: true,
  flags: {
    paper: toggle("Lines to print and to type or scan again, instead of ASCII armor"),
    to: text("file", "Write it there, where nothing is yet"),
    newPassphrase: toggle("Ask for a passphrase of its own, on the terminal"),
    newPassphraseFile: text("file", "Take that from the first line of a file"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    const { choosePerson, makeBackup, testBackup } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const key = await choosePerson(tools, wanted);
    if (flags.to !== undefined) await refuseTaken(context, flags.to);
    const fresh = await freshPassphrase(context, flags);
    const wish = { isPaper: flags.paper, ...(fresh && { fresh }) };
    const backup = await makeBackup(tools, key.fingerprint, wish);
    if (flags.to !== undefined) {
      await context.files.write(flags.to, [encodeUtf8(backup.text)], {
        isNew: true,
        isSecret: true,
      });
      const written = await context.files.read(flags.to, MAX_BACKUP_BYTES);
      await testBackup(tools, backup, decodeUtf8(written));
    }
    await print(context, backup, flags);
    const where = flags.to === undefined ? "" : ` to ${flags.to}`;
    await printLine(
      context.streams.stderr,
      `backed up${where}, read back and opened: ${describeKey(key)}`,
    );
    return 0;
  },
});

async function refuseTaken(context: Context, path: string): Promise<void> {
  if (!await context.files.exists(path)) return;
  const subject = `${path} is there already`;
  throw new PeriError("exists", { op: "write file", subject, hint: "choose another name" });
}

async function freshPassphrase(
  context: Context,
  flags: { readonly newPassphrase: boolean; readonly newPassphraseFile: string | undefined },
): Promise<KeyTools["passphrase"] | undefined> {
  const { newPassphrase, newPassphraseFile: file } = flags;
  if (file !== undefined) return (await context.keys({ file })).passphrase;
  return newPassphrase ? (await context.keys({ isFresh: true })).passphrase : undefined;
}

/** To standard output goes the backup itself, or the record that says where it is. */
async function print(
  { streams: { stdout } }: Context,
  { fingerprint, text }: Backup,
  { json, to }: { readonly json: boolean; readonly to: string | undefined },
): Promise<void> {
  const record = to === undefined ? { fingerprint, text } : { fingerprint, file: to };
  if (json) await printLine(stdout, formatJsonLine(record));
  else if (to === undefined) await stdout.write(encodeUtf8(text));
}
