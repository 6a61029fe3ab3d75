package postgresql

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// fakeCluster has pods that are this machine: Exec runs the real scripts under a real sh, with stand-ins for the database's tools
// first on the PATH.
type fakeCluster struct {
	t        *testing.T
	pods     []corev1.Pod
	settings map[string]string
	tools    string
	down     error
	log      string
	execs    int
}

var errDown = errors.New("connection refused")

func (f *fakeCluster) Pod(_ context.Context, namespace, name string) (*corev1.Pod, error) {
	for index := range f.pods {
		if f.pods[index].Namespace == namespace && f.pods[index].Name == name {
			return &f.pods[index], f.down
		}
	}
	return nil, errors.Join(apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, name), f.down)
}

func (f *fakeCluster) Pods(context.Context, string) ([]corev1.Pod, error) { return f.pods, f.down }

func (f *fakeCluster) Settings(context.Context, string, string) (map[string]string, error) {
	return f.settings, f.down
}

func (f *fakeCluster) Log(context.Context, string, string, string) (string, error) {
	return f.log, f.down
}

func (f *fakeCluster) Exec(ctx context.Context, _, _, _ string, command []string) (string, error) {
	if f.down != nil {
		return "", f.down
	}
	f.execs++
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	run.Env = append(os.Environ(), "PATH="+f.tools+":"+os.Getenv("PATH"), "TOOLS="+f.tools)
	if path := filepath.Join(f.tools, command[0]); !strings.Contains(command[0], "/") {
		run.Path, run.Err = path, nil
	}
	out, err := run.Output()
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		err = errors.New(err.Error() + ": " + string(failed.Stderr))
	}
	return string(out), err
}

// tool writes a stand-in, a shell script that finds its own folder in $TOOLS.
func (f *fakeCluster) tool(name, script string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.tools, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		f.t.Fatal(err)
	}
}

// note reads what a stand-in wrote beside itself.
func (f *fakeCluster) note(name string) string {
	content, _ := os.ReadFile(filepath.Join(f.tools, name))
	return string(content)
}

func newFake(t *testing.T, pods ...corev1.Pod) (*fakeCluster, base) {
	t.Helper()
	before := stateFolder
	stateFolder = filepath.Join(t.TempDir(), "state")
	t.Cleanup(func() { stateFolder = before })
	fake := &fakeCluster{t: t, pods: pods, tools: t.TempDir()}
	log := logrus.New()
	log.SetOutput(t.Output())
	return fake, base{log: log, cluster: func() (Cluster, error) { return fake, nil }}
}

const backupUID = "0b9a6c1e-0000-4000-8000-000000000001"

func backupOf() *velerov1.Backup {
	return &velerov1.Backup{ObjectMeta: metav1.ObjectMeta{Name: "nightly", UID: types.UID(backupUID)}}
}

func restoreOf() *velerov1.Restore {
	return &velerov1.Restore{ObjectMeta: metav1.ObjectMeta{Name: "back", UID: "0b9a6c1e-0000-4000-8000-000000000002"}}
}

// databasePod has its data in the claim `data`; change is applied to it.
func databasePod(change ...func(*corev1.Pod)) corev1.Pod {
	pod := corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "db-0", Annotations: map[string]string{Prefix + "tool": "pgbackrest"},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name: "postgres", Image: "postgres:15", Env: []corev1.EnvVar{{Name: "PGDATA", Value: "/var/lib/postgresql/data/pgdata"}},
				VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/var/lib/postgresql/data"}, {Name: "config", MountPath: "/etc/pgbackrest"}},
			}},
			Volumes: []corev1.Volume{
				{Name: "config"},
				{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
			},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	for _, apply := range change {
		apply(&pod)
	}
	return pod
}

func annotated(key, value string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Annotations[key] = value }
}

func itemOf(t *testing.T, object any) runtime.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: content}
}

// eventually asks until the answer is yes.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for range 400 {
		if ask() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("it never came: %s", what)
}
