/**
 * Programs of the system that some tests need. A test file says so in a line `// needs: gpg ssh`.
 *
 * @module
 */

/** A program and the Debian packages that bring it; `.ci/run` installs what tests need of these. */
export const PACKAGES: Readonly<Record<string, string>> = {
  "clang": "clang",
  "fusermount3": "fuse3",
  "gpg": "gnupg",
  "gpgconf": "gnupg",
  "ip": "iproute2",
  "nano": "nano",
  "nsenter": "util-linux",
  "openssl": "openssl",
  "prlimit": "util-linux",
  "rsync": "rsync",
  "scp": "openssh-client",
  "script": "bsdutils",
  "setpriv": "util-linux",
  "sftp": "openssh-client",
  "ss": "iproute2",
  "ssh": "openssh-client",
  "ssh-add": "openssh-client",
  "ssh-agent": "openssh-client",
  "ssh-keygen": "openssh-client",
  "sshfs": "sshfs",
  "systemd-analyze": "systemd",
  "tmux": "tmux",
  "unshare": "util-linux",
  "vim": "vim",
  // What the linker links comes without programs of its own.
  "wasm-ld": "lld wasi-libc libclang-rt-dev-wasm32",
  "fish": "fish",
  "sq": "sq",
  "sq-wot": "sq-wot",
  "xxd": "xxd",
  "zsh": "zsh",
};

/** Programs a test file needs, from its text. */
export function parseNeeds(text: string): string[] {
  const needs = text.match(/^\/\/ needs:(?<programs>.+)$/m)?.groups?.programs ?? "";
  return needs.split(/[\s,]+/).filter((word) => word !== "");
}

/** A test file that cannot run here, and why. */
export interface Skipped {
  readonly path: string;
  readonly why: string;
}

/** The test files of which a needed program is not on PATH. */
export function findSkipped(
  files: readonly { readonly path: string; readonly text: string }[],
  hasProgram: (name: string) => boolean,
): Skipped[] {
  return files.flatMap(({ path, text }) => {
    const missing = parseNeeds(text).filter((name) => !hasProgram(name));
    if (missing.length === 0) return [];
    const packages = missing.map((name) => PACKAGES[name] ?? name).join(" ");
    const why = `${missing.join(", ")} missing (apt-get install ${packages})`;
    return [{ path, why }];
  });
}

/** Whether a program is in a folder of PATH. */
export function isOnPath(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return folder !== "" && Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}
