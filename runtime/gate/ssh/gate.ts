/**
 * Where people come in by SSH: who it is, and what they want. The listener with its library, its
 * sockets and their limits is an adapter; it asks here.
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { SSH_LOOK_MS } from "../../model/ssh/limits.ts";
import type { Fingerprint, PodName } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { PodFiles } from "../files/pod.ts";
import { serveFiles } from "../files/serve.ts";
import { type Desk, serveSession } from "../control/session.ts";
import type { Commands } from "./command.ts";
import { serveCommand } from "./command.ts";
import { type Arrival, type Channel, CLAIMANT, type Guest, type Wish } from "./channel.ts";
import type { Door } from "./door.ts";

/** What the listener asks. */
export interface SshGate extends Door {
  /** Whether a session of this kind is served. */
  has(wish: Wish): boolean;
  /** Serves one session. Resolves to the exit code when it is over; rejects never. */
  serve(guest: Guest, wish: Wish, channel: Channel): Promise<number>;
}

/** What the gate works with. */
export interface SshParts {
  readonly door: Door;
  readonly desk: Desk;
  readonly commands: Commands;
  /** The files of a person's pod; undefined when it shows none. Absent: no pod shows any. */
  files?(person: Fingerprint, pod: PodName): PodFiles | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The subsystem that carries the control protocol (PROTOCOL.md, "Control"). */
export const CONTROL = "peri-control";

type Serve = (arrival: Arrival, channel: Channel, parts: SshParts) => Promise<number>;

/** Sessions that programs open, by the name they ask for. */
const SUBSYSTEMS: Readonly<Record<string, Serve>> = {
  [CONTROL]: serveControl,
  sftp: serveSftp,
};

/** Opens the gate. */
export function openSshGate(parts: SshParts): SshGate {
  const { door, log } = parts;
  return {
    byKey: door.byKey,
    byToken: door.byToken,
    isIn: door.isIn,
    has: (wish) => wish.kind === "command" || Object.hasOwn(SUBSYSTEMS, wish.name),
    async serve(guest, wish, channel) {
      const over = new AbortController();
      try {
        if (!await door.isIn(guest)) return await sendAway(channel);
        void lookAfter(guest, channel, parts, over.signal);
        const arrival = arrivalOf(guest, parts);
        if (wish.kind === "command") return await serveCommand(arrival, wish, channel, parts);
        return await SUBSYSTEMS[wish.name]!(arrival, channel, parts);
      } catch (cause) {
        // A client that is gone is no failure of ours.
        if (!channel.interrupted.aborted) log.error("SSH session failed", cause);
        return 1;
      } finally {
        over.abort();
      }
    },
  };
}

/** A user name that is no pod of the person says nothing: most clients send some name. */
function arrivalOf({ person, user }: Guest, { commands }: SshParts): Arrival {
  if (person === CLAIMANT) return { person, pod: undefined };
  return { person, pod: commands.pods(person).find((name) => name === user) };
}

/** `sftp pod@host`, `sshfs pod@host:`, and `scp`. */
async function serveSftp(
  { person, pod }: Arrival,
  channel: Channel,
  { files, clock }: SshParts,
): Promise<number> {
  const shown = person === CLAIMANT || pod === undefined ? undefined : files?.(person, pod);
  if (shown !== undefined) return await serveFiles(shown, channel, clock);
  const error = new PeriError("not-found", {
    op: "show files",
    subject: pod === undefined ? "the user name names no pod of yours" : `${pod} has no files`,
  });
  const hint = "sftp hey@host; peri pod list shows your pods";
  await channel.write(2, encodeUtf8(`peri: ${error.message}\nhint: ${hint}\n`));
  return error.exitCode;
}

/**
 * Ends a session soon after its guest may be in no longer, for whatever reason that is. Whoever claims
 * the server is let finish: they can do nothing else.
 */
async function lookAfter(
  guest: Guest,
  channel: Channel,
  { door, clock, log }: SshParts,
  over: AbortSignal,
): Promise<void> {
  while (guest.person !== CLAIMANT) {
    await clock.sleep(SSH_LOOK_MS, over);
    if (over.aborted) return;
    const isIn = await door.isIn(guest).catch((cause) => {
      log.error("SSH session not looked after", cause);
      return true;
    });
    if (isIn) continue;
    // Who does not read that is not waited for.
    sendAway(channel).catch(() => undefined);
    return channel.close();
  }
}

/** A connection stays open for as long as somebody likes; what they are here does not. */
async function sendAway(channel: Channel): Promise<number> {
  const error = new PeriError("denied", {
    op: "come in",
    subject: "you live here no longer, or your key is revoked",
  });
  await channel.write(2, encodeUtf8(`peri: ${error.message}\n`));
  return error.exitCode;
}

/** One control session: the client asks for one thing, as over the socket of the home. */
async function serveControl(
  { person }: Arrival,
  channel: Channel,
  { desk }: SshParts,
): Promise<number> {
  const line = {
    incoming: channel.incoming,
    send: (piece: Uint8Array) => channel.write(1, piece),
    close: () => channel.close(),
    gone: channel.interrupted,
  };
  if (person === CLAIMANT) await serveSession(line, claimDesk(desk), { person: null });
  else await serveSession(line, desk, { person });
  return 0;
}

/** Where a server can be claimed, and nothing else, whoever it belongs to by then. */
function claimDesk({ operations, log }: Desk): Desk {
  const claim = operations.get("claim");
  return {
    operations: new Map(claim && [["claim", claim]]),
    open: new Set(["claim"]),
    owner: () => undefined,
    log,
  };
}
