/**
 * `peri serve`: a home is locked, opened and served until a signal ends it.
 *
 * @module
 */

import { openControlSocket } from "../adapters/control_socket.ts";
import { openHttpServer } from "../adapters/http_server.ts";
import { openLock } from "../adapters/lock.ts";
import { openStderrLog } from "../adapters/log.ts";
import { openHostKey } from "../adapters/ssh/host_key.ts";
import { openSshServer } from "../adapters/ssh_server.ts";
import type { Gate } from "../gate/federation.ts";
import type { Commands } from "../gate/ssh/command.ts";
import type { SshGate } from "../gate/ssh/gate.ts";
import { formatListenAddress, type ListenAddress } from "../model/address.ts";
import { type Config, serverUrl } from "../model/config.ts";
import { controlSocket } from "../model/home.ts";
import { configOf, explainConfig } from "../model/layers.ts";
import { DRAIN_MS } from "../model/limits.ts";
import { openPeriphery } from "../periphery.ts";
import type { Log } from "../ports/log.ts";
import { readConfig } from "./config.ts";
import { budgetOf, openParts } from "./parts.ts";

/** How `peri serve` was called. */
export interface ServeOptions {
  readonly home: string;
  readonly env: (name: string) => string | undefined;
  /** Settings as flags, in camel case. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Only explain the configuration. */
  readonly check: boolean;
  /** The ready line is one JSON record. */
  readonly json: boolean;
  readonly version: string;
  /** Runs words for somebody who has come in by SSH. */
  readonly words: Commands["run"];
  /** Prints a line on standard output. */
  print(line: string): Promise<void>;
}

/** Signals that end the server in good order. */
const ENDING: readonly Deno.Signal[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/**
 * Serves until a signal comes. Resolves to the exit code.
 *
 * @throws {PeriError} whatever keeps the server from becoming ready: a wrong setting (`invalid`), a
 * home in use or a port taken (`busy`), a home that cannot be written (`denied`).
 */
export async function serve(options: ServeOptions): Promise<number> {
  const plan = await readConfig(options.home, options.env, options.flags);
  if (options.check) {
    await options.print(explainConfig(plan).trimEnd());
    return plan.problems[0]?.exitCode ?? 0;
  }
  const config = configOf(plan);
  // A home whose path is too long is refused before anything is made there.
  controlSocket(options.home);
  using _lock = await openLock(options.home, "peri serve");
  using log = openStderrLog(config.logLevel);
  // Listened to from the start: a signal during a slow start ends it in good order too.
  const ended = untilSignal();
  await serveHome(options, config, log, ended);
  return 0;
}

async function serveHome(
  options: ServeOptions,
  config: Config,
  log: Log,
  ended: Promise<Deno.Signal>,
): Promise<void> {
  const { home, version } = options;
  await using stack = new AsyncDisposableStack();
  // The port first: it may be the system that chooses it, and the address depends on it. Who comes
  // early, or while the periphery begins anew, waits for the gate.
  let gate = Promise.withResolvers<Gate>();
  const http = await openHttpServer(
    config.listen,
    async (request) => await (await gate.promise)(request),
    log,
  );
  stack.defer(() => http.close(0));
  const ssh = config.ssh && await openSsh(home, config.ssh, log);
  stack.defer(async () => await ssh?.server.close());
  const parts = await openParts(home, config, log);
  stack.defer(() => parts.close());
  const server = serverUrl(config, http.address.port);
  const budget = budgetOf(config);
  const way = { server, isServing: true, budget, version, maxResting: config.podsResting };
  const port = ssh && { listen: ssh.server.address, hostKey: ssh.hostKey, run: options.words };
  const ready = {
    ready: true,
    server,
    listen: formatListenAddress(http.address),
    ...(ssh && { ssh: formatListenAddress(ssh.server.address) }),
    home,
    pid: Deno.pid,
  };
  for (let round = 0;; round++) {
    await using life = new AsyncDisposableStack();
    const restart = Promise.withResolvers<"restart">();
    const periphery = await openPeriphery(parts, {
      ...way,
      ...(port && { ssh: port }),
      restart: () => {
        gate = Promise.withResolvers<Gate>();
        restart.resolve("restart");
      },
    });
    life.defer(() => periphery.stop(DRAIN_MS / 2));
    const socket = await openControlSocket(controlSocket(home), periphery.desk);
    life.defer(() => withDeadline(socket.close(), parts.clock.sleep(DRAIN_MS / 4)));
    gate.resolve(periphery.gate);
    if (periphery.ssh !== undefined) ssh?.open(periphery.ssh);
    if (round === 0) await options.print(describeReady(options, ready));
    log.info(round === 0 ? "ready" : "began anew", ready);
    const end = await Promise.race([ended, restart.promise]);
    if (end === "restart") continue;
    log.info("ending", { signal: end });
    // A pod that waits for its program would keep the others from ending.
    life.defer(() => parts.compiler.close());
    life.defer(() => http.close(DRAIN_MS / 4));
    life.defer(async () => await ssh?.server.close());
    return;
  }
}

function describeReady(
  { json, home }: ServeOptions,
  ready: { readonly server: string; readonly listen: string; readonly ssh?: string },
): string {
  if (json) return JSON.stringify(ready);
  const { server, listen, ssh } = ready;
  const more = ssh === undefined ? "" : `, SSH on ${ssh}`;
  return `peri serves ${server} (listens on ${listen}${more}, home ${home}, pid ${Deno.pid})`;
}

/** The SSH port of a home, whose gate is opened later, and again when the periphery begins anew. */
async function openSsh(home: string, listen: ListenAddress, log: Log) {
  const { key, secret } = await openHostKey(home);
  const first = Promise.withResolvers<SshGate>();
  let now: SshGate;
  const open = (gate: SshGate) => {
    now = gate;
    first.resolve({
      byKey: (...given) => now.byKey(...given),
      byToken: (...given) => now.byToken(...given),
      isIn: (...given) => now.isIn(...given),
      has: (...given) => now.has(...given),
      serve: (...given) => now.serve(...given),
    });
  };
  return { server: await openSshServer(listen, secret, first.promise, log), hostKey: key, open };
}

/** People at a prompt do not keep a server from ending. */
async function withDeadline(closed: Promise<void>, deadline: Promise<void>): Promise<void> {
  await Promise.race([closed, deadline]);
}

function untilSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    for (const signal of ENDING) Deno.addSignalListener(signal, () => resolve(signal));
  });
}
