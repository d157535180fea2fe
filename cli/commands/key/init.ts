/** `peri key init`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { formatFingerprint } from "../../../runtime/model/words.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { keyRecord, parseExpiry, PASSPHRASE_FLAGS, passphraseSource, warn } from "../../keys.ts";
import { printLine, Report } from "../../output.ts";
import { askLine } from "../../prompt.ts";

/** Long enough to forget about, short enough that a lost key does not speak for ever. */
const DEFAULT_LIFE = "3y";

export default command({
  about: "Make your key",
  details: "An OpenPGP key that GnuPG understands: its primary part only certifies, other parts " +
    "sign, encrypt and authenticate. It stays on this computer, locked with your passphrase, and " +
    "is written with a revocation certificate (peri key export --revocation), which " +
    "--revocation-to puts elsewhere: whoever has it can end the key, and you can, without the key.",
  json: true,
  flags: {
    name: text("name", "Your name, or the name you want to be known by"),
    email: text("address", "Shown beside the name; need not exist"),
    expires: text("when", `never, 90d, 8w, 18m, 2y or a day; else ${DEFAULT_LIFE}`),
    revocationTo: text("file", "Write the revocation certificate there, and keep none at home"),
    noPassphrase: toggle("Leave the key unlocked: whoever reads its file is you"),
    default: toggle("Use it from now on when nothing else is said"),
    ...PASSPHRASE_FLAGS,
  },
  async run(context, flags) {
    const userId = formatUserId(await nameOf(context, flags.name), flags.email);
    const { initPerson, showPerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const expiresMs = parseExpiry(flags.expires ?? DEFAULT_LIFE, tools.clock.nowMs());
    const made = await initPerson(tools, {
      userId,
      unprotected: flags.noPassphrase,
      ...keepingElsewhere(context, userId, flags.revocationTo),
      ...(expiresMs === undefined ? {} : { expiresMs }),
    });
    if (flags.default) await tools.keyring.setDefault(made.fingerprint);
    if (flags.noPassphrase) await warn(context, "no passphrase protects this key");
    const report = new Report(context, flags.json);
    await report.add(keyRecord(await showPerson(tools, made.fingerprint)));
    await report.lines(() => `made ${formatFingerprint(made.fingerprint)}  ${userId}`);
    if (!flags.json) {
      await printLine(context.streams.stderr, "Keep a copy where this computer cannot lose it:");
      await printLine(context.streams.stderr, "  peri key backup");
    }
    return 0;
  },
});

function keepingElsewhere(context: Context, userId: string, path: string | undefined) {
  if (path === undefined) return {};
  return {
    async keepRevocation(armor: string) {
      const head = `Revocation certificate of ${userId}. It ends the key, for good:\n` +
        "peri key revoke --certificate FILE, or gpg --import FILE.\n\n";
      const pieces = [new TextEncoder().encode(head + armor)];
      await context.files.write(path, pieces, { isNew: true, isSecret: true });
    },
  };
}

async function nameOf(context: Context, given: string | undefined): Promise<string> {
  const hint = 'peri key init --name "Your Name"';
  const name = given ?? await askLine(context, "Your name: ", hint);
  if (name.trim() !== "" && !/[<>()]/.test(name)) return name.trim();
  throw new PeriError("invalid", {
    op: "make a key",
    subject: `${JSON.stringify(name.slice(0, 80))} is no name: it is empty or has < > ( )`,
    hint,
  });
}

function formatUserId(name: string, email: string | undefined): string {
  if (email === undefined) return name;
  if (/^[^\s@<>()]+@[^\s@<>()]+$/.test(email)) return `${name} <${email}>`;
  throw new PeriError("invalid", {
    op: "make a key",
    subject: `${JSON.stringify(email.slice(0, 80))} is no address`,
    hint: "write it as alice@example.org",
  });
}
