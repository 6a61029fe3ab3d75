package postgresql

import (
	"strings"
	"testing"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func restored(t *testing.T, action *Restore, pod corev1.Pod, restore *velerov1.Restore) (*corev1.Pod, string) {
	t.Helper()
	output, err := action.Execute(&velero.RestoreItemActionExecuteInput{Item: itemOf(t, &pod), ItemFromBackup: itemOf(t, &pod), Restore: restore})
	if err != nil {
		t.Fatal(err)
	}
	changed := new(corev1.Pod)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(output.UpdatedItem.UnstructuredContent(), changed); err != nil {
		t.Fatal(err)
	}
	return changed, output.OperationID
}

var marked = annotated(idAnnotation, backupUID)

func TestRestoresBeforePostgreSQLStarts(t *testing.T) {
	pod := databasePod(marked, func(pod *corev1.Pod) {
		pod.Spec.InitContainers = []corev1.Container{{Name: "own"}, {Name: initContainer, Image: "of-an-earlier-restore"}}
	})
	_, base := newFake(t)
	restore := restoreOf()
	restore.Spec.NamespaceMapping = map[string]string{"shop": "shop-2"}
	changed, operationID := restored(t, &Restore{base}, pod, restore)
	if want := "shop-2/db-0/postgres/" + string(restore.UID); operationID != want {
		t.Errorf("operation %q", operationID)
	}
	containers := changed.Spec.InitContainers
	if len(containers) != 2 || containers[0].Name != initContainer || containers[1].Name != "own" {
		t.Fatalf("init containers %v", containers)
	}
	made, database := containers[0], changed.Spec.Containers[0]
	if made.Image != database.Image || len(made.VolumeMounts) != len(database.VolumeMounts) || len(made.Env) != len(database.Env) {
		t.Errorf("%+v is not as %+v", made, database)
	}
}

func TestRestoresNothingThatWasNotBackedUp(t *testing.T) {
	for what, pod := range map[string]corev1.Pod{"another pod": databasePod(func(pod *corev1.Pod) { pod.Annotations = nil }), "a backup without the plugin": databasePod()} {
		t.Run(what, func(t *testing.T) {
			_, base := newFake(t)
			changed, operationID := restored(t, &Restore{base}, pod, restoreOf())
			if operationID != "" || len(changed.Spec.InitContainers) != 0 {
				t.Errorf("operation %q, init containers %v", operationID, changed.Spec.InitContainers)
			}
		})
	}
}

func initState(state corev1.ContainerState, restarts int32) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Labels = map[string]string{velerov1.RestoreNameLabel: "back"}
		pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: initContainer, State: state, RestartCount: restarts}}
	}
}

func ready(pod *corev1.Pod) {
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "postgres", Ready: true}}
}

func exited(code int32) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}
}

func TestWaitsForTheRestoredDatabase(t *testing.T) {
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}
	here := annotated(Prefix+"data-directory", t.TempDir())
	for what, test := range map[string]struct {
		pod  corev1.Pod
		log  string
		done bool
		says string
		err  string
	}{
		"not begun":            {pod: databasePod(initState(waiting, 0)), says: "waiting for the pod"},
		"under way":            {pod: databasePod(initState(running, 0)), log: "restore file x (8KB, 44.01%) checksum", says: "44.01%"},
		"one failure":          {pod: databasePod(initState(waiting, 1)), log: "RESTORE failed: pgbackrest ended with 42", says: "ended with 42"},
		"too many failures":    {pod: databasePod(initState(waiting, attempts)), log: "RESTORE failed: pgbackrest ended with 42", done: true, err: "failed 3 times: RESTORE failed: pgbackrest ended with 42"},
		"cancelled":            {pod: databasePod(initState(running, 0)), log: "RESTORE cancelled: PostgreSQL is not started", done: true, err: "cancelled"},
		"a database was there": {pod: databasePod(initState(exited(0), 0)), log: "RESTORE left alone: /data holds a database already", done: true, err: "nothing was restored"},
		"PostgreSQL recovers":  {pod: databasePod(initState(exited(0), 0)), log: "RESTORE done", says: "waiting for PostgreSQL"},
		"PostgreSQL is up":     {pod: databasePod(here, initState(exited(0), 0), ready), log: "RESTORE done", done: true},
		"the pod was not ours": {pod: databasePod(), done: true, err: "was there already"},
		"the pod was deleted":  {done: true, err: "the pod is gone"},
	} {
		t.Run(what, func(t *testing.T) {
			fake, base := newFake(t, test.pod)
			fake.log = test.log
			work := operation{"shop", "db-0", "postgres", string(restoreOf().UID)}
			progress, err := (&Restore{base}).Progress(work.String(), restoreOf())
			if err != nil || progress.Completed != test.done || !strings.Contains(progress.Description, test.says) || !strings.Contains(progress.Err, test.err) || (test.err == "") != (progress.Err == "") {
				t.Errorf("%+v, %v", progress, err)
			}
			// Asked again, by another process: the same.
			if again, _ := (&Restore{base}).Progress(work.String(), restoreOf()); again.Completed != progress.Completed || again.Err != progress.Err {
				t.Errorf("then %+v", again)
			}
		})
	}
}

func TestRestoreGoesOnWhenTheClusterAnswersAgain(t *testing.T) {
	fake, base := newFake(t, databasePod(initState(exited(0), 0)))
	fake.down = errDown
	work := operation{"shop", "db-0", "postgres", string(restoreOf().UID)}
	if progress, err := (&Restore{base}).Progress(work.String(), restoreOf()); err != nil || progress.Completed {
		t.Errorf("%+v, %v", progress, err)
	}
}
