/**
 * `peri`: argv and the real world, handed to `cli/`; sets the exit code. The one file that knows
 * both the commands and the adapters.
 *
 * It is read at every start, so it imports only what every first word needs. The rest is loaded
 * when a command asks for it, by paths put together here: literal ones would be read ahead.
 *
 * @module
 */

import type { Context } from "./cli/context.ts";
import { dispatch } from "./cli/dispatch.ts";
import { dialControl } from "./runtime/adapters/control_line.ts";
import { openPrograms } from "./runtime/adapters/programs.ts";
import { onInterrupt, openInput, openOutput } from "./runtime/adapters/terminal.ts";
import { PeriError } from "./runtime/model/errors.ts";
import { controlSocket, homeFolder } from "./runtime/model/home.ts";

const env = (name: string) => Deno.env.get(name);
const root = import.meta.dirname ?? ".";

const context: Context = {
  streams: { stdin: openInput(), stdout: openOutput(Deno.stdout), stderr: openOutput(Deno.stderr) },
  env,
  get home() {
    return homeFolder(env);
  },
  root,
  files: {
    read: async (path, maxBytes) => (await load("files.ts")).readFile(path, maxBytes),
    exists: async (path) => (await load("files.ts")).hasFile(path),
  },
  programs: openPrograms(env("PATH") ?? ""),
  signer: () => unwired("sign"),
  dial: () => dialControl(controlSocket(homeFolder(env))),
  openHome: () => unwired("open your home"),
  serve: () => unwired("serve"),
  onInterrupt,
};

function unwired(op: string): Promise<never> {
  const subject = "this part of peri is not joined yet";
  return Promise.reject(new PeriError("missing-implementation", { op, subject }));
}

/** Adapters that are loaded late, with what they are. */
interface Late {
  "files.ts": typeof import("./runtime/adapters/files.ts");
}

function load<File extends keyof Late>(file: File): Promise<Late[File]> {
  return import(import.meta.resolve(`./runtime/adapters/${file}`));
}

// Reading standard input may still be under way; nothing else is.
Deno.exit(await dispatch(Deno.args, context));
