/**
 * `ssh host words…`: the words are those of `peri` and mean the same.
 *
 * @module
 */

import { PeriError, toPeriError } from "../../model/errors.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { parseWords } from "../../model/ssh/words.ts";
import type { Fingerprint, PodName } from "../../model/words.ts";
import { openLinePair } from "../control/pair.ts";
import { type Desk, type Line, serveSession } from "../control/session.ts";
import { cooked } from "./cooked.ts";
import { type Screens, serveScreens, wayOf } from "./terminal.ts";
import { type Arrival, type Channel, CLAIMANT, type Terminal, type Wish } from "./channel.ts";

/** A terminal as a command sees it. */
export interface Screen extends Terminal {
  /** Raw: every key arrives at once, is not shown, and Ctrl-C is a byte. */
  setRaw(raw: boolean): void;
}

/** Somebody at a command line that is not of this computer. */
export interface Visitor {
  /** Standard input. One reader. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Standard output (1) and error (2). */
  write(fd: 1 | 2, bytes: Uint8Array): Promise<void>;
  /** Aborts when they interrupt what runs, or are gone. */
  readonly interrupted: AbortSignal;
  readonly terminal: Screen | undefined;
  /** A line to this periphery, in their name. */
  dial(): Line;
}

/** The command line of `peri`, and who lives here. */
export interface Commands {
  readonly screens: Screens;
  /** Names of a person's pods. */
  pods(person: Fingerprint): readonly PodName[];
  /** Runs words as `peri` does. Resolves to the exit code; failures are written to the visitor. */
  run(argv: readonly string[], visitor: Visitor): Promise<number>;
}

/** Serves `ssh [pod@]host [words…]`. Resolves to the exit code. */
export async function serveCommand(
  { person, pod }: Arrival,
  { command, terminal }: Wish & { kind: "command" },
  channel: Channel,
  { commands, desk }: { readonly commands: Commands; readonly desk: Desk },
): Promise<number> {
  const say = (text: string) =>
    channel.write(2, encodeUtf8(terminal ? text.replaceAll("\n", "\r\n") : text));
  let words: readonly string[];
  try {
    if (person === CLAIMANT) throw unclaimed();
    words = parseWords(command);
  } catch (thrown) {
    const { message, hint } = toPeriError(thrown, "read the command");
    await say(`peri: ${message}\n${hint ? `hint: ${hint}\n` : ""}`);
    return toPeriError(thrown, "read the command").exitCode;
  }
  const own = commands.pods(person);
  const way = terminal && await wayOf(person, pod, words, terminal, own, commands.screens);
  if (way !== undefined) return await serveScreens(person, way, terminal!, channel, desk);
  const cooking = terminal && cooked(channel);
  const { input, write, interrupted } = cooking ?? plain(channel);
  const argv = pod === undefined ? words : ["pod", "exec", pod, ...words];
  return await commands.run(argv, {
    input,
    write,
    interrupted,
    terminal: cooking && { ...terminal, setRaw: cooking.setRaw },
    dial() {
      const { near, far } = openLinePair();
      // Behind input that nobody reads the interrupt of the command line would never be heard.
      void serveSession({ ...far, gone: interrupted }, desk, { person });
      return near;
    },
  });
}

function unclaimed(): PeriError {
  return new PeriError("denied", {
    op: "run a command",
    subject: "this server belongs to nobody yet",
    hint: "on your own computer: peri server claim",
  });
}

function plain({ incoming, interrupted, write }: Channel) {
  return { input: incoming, interrupted, write };
}
