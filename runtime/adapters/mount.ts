/**
 * A pod's files as a folder of this computer, by `sshfs`.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { runProgram } from "./programs.ts";

/** How sshfs is told to come in. */
export interface MountWay {
  /** Words after `ssh`, up to the host. */
  readonly ssh: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** It may come in again by itself when the connection is torn. */
  readonly canReturn: boolean;
}

/**
 * Shows the files of a pod in a folder, which is made when it is missing, until it is taken off or the
 * connection is torn.
 *
 * @throws {PeriError} `not-found` without sshfs, `exists` when there is something in the folder,
 * `unreachable` when sshfs gives up, which it has said why.
 */
export async function mountFiles(
  { user, host }: { readonly user: string; readonly host: string },
  folder: string,
  { ssh, environment, canReturn }: MountWay,
): Promise<void> {
  await prepareFolder(folder);
  const options = [
    `ssh_command=${escaped(["ssh", ...ssh].map(quoted).join(" "))}`,
    `fsname=${escaped(`peri:${user}`)}`,
    // Everything there is of the person who is in.
    "idmap=user",
    ...canReturn ? ["reconnect"] : [],
  ];
  const name = host.includes(":") ? `[${host}]` : host;
  const args = [`${user}@${name}:/`, folder, ...options.flatMap((option) => ["-o", option])];
  const code = await runTool("sshfs", args, "sshfs", environment);
  if (code === 0) return;
  const subject = `sshfs ended with ${code}`;
  throw new PeriError("unreachable", { op: "mount files", subject, hint: "peri status" });
}

/** Takes it off. @throws {PeriError} `not-found` without fusermount3, `conflict` when it is in use. */
export async function unmountFiles(folder: string): Promise<void> {
  const code = await runTool("fusermount3", ["-u", "--", folder], "fuse3", {});
  if (code === 0) return;
  const subject = `${folder} is none, or somebody is in it`;
  throw new PeriError("conflict", { op: "take a mount off", subject, hint: "mount -t fuse.sshfs" });
}

async function runTool(
  program: string,
  args: readonly string[],
  debian: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  try {
    return await runProgram(program, args, environment);
  } catch (cause) {
    const why = cause instanceof PeriError ? cause.cause : undefined;
    // The launcher allows only what it has found.
    const isMissing = why instanceof Deno.errors.NotFound || why instanceof Deno.errors.NotCapable;
    if (!isMissing) throw cause;
    throw new PeriError("not-found", {
      op: "mount files",
      subject: `${program} is not on this computer`,
      hint: `sudo apt install ${debian}; without it: sftp and scp, or peri ssh`,
    });
  }
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    for await (const { name } of Deno.readDir(folder)) {
      throw new PeriError("exists", {
        op: "mount files",
        subject: `there is something in ${folder}: ${name}`,
        hint: "name an empty folder, or one that is not there yet",
      });
    }
  } catch (cause) {
    if (cause instanceof PeriError) throw cause;
    const subject = `${folder}: ${cause instanceof Error ? cause.message : cause}`;
    throw new PeriError("denied", { op: "mount files", subject, cause });
  }
}

/** A word as sshfs divides its command into words. */
function quoted(word: string): string {
  return word.replaceAll(/[\\ ]/g, "\\$&");
}

/** A value as FUSE divides its options. */
function escaped(value: string): string {
  return value.replaceAll(/[\\,]/g, "\\$&");
}
