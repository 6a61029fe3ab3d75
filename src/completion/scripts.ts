export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * Each script asks the program itself, as the word that is completed calls it, so that what is offered is what that version
 * takes. The answer is lines: first what else may stand there (`files`, `folders` or `nothing`), then a candidate each, in zsh
 * and fish with a tab and its description.
 */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of velero-plugin-preflight
_velero_plugin_preflight() {
  local line kind='' current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <("$1" __complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  [[ $current != '=' ]] || current=''
  case $kind in
    files) compopt -o filenames; mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current") ;;
    folders) compopt -o filenames; mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current") ;;
    *) [[ \${#COMPREPLY[@]} -ne 1 || \${COMPREPLY[0]} != *[=@] ]] || compopt -o nospace ;;
  esac
}
complete -F _velero_plugin_preflight velero-plugin-preflight velero-plugin-preflight.js
`,
  zsh: `#compdef velero-plugin-preflight velero-plugin-preflight.js
# zsh completion of velero-plugin-preflight
_velero_plugin_preflight() {
  local -a answer values shown
  local line kind
  answer=("\${(@f)$("\${(Q)words[1]}" __complete zsh "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  kind=$answer[1]
  for line in "\${(@)answer[2,-1]}"; do
    [[ -n $line ]] || continue
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done
  (( $#values == 0 )) || compadd -l -d shown -a values
  if [[ $kind == files || $kind == folders ]]; then
    compset -P '--*='
    if [[ $kind == files ]]; then _files; else _files -/; fi
  fi
}
if [[ \${funcstack[1]-} == _velero_plugin_preflight ]]; then
  _velero_plugin_preflight "$@"
else
  compdef _velero_plugin_preflight velero-plugin-preflight velero-plugin-preflight.js
fi
`,
  fish: `# fish completion of velero-plugin-preflight
function __velero_plugin_preflight_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l program $words[1]
  set -e words[1]
  set -l answer ($program __complete fish $words "$current" 2>/dev/null)
  set -l kind $answer[1]
  set -e answer[1]
  test (count $answer) -eq 0; or printf '%s\\n' $answer
  if contains -- "$kind" files folders
    set -l prefix (string match -r -- '^--[^=]*=' "$current")
    set -l path (string replace -r -- '^--[^=]*=' '' "$current")
    if test $kind = files
      for file in (__fish_complete_path "$path"); echo "$prefix$file"; end
    else
      for file in (__fish_complete_directories "$path"); echo "$prefix$file"; end
    end
  end
end
complete -c velero-plugin-preflight -f -a '(__velero_plugin_preflight_complete)'
complete -c velero-plugin-preflight.js -f -a '(__velero_plugin_preflight_complete)'
`,
}

export const completionScript = (shell: Shell): string => scripts[shell]
