/**
 * One SSH connection: who comes, which sessions they open, and what it may cost.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Entrant, Guest, Terminal, Wish } from "../../gate/ssh/channel.ts";
import type { SshGate } from "../../gate/ssh/gate.ts";
import {
  MAX_SSH_REKEYS_PER_MINUTE,
  MAX_SSH_SESSIONS,
  MAX_SSH_UNSENT_BYTES,
} from "../../model/ssh/limits.ts";
import { coloursOf } from "../../model/terminal.ts";
import { type OpenChannel, openChannel } from "./channel.ts";
import { Entry } from "./entry.ts";
import {
  type AuthContext,
  isSound,
  type Negotiated,
  type SshChannel,
  type SshClient,
  type SshSession,
} from "./library.ts";

const MINUTE_MS = 60_000;
/** Time in which a client may read why it is ended. */
const GOODBYE_MS = 500;
/** More than a session's window, 2 MiB, that wait to be read. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** Columns and rows of a terminal that says nothing sensible. */
const [COLUMNS, ROWS, MOST_CELLS] = [80, 24, 10_000];
/** What of a client's surroundings says something of its terminal, and how long that may be. */
const [SURROUNDINGS, MAX_WORD] = [new Set(["COLORTERM", "NO_COLOR"]), 64];
/** Signals that end a program. */
const ENDING = new Set(["INT", "TERM", "HUP", "QUIT", "KILL"]);

/** What a connection asks of its listener. */
export interface Hall {
  readonly gate: SshGate;
  /** Time without a session after which it is ended. */
  readonly idleMs: number;
  /** Somebody is in; undefined when they have too many connections. Gives the place back. */
  enter(person: Entrant): (() => void) | undefined;
  /** Takes a place for a session of a person; undefined when they have too many. Gives it back. */
  place(person: Entrant): (() => void) | undefined;
}

/** Serves a client until its socket is closed. */
export function serveConnection(client: SshClient, socket: Socket, hall: Hall): void {
  new Connection(client, socket, hall).listen();
}

class Connection {
  #guest: Guest | undefined;
  #sessions = 0;
  readonly #channels = new Set<OpenChannel>();
  #rekeys = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  readonly #entry: Entry;

  constructor(
    private readonly client: SshClient,
    private readonly socket: Socket,
    private readonly hall: Hall,
  ) {
    this.#entry = new Entry(hall.gate, () => this.#end());
  }

  listen(): void {
    const { client, socket } = this;
    // One for each session, of which there are a bounded number.
    socket.setMaxListeners(0);
    // What strangers send is not our error.
    client.on("error", () => {});
    client.on("handshake", (negotiated: Negotiated) => this.#agree(negotiated));
    client.on("authentication", (context: AuthContext) => void this.#enter(context));
    client.on("session", (accept: () => SshSession, refuse: () => void) => {
      if (this.#guest !== undefined && this.#sessions < MAX_SSH_SESSIONS) this.#open(accept());
      else refuse();
    });
    // Every packet may have an answer, and who never reads them would have us keep them all.
    socket.on("data", () => {
      if (socket.writableLength > MAX_SSH_UNSENT_BYTES) socket.pause();
      // The library lets a client send more than it was allowed to.
      for (const { heldBytes } of this.#channels) if (heldBytes > MAX_HELD_BYTES) this.#end();
    });
    socket.on("drain", () => socket.resume());
    const forgetting = setInterval(() => this.#rekeys = 0, MINUTE_MS);
    socket.once("close", () => {
      clearInterval(forgetting);
      clearTimeout(this.#idle);
    });
  }

  #agree(negotiated: Negotiated): void {
    const isEarly = this.#rekeys++ > 0 && this.#guest === undefined;
    const isTooOften = this.#rekeys > MAX_SSH_REKEYS_PER_MINUTE;
    if (isEarly || isTooOften || !isSound(this.client, negotiated)) this.#end();
  }

  async #enter(context: AuthContext): Promise<void> {
    const person = await this.#entry.answer(context);
    if (person === undefined || this.socket.destroyed) return;
    const leave = this.hall.enter(person);
    if (leave === undefined) return this.#end();
    this.socket.once("close", leave);
    const key = context.method === "publickey" ? context.key : undefined;
    this.#guest = { person, user: context.username, ...(key && { key: new Uint8Array(key.data) }) };
    this.#rest();
    context.accept();
  }

  /** Whoever has nothing open goes after a while; a session, however quiet, is left alone. */
  #rest(): void {
    this.#idle = setTimeout(() => this.#end(), this.hall.idleMs);
  }

  #open(session: SshSession): void {
    clearTimeout(this.#idle);
    const leave = this.hall.place(this.#guest!.person);
    this.#sessions++;
    let terminal: Omit<Terminal, "colours"> | undefined;
    const env = new Map<string, string>();
    let channel: OpenChannel | undefined;
    const begin = (wish: Wish, accept: () => SshChannel | undefined, refuse?: () => void) => {
      const isServed = leave !== undefined && this.hall.gate.has(wish);
      const accepted = isServed && channel === undefined ? accept() : undefined;
      if (accepted === undefined) return refuse?.();
      channel = openChannel(accepted, this.socket);
      this.#channels.add(channel);
      void this.#serve(wish, channel);
    };
    session.on("pty", (accept, _refuse, info) => {
      terminal = terminalOf(info);
      accept?.();
    });
    const command = (text: string): Wish => ({
      kind: "command",
      command: text,
      ...(terminal && {
        terminal: { ...terminal, colours: coloursOf(terminal.term, (name) => env.get(name)) },
      }),
    });
    session.on("env", (accept, _refuse, { key, val }) => {
      accept?.();
      if (SURROUNDINGS.has(key) && typeof val === "string") env.set(key, val.slice(0, MAX_WORD));
    });
    session.on("window-change", (accept, _refuse, info) => {
      accept?.();
      const { columns, rows } = terminal = { ...terminalOf(info), term: terminal?.term ?? "" };
      channel?.resize(columns, rows);
    });
    session.on("exec", (accept, refuse, info) => begin(command(info.command), accept, refuse));
    session.on("shell", (accept, refuse) => begin(command(""), accept, refuse));
    session.on("subsystem", (accept, refuse, { name }) => {
      begin({ kind: "subsystem", name }, accept, refuse);
    });
    session.on("signal", (accept, _refuse, { name }) => {
      accept?.();
      if (ENDING.has(name)) channel?.interrupt();
    });
    const close = () => {
      session.off("close", close);
      this.socket.off("close", close);
      leave?.();
      // The library tells it only when all that has come in has been read.
      channel?.leave();
      if (channel !== undefined) this.#channels.delete(channel);
      if (--this.#sessions === 0 && !this.socket.destroyed) this.#rest();
    };
    // The library does not tell a session that its connection is gone.
    session.on("close", close);
    this.socket.on("close", close);
  }

  async #serve(wish: Wish, channel: OpenChannel): Promise<void> {
    const exitCode = await this.hall.gate.serve(this.#guest!, wish, channel);
    channel.end(exitCode);
  }

  #end(): void {
    this.client.end();
    // Who does not read that does not keep it open.
    setTimeout(() => this.socket.destroy(), GOODBYE_MS);
  }
}

function terminalOf(
  { cols, rows, term }: {
    readonly cols?: unknown;
    readonly rows?: unknown;
    readonly term?: unknown;
  },
): Omit<Terminal, "colours"> {
  const name = typeof term === "string" ? term.slice(0, MAX_WORD) : "";
  return { columns: cellsOf(cols) ?? COLUMNS, rows: cellsOf(rows) ?? ROWS, term: name };
}

function cellsOf(count: unknown): number | undefined {
  const isCount = typeof count === "number" && count > 0 && count <= MOST_CELLS;
  return isCount ? count : undefined;
}
