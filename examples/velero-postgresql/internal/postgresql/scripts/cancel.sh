# cancel.sh DIR  ends the command, if it runs; a second time changes nothing
dir=$1
[ -d "$dir" ] && [ ! -f "$dir/code" ] || exit 0
: >"$dir/cancelled"
[ -f "$dir/pid" ] || exit 0
kill -TERM "$(cat "$dir/pid")" 2>/dev/null || true
