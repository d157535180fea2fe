/**
 * `peri`: argv and the real world, handed to `cli/`; sets the exit code. The one file that knows
 * both the commands and the adapters.
 *
 * It is read at every start, so it imports only what every first word needs. The rest is loaded
 * when a command asks for it, by paths put together here: literal ones would be read ahead.
 *
 * @module
 */

import type { Context, PassphraseSource, ServeFlags, Signer } from "./cli/context.ts";
import type { Machine } from "./cli/service/install.ts";
import { dispatch } from "./cli/dispatch.ts";
import type { Visitor } from "./cli/visit.ts";
import { dialControl } from "./runtime/adapters/control_line.ts";
import { openPrograms } from "./runtime/adapters/programs.ts";
import type { KeyTools, Passphrase } from "./runtime/mod.ts";
import type { Transport } from "./runtime/ports/transport.ts";
import { onInterrupt, onResize, openInput, openOutput } from "./runtime/adapters/terminal.ts";
import { controlSocket, homeFolder } from "./runtime/model/home.ts";

const env = (name: string) => Deno.env.get(name);
const root = import.meta.dirname ?? ".";

const context: Context = {
  streams: { stdin: openInput(), stdout: openOutput(Deno.stdout), stderr: openOutput(Deno.stderr) },
  env,
  nowMs: () => Date.now(),
  get home() {
    return homeFolder(env);
  },
  root,
  files: {
    read: async (path, maxBytes) =>
      (await load("runtime/adapters/files.ts")).readFile(path, maxBytes),
    exists: async (path) => (await load("runtime/adapters/files.ts")).hasFile(path),
    async write(path, pieces, how) {
      const { writeFile, writeSecretFile } = await load("runtime/adapters/files.ts");
      if (how.isSecret) await writeSecretFile(path, pieces);
      else await writeFile(path, pieces, how);
    },
  },
  programs: openPrograms(env("PATH") ?? "", env("PERI_PROGRAMS")),
  workshop: async () => (await load("runtime/adapters/workshop.ts")).openWorkshop(root),
  signer: openSigner,
  inspector: async () => (await load("runtime/adapters/inspector.ts")).openInspector(root),
  keys: openKeys,
  network: openNetwork,
  machine: openMachine,
  hasFar,
  far: async () => (await load("runtime/adapters/far.ts")).openFar(context.home),
  dial: () => dialControl(controlSocket(homeFolder(env))),
  openHome,
  serve,
  onInterrupt,
  onResize,
};

/** Asked at every start, also of `peri --help` on a computer without any home. */
async function hasFar(): Promise<boolean> {
  try {
    return (await Deno.stat(`${context.home}/servers.json`)).isFile;
  } catch {
    return false;
  }
}

async function openHome() {
  const { openLocal } = await load("runtime/server/local.ts");
  return await openLocal({ home: context.home, env, version: await version() });
}

async function serve({ home: wanted, check, json, settings: flags }: ServeFlags): Promise<number> {
  const home = homeFolder((name) => name === "PERI_HOME" && wanted ? wanted : env(name));
  const { serve } = await load("runtime/server/serve.ts");
  const print = (line: string) =>
    context.streams.stdout.write(new TextEncoder().encode(`${line}\n`));
  return await serve({ home, env, flags, check, json, version: await version(), words, print });
}

/** What somebody types who has come in by SSH. */
async function words(argv: readonly string[], visitor: Visitor): Promise<number> {
  return await (await load("cli/visit.ts")).runVisit(argv, visitor, {
    root,
    version,
    nowMs: () => Date.now(),
  });
}

async function version(): Promise<string> {
  const bytes = await context.files.read(`${root}/deno.json`, 64 * 1024);
  return JSON.parse(new TextDecoder().decode(bytes)).version;
}

async function openKeys(source: PassphraseSource = {}): Promise<KeyTools> {
  const [{ systemClock }, { openKeysmith, openPgp }, { fileKeyring }, { systemGpg }, passphrase] =
    await Promise.all([
      load("runtime/adapters/system_clock.ts"),
      load("runtime/adapters/openpgp.ts"),
      load("runtime/adapters/keyring.ts"),
      load("runtime/adapters/gpg.ts"),
      openPassphrase(source),
    ]);
  const keyring = fileKeyring(`${context.home}/keys`);
  const [pgp, smith] = [openPgp(systemClock), openKeysmith(systemClock)];
  return { pgp, smith, keyring, passphrase, gpg: systemGpg(), clock: systemClock };
}

/** A file, for scripts; else gpg-agent, when that is wanted; else the terminal. */
async function openPassphrase(source: PassphraseSource): Promise<Passphrase> {
  const { file, agent, isFresh } = source;
  const path = file ?? (agent || isFresh ? undefined : env("PERI_PASSPHRASE_FILE"));
  if (path) return (await load("runtime/adapters/passphrase.ts")).filePassphrase(path);
  if (agent || env("PERI_PASSPHRASE_AGENT") === "1") {
    return (await load("runtime/adapters/gpg_agent.ts")).gpgAgent();
  }
  return (await load("cli/passphrase.ts")).promptPassphrase(context);
}

async function openSigner(remembers = false): Promise<Signer> {
  const [keys, identity] = await Promise.all([openKeys(), load("runtime/mod.ts")]);
  const tools = remembers ? await remember(keys) : keys;
  return {
    async chooseKey(wanted) {
      const { fingerprint: person } = await identity.choosePerson(tools, wanted);
      return { person, certificate: await identity.certificateOf(tools, person) };
    },
    parseBehalf: identity.parseBehalf,
    signBehalf: (person, document) => identity.signBehalf(tools, person, document),
    signBehalfs: (person, documents) => identity.signBehalfs(tools, person, documents),
  };
}

async function remember(tools: KeyTools): Promise<KeyTools> {
  const { rememberPassphrase } = await load("cli/passphrase.ts");
  return { ...tools, passphrase: rememberPassphrase(tools.passphrase) };
}

/** The person has named the address; the operator of a server, who could be misled, is not here. */
async function openNetwork(): Promise<Transport> {
  const [{ openHttpTransport }, { parseIpRange }] = await Promise.all([
    load("runtime/adapters/http_transport.ts"),
    load("runtime/model/address.ts"),
  ]);
  return openHttpTransport({ allow: ["0.0.0.0/0", "::/0"].map(parseIpRange) });
}

async function openMachine(): Promise<Machine> {
  const { readText, removeFile, runProgram, writeText } = await load("runtime/adapters/machine.ts");
  return { read: readText, write: writeText, remove: removeFile, run: runProgram };
}

/** What is loaded late, with what it is. */
interface Late {
  "cli/passphrase.ts": typeof import("./cli/passphrase.ts");
  "cli/visit.ts": typeof import("./cli/visit.ts");
  "runtime/mod.ts": typeof import("./runtime/mod.ts");
  "runtime/server/local.ts": typeof import("./runtime/server/local.ts");
  "runtime/server/serve.ts": typeof import("./runtime/server/serve.ts");
  "runtime/adapters/far.ts": typeof import("./runtime/adapters/far.ts");
  "runtime/adapters/files.ts": typeof import("./runtime/adapters/files.ts");
  "runtime/adapters/http_transport.ts": typeof import("./runtime/adapters/http_transport.ts");
  "runtime/model/address.ts": typeof import("./runtime/model/address.ts");
  "runtime/adapters/gpg.ts": typeof import("./runtime/adapters/gpg.ts");
  "runtime/adapters/gpg_agent.ts": typeof import("./runtime/adapters/gpg_agent.ts");
  "runtime/adapters/inspector.ts": typeof import("./runtime/adapters/inspector.ts");
  "runtime/adapters/keyring.ts": typeof import("./runtime/adapters/keyring.ts");
  "runtime/adapters/machine.ts": typeof import("./runtime/adapters/machine.ts");
  "runtime/adapters/openpgp.ts": typeof import("./runtime/adapters/openpgp.ts");
  "runtime/adapters/passphrase.ts": typeof import("./runtime/adapters/passphrase.ts");
  "runtime/adapters/system_clock.ts": typeof import("./runtime/adapters/system_clock.ts");
  "runtime/adapters/workshop.ts": typeof import("./runtime/adapters/workshop.ts");
}

function load<Path extends keyof Late>(path: Path): Promise<Late[Path]> {
  return import(import.meta.resolve(`./${path}`));
}

// Reading standard input may still be under way; nothing else is.
Deno.exit(await dispatch(Deno.args, context));
