/**
 * Where everything of one person lives on one computer. Client and server of a home find each
 * other by it.
 *
 * @module
 */

import { PeriError } from "./errors.ts";

/** Longest path of a Unix socket on Linux, as UTF-8, its final zero not counted. */
const MAX_SOCKET_BYTES = 107;

/**
 * The home folder: `PERI_HOME`, else `$XDG_DATA_HOME/peri`, else `~/.local/share/peri` (XDG Base
 * Directory Specification). Absolute.
 *
 * @param env the value of an environment variable
 * @throws {PeriError} `invalid` when none of them names an absolute path.
 */
export function homeFolder(env: (name: string) => string | undefined): string {
  const own = env("PERI_HOME");
  if (own) return absolute(own, "PERI_HOME");
  const data = env("XDG_DATA_HOME");
  // The specification says that a relative path is to be ignored.
  if (data?.startsWith("/")) return absolute(`${data}/peri`, "XDG_DATA_HOME");
  return absolute(`${env("HOME") ?? ""}/.local/share/peri`, "HOME", env("HOME") ?? "");
}

/** The socket of a home's server. @throws {PeriError} `invalid` when the path is too long for one. */
export function controlSocket(home: string): string {
  const path = `${home}/control.sock`;
  const size = new TextEncoder().encode(path).length;
  if (size <= MAX_SOCKET_BYTES) return path;
  throw new PeriError("invalid", {
    op: "reach the server",
    subject: `${path} has ${size} bytes, a socket's path at most ${MAX_SOCKET_BYTES}`,
    hint: "set PERI_HOME to a shorter path",
  });
}

function absolute(path: string, variable: string, value = path): string {
  if (value.startsWith("/")) return path.replace(/(?<=.)\/+$/, "");
  throw new PeriError("invalid", {
    op: "find your home folder",
    subject: `${variable} is ${JSON.stringify(value)}, not an absolute path`,
    hint: "set PERI_HOME to a folder of yours",
  });
}
