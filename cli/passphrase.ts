/**
 * A passphrase typed on the terminal, not shown.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import type { Passphrase, PassphraseRequest } from "../runtime/mod.ts";
import type { Context } from "./context.ts";
import { printLine } from "./output.ts";
import { askSecret } from "./prompt.ts";

/** How to do without a terminal. */
const HINT = "PERI_PASSPHRASE_FILE names a file that only you can read";

/** Asks on the terminal; a new passphrase is asked twice. */
export function promptPassphrase(context: Context): Passphrase {
  return {
    ask: (request) => request.fresh ? askTwice(context, request) : askOnce(context, request),
    async reject() {
      await printLine(context.streams.stderr, "That is not the passphrase.");
      return true;
    },
  };
}

/** Asks another source, and never again for what was right. */
export function rememberPassphrase(source: Passphrase): Passphrase {
  const known = new Map<string, Promise<string>>();
  return {
    ask(request) {
      if (request.fresh) return source.ask(request);
      const person = request.person ?? "";
      const asked = known.get(person) ?? source.ask(request);
      known.set(person, asked);
      asked.catch(() => known.delete(person));
      return asked;
    },
    reject(request) {
      known.delete(request.person ?? "");
      return source.reject(request);
    },
  };
}

async function askOnce(context: Context, { purpose }: PassphraseRequest): Promise<string> {
  await printLine(context.streams.stderr, purpose);
  return await askSecret(context, "Passphrase: ", HINT);
}

async function askTwice(context: Context, request: PassphraseRequest): Promise<string> {
  const first = await askOnce(context, request);
  const second = await askSecret(context, "Once more: ", HINT);
  if (first === second) return first;
  throw new PeriError("denied", {
    op: "choose a passphrase",
    subject: "the two are not the same",
    hint: "try again",
  });
}
