/** `peri key import`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { MAX_CERTIFICATE_BYTES } from "../../../runtime/model/limits.ts";
import { formatFingerprint, parseFingerprint } from "../../../runtime/model/words.ts";
import type { KeyTools } from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { keyRecord, readInput, warn } from "../../keys.ts";
import { printable, Report } from "../../output.ts";
import { publishChange } from "../../publish.ts";

/** Armor of the largest key. */
const MAX_FILE_BYTES = 2 * MAX_CERTIFICATE_BYTES;

export default command({
  about: "Bring a key you have",
  details: "Takes what gpg --export-secret-keys writes, armored or not, from a file or standard " +
    "input. With --gpg the secret stays in GnuPG, or on its card, and gpg signs for you.",
  json: true,
  flags: {
    gpg: text("fingerprint", "Leave the secret in GnuPG; take the certificate from there"),
    replace: toggle("Bring a key that is kept up to date with this copy of it"),
    default: toggle("Use it from now on when nothing else is said"),
  },
  arguments: [{ name: "file", about: "A key; - is standard input", count: "optional" }],
  async run(context, flags, file) {
    const tools = await context.keys();
    const { key, unprotected } = await bring(context, tools, file, flags);
    if (flags.default) await tools.keyring.setDefault(key.fingerprint);
    if (unprotected) {
      await warn(context, "no passphrase protects this key; gpg --edit-key sets one");
    }
    const { showPerson } = await import("../../../runtime/mod.ts");
    const report = new Report(context, flags.json);
    await report.add(keyRecord(await showPerson(tools, key.fingerprint)));
    const where = { here: "", gpg: " (signs in gpg)", absent: " (certificate only)" }[key.custody];
    const name = printable(key.userIds[0] ?? "");
    await report.lines(() => `imported ${formatFingerprint(key.fingerprint)}  ${name}${where}`);
    if (flags.replace) await publishChange(context, tools, key.fingerprint, flags.json);
    return 0;
  },
});

async function bring(
  context: Context,
  tools: KeyTools,
  file: string | undefined,
  { gpg, replace }: { readonly gpg: string | undefined; readonly replace: boolean },
) {
  const { importFromGpg, importPerson } = await import("../../../runtime/mod.ts");
  if (gpg !== undefined && file !== undefined) throw refuse("--gpg takes the key from gpg alone");
  if (gpg !== undefined) {
    const key = await importFromGpg(tools, parseFingerprint(gpg), { replace });
    return { key, unprotected: false };
  }
  if (file === undefined && context.streams.stdin.isTerminal) throw refuse("no file is named");
  const content = file === undefined || file === "-"
    ? await readInput(context, MAX_FILE_BYTES)
    : await context.files.read(file, MAX_FILE_BYTES);
  if (content.every((byte) => byte <= BLANK)) throw refuse("there is nothing in what was given");
  try {
    return await importPerson(tools, content, { replace });
  } catch (error) {
    if (!(error instanceof PeriError) || error.kind !== "damaged" || error.hint) throw error;
    throw refuse("what was given is no OpenPGP key, or not all of one", error);
  }
}

/** No byte of text up to this one can be seen. */
const BLANK = 0x20;

function refuse(subject: string, cause?: PeriError): PeriError {
  const hint = "gpg --export-secret-keys FINGERPRINT | peri key import, or peri key import --gpg " +
    "FINGERPRINT to leave the secret there";
  const kind = cause?.kind ?? "invalid";
  return new PeriError(kind, { op: "import the key", subject, hint, cause });
}
