/**
 * An SSH port in this process with people of its own, and the system's `ssh` to come in with.
 *
 * @module
 */

import { equal } from "node:assert/strict";
import { join } from "node:path";
import { runVisit } from "../../cli/visit.ts";
import { openPgp } from "../../runtime/adapters/openpgp.ts";
import { systemClock } from "../../runtime/adapters/system_clock.ts";
import { openHostKey } from "../../runtime/adapters/ssh/host_key.ts";
import {
  openSshServer,
  type SshServer,
  type SshServerOptions,
} from "../../runtime/adapters/ssh_server.ts";
import type { Desk } from "../../runtime/gate/control/session.ts";
import type { PodFiles } from "../../runtime/gate/files/pod.ts";
import { openDoor } from "../../runtime/gate/ssh/door.ts";
import { openSshGate } from "../../runtime/gate/ssh/gate.ts";
import { sshKeysOf } from "../../runtime/identity/ssh.ts";
import { formatToken, planToken, tokenText } from "../../runtime/identity/token.ts";
import { type Bytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import {
  formatSshKey,
  knownHostName,
  type SshFingerprint,
  sshFingerprint,
} from "../../runtime/model/ssh/key.ts";
import { type Fingerprint, parsePodName } from "../../runtime/model/words.ts";
import { openKeysmith } from "../../runtime/adapters/openpgp.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { parseColours, seatOf } from "../../runtime/model/terminal.ts";
import { Left, type Program, Sitting } from "../../runtime/gate/terminal/serve.ts";
import type { Operation, Session } from "../../runtime/ports/session.ts";

/** The clock of the hall; tests set it ahead. */
export class HallClock {
  aheadMs = 0;
  nowMs = () => Date.now() + this.aheadMs;
  sleep = (delayMs: number, signal?: AbortSignal) => systemClock.sleep(delayMs, signal);
}

/** Somebody with a key. */
export interface Somebody {
  readonly person: Fingerprint;
  readonly certificate: Bytes;
  readonly secretKey: Bytes;
  /** A file that `ssh -i` takes. */
  readonly file: string;
  /** The line of its public key. */
  readonly line: string;
  /** A token for a host key. */
  token(server: SshFingerprint, lifeMs?: number, issuedMs?: number): Promise<string>;
}

/** What a run of `ssh` came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How `ssh` is run. */
export interface SshRun {
  /** Whose key file it is given; none: no key. */
  readonly as?: Pick<Somebody, "file">;
  readonly user?: string;
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
}

/** A port with its people. */
export class Hall {
  readonly residents: Somebody[] = [];
  /** What the port has logged as wrong. */
  readonly errors: unknown[] = [];
  /** By which the server may be claimed. */
  claimCode: string | undefined;
  /** Those of everybody's pod. */
  files: PodFiles | undefined;
  /** Aborts when somebody is sent away. */
  readonly sent = new AbortController();
  /** Whether the pod `hey` has screens. */
  hasScreens = false;
  /** Runs of the pod `hey` that were interrupted. */
  interrupts = 0;

  constructor(
    readonly folder: string,
    readonly server: SshServer,
    readonly hostKey: Bytes,
    readonly clock: HallClock,
  ) {}

  get port(): number {
    return this.server.address.port;
  }

  get fingerprint(): SshFingerprint {
    return sshFingerprint(this.hostKey);
  }

  /** Makes somebody; who is `in` lives here. */
  async make(name: string, { isIn = true, passphrase = "" } = {}): Promise<Somebody> {
    const pgp = openPgp(this.clock);
    const key = await pgp.makePersonKey({ userId: name, passphrase: "" });
    const [own] = sshKeysOf(await pgp.parts(key.certificate), this.clock.nowMs() + 1_000);
    const smith = openKeysmith(this.clock);
    const text = await smith.sshSecret(key.secretKey, own!.fingerprint, passphrase, name);
    const file = join(this.folder, `${name}.key`);
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    const somebody: Somebody = {
      person: key.fingerprint,
      certificate: key.certificate,
      secretKey: key.secretKey,
      file,
      line: formatSshKey(own!.key, name),
      token: async (server, lifeMs = 60_000, issuedMs = this.clock.nowMs()) => {
        const id = crypto.getRandomValues(new Uint8Array(16));
        const claims = planToken(key.fingerprint, server, issuedMs, id, lifeMs);
        return formatToken(claims, await pgp.sign(key.secretKey, tokenText(claims)));
      },
    };
    if (isIn) this.residents.push(somebody);
    return somebody;
  }

  /** Arguments of `ssh` up to the host. */
  arguments({ as, user = "nobody", options = [] }: SshRun): string[] {
    const set = [
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=yes",
      "GlobalKnownHostsFile=/dev/null",
      `UserKnownHostsFile=${join(this.folder, "known_hosts")}`,
    ];
    const key = as === undefined ? [] : ["-i", as.file];
    const port = ["-p", String(this.port)];
    const all = [...options, ...set].flatMap((one) => one.startsWith("-") ? [one] : ["-o", one]);
    return ["-F", "none", ...port, ...key, ...all, `${user}@127.0.0.1`];
  }

  /** Starts `ssh`. */
  spawn(words: readonly string[], run: SshRun = {}): Deno.ChildProcess {
    return new Deno.Command("ssh", {
      args: [...this.arguments(run), ...words],
      env: { HOME: this.folder, PATH: "/usr/bin:/bin", ...run.env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs `ssh host words…` to its end. */
  async ssh(words: readonly string[], run: SshRun = {}): Promise<Outcome> {
    const child = this.spawn(words, run);
    const writer = child.stdin.getWriter();
    const fed = writer.write(run.input ?? new Uint8Array()).then(() => writer.close());
    const [{ code, stdout, stderr }] = await Promise.all([
      child.output(),
      fed.catch(() => undefined),
    ]);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }
}

/** A test with a hall that is closed afterwards. */
export function withHall(
  run: (hall: Hall) => Promise<void>,
  options: SshServerOptions = {},
): () => Promise<void> {
  return async () => {
    const folder = await Deno.makeTempDir({ prefix: "ssh-" });
    const hall = await openHall(folder, options);
    try {
      await run(hall);
    } finally {
      await hall.server.close();
      await Deno.remove(folder, { recursive: true });
    }
    if (hall.errors.length > 0) throw new Error(hall.errors.map(String).join("\n"));
  };
}

async function openHall(folder: string, options: SshServerOptions): Promise<Hall> {
  const clock = new HallClock();
  const { key, secret } = await openHostKey(folder);
  const log = {
    info() {},
    warn() {},
    error: (event: string, cause?: unknown) => void hall.errors.push(event, cause),
  };
  const desk: Desk = {
    operations: new Map(Object.entries(operationsOf(() => hall))),
    owner: () => hall.residents[0]?.person,
    gone: () => hall.sent.signal,
    log,
  };
  const gate = openSshGate({
    door: openDoor({
      people: () => Promise.resolve(hall.residents),
      pgp: openPgp(clock),
      clock,
      log,
      hostKey: sshFingerprint(key),
      owner: () => undefined,
      claimCode: () => hall.claimCode,
    }),
    desk,
    clock,
    files: () => hall.files,
    commands: {
      pods: () => [parsePodName("hey")],
      screens: { has: () => hall.hasScreens, verbs: () => Promise.resolve(["say", "terminal"]) },
      run: (argv, visitor) =>
        runVisit(argv, visitor, {
          root: folder,
          nowMs: clock.nowMs,
          version: () => Promise.resolve("1.2.3"),
        }),
    },
    log,
  });
  const listen = { host: "127.0.0.1", port: 0 };
  const server = await openSshServer(listen, secret, Promise.resolve(gate), log, options);
  const hall: Hall = new Hall(folder, server, key, clock);
  const name = knownHostName("127.0.0.1", server.address.port);
  await Deno.writeTextFile(join(folder, "known_hosts"), `${name} ${formatSshKey(key, "")}\n`);
  return hall;
}

/** Screens that say what was typed, and on `q` end with 7. */
async function showEcho(args: JsonRecord, session: Session): Promise<number> {
  const write = async (bytes: Uint8Array) => {
    session.write(1, bytes);
    await session.flush();
  };
  const tty = { input: session.input, gone: session.interrupted, write };
  const seat = seatOf(args.columns, args.rows, parseColours(args.colours));
  const clock = { nowMs: () => Date.now(), sleep };
  const sitting = new Sitting(tty, clock, seat);
  const program: Program = {
    name: "echo",
    show(seat, view, inputs) {
      const said = inputs.map((one) => "val" in one ? String(one.val) : one.tag).join(" ");
      if (said === "x") throw new PeriError("internal", { op: "show", subject: "it \x1b[2Jbroke" });
      const text = `${args.pod ?? "home"}: ${said} ${seat.columns}x${seat.rows} ${seat.colours}`;
      return Promise.resolve({
        styles: [{ ink: null, paper: null, marks: [] }],
        lines: [[{ text, style: 0 }]],
        cursor: null,
        view,
        exit: said === "q" ? 7 : null,
      });
    },
  };
  try {
    return await sitting.run(program, args.argv as string[]);
  } catch (thrown) {
    if (thrown instanceof Left) return 130;
    throw thrown;
  } finally {
    await sitting.leave();
  }
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal?.aborted) end();
    signal?.addEventListener("abort", end);
  });
}

/** A pod `hey` with some words, and what is asked of a periphery besides. */
function operationsOf(hall: () => Hall): Record<string, Operation> {
  return {
    // deno-lint-ignore require-await -- the shape of an operation
    "status": async (_args, session) => {
      session.item({ owner: session.person });
      return 0;
    },
    // deno-lint-ignore require-await -- the shape of an operation
    "pod.list": async (_args, session) => {
      session.item({ name: "hey", state: "resting", about: "Letters" });
      return 0;
    },
    "pod.terminal": showEcho,
    // deno-lint-ignore require-await -- the shape of an operation
    "claim": async (_args, session) => {
      session.item({ owner: session.person });
      return 0;
    },
    "pod.run": async ({ argv }, session) => {
      const [verb, ...words] = argv as string[];
      if (verb === "exit") return Number(words[0]);
      if (verb === "who") session.write(1, encodeUtf8(`${session.person}\n`));
      if (verb === "say") session.write(1, encodeUtf8(`${JSON.stringify(words)}\n`));
      if (verb === "complain") session.write(2, encodeUtf8("complaint\n"));
      if (verb === "terminal") session.write(1, encodeUtf8(`${session.terminal}\n`));
      if (verb === "cat") { for await (const piece of session.input) session.write(1, piece); }
      if (verb === "hang") {
        session.write(1, encodeUtf8("hanging\n"));
        await new Promise((resolve) => session.interrupted.addEventListener("abort", resolve));
        hall().interrupts++;
        return 130;
      }
      return 0;
    },
  };
}

/** Whether the port still lets somebody in and does what they say. */
export async function works(hall: Hall): Promise<void> {
  const witness = hall.residents[0]!;
  const { stdout, stderr } = await hall.ssh(["hey", "who"], { as: witness });
  equal(stdout, `${witness.person}\n`, stderr);
}

/** The private SSH key of somebody. */
export async function keyOf({ file }: { readonly file: string }): Promise<string> {
  return await Deno.readTextFile(file);
}
