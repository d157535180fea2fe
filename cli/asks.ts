/**
 * Answers what a periphery asks of the person: a signature, or yes or no. Everything shown here
 * comes from the periphery, which may be somebody else's: the document itself is read, never a
 * summary of it.
 *
 * @module
 */

import { formatBase64 } from "../runtime/model/bytes.ts";
import { PeriError } from "../runtime/model/errors.ts";
import type { Ask, JsonRecord } from "../runtime/model/control.ts";
import { formatFingerprint } from "../runtime/model/words.ts";
import type { Context, Permission } from "./context.ts";
import { formatTime, printable, printLine } from "./output.ts";
import { askYes } from "./prompt.ts";

/** Whether a behalf is what the person has typed a command for. */
export type Fits = (permission: Permission) => boolean;

/** What a command that says no more may have signed: one behalf that lets a pod act. */
const isLeave: Fits = ({ revoked }) => revoked === undefined;

/**
 * The value of the reply to an ask.
 *
 * @param yes the person has agreed beforehand (`--yes`); what is signed is shown all the same
 * @param fits what they have agreed to; without it several behalfs at once and revocations are refused
 * @throws {PeriError} `denied` when they refuse, or for what does not fit; `damaged` when a document
 * is no behalf, or is about another person than the ask says. @throws {Interrupted} on Ctrl-C.
 */
export async function answerAsk(
  context: Context,
  ask: Ask,
  yes: boolean,
  fits?: Fits,
): Promise<JsonRecord> {
  if (ask.kind === "sign") return await answerSign(context, ask, yes, fits);
  if (ask.kind === "sign-all") return await answerSignAll(context, ask, yes, fits);
  if (yes) return { yes };
  const { stderr } = context.streams;
  for (const detail of ask.details) await printLine(stderr, `  ${printable(detail)}`);
  return { yes: await askYes(context, printable(ask.question)) };
}

async function answerSign(
  context: Context,
  ask: Ask & { kind: "sign" },
  yes: boolean,
  fits: Fits = isLeave,
): Promise<JsonRecord> {
  const permission = await readSign(context, ask);
  if (!fits(permission)) throw unasked(permission);
  await agree(context, explain(permission), yes);
  return await signShown(context, ask);
}

async function answerSignAll(
  context: Context,
  { person, documents }: Ask & { kind: "sign-all" },
  yes: boolean,
  fits: Fits = () => false,
): Promise<JsonRecord> {
  const permissions: Permission[] = [];
  for (const document of documents) {
    permissions.push(await readSign(context, { kind: "sign", person, document }));
  }
  const other = permissions.find((permission) => !fits(permission));
  if (other !== undefined) throw unasked(other);
  await agree(context, explainAll(permissions), yes);
  const signatures = await (await context.signer()).signBehalfs(person, documents);
  return { signatures: signatures.map((signature) => formatBase64(signature)) };
}

async function agree(context: Context, lines: readonly string[], yes: boolean): Promise<void> {
  for (const line of lines) await printLine(context.streams.stderr, line);
  if (yes || await askYes(context, "Sign this?")) return;
  throw new PeriError("denied", { op: "sign", subject: "you said no" });
}

/** What is to be signed. @throws {PeriError} `damaged` as {@link answerAsk}. */
export async function readSign(
  context: Context,
  ask: Ask & { kind: "sign" },
): Promise<Permission> {
  const permission = (await context.signer()).parseBehalf(ask.document);
  if (permission.person === ask.person) return permission;
  const subject = "the document speaks for another person than the periphery says";
  throw new PeriError("damaged", { op: "sign", subject });
}

/** Signs what the person has been shown and agreed to. */
export async function signShown(
  context: Context,
  ask: Ask & { kind: "sign" },
): Promise<JsonRecord> {
  const signature = await (await context.signer()).signBehalf(ask.person, ask.document);
  return { signature: formatBase64(signature) };
}

/** A behalf in plain words, a line each. */
export function explain(permission: Permission): readonly string[] {
  const { person, serial, expiresMs, revoked } = permission;
  if (revoked !== undefined) return explainAll([permission]);
  return [
    `You are about to sign a behalf (number ${serial}). It lets the pod`,
    ...explainPod(permission),
    `speak for you, ${formatFingerprint(person)},`,
    `until ${formatTime(expiresMs)}. It lets it do nothing else, and never use your own key.`,
  ];
}

/** Several behalfs of one person in plain words; those that let pods act and those that end it apart. */
function explainAll(permissions: readonly Permission[]): readonly string[] {
  const [leaves, ends] = [permissions.filter(isLeave), permissions.filter((one) => !isLeave(one))];
  const person = formatFingerprint(permissions[0]!.person);
  return [
    ...leaves.length === 0 ? [] : [
      `You are about to sign ${count(leaves.length, "behalf")}. Each lets a pod speak for you,`,
      `${person}, and do nothing else:`,
      ...leaves.flatMap((one) => [
        ...explainPod(one),
        `    until     ${formatTime(one.expiresMs)} (number ${one.serial})`,
      ]),
    ],
    ...ends.length === 0 ? [] : [
      `You are about to sign ${
        count(ends.length, "revocation")
      }. From then on nothing is believed ` +
      "or taken that comes in your name,",
      `${person}, from`,
      ...ends.flatMap((one) => [
        ...explainPod(one),
        `    because   ${printable(one.revoked ?? "")} (number ${one.serial})`,
      ]),
    ],
  ];
}

function explainPod({ pod, endpoint, podKey, capabilities }: Permission): readonly string[] {
  return [
    `    ${printable(pod)}`,
    `    at        ${printable(endpoint)}`,
    `    with key  ${formatFingerprint(podKey)}`,
    ...capabilities.map(({ interface: name }) => `    answers   ${printable(name)}`),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function unasked({ pod, revoked }: Permission): PeriError {
  const what = revoked === undefined ? "a behalf" : "the end of the behalf";
  return new PeriError("denied", {
    op: "sign",
    subject: `the periphery wants ${what} of ${pod} signed, which you did not ask for`,
    hint: "is it your server? peri status",
  });
}
