/** `peri key trust`. @module */

import { concatBytes, parseBase64 } from "../../../runtime/model/bytes.ts";
import type { Json, JsonRecord } from "../../../runtime/model/control.ts";
import { formatFingerprint, parseFingerprint } from "../../../runtime/model/words.ts";
import { command, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { printable, Report } from "../../output.ts";
import { ask, formatPath, WHO_ARGUMENT } from "../../trust.ts";

export default command({
  about: "Show whose keys are certified to you, and by which ways",
  details:
    "You certify with peri key sign; others whom you trust to certify do, too, and their word " +
    "counts as much as you said. Whoever comes to 120 is certified: one full word, or two " +
    "partial ones. --export writes the signatures for gpg --import.",
  json: true,
  flags: {
    export: toggle("Write what was signed, as OpenPGP certificates in ASCII armor"),
  },
  arguments: [{ ...WHO_ARGUMENT, count: "optional" }],
  async run(context, flags, who) {
    const text = who === undefined ? {} : { text: who };
    if (flags.export) return await exportRings(context, text);
    const report = new Report(context, flags.json);
    const records = await ask(context, "trust.show", text);
    for (const record of records) await report.add(record);
    if (who === undefined) {
      await report.table([
        { field: "distance" },
        { field: "name" },
        { field: "userId", title: "user id" },
        { field: "person", title: "fingerprint" },
      ], "nobody is certified to you: peri key sign WHO");
    } else await report.lines((record) => explain(record).join("\n"));
    return 0;
  },
});

async function exportRings(context: Context, text: JsonRecord): Promise<number> {
  const records = await ask(context, "trust.export", text);
  const rings = records.map(({ keyring }) => parseBase64(String(keyring)));
  const tools = await context.keys();
  if (rings.length === 0) return 0;
  const armor = await tools.pgp.armorRing(concatBytes(rings));
  await context.streams.stdout.write(new TextEncoder().encode(armor));
  return 0;
}

/** All that is known of one person's standing, in lines. */
function explain({ person, name, distance, users }: JsonRecord): string[] {
  const called = name === undefined ? "" : `${printable(String(name))}  `;
  const head = `${called}${formatFingerprint(parseFingerprint(String(person)))}`;
  if (distance === 0) return [head, "  this is you"];
  const list = Array.isArray(users) ? users as JsonRecord[] : [];
  if (list.length === 0) return [head, "  nobody whom you trust has certified them"];
  return [head, ...list.flatMap(explainUser)];
}

function explainUser({ userId, amount, paths, more }: JsonRecord): string[] {
  const worth = amount === 120 ? "certified" : `not certified: ${Number(amount)} of 120`;
  const ways = (Array.isArray(paths) ? paths as JsonRecord[] : []).map((path) =>
    `    ${formatPath(path.steps as Json)}`
  );
  const rest = Number(more) > 0 ? [`    and ${Number(more)} more`] : [];
  return [`  ${printable(String(userId))}  ${worth}`, ...ways, ...rest];
}
