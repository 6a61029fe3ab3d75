# restore.sh TOOL ID DATA CANCELLED REPOSITORY NAME [OPTION…]  fills the folder DATA, before PostgreSQL starts
# It is the first init container of a restored pod. Init containers run again when a node has restarted: by then the database has
# lived on, and must not be touched.
set -eu
tool=$1 id=$2 data=$3 cancelled=$4 repository=$5 name=$6
shift 6
mark=$data/velero-restore

# A base backup of barman that lacks our mark and was never started is half of our work: backup_label goes when PostgreSQL starts.
is_unfinished() { [ "$tool" = barman ] && [ -e "$data/backup_label" ] && [ ! -e "$mark" ]; }

if [ -s "$data/global/pg_control" ] && ! is_unfinished; then
  if [ "$(cat "$mark" 2>/dev/null)" = "$id" ]; then echo "RESTORE done: it was, before"; else echo "RESTORE left alone: $data holds a database already"; fi
  exit 0
fi

set_of_pgbackrest() { # the newest backup that carries our annotation
  found=
  for label in $(pgbackrest --stanza="$name" info --output=json | grep -o '"label":"[^"]*"' | cut -d'"' -f4); do
    if pgbackrest --stanza="$name" --set="$label" info | grep -q "^ *velero: $id\$"; then found=$label; fi
  done
  [ -n "$found" ] || { echo "RESTORE failed: the stanza $name has no backup with the annotation velero=$id" >&2; return 1; }
  echo "$found"
}

case $tool in
  pgbackrest)
    # Up to the end of the backup, as the rest of the cluster is of that time; pg_control comes last, so half a restore never starts.
    set_=$(set_of_pgbackrest)
    echo "RESTORE begins: $set_"
    set -- pgbackrest --stanza="$name" --set="$set_" --pg1-path="$data" --delta --type=immediate --target-action=promote \
      --log-level-console=detail "$@" restore ;;
  barman)
    # It wants an empty folder. That of a database without pg_control is what an earlier try left, and of no use.
    if [ -e "$data/PG_VERSION" ] || [ -e "$data/backup_label" ]; then find "$data" -mindepth 1 -delete; fi
    mkdir -p "$data"
    chmod 0700 "$data"
    echo "RESTORE begins: velero-$id"
    set -- barman-cloud-restore "$@" "$repository" "$name" "velero-$id" "$data" ;;
esac

child=
trap '[ -z "$child" ] || kill -TERM "$child" 2>/dev/null; exit 143' TERM INT
"$@" &
child=$!
code=0
mkdir -p "${cancelled%/*}"
echo "$child" >"$cancelled.pid"
wait "$child" || code=$?
child=
if [ -e "$cancelled" ]; then
  # Neither may PostgreSQL start on half of its data, nor may this container run again by itself.
  echo "RESTORE cancelled: PostgreSQL is not started; delete the pod to clear this away"
  while :; do sleep 5; done
fi
[ "$code" = 0 ] || { echo "RESTORE failed: ${1##*/} ended with $code" >&2; exit 1; }

if [ "$tool" = barman ]; then
  cat >>"$data/postgresql.auto.conf" <<CONF
restore_command = 'barman-cloud-wal-restore $repository $name %f %p'
recovery_target = 'immediate'
recovery_target_action = 'promote'
CONF
  : >"$data/recovery.signal"
fi
echo "$id" >"$mark"
echo "RESTORE done"
