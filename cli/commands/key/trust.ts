/** `peri key trust`. @module */

import { concatBytes, formatBase64, parseBase64 } from "../../../runtime/model/bytes.ts";
import type { Json, JsonRecord } from "../../../runtime/model/control.ts";
import { MAX_KEYRING_BYTES } from "../../../runtime/model/limits.ts";
import { formatFingerprint, parseFingerprint } from "../../../runtime/model/words.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { readInput } from "../../keys.ts";
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
    import: text(
      "file",
      "Take signatures that others gave you, or that gpg or sq made; - is standard input",
    ),
    export: toggle("Write what was signed, as OpenPGP certificates in ASCII armor"),
  },
  arguments: [{ ...WHO_ARGUMENT, count: "optional" }],
  async run(context, flags, who) {
    if (flags.import !== undefined) return await importRing(context, flags.import, flags.json);
    const wish = who === undefined ? {} : { text: who };
    if (flags.export) return await exportRings(context, wish);
    const report = new Report(context, flags.json);
    const records = await ask(context, "trust.show", wish);
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

async function importRing(context: Context, file: string, json: boolean): Promise<number> {
  const limit = 2 * MAX_KEYRING_BYTES;
  const content = file === "-"
    ? await readInput(context, limit)
    : await context.files.read(file, limit);
  const tools = await context.keys();
  const ring = formatBase64(await tools.pgp.dearmorRing(content));
  const [record] = await ask(context, "trust.take", { keyring: ring });
  const report = new Report(context, json);
  await report.add(record!);
  await report.lines(({ taken, known }) => {
    const fresh = Array.isArray(taken) ? taken.length : 0;
    return `${fresh} signatures taken, ${Number(known)} known`;
  });
  return 0;
}

async function exportRings(context: Context, wish: JsonRecord): Promise<number> {
  const records = await ask(context, "trust.export", wish);
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
