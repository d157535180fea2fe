/** `peri server claim`. @module */

import { formatBase64 } from "../../../runtime/model/bytes.ts";
import { parseSshFingerprint } from "../../../runtime/model/ssh/key.ts";
import { findServer } from "../../../runtime/model/ssh/servers.ts";
import { command, text, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { meet } from "../../far.ts";
import { Report } from "../../output.ts";
import { askLine } from "../../prompt.ts";

export default command({
  about: "Make a new server elsewhere yours",
  details:
    "peri status on that server shows the claim code and the fingerprint of its host key, as " +
    "long as it belongs to nobody. You sign a behalf for it here; your key stays here.",
  json: true,
  flags: {
    code: text("claim-…", "The claim code; else it is asked"),
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
    const fingerprint = flags.fingerprint && parseSshFingerprint(flags.fingerprint);
    const introduction = { name, yes, ...(fingerprint && { fingerprint }) };
    const server = findServer(await far.read(), address!) ??
      await meet(context, address!, introduction);
    const code = flags.code ?? await askLine(context, "Claim code: ", "--code gives it");
    const way = { kind: "token", token: code.trim() } as const;
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
