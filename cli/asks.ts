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

/**
 * The value of the reply to an ask.
 *
 * @param yes the person has agreed beforehand (`--yes`); what is signed is shown all the same
 * @throws {PeriError} `denied` when they refuse; `damaged` when the document is no behalf, or is
 * about another person than the ask says. @throws {Interrupted} on Ctrl-C.
 */
export async function answerAsk(context: Context, ask: Ask, yes: boolean): Promise<JsonRecord> {
  if (ask.kind === "sign") return await answerSign(context, ask, yes);
  if (yes) return { yes };
  const { stderr } = context.streams;
  for (const detail of ask.details) await printLine(stderr, `  ${printable(detail)}`);
  return { yes: await askYes(context, printable(ask.question)) };
}

async function answerSign(
  context: Context,
  ask: Ask & { kind: "sign" },
  yes: boolean,
): Promise<JsonRecord> {
  const permission = await readSign(context, ask);
  const { stderr } = context.streams;
  for (const line of explain(permission)) await printLine(stderr, line);
  if (!yes && !await askYes(context, "Sign this?")) {
    throw new PeriError("denied", { op: "sign", subject: "you said no" });
  }
  return await signShown(context, ask);
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
  const { person, pod, endpoint, capabilities, podKey, serial, expiresMs } = permission;
  const answers = capabilities.map(({ interface: name }) => `    answers   ${printable(name)}`);
  return [
    `You are about to sign a behalf (number ${serial}). It lets the pod`,
    `    ${printable(pod)}`,
    `    at        ${printable(endpoint)}`,
    `    with key  ${formatFingerprint(podKey)}`,
    ...answers,
    `speak for you, ${formatFingerprint(person)},`,
    `until ${formatTime(expiresMs)}. It lets it do nothing else, and never use your own key.`,
  ];
}
