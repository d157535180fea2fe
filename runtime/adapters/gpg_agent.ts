/**
 * Passphrases from gpg-agent, which asks with its pinentry and remembers for a while (GnuPG manual,
 * "Agent's GET_PASSPHRASE command").
 *
 * @module
 */

import { decodeUtf8, encodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Passphrase, PassphraseRequest } from "../ports/passphrase.ts";
import { spawnProgram, talk } from "./gpg.ts";

const OP = "ask gpg-agent for the passphrase";
/** The agent refuses longer ones. */
const MAX_CACHE_ID = 50;

/** The agent of the person; `home` is a GNUPGHOME other than their own, for tests. */
export function gpgAgent(home?: string): Passphrase {
  return {
    async ask(request) {
      const repeat = request.fresh ? "--repeat=1 " : "";
      const parts = [cacheIdOf(request), "X", "Passphrase:", request.purpose].map(escapeWord);
      return readData(await converse(home, `GET_PASSPHRASE --data ${repeat}-- ${parts.join(" ")}`));
    },
    async reject(request) {
      if (request.person === undefined) return true;
      await converse(home, `CLEAR_PASSPHRASE ${escapeWord(cacheIdOf(request))}`);
      return true;
    },
  };
}

/** `X` keeps the agent from remembering. */
function cacheIdOf({ person, fresh }: PassphraseRequest): string {
  return person === undefined || fresh ? "X" : `peri:${person}`.slice(0, MAX_CACHE_ID);
}

async function converse(home: string | undefined, command: string): Promise<string> {
  const child = spawnProgram("gpg-connect-agent", [], home, OP);
  const { success, stdout, stderr } = await talk(child, encodeUtf8(`${command}\n/bye\n`));
  const reply = decodeUtf8(stdout);
  if (success && /^OK\b/m.test(reply)) return reply;
  const refusal = /^ERR \d+ (.*)$/m.exec(reply)?.[1] ?? stderr.trim().split("\n").at(-1) ?? "";
  const isGivenUp = /cancel/i.test(refusal);
  throw new PeriError("denied", {
    op: OP,
    subject: isGivenUp ? "you gave up" : refusal.slice(0, 200) || "no answer",
    ...(isGivenUp ? {} : { hint: "export GPG_TTY=$(tty), or name a file by PERI_PASSPHRASE_FILE" }),
  });
}

/** The data lines of a reply (Assuan manual, "Server responses"), unescaped. */
function readData(reply: string): string {
  const escaped = [...reply.matchAll(/^D (.*)$/gm)].map((line) => line[1]).join("");
  try {
    return decodeURIComponent(escaped.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  } catch (cause) {
    // The cause would repeat what was typed.
    void cause;
    throw new PeriError("damaged", { op: OP, subject: "the agent's answer is not UTF-8" });
  }
}

/** One word of a command: blanks as `+`, everything else that could end it as `%XX`. */
function escapeWord(text: string): string {
  return encodeURIComponent(text).replaceAll("%20", "+");
}
