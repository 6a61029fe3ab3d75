# start.sh DIR COMMAND…  runs COMMAND in the background, once for each DIR, whoever asks and however often
set -eu
dir=$1
shift
umask 077
mkdir -p "${dir%/*}"
# Who makes the folder runs the command; mkdir is atomic.
mkdir "$dir" 2>/dev/null || { [ -d "$dir" ] && exit 0; echo "cannot make $dir" >&2; exit 1; }
date +%s >"$dir/began"
# What is in the background becomes a child of the container's process 1 when this shell ends. PostgreSQL as process 1 takes an
# adopted child that ends with 2 or more for a crashed backend and restarts all of them: so this one ends with 0, and the code
# of the command goes into a file.
(
  trap '' HUP
  code=0
  "$@" >"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  wait $! || code=$?
  echo "$code" >"$dir/code.new"
  mv "$dir/code.new" "$dir/code"
  exit 0
) </dev/null >/dev/null 2>&1 &
