package postgresql

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// pgbackrestStandIn has two backups; the one of ours is not the newest.
const pgbackrestStandIn = `echo "$@" >>"$TOOLS/called"
case "$*" in
*--output=json*) echo '[{"backup":[{"annotation":{"velero":"` + backupUID + `"},"label":"20260101-000000F"},{"label":"20260102-000000F"}]}]' ;;
*--set=20260101-000000F*info*) printf 'stanza: main\n            annotation(s)\n                velero: %s\n' ` + backupUID + ` ;;
*restore*) for x; do case $x in --pg1-path=*) mkdir -p "${x#*=}/global"; echo control >"${x#*=}/global/pg_control" ;; esac; done ;;
esac
`

func restoreScriptWith(t *testing.T, fake *fakeCluster, config Config) (string, error) {
	t.Helper()
	command := append([]string{"/bin/sh", "-c", restoreScript, "restore"}, config.restoreArguments(backupUID)...)
	return fake.Exec(context.Background(), "", "", "", command)
}

func TestRestoreScriptTakesTheBackupOfTheId(t *testing.T) {
	fake, _ := newFake(t)
	fake.tool("pgbackrest", pgbackrestStandIn)
	config := Config{Tool: "pgbackrest", Stanza: "main", DataDirectory: t.TempDir(), RestoreOptions: []string{"--process-max=2"}}
	out, err := restoreScriptWith(t, fake, config)
	if err != nil || !strings.HasSuffix(out, "RESTORE done\n") {
		t.Fatalf("%q, %v", out, err)
	}
	if called := fake.note("called"); !strings.Contains(called, "--set=20260101-000000F --pg1-path="+config.DataDirectory+" --delta --type=immediate --target-action=promote --log-level-console=detail --process-max=2 restore\n") {
		t.Errorf("called: %s", called)
	}
}

func TestRestoreScriptNeverTouchesADatabaseAgain(t *testing.T) {
	fake, _ := newFake(t)
	fake.tool("pgbackrest", pgbackrestStandIn)
	config := Config{Tool: "pgbackrest", Stanza: "main", DataDirectory: t.TempDir()}
	if _, err := restoreScriptWith(t, fake, config); err != nil {
		t.Fatal(err)
	}
	control := filepath.Join(config.DataDirectory, "global", "pg_control")
	if err := os.WriteFile(control, []byte("lived on"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := restoreScriptWith(t, fake, config)
	content, _ := os.ReadFile(control)
	if err != nil || out != "RESTORE done: it was, before\n" || string(content) != "lived on" {
		t.Errorf("%q with %q, %v", out, content, err)
	}
	if err := os.Remove(filepath.Join(config.DataDirectory, "velero-restore")); err != nil {
		t.Fatal(err)
	}
	out, err = restoreScriptWith(t, fake, config)
	if err != nil || !strings.HasPrefix(out, "RESTORE left alone: ") {
		t.Errorf("another's database: %q, %v", out, err)
	}
}

func TestRestoreScriptFailsWithoutItsBackup(t *testing.T) {
	fake, _ := newFake(t)
	fake.tool("pgbackrest", `case "$*" in *json*) echo '[]' ;; esac`)
	data := t.TempDir()
	_, err := restoreScriptWith(t, fake, Config{Tool: "pgbackrest", Stanza: "main", DataDirectory: data})
	if err == nil || !strings.Contains(err.Error(), "has no backup with the annotation") {
		t.Errorf("error %v", err)
	}
	if left, _ := os.ReadDir(data); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestRestoreScriptOfBarman(t *testing.T) {
	fake, _ := newFake(t)
	fake.tool("barman-cloud-restore", `for data; do :; done; [ -z "$(ls "$data")" ] || { echo not empty >&2; exit 1; }
echo "$@" >"$TOOLS/called"; mkdir "$data/global"; echo label >"$data/backup_label"; echo control >"$data/global/pg_control"`)
	data := filepath.Join(t.TempDir(), "pgdata")
	config := Config{Tool: "barman", Stanza: "db", Repository: "s3://bucket/x", DataDirectory: data}
	// What an earlier try left half done.
	for _, name := range []string{"", "base"} {
		if err := os.MkdirAll(filepath.Join(data, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := restoreScriptWith(t, fake, config); err != nil || !strings.HasSuffix(out, "RESTORE done\n") {
		t.Fatalf("%q, %v", out, err)
	}
	settings, _ := os.ReadFile(filepath.Join(data, "postgresql.auto.conf"))
	if !strings.Contains(string(settings), "barman-cloud-wal-restore s3://bucket/x db %f %p") || !fileExists(filepath.Join(data, "recovery.signal")) {
		t.Errorf("settings: %s", settings)
	}
	if got, want := fake.note("called"), "s3://bucket/x db velero-"+backupUID+" "+data+"\n"; got != want {
		t.Errorf("called with %q", got)
	}
}

func TestRestoreScriptWaitsWhenCancelled(t *testing.T) {
	fake, _ := newFake(t)
	fake.tool("pgbackrest", strings.Replace(pgbackrestStandIn, "*restore*)", `*restore*) trap 'exit 63' TERM; : >"$TOOLS/up"; while :; do sleep 0.05; done;; *x*)`, 1))
	config := Config{Tool: "pgbackrest", Stanza: "main", DataDirectory: t.TempDir()}
	run := exec.Command("/bin/sh", append([]string{"-c", restoreScript, "restore"}, config.restoreArguments(backupUID)...)...)
	run.Env = append(os.Environ(), "PATH="+fake.tools+":"+os.Getenv("PATH"), "TOOLS="+fake.tools)
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(output)
	if err != nil {
		t.Fatal(err)
	}
	run.Stdout, run.Stderr = file, file
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL); _ = run.Wait() }()
	pid := stateFolder + "/cancelled.pid"
	eventually(t, "the restore's start", func() bool { return fileExists(pid) && fileExists(fake.tools+"/up") })
	if err := os.WriteFile(stateFolder+"/cancelled", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("sh", "-c", `kill -TERM "$(cat "$0")"`, pid).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	eventually(t, "the word of the script", func() bool {
		said, _ := os.ReadFile(output)
		return strings.Contains(string(said), "RESTORE cancelled")
	})
	if err := run.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it did not wait: %v", err)
	}
}

// PostgreSQL as process 1 takes an adopted child that ends with 2 or more for a crash. Here the test adopts it.
func TestStartScriptLeavesAChildThatEndsWith0(t *testing.T) {
	fake, _ := newFake(t)
	fake.tool("pgbackrest", "exit 9")
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Skip(err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }()
	folder := stateFolder + "/run"
	if _, err := fake.Exec(context.Background(), "", "", "", []string{"/bin/sh", "-c", startScript, "start", folder, fake.tools + "/pgbackrest"}); err != nil {
		t.Fatal(err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(-1, &status, 0, nil); err != nil || !status.Exited() || status.ExitStatus() != 0 {
		t.Errorf("status %v, %v", status, err)
	}
	if code, _ := os.ReadFile(folder + "/code"); string(code) != "9\n" {
		t.Errorf("code %q", code)
	}
}
