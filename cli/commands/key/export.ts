/** `peri key export`. @module */

import type { KeyTools } from "../../../runtime/mod.ts";
import { encodeUtf8 } from "../../../runtime/model/bytes.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import type { Fingerprint } from "../../../runtime/model/words.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { KEY_ARGUMENT, warn } from "../../keys.ts";
import { formatJsonLine, printLine } from "../../output.ts";

export default command({
  about: "Print a key, ASCII armored, or your SSH key",
  details:
    "The certificate, which is public, unless --secret or --revocation says otherwise; gpg --import " +
    "reads all of them. With --ssh the part of it by which you come in by SSH: the line for " +
    "authorized_keys, as gpg --export-ssh-key prints it. --ssh --secret --to FILE writes the file " +
    "that ssh -i takes, locked with a passphrase; who has gpg-agent does not need it.",
  json: true,
  flags: {
    secret: toggle("The secret key, locked with your passphrase"),
    revocation: toggle("What takes the key out of use for good; keep it as safe as the key"),
    ssh: toggle("The part that authenticates, as an SSH key"),
    to: text("file", "Where the secret SSH key is written; nothing is there yet"),
    unprotected: toggle("Print a secret key even when no passphrase locks it"),
  },
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    refuseMixed(flags);
    const { choosePerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys();
    const { fingerprint } = await choosePerson(tools, wanted);
    if (flags.ssh && flags.secret) return await writeSsh(context, tools, fingerprint, flags);
    const text = await publicText(tools, fingerprint, flags);
    const { stdout } = context.streams;
    const name = flags.ssh ? "ssh" : "armor";
    const record = JSON.stringify({ fingerprint, [name]: text });
    await printLine(stdout, flags.json ? record : text.trimEnd());
    if ((flags.secret || flags.revocation) && !stdout.isTerminal) {
      await warn(context, "whoever reads this may act as you; a file of it wants chmod 600");
    }
    return 0;
  },
});

interface Wish {
  readonly secret: boolean;
  readonly revocation: boolean;
  readonly ssh: boolean;
  readonly to: string | undefined;
  readonly unprotected: boolean;
  readonly json: boolean;
}

function refuseMixed({ secret, revocation, ssh, to }: Wish): void {
  const refuse = (subject: string, hint: string) =>
    new PeriError("invalid", { op: "export the key", subject, hint });
  if (revocation && (secret || ssh)) {
    const other = secret ? "--secret" : "--ssh";
    throw refuse(`${other} and --revocation are two different things`, "export one by one");
  }
  const isSshFile = ssh && secret;
  if (isSshFile && to === undefined) {
    throw refuse("a secret SSH key is not printed: ssh takes it from a file alone", "--to FILE");
  }
  if (!isSshFile && to !== undefined) {
    throw refuse("--to is for --ssh --secret", "redirect the output; peri key backup --to FILE");
  }
}

async function publicText(
  tools: KeyTools,
  person: Fingerprint,
  { secret, revocation, ssh, unprotected }: Wish,
): Promise<string> {
  const { exportPerson, exportSshKey } = await import("../../../runtime/mod.ts");
  if (ssh) return await exportSshKey(tools, person);
  if (revocation) return await tools.keyring.revocation(person);
  return await exportPerson(tools, person, { secret, evenUnprotected: unprotected });
}

async function writeSsh(
  { files, streams: { stdout, stderr } }: Context,
  tools: KeyTools,
  fingerprint: Fingerprint,
  { to, unprotected, json }: Wish,
): Promise<number> {
  const { exportSshSecret } = await import("../../../runtime/mod.ts");
  const text = await exportSshSecret(tools, fingerprint, { evenUnprotected: unprotected });
  await files.write(to!, [encodeUtf8(text)], { isNew: true, isSecret: true });
  if (json) await printLine(stdout, formatJsonLine({ fingerprint, file: to! }));
  else await printLine(stderr, `wrote ${to}: ssh -i ${to} …`);
  return 0;
}
