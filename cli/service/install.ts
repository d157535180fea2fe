/**
 * Puts the unit of `peri serve` where systemd finds it, and takes it away again.
 *
 * @module
 */

import { PeriError } from "../../runtime/model/errors.ts";
import { formatUnit, UNIT_MARK, type UnitOptions } from "./unit.ts";

/** What installing needs of the machine. */
export interface Machine {
  /** A text file; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** Replaces a file as a whole; makes its folder. @throws {PeriError} `denied`. */
  write(path: string, text: string): Promise<void>;
  /** Removes a file; nothing happens when there is none. @throws {PeriError} `denied`. */
  remove(path: string): Promise<void>;
  /** Runs a program to its end. @throws {PeriError} `not-found` when there is no such program. */
  run(program: string, args: readonly string[]): Promise<{ exitCode: number; output: string }>;
}

/** Where and for whom. */
export interface Installation extends UnitOptions {
  /** The folder of a person's settings: `$XDG_CONFIG_HOME` or `~/.config`. */
  readonly configFolder: string;
}

/** What came of it: the unit's file and what a person may want to type next. */
export interface Installed {
  readonly path: string;
  readonly next: readonly string[];
}

const NAME = "peri.service";

/**
 * Writes the unit, enables and starts it. Doing it again brings the unit up to date.
 *
 * @throws {PeriError} `exists` when a unit of this name is somebody else's, `not-found` without
 * systemd, `denied` when the file cannot be written, `internal` when systemd refuses.
 */
export async function installService(
  machine: Machine,
  installation: Installation,
): Promise<Installed> {
  const path = unitPath(installation);
  const op = "install the service";
  const unit = formatUnit(installation);
  await refuseForeign(machine, path, op);
  // Asked first, so that nothing is written on a machine without systemd.
  await systemctl(machine, installation, ["--version"], op);
  await machine.write(path, unit);
  await systemctl(machine, installation, ["daemon-reload"], op);
  await systemctl(machine, installation, ["enable", NAME], op);
  await systemctl(machine, installation, ["restart", NAME], op);
  const user = installation.scope === "user" ? "--user " : "";
  return {
    path,
    next: [
      `systemctl ${user}status ${NAME}`,
      `journalctl ${user}-u ${NAME} -f`,
      ...user ? ["loginctl enable-linger    (keeps it running when you log out)"] : [],
    ],
  };
}

/**
 * Stops, disables and removes the unit. The home stays.
 *
 * @throws {PeriError} `not-found` when there is none, `exists` when it is somebody else's.
 */
export async function uninstallService(
  machine: Machine,
  where: Pick<Installation, "scope" | "configFolder">,
): Promise<string> {
  const path = unitPath(where);
  const op = "uninstall the service";
  if (!await refuseForeign(machine, path, op)) {
    const hint = "peri service install puts one there";
    throw new PeriError("not-found", { op, subject: `there is no ${path}`, hint });
  }
  await systemctl(machine, where, ["disable", "--now", NAME], op);
  await machine.remove(path);
  await systemctl(machine, where, ["daemon-reload"], op);
  return path;
}

/** Where the unit stands (systemd.unit(5), "Unit File Load Path"). */
export function unitPath({ scope, configFolder }: Pick<Installation, "scope" | "configFolder">) {
  return scope === "system"
    ? `/etc/systemd/system/${NAME}`
    : `${configFolder}/systemd/user/${NAME}`;
}

/** Whether our unit is there. @throws {PeriError} `exists` when another one is. */
async function refuseForeign(machine: Machine, path: string, op: string): Promise<boolean> {
  const text = await machine.read(path);
  if (text === undefined || text.startsWith(UNIT_MARK)) return text !== undefined;
  const hint = `look at it, and move it away if it is not needed: ${path}`;
  throw new PeriError("exists", { op, subject: `${path} was not written by peri`, hint });
}

async function systemctl(
  machine: Machine,
  { scope }: Pick<Installation, "scope">,
  args: readonly string[],
  op: string,
): Promise<void> {
  const all = [...scope === "user" ? ["--user"] : [], ...args];
  const { exitCode, output } = await machine.run("systemctl", all);
  if (exitCode === 0) return;
  const subject = `systemctl ${all.join(" ")}: ${output.trim().slice(0, 500)}`;
  const hint = /permission|denied|authentication/i.test(output)
    ? "sudo is needed for a system service; --user installs one of your own"
    : "without a running systemd, start the server with: peri serve";
  throw new PeriError("internal", { op, subject, hint });
}
