/**
 * Completion scripts. They only carry words to `peri __complete` and back, so they never grow old.
 *
 * @module
 */

/** A shell there is a script for. */
export type Shell = "bash" | "zsh" | "fish";

/** Whether there is a script for a shell. */
export function isShell(name: string): name is Shell {
  return Object.hasOwn(SCRIPTS, name);
}

const BASH = `# Completion of peri for bash.
_peri() {
  local IFS=$'\\n'
  COMPREPLY=($(peri __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
# Without a candidate, files are offered.
complete -o bashdefault -o default -F _peri peri
`;

const ZSH = `#compdef peri
# Completion of peri for zsh.
_peri() {
  local -a found
  found=(\${(f)"$(peri __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then
    compadd -a found
  else
    _files
  fi
}
if [[ $funcstack[1] == _peri ]]; then
  _peri "$@"
else
  compdef _peri peri
fi
`;

const FISH = `# Completion of peri for fish.
function __peri_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (peri __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c peri -f -a '(__peri_complete)'
`;

/** The script of every shell. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

/** How to switch each on, a line. */
export const SETUPS: Readonly<Record<Shell, string>> = {
  bash: "bash:  echo 'source <(peri completions bash)' >> ~/.bashrc",
  zsh: 'zsh:   peri completions zsh > "${fpath[1]}/_peri"',
  fish: "fish:  peri completions fish > ~/.config/fish/completions/peri.fish",
};
