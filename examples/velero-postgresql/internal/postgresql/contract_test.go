package postgresql

import (
	"context"
	"errors"
	"testing"

	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// Velero starts each plugin whenever it starts, and calls these: a cluster that cannot be reached must not keep Velero down.
func TestStartsWithoutACluster(t *testing.T) {
	for name, make := range map[string]func(logrus.FieldLogger) (any, error){BackupName: NewBackup, VolumeName: NewVolume, RestoreName: NewRestore} {
		if action, err := make(logrus.New()); err != nil || action == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the plugin can ask of a real cluster, through the real client: nothing of it writes.
func TestChangesNothingInTheCluster(t *testing.T) {
	t.Setenv("VELERO_NAMESPACE", "velero")
	pod := databasePod()
	settings := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "postgresql", Labels: map[string]string{"velero.io/plugin-config": "", BackupName: "BackupItemActionV2"}},
		Data:       map[string]string{"stanza": "common"},
	}
	client := fake.NewClientset(&pod, settings)
	cluster := liveCluster{client: client}
	ctx := context.Background()
	_, podErr := cluster.Pod(ctx, "shop", "db-0")
	pods, podsErr := cluster.Pods(ctx, "shop")
	_, logErr := cluster.Log(ctx, "shop", "db-0", "postgres")
	found, settingsErr := cluster.Settings(ctx, "BackupItemActionV2", BackupName)
	if err := errors.Join(podErr, podsErr, logErr, settingsErr); err != nil || len(pods) != 1 || found["stanza"] != "common" {
		t.Fatalf("%d pods, settings %v: %v", len(pods), found, err)
	}
	for _, action := range client.Actions() {
		if verb := action.GetVerb(); verb != "get" && verb != "list" {
			t.Errorf("%s %s", verb, action.GetResource().Resource)
		}
	}
}

func TestTwoConfigMapsAreRefused(t *testing.T) {
	t.Setenv("VELERO_NAMESPACE", "velero")
	one := corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "a", Labels: map[string]string{"velero.io/plugin-config": "", BackupName: "BackupItemActionV2"}}}
	two := one
	two.Name = "b"
	if _, err := (liveCluster{client: fake.NewClientset(&one, &two)}).Settings(context.Background(), "BackupItemActionV2", BackupName); err == nil {
		t.Error("which of them counts?")
	}
}

func TestKeepsTheBeginningOfAnOutputWithoutEnd(t *testing.T) {
	kept := &bounded{}
	chunk := make([]byte, 1<<20)
	for range 8 {
		if written, err := kept.Write(chunk); err != nil || written != len(chunk) {
			t.Fatal(written, err)
		}
	}
	if kept.Len() != maxOutput || !kept.cut {
		t.Errorf("%d bytes, cut %v", kept.Len(), kept.cut)
	}
}

func TestReadsTheEndOfALog(t *testing.T) {
	for log, want := range map[string]int64{
		"P01 DETAIL: backup file /a (8KB, 1.50%) checksum\nP02 DETAIL: backup file /b (0B, 99.99%)": 99,
		"P01   INFO: restore file /a (24MB, 100%) checksum":                                         100,
		"nothing of the kind (12%)": 0,
		"":                          0,
	} {
		if got, _ := percentOf(log); got != want {
			t.Errorf("%q: %d", log, got)
		}
	}
}

func TestRefusesAStatusThatIsNone(t *testing.T) {
	for _, printed := range []string{"", "\n", "ended", "ended x 1", "running", "none 1", "sh: not found"} {
		if _, err := parseStatus(printed); err == nil {
			t.Errorf("takes %q", printed)
		}
	}
}
