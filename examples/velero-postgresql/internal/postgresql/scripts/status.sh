# status.sh DIR  what became of the command: `none`, `running BEGAN`, `ended CODE BEGAN` or `lost BEGAN`; then the end of its log
dir=$1
[ -d "$dir" ] || { echo none; exit 0; }
began=$(cat "$dir/began" 2>/dev/null || echo 0)
tries=0
while :; do
  if [ -f "$dir/code" ]; then
    word="ended $(cat "$dir/code")"
    break
  fi
  if [ -f "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null; then
    word=running
    break
  fi
  # Just begun, or just ended: the next file comes at once, or never.
  tries=$((tries + 1))
  if [ "$tries" -gt 3 ]; then
    word=lost
    break
  fi
  sleep 1
done
echo "$word $began"
tail -n 20 "$dir/log" 2>/dev/null || true
