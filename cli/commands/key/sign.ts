/** `peri key sign`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { MAX_CERTIFICATE_BYTES } from "../../../runtime/model/limits.ts";
import {
  type Fingerprint,
  formatFingerprint,
  parseFingerprint,
} from "../../../runtime/model/words.ts";
import type { CertificationWish, KeyTools } from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { parseExpiry, PASSPHRASE_FLAGS, passphraseSource } from "../../keys.ts";
import { formatTime, printable, printLine, Report } from "../../output.ts";
import { askYes } from "../../prompt.ts";
import {
  findSomeone,
  formatAmount,
  giveRing,
  showFingerprint,
  type Someone,
  WHO_ARGUMENT,
} from "../../trust.ts";

const OP = "sign a key";
const AMOUNTS: Readonly<Record<string, number>> = { partial: 60, full: 120 };

export default command({
  about: "Say that a key is really the person's, after comparing fingerprints",
  details:
    "Compare the fingerprint with the person themselves, face to face or by a voice you know. " +
    "Your signature goes to your server, and to others with your hey pod; gpg takes it, too " +
    "(peri key trust WHO --export). With --depth 1 you also trust them to say whose keys are " +
    "whose, with 2 to name others who may, and so on. To sign again replaces what you signed.",
  json: true,
  flags: {
    depth: text("n", "How far they may certify others; else 0, not at all"),
    amount: text("how", "How much their word counts: partial (two are needed), or full; else full"),
    domain: text("name", "Only what they certify of mail addresses there counts"),
    regex: text("expression", "The same by a regular expression over user ids (RFC 9580)"),
    expires: text("when", "never, 90d, 8w, 18m, 2y or a day; else never"),
    only: text("text", "Only user ids with this in them; else all"),
    fingerprint: text("digits", "The fingerprint as they gave it to you, instead of a question"),
    file: text("file", "Their certificate from a file, when nobody you know has it"),
    key: text("key", "The key of yours to sign with; else your default key"),
    yes: toggle("You have compared the fingerprint"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [{ ...WHO_ARGUMENT, count: "optional" }],
  async run(context, flags, who) {
    const { choosePerson, signPerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const own = (await choosePerson(tools, flags.key)).fingerprint;
    const other = await someone(context, tools, own, who, flags.file);
    const { userIds } = await tools.pgp.inspect(other.certificate);
    const wish = await wishOf(tools, flags, userIds);
    await show(context, other, wish);
    await compare(context, other, flags);
    const ring = await signPerson(tools, own, other.certificate, wish);
    await giveRing(context, ring, own);
    const report = new Report(context, flags.json);
    const { depth, amount, regex = null, expiresMs = null } = wish;
    await report.add({
      person: other.person,
      userIds: [...wish.userIds],
      depth,
      amount,
      regex,
      expiresMs,
    });
    await report.lines(() =>
      `signed ${formatFingerprint(other.person)}  ${printable(wish.userIds[0]!)}`
    );
    return 0;
  },
});

async function someone(
  context: Context,
  tools: KeyTools,
  own: Fingerprint,
  who: string | undefined,
  file: string | undefined,
): Promise<Someone> {
  if ((who === undefined) === (file === undefined)) {
    throw new PeriError("invalid", {
      op: OP,
      subject: "one person is to be named, or a file with their certificate",
      hint: "peri key sign alice, or peri key sign --file alice.asc",
    });
  }
  if (who !== undefined) return await findSomeone(context, who, own);
  const content = await context.files.read(file!, 2 * MAX_CERTIFICATE_BYTES);
  const { keys } = await tools.pgp.certifications(content, []);
  if (keys.length === 1) {
    return { person: keys[0]!.fingerprint, certificate: keys[0]!.certificate, signed: [] };
  }
  const subject = `${file} holds ${keys.length} certificates`;
  throw new PeriError("invalid", { op: OP, subject, hint: "gpg --export FINGERPRINT writes one" });
}

interface Terms {
  readonly depth: string | undefined;
  readonly amount: string | undefined;
  readonly domain: string | undefined;
  readonly regex: string | undefined;
  readonly expires: string | undefined;
  readonly only: string | undefined;
}

async function wishOf(
  tools: KeyTools,
  { depth, amount, domain, regex, expires, only }: Terms,
  userIds: readonly string[],
): Promise<CertificationWish> {
  const { domainRegex } = await import("../../../runtime/mod.ts");
  const meant = userIds.filter((userId) =>
    only === undefined || userId.toLowerCase().includes(only.toLowerCase())
  );
  if (meant.length === 0) {
    const subject = only === undefined ? "the key names nobody" : `no user id of it has ${only}`;
    throw new PeriError("not-found", { op: OP, subject });
  }
  if (domain !== undefined && regex !== undefined) {
    throw new PeriError("invalid", { op: OP, subject: "--domain and --regex bound the same" });
  }
  const bound = domain === undefined ? regex : domainRegex(domain);
  const expiresMs = expires === undefined ? undefined : parseExpiry(expires, tools.clock.nowMs());
  return {
    userIds: meant,
    depth: Number(depth ?? 0),
    amount: Number(depth ?? 0) === 0 ? 0 : AMOUNTS[amount ?? "full"] ?? Number(amount),
    ...(bound === undefined ? {} : { regex: bound }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
}

async function show(
  context: Context,
  { person, name }: Someone,
  { userIds, depth, amount, regex, expiresMs }: CertificationWish,
): Promise<void> {
  const { stderr } = context.streams;
  const say = (line: string) => printLine(stderr, line);
  await say(
    `You are about to sign that this key${
      name ? `, which you call ${printable(name)},` : ""
    } belongs to`,
  );
  for (const userId of userIds) await say(`    ${printable(userId)}`);
  await showFingerprint(context, person);
  if (depth > 0) {
    await say(
      `Their own signatures will count for you: ${formatAmount(amount)}, depth ${depth}` +
        (regex === undefined ? "" : `, only for ${printable(regex)}`),
    );
  }
  if (expiresMs !== undefined) await say(`It expires ${formatTime(expiresMs)}`);
}

async function compare(
  context: Context,
  { person, invited }: Someone,
  { yes, fingerprint }: { readonly yes: boolean; readonly fingerprint: string | undefined },
): Promise<void> {
  if (fingerprint !== undefined) {
    if (parseFingerprint(fingerprint) === person) return;
    const subject = `the key is ${formatFingerprint(person)}, not the one you named`;
    throw new PeriError("denied", { op: OP, subject });
  }
  if (yes) return;
  if (invited !== undefined) {
    const when = `${formatTime(invited.atMs)}${invited.note && ` (${printable(invited.note)})`}`;
    await printLine(context.streams.stderr, `They came by your invitation on ${when}.`);
    if (await askYes(context, "Do these names belong to whom you sent it? Sign?")) return;
  } else if (await askYes(context, "Have you compared this with them, by a way that you trust?")) {
    return;
  }
  throw new PeriError("denied", { op: OP, subject: "you said no" });
}
