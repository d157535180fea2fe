/**
 * The `peri` launcher: a POSIX shell script that starts the checkout with the permissions the first
 * word needs, and nothing more.
 *
 * @module
 */

import { WORDS } from "../../cli/words.ts";

/** What a launcher is written for. Paths are absolute, without comma or newline. */
export interface Launch {
  /** The `deno` program. */
  readonly deno: string;
  /** The checkout. */
  readonly root: string;
}

/** By this line a launcher is known again; what follows is the checkout. */
const MARK = "# Launcher of the checkout ";

/**
 * Variables that peri and its libraries read. Anything else in the environment is none of its
 * business.
 */
const VARIABLES = [
  "PERI_*",
  "XDG_*",
  "HOME",
  "PATH",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_*",
  "TZ",
  "TERM",
  "NO_COLOR",
  "COLORTERM",
  "GNUPGHOME",
  "SSH_AUTH_SOCK",
  "GPG_TTY",
  "DENO_DIR",
  "TMPDIR",
  "NODE_*",
  "OPENPGP_*",
  "OTEL_*",
];

/** A text as one word of a POSIX shell. */
export function quoteShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The checkout a launcher was written for; undefined when the text is no launcher of ours. */
export function parseLauncher(text: string): string | undefined {
  const [shebang, mark] = text.split("\n", 2);
  if (shebang !== "#!/bin/sh" || !mark?.startsWith(MARK)) return undefined;
  return mark.slice(MARK.length);
}

/** Words with a line of their own in {@link WORDS_PART}. */
const SPECIAL = new Set([
  "serve",
  "key",
  "claim",
  "pod",
  "friend",
  "service",
  "behalf",
  "outbox",
  "inbox",
  "person",
  "mount",
]);

/** What is asked of the system: the number of threads, who runs them, which addresses are its own. */
const SYSTEM = ["cpus", "hostname", "networkInterfaces", "osRelease", "uid", "gid"];

/** The home, by the same rules as \`runtime/model/home.ts\`; \`serve --home\` stands over them. */
const HOME_PART = `case \${XDG_DATA_HOME:-} in
  /*) home=$XDG_DATA_HOME/peri ;;
  *) home=\${HOME:-}/.local/share/peri ;;
esac
home=\${PERI_HOME:-$home}
`;

/** Files named on the command line or by a variable may be read. */
const FILES_PART = `case $home in
  *,*) refuse "a path has a comma, which Deno cannot be told of: $home" "choose another PERI_HOME" 2 ;;
esac
read=$root,$home
write=$home
allow_reading() {
  case $1 in
    *,*) ;;
    *) if [ -e "$1" ] && [ ! -d "$1" ]; then read=$read,$1; fi ;;
  esac
}
allow_reading "\${PERI_PASSPHRASE_FILE:-}"
before=
for word in "$@"; do
  case $word in
    --home=*) home=\${word#*=} write=$home read=$read,$home ;;
    --*=*) allow_reading "\${word#*=}" ;;
    -*) ;;
    *)
      if [ "$before" = --home ]; then
        home=$word write=$home read=$read,$home
      else
        allow_reading "$word"
      fi ;;
  esac
  before=$word
done
`;

/**
 * Half of what a server has for new objects may grow to so many MiB. V8 would let it grow to 16 while
 * the records of a thousand pods are read, and keeps what it has taken.
 */
const SERVER_YOUNG_MIB = 2;

const WORDS_PART = `net="=unix:$home/control.sock"
young=
run=$deno,/bin/sh
allow_running() {
  case $1 in
    *,*) ;;
    /*) run=$run,$1 ;;
  esac
}
# Programs peri-<word> are found here, so that peri need not read the folders on PATH: relative ones
# would be other folders wherever one stands. Only the program of this very word may be run.
programs=
look_on_path() {
  IFS=:
  for folder in $PATH; do
    case $folder in
      /*)
        for program in "$folder"/peri-*; do
          if [ -x "$program" ] && [ ! -d "$program" ]; then programs=$programs:$program; fi
        done
        if [ -x "$folder/peri-$1" ]; then allow_running "$folder/peri-$1"; fi ;;
    esac
  done
  unset IFS
}
allow_gpg() {
  for program in gpg gpg-connect-agent gpgconf; do
    allow_running "$(command -v "$program")"
  done
}
# Files that a command writes: those named behind its verb, but not the value of a flag.
allow_writing() {
  suffix=$1 place=0 before=
  shift
  for word in "$@"; do
    place=$((place + 1))
    case $place,$before,$word in
      [12],* | *,--to,* | *,*,-* | *,*,*,*) ;;
      *) write=$write,$word$suffix ;;
    esac
    before=$word
  done
}
# Where a command about keys or behalfs writes a copy, which it reads again.
allow_copies() {
  before=
  for word in "$@"; do
    case $before,$word in
      --to,* | --out,* | --export,* | --revocation-to,* | --signature-to,*) copy=$word ;;
      *,--to=* | *,--out=* | *,--export=* | *,--revocation-to=* | *,--signature-to=*) copy=\${word#*=} ;;
      *) copy= ;;
    esac
    case $copy in
      "" | *,*) ;;
      *) if [ ! -d "$copy" ]; then read=$read,$copy,$copy.part write=$write,$copy,$copy.part; fi ;;
    esac
    before=$word
  done
}
# The server that an invitation or a command names, with or without a port.
allow_host() {
  for word in "$@"; do
    word=\${word#--server=}
    case $word in
      http://* | https://*)
        host=\${word#*://} host=\${host%%[/#]*}
        case $host in
          "" | *[!A-Za-z0-9.:[\]-]*) ;;
          *) net=$net,$host ;;
        esac ;;
    esac
  done
}
# The folder that a mount makes: the last word, or one of the pod's name at home.
allow_mounting() {
  for program in ssh ssh-add sshfs fusermount3; do allow_running "$(command -v "$program")"; done
  place=0 folder=
  for word in "$@"; do
    case $word in -*) ;; *) place=$((place + 1)) folder=$word ;; esac
  done
  case $place,$folder in
    *,*,*) ;;
    2,*) folder=\${HOME:-}/$folder; read=$read,$folder write=$write,$folder ;;
    3,*) read=$read,$folder write=$write,$folder ;;
  esac
}
# Servers elsewhere are reached through ssh alone.
case \${1:-} in
  --on) export PERI_ON="\${2:-}" PERI_ON_SAID=1; shift; if [ $# -gt 0 ]; then shift; fi ;;
  --on=*) export PERI_ON="\${1#--on=}" PERI_ON_SAID=1; shift ;;
esac
if [ -e "$home/servers.json" ] || [ "\${1:-}" = ssh ] || [ "\${1:-}" = server ]; then
  for program in ssh ssh-add; do allow_running "$(command -v "$program")"; done
  allow_gpg
fi
case \${1:---help} in
  outbox) if [ "\${2:-}" = export ]; then allow_writing "" "$@"; fi ;;
  inbox) if [ "\${2:-}" = import ]; then allow_writing .reply "$@"; fi ;;
  serve) net= young=${SERVER_YOUNG_MIB} ;;
  key | behalf)
    allow_gpg; allow_copies "$@"
    if [ "\${2:-}" = succeed ]; then allow_host "$@"; fi ;;
  claim | pod | friend) allow_gpg ;;
  mount) allow_gpg; allow_mounting "$@" ;;
  person) allow_gpg; if [ "\${2:-}" = join ]; then allow_host "$@"; fi ;;
  service)
    for program in systemctl systemd-analyze loginctl; do
      allow_running "$(command -v "$program")"
    done
    units=\${XDG_CONFIG_HOME:-\${HOME:-}/.config}/systemd/user
    case " $* " in *" --system "*) units=/etc/systemd/system ;; esac
    read=$read,$units write=$write,$units ;;
  ${Object.keys(WORDS).filter((word) => !SPECIAL.has(word)).join(" | ")}) ;;
  */*) ;;
  *) look_on_path "\${1:-}" ;;
esac
`;

/** The text of a launcher. */
export function formatLauncher({ deno, root }: Launch): string {
  return `#!/bin/sh
${MARK}${root}
# Written by \`deno task install\`; \`deno task uninstall\` takes it away.
#
# It allows peri to read this checkout and the files named on the command line, to use its home, to
# reach its own server through the socket there, and to start its pod hosts, for which a shell sets
# the bounds of the system (ulimit). Only what a word needs
# is added: the network for serve, gpg for keys and signatures, systemctl for service, sshfs for
# mount, ssh for servers elsewhere once one was met, the files that outbox export, inbox import and copies of keys are written to.
deno=${quoteShell(deno)}
root=${quoteShell(root)}

refuse() {
  printf 'peri: cannot start: %s\\nhint: %s\\n' "$1" "$2" >&2
  exit "$3"
}
[ -x "$deno" ] || refuse "$deno is gone" "deno task install in $root finds another one" 1
[ -f "$root/main.ts" ] || refuse "$root is gone" "remove $0, or install peri again" 1

${HOME_PART}
${FILES_PART}
${WORDS_PART}
export PERI_LAUNCHER="$0" PERI_PROGRAMS="$programs" DENO_NO_UPDATE_CHECK=1
exec "$deno" run --quiet --no-prompt --cached-only --no-check --frozen --config="$root/deno.json" \\
  \${young:+"--v8-flags=--max-semi-space-size=$young"} \\
  --allow-read="$read" --allow-write="$write" "--allow-net$net" --allow-run="$run" \\
  --allow-env="${VARIABLES.join(",")}" --allow-sys=${SYSTEM.join(",")} "$root/main.ts" "$@"
`;
}
