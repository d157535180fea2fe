/** `peri server claim`. @module */

import { decodeUtf8, formatBase64 } from "../../../runtime/model/bytes.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { parseSshFingerprint } from "../../../runtime/model/ssh/key.ts";
import { findServer } from "../../../runtime/model/ssh/servers.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { meet } from "../../far.ts";
import { Report } from "../../output.ts";
import { readInput } from "../../keys.ts";
import { askSecret } from "../../prompt.ts";

export default command({
  about: "Make a new server elsewhere yours",
  details:
    "peri status on that server shows the claim code and the fingerprint of its host key, as " +
    "long as it belongs to nobody. The code is asked for, and not shown; --code - reads it from " +
    "standard input, and written behind --code others on this computer may see it. You sign a " +
    "behalf for the server here; your key stays here.",
  json: true,
  flags: {
    code: text(
      "-",
      "Read the claim code from standard input; or the code itself, for others to see",
    ),
    name: text("name", "What you call it; by default its address"),
    fingerprint: text("SHA256:…", "What its host key is; nobody is asked then"),
    key: text("person", "Which of your keys; needed when you have several"),
    yes: toggle("Pin whatever answers now, and sign without asking"),
  },
  arguments: [{ name: "server|host:port", about: "Where its SSH port is; 2222 unless said" }],
  async run(context, flags, address) {
    const { person, certificate } = await (await context.signer()).chooseKey(flags.key);
    const far = await context.far();
    const { name, yes } = flags;
    const given = flags.code === "-" ? await readLine(context) : flags.code;
    const code = given === undefined ? undefined : parseCode(given);
    const fingerprint = flags.fingerprint && parseSshFingerprint(flags.fingerprint);
    const introduction = { name, yes, ...(fingerprint && { fingerprint }) };
    const server = findServer(await far.read(), address!) ??
      await meet(context, address!, introduction);
    const way = { kind: "token", token: code ?? parseCode(await askCode(context)) } as const;
    const there = Object.create(context, { dial: { value: () => far.dial(server, way) } });
    const report = new Report(context, flags.json);
    const wishes = { certificate: formatBase64(certificate) };
    const exitCode = await control(there, "claim", wishes, { report, yes, person });
    await report.lines(() =>
      `${server.name} is yours; next: peri --on ${server.name} pod install hey`
    );
    return exitCode;
  },
});

/** More than a code takes, with what stands around it. */
const MAX_CODE_BYTES = 1024;

function askCode(context: Context): Promise<string> {
  const hint = "peri server claim HOST:PORT --code - reads it from standard input";
  return askSecret(context, "Claim code (not shown): ", hint);
}

async function readLine(context: Context): Promise<string> {
  return decodeUtf8(await readInput(context, MAX_CODE_BYTES)).split("\n")[0]!;
}

/** @throws {PeriError} `invalid` for what cannot be a code; it is not repeated. */
function parseCode(text: string): string {
  const code = text.trim();
  if (/^claim-[\w-]+$/.test(code)) return code;
  throw new PeriError("invalid", {
    op: "claim a server",
    subject: "this is no claim code: they begin with claim-",
    hint: "peri status on that server shows it, as long as the server belongs to nobody",
  });
}
