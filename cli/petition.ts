/**
 * Requests to vouch that go by letter: asking friends, gathering their answers, and what a friend is
 * shown before they answer.
 *
 * @module
 */

import { formatBase64, parseBase64 } from "../runtime/model/bytes.ts";
import type { JsonRecord } from "../runtime/model/control.ts";
import { PeriError } from "../runtime/model/errors.ts";
import { type Fingerprint, formatFingerprint, parseFingerprint } from "../runtime/model/words.ts";
import type { Lineage } from "../runtime/mod.ts";
import type { Context } from "./context.ts";
import { formatTime, printable, printLine, Report } from "./output.ts";
import { writeLineage } from "./lineage.ts";
import { ask } from "./trust.ts";

/** A succession that friends have yet to sign. */
export interface Wanted {
  readonly lineage: Lineage;
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly missing: number;
}

/** Has the person's hey pod ask the friends whom the old key has named. The exit code. */
export async function askByLetter(
  context: Context,
  { lineage, from, to, missing }: Wanted,
  { out, json }: { readonly out: string | undefined; readonly json: boolean },
): Promise<number> {
  const { encodeLineage } = await import("../runtime/mod.ts");
  if (out !== undefined) await writeLineage(context, lineage, out);
  const wish = { lineage: formatBase64(encodeLineage(lineage)) };
  const [record] = await ask(context, "key.ask", wish, elsewhere(context, to));
  const friends = Array.isArray(record?.friends) ? record.friends.map(String) : [];
  const report = new Report(context, json);
  await report.add({ from, to, missing, friends });
  await report.lines(() =>
    [
      `asked ${friends.length === 1 ? "1 friend" : `${friends.length} friends`} by letter; ` +
      `${missing} must sign. Speak with them: they compare the new key,`,
      `    ${formatFingerprint(to)}`,
      `Then: peri key succeed --answers --to ${to} --from ${from}`,
    ].join("\n")
  );
  return 0;
}

/** What friends have answered by letter; who has not is said. @throws {PeriError} `not-found`. */
export async function answersTo(
  context: Context,
  from: Fingerprint,
  to: Fingerprint,
): Promise<Lineage[]> {
  const { decodeLineage } = await import("../runtime/mod.ts");
  const friends = await ask(context, "key.answers", { from, to }, elsewhere(context, to));
  const answers: Lineage[] = [];
  for (const { person, name, fate, lineage } of friends) {
    if (typeof lineage === "string") answers.push(decodeLineage(parseBase64(lineage)));
    const who = printable(String(name ?? formatFingerprint(parseFingerprint(String(person)))));
    await printLine(context.streams.stderr, `${who}: ${printable(String(fate))}`);
  }
  if (answers.length > 0) return ofOneText(answers);
  const hint = friends.length === 0
    ? "peri key succeed --to NEW --by friends --ask asks them"
    : "it goes on when they have: speak with them";
  throw new PeriError("not-found", {
    op: "gather answers",
    subject: friends.length === 0 ? "nobody was asked by letter" : "nobody has answered yet",
    hint,
  });
}

/** A friend may have answered an earlier request late: the text that most have signed counts. */
function ofOneText(answers: readonly Lineage[]): Lineage[] {
  const groups = [...Map.groupBy(answers, ({ successions }) => successions.at(-1)?.document)];
  return groups.map(([, group]) => group).sort((a, b) => b.length - a.length)[0]!;
}

/** Who asks there: on this computer whose server it is, elsewhere the one who comes in. */
function elsewhere(context: Context, to: Fingerprint): Fingerprint | undefined {
  return context.at === undefined ? undefined : to;
}

/** A petition that came by letter. */
export interface Petitioned {
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly lineage: Lineage;
  /** What the person calls the old key. */
  readonly name?: string;
}

/**
 * The petition that is meant.
 *
 * @param wanted how the fingerprint of the old or the new key begins, or the name of the old one;
 * undefined: the only one
 * @throws {PeriError} `not-found`, `conflict` when several fit.
 */
export async function petitionMeant(
  context: Context,
  wanted: string | undefined,
): Promise<Petitioned> {
  const { decodeLineage } = await import("../runtime/mod.ts");
  const all = await ask(context, "key.petitions", {});
  const fitting = all.filter((one) => wanted === undefined || isMeant(one, wanted));
  const [only, ...more] = fitting;
  if (only === undefined || more.length > 0) throw unclear(fitting, all.length);
  const { from, to, name, lineage, askedBy, receivedMs, why } = only;
  const who = String(askedBy) === String(from) ? "the old key" : "the new key";
  await printLine(
    context.streams.stderr,
    `A letter of ${formatTime(Number(receivedMs))}, sent by ${who}${
      name === undefined ? "" : `; the old key you call ${printable(String(name))}`
    }.`,
  );
  if (why !== undefined && why !== null) {
    await printLine(context.streams.stderr, `Your answer did not come there: ${String(why)}`);
  }
  return {
    from: parseFingerprint(String(from)),
    to: parseFingerprint(String(to)),
    lineage: decodeLineage(parseBase64(String(lineage))),
    ...(typeof name === "string" ? { name } : {}),
  };
}

function isMeant({ from, to, name }: JsonRecord, wanted: string): boolean {
  const digits = wanted.replaceAll(/[\s:]/g, "").toUpperCase();
  const isStart = digits.length >= 4 &&
    [from, to].some((key) => String(key).startsWith(digits));
  return isStart || String(name ?? "").toLowerCase() === wanted.toLowerCase();
}

function unclear(fitting: readonly JsonRecord[], all: number): PeriError {
  const op = "find who asks";
  if (fitting.length === 0) {
    const subject = all === 0 ? "nobody asks you by letter" : "none of those who ask is called so";
    return new PeriError("not-found", { op, subject, hint: "peri key vouch FILE takes a file" });
  }
  const list = fitting.map(({ to, name }) => `${String(to).slice(0, 8)} (${name ?? "no name"})`);
  return new PeriError("conflict", {
    op,
    subject: `${fitting.length} people ask: ${printable(list.join(", "))}`,
    hint: "peri key vouch --for <how the new key begins>",
  });
}
