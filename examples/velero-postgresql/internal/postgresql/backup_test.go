package postgresql

import (
	"strings"
	"testing"

	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func started(t *testing.T, action *Backup, pod corev1.Pod) (*unstructured.Unstructured, string) {
	t.Helper()
	item, _, operationID, again, err := action.Execute(itemOf(t, &pod), backupOf())
	if err != nil || operationID == "" || len(again) > 0 {
		t.Fatalf("operation %q, items %v, error %v", operationID, again, err)
	}
	return &unstructured.Unstructured{Object: item.UnstructuredContent()}, operationID
}

func untilDone(t *testing.T, action *Backup, operationID string) velero.OperationProgress {
	t.Helper()
	var last velero.OperationProgress
	eventually(t, "the end of the operation", func() bool {
		var err error
		if last, err = action.Progress(operationID, backupOf()); err != nil {
			t.Fatal(err)
		}
		return last.Completed
	})
	return last
}

func TestRunsTheToolInThePodAndDoesNotWait(t *testing.T) {
	pod := databasePod()
	fake, base := newFake(t, pod)
	fake.tool("pgbackrest", `echo "$@" >"$TOOLS/called"; echo 'P01 DETAIL: backup file /data/1 (8KB, 12.34%) checksum x'; until [ -e "$TOOLS/go" ]; do sleep 0.05; done; echo 'done, all of it'`)
	action := &Backup{base}
	item, operationID := started(t, action, pod)
	if got := item.GetAnnotations()[idAnnotation]; got != backupUID {
		t.Errorf("the pod in the backup is marked %q", got)
	}
	eventually(t, "progress", func() bool {
		progress, err := action.Progress(operationID, backupOf())
		return err == nil && !progress.Completed && progress.NCompleted == 12 && progress.NTotal == 100 && !progress.Started.IsZero()
	})
	if got, want := fake.note("called"), "--stanza=main --log-level-console=detail --annotation=velero="+backupUID+" backup\n"; got != want {
		t.Errorf("called with %q", got)
	}
	fake.tool("go", "")
	if done := untilDone(t, action, operationID); done.Err != "" || done.NCompleted != 100 || done.Description != "done, all of it" {
		t.Errorf("%+v", done)
	}
}

func TestIsIdempotent(t *testing.T) {
	pod := databasePod()
	fake, base := newFake(t, pod)
	fake.tool("pgbackrest", `echo run >>"$TOOLS/runs"`)
	_, first := started(t, &Backup{base}, pod)
	untilDone(t, &Backup{base}, first)
	// Another process of the plugin, as after a restart of Velero.
	_, second := started(t, &Backup{base}, pod)
	untilDone(t, &Backup{base}, second)
	if first != second || fake.note("runs") != "run\n" {
		t.Errorf("%s and %s, and it ran: %q", first, second, fake.note("runs"))
	}
}

func TestSaysWhyTheToolFailed(t *testing.T) {
	pod := databasePod()
	fake, base := newFake(t, pod)
	fake.tool("pgbackrest", `echo 'ERROR: [056]: unable to find primary cluster' >&2; exit 56`)
	action := &Backup{base}
	_, operationID := started(t, action, pod)
	if done := untilDone(t, action, operationID); done.Err != "the backup command ended with 56: ERROR: [056]: unable to find primary cluster" {
		t.Errorf("%+v", done)
	}
}

func TestObeysCancel(t *testing.T) {
	pod := databasePod()
	fake, base := newFake(t, pod)
	fake.tool("pgbackrest", `trap 'echo terminated; exit 63' TERM; : >"$TOOLS/up"; while :; do sleep 0.05; done`)
	action := &Backup{base}
	_, operationID := started(t, action, pod)
	eventually(t, "the tool's start", func() bool { return fake.note("up") == "" && fileExists(fake.tools+"/up") })
	for range 2 {
		if err := action.Cancel(operationID, backupOf()); err != nil {
			t.Fatal(err)
		}
	}
	if done := untilDone(t, action, operationID); done.Err != "the backup command ended with 63: terminated" {
		t.Errorf("%+v", done)
	}
	if err := action.Cancel(operationID, backupOf()); err != nil {
		t.Errorf("cancelling what is over: %v", err)
	}
}

func TestObeysTheTimeoutOfACall(t *testing.T) {
	pod := databasePod(annotated(Prefix+"exec-timeout", "1ms"))
	_, base := newFake(t, pod)
	if _, _, _, _, err := (&Backup{base}).Execute(itemOf(t, &pod), backupOf()); err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("error %v", err)
	}
}

func TestGoesOnWhenTheClusterAnswersAgain(t *testing.T) {
	pod := databasePod()
	fake, base := newFake(t, pod)
	fake.tool("pgbackrest", "true")
	action := &Backup{base}
	_, operationID := started(t, action, pod)
	fake.down = errDown
	progress, err := action.Progress(operationID, backupOf())
	if err != nil || progress.Completed || !strings.Contains(progress.Description, "connection refused") {
		t.Fatalf("%+v, %v", progress, err)
	}
	fake.down = nil
	if done := untilDone(t, action, operationID); done.Err != "" {
		t.Errorf("%+v", done)
	}
}

func TestAsksTheRepositoryWhenTheContainerHasStartedAnew(t *testing.T) {
	for what, test := range map[string]struct{ tool, program, printed, err string }{
		"pgbackrest has it":     {"pgbackrest", "pgbackrest", `[{"backup":[{"annotation":{"velero":"` + backupUID + `"},"label":"x"}],"name":"main"}]`, ""},
		"pgbackrest has others": {"pgbackrest", "pgbackrest", `[{"backup":[{"label":"x"}],"name":"main"}]`, "the repository has no such backup"},
		"pgbackrest has none":   {"pgbackrest", "pgbackrest", `[]`, "the repository has no such backup"},
		"barman has it":         {"barman", "barman-cloud-backup-list", `{"backups_list":[{"backup_name":"velero-` + backupUID + `","status":"DONE"}]}`, ""},
		"barman has half of it": {"barman", "barman-cloud-backup-list", `{"backups_list":[{"backup_name":"velero-` + backupUID + `","status":"FAILED"}]}`, "the repository has no such backup"},
	} {
		t.Run(what, func(t *testing.T) {
			pod := databasePod(annotated(Prefix+"tool", test.tool), annotated(Prefix+"repository", "s3://bucket/db"))
			fake, base := newFake(t, pod)
			fake.tool(test.program, "echo '"+test.printed+"'")
			work := operation{"shop", "db-0", "postgres", backupUID}
			progress, err := (&Backup{base}).Progress(work.String(), backupOf())
			if err != nil || !progress.Completed || !strings.Contains(progress.Err, test.err) || (test.err == "") != (progress.Err == "") {
				t.Errorf("%+v, %v", progress, err)
			}
		})
	}
}

func TestEndsWhenThePodIsGone(t *testing.T) {
	_, base := newFake(t)
	work := operation{"shop", "db-0", "postgres", backupUID}
	progress, err := (&Backup{base}).Progress(work.String(), backupOf())
	if err != nil || !progress.Completed || !strings.Contains(progress.Err, "the pod is gone") {
		t.Errorf("%+v, %v", progress, err)
	}
}

func TestRefusesOperationsThatAreNotItsOwn(t *testing.T) {
	_, base := newFake(t)
	for _, operationID := range []string{"", "shop/db-0/postgres", "shop/db-0/postgres/other", "shop/db-0/$(x)/" + backupUID} {
		if _, err := (&Backup{base}).Progress(operationID, backupOf()); err == nil {
			t.Errorf("Progress takes %q", operationID)
		}
		if err := (&Backup{base}).Cancel(operationID, backupOf()); err == nil {
			t.Errorf("Cancel takes %q", operationID)
		}
	}
}

func TestLeavesOtherPodsAlone(t *testing.T) {
	pod := databasePod(func(pod *corev1.Pod) { pod.Annotations = nil })
	fake, base := newFake(t, pod)
	item, _, operationID, _, err := (&Backup{base}).Execute(itemOf(t, &pod), backupOf())
	if err != nil || operationID != "" || fake.execs != 0 || item == nil {
		t.Errorf("operation %q, %d calls, error %v", operationID, fake.execs, err)
	}
}

func TestRefusesWhatWouldNotBeABackup(t *testing.T) {
	yes := true
	byDefault := backupOf()
	byDefault.Spec.DefaultVolumesToFsBackup = &yes
	for what, test := range map[string]struct {
		pod   corev1.Pod
		byFsb bool
		says  string
	}{
		"a misspelt setting":       {databasePod(annotated(Prefix+"stanzas", "x")), false, "there is no such setting"},
		"an unknown tool":          {databasePod(annotated(Prefix+"tool", "pg_dump")), false, "not pgbackrest or barman"},
		"an unknown container":     {databasePod(annotated(Prefix+"container", "x")), false, `no container "x"`},
		"a stanza with a command":  {databasePod(annotated(Prefix+"stanza", "$(id)")), false, "letters, digits"},
		"barman with no place":     {databasePod(annotated(Prefix+"tool", "barman")), false, "barman needs one"},
		"options that are no JSON": {databasePod(annotated(Prefix+"backup-options", "--type=incr")), false, "backup-options"},
		"no time to wait":          {databasePod(annotated(Prefix+"exec-timeout", "0s")), false, "no time"},
		"no data directory":        {databasePod(func(pod *corev1.Pod) { pod.Spec.Containers[0].Env = nil }), false, "set PGDATA"},
		"data that is not mounted": {databasePod(annotated(Prefix+"data-directory", "/srv/pg")), false, "no volume is mounted"},
		"a pod that has ended":     {databasePod(func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded }), false, "while it runs"},
		"a copy of all files":      {databasePod(), true, "backup-volumes-excludes=data"},
		"a copy that is asked for": {databasePod(annotated("backup.velero.io/backup-volumes", "logs, data")), false, "backup-volumes-excludes=data"},
	} {
		t.Run(what, func(t *testing.T) {
			fake, base := newFake(t, test.pod)
			backup := backupOf()
			if test.byFsb {
				backup = byDefault
			}
			_, _, _, _, err := (&Backup{base}).Execute(itemOf(t, &test.pod), backup)
			if err == nil || !strings.Contains(err.Error(), test.says) || fake.execs != 0 {
				t.Errorf("%d calls, error %v", fake.execs, err)
			}
		})
	}
}

func TestTakesDefaultsFromTheConfigMap(t *testing.T) {
	pod := databasePod(annotated(Prefix+"stanza", "own"))
	fake, base := newFake(t, pod)
	fake.settings = map[string]string{"stanza": "common", "backup-options": `["--type=incr"]`}
	fake.tool("pgbackrest", `echo "$@" >"$TOOLS/called"`)
	action := &Backup{base}
	_, operationID := started(t, action, pod)
	untilDone(t, action, operationID)
	if called := fake.note("called"); !strings.HasPrefix(called, "--stanza=own --log-level-console=detail --type=incr ") {
		t.Errorf("called with %q", called)
	}
}
