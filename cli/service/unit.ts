/**
 * The text of a systemd unit that runs `peri serve` with as few rights as Deno can work with
 * (systemd.exec(5), systemd.service(5)).
 *
 * @module
 */

import { PeriError } from "../../runtime/model/errors.ts";

/** Marks a unit as ours, so that nobody else's is overwritten or removed. */
export const UNIT_MARK = "# Written by `peri service install`; it may write it again.";

/** What a unit runs. */
export interface UnitOptions {
  /** `user`: the person's own service manager; `system`: the machine's, started at boot. */
  readonly scope: "user" | "system";
  /** The program and its arguments, the program with its absolute path. */
  readonly command: readonly string[];
  /** The home folder: absolute, existing, the only place that can be written. */
  readonly home: string;
  /** The user a system service runs as. */
  readonly user?: string;
  /** Further variables, for example DENO_DIR. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it listens on a port below 1024, which a system service may be given the right to. */
  readonly hasLowPort?: boolean;
}

/**
 * A unit file for `peri.service`.
 *
 * @throws {PeriError} `invalid` when a value cannot stand in a unit, or a system service has no user.
 */
export function formatUnit(options: UnitOptions): string {
  const { scope, command, home, user } = options;
  if (scope === "system" && user === undefined) {
    throw refuse("a system service runs as a user", "name the user with --user");
  }
  // The part of the control groups that Delegate gives is used where this says so.
  const environment = { ...options.environment, PERI_HOME: home, PERI_DELEGATED: "1" };
  const sections: readonly [string, readonly string[]][] = [
    ["Unit", [
      "Description=peri, a personal network",
      "After=network-online.target",
      "Wants=network-online.target",
    ]],
    ["Service", [
      "Type=exec",
      `ExecStart=${command.map(quoteArgument).join(" ")}`,
      ...scope === "system" ? [`User=${plain(user!)}`] : [],
      ...Object.entries(environment).map(([name, value]) =>
        `Environment=${quote(`${plain(name)}=${value}`)}`
      ),
      ...LIFE,
      `ReadWritePaths=${quote(home)}`,
      ...GUARDS,
      ...scope === "system" ? systemGuards(options.hasLowPort ?? false) : [],
    ]],
    ["Install", [`WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`]],
  ];
  const texts = sections.map(([name, lines]) => `[${name}]\n${lines.join("\n")}\n`);
  return `${UNIT_MARK}\n${texts.join("\n")}`;
}

/** SIGTERM drains; pod hosts are ended by the server, or with it when it does not. */
const LIFE = [
  "Restart=on-failure",
  "RestartSec=2",
  "KillMode=mixed",
  "TimeoutStopSec=10",
  "UMask=0077",
  "LimitNOFILE=65536",
  // Pods get a bound of memory in a group of their own.
  "Delegate=memory",
];

/**
 * What a user's own service manager can do too. Not among them: MemoryDenyWriteExecute, because
 * V8 writes and then runs machine code.
 */
const GUARDS = [
  "NoNewPrivileges=yes",
  "ProtectSystem=strict",
  "PrivateTmp=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service @pkey",
  "SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap",
  "SystemCallErrorNumber=EPERM",
];

/** What takes the rights of a system service manager. */
function systemGuards(hasLowPort: boolean): string[] {
  const right = hasLowPort ? "CAP_NET_BIND_SERVICE" : "";
  return [
    `AmbientCapabilities=${right}`,
    `CapabilityBoundingSet=${right}`,
    "ProtectHome=read-only",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "RemoveIPC=yes",
  ];
}

/** A word of ExecStart, where `$` names a variable too. */
function quoteArgument(word: string): string {
  return quote(word.replaceAll("$", "$$$$"));
}

/** A word between quotes; `%` begins a specifier of systemd. */
function quote(word: string): string {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(word)) {
    throw refuse(`${JSON.stringify(word)} has a control character`, "use another path");
  }
  return `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%")}"`;
}

function plain(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return name;
  throw refuse(`${JSON.stringify(name)} is not a name`, "use letters, digits, _ and -");
}

function refuse(subject: string, hint: string): PeriError {
  return new PeriError("invalid", { op: "write a systemd unit", subject, hint });
}
