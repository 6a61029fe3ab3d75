package postgresql

import (
	"strings"
	"testing"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/features"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func claim(name string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Annotations: map[string]string{"pv.kubernetes.io/bind-completed": "yes", "kept": "yes"}},
		Spec:       corev1.PersistentVolumeClaimSpec{VolumeName: "pv-1"},
		Status:     corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound},
	}
}

func TestLeavesTheDataVolumeOut(t *testing.T) {
	_, base := newFake(t, databasePod())
	item, _, _, _, err := (&Volume{base}).Execute(itemOf(t, claim("data")), backupOf())
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{Object: item.UnstructuredContent()}
	name, has, _ := unstructured.NestedString(object.Object, "spec", "volumeName")
	annotations := object.GetAnnotations()
	if has || len(annotations) != 1 || annotations["kept"] != "yes" {
		t.Errorf("volume %q, annotations %v", name, annotations)
	}
}

func TestSkipsTheVolumeItself(t *testing.T) {
	_, base := newFake(t, databasePod())
	volume := &corev1.PersistentVolume{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolume"},
		ObjectMeta: metav1.ObjectMeta{Name: "pv-1"},
		Spec:       corev1.PersistentVolumeSpec{ClaimRef: &corev1.ObjectReference{Namespace: "shop", Name: "data"}},
	}
	item, _, _, _, err := (&Volume{base}).Execute(itemOf(t, volume), backupOf())
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{Object: item.UnstructuredContent()}
	if object.GetAnnotations()[velerov1.SkipFromBackupAnnotation] == "" {
		t.Error("it is not skipped")
	}
}

func TestKeepsOtherVolumes(t *testing.T) {
	_, base := newFake(t, databasePod())
	item, _, _, _, err := (&Volume{base}).Execute(itemOf(t, claim("uploads")), backupOf())
	name, _, _ := unstructured.NestedString(item.UnstructuredContent(), "spec", "volumeName")
	if err != nil || name != "pv-1" {
		t.Errorf("volume %q, error %v", name, err)
	}
}

func TestDoesNotGuessWhoseAVolumeIs(t *testing.T) {
	fake, base := newFake(t, databasePod())
	fake.down = errDown
	if _, _, _, _, err := (&Volume{base}).Execute(itemOf(t, claim("data")), backupOf()); err == nil {
		t.Error("it took an unseen cluster for one without a database")
	}
}

func TestWantsAPolicyWithCSISnapshots(t *testing.T) {
	features.Enable(velerov1.CSIFeatureFlag)
	defer features.Disable(velerov1.CSIFeatureFlag)
	_, base := newFake(t, databasePod())
	if _, _, _, _, err := (&Volume{base}).Execute(itemOf(t, claim("data")), backupOf()); err == nil || !strings.Contains(err.Error(), "resource policy") {
		t.Errorf("error %v", err)
	}
	backup := backupOf()
	backup.Spec.ResourcePolicy = &corev1.TypedLocalObjectReference{Kind: "configmap", Name: "policy"}
	if _, _, _, _, err := (&Volume{base}).Execute(itemOf(t, claim("data")), backup); err != nil {
		t.Errorf("error %v", err)
	}
}

func TestStartsNoOperation(t *testing.T) {
	_, base := newFake(t)
	if _, err := (&Volume{base}).Progress("x", backupOf()); err == nil {
		t.Error("Progress takes it")
	}
	if err := (&Volume{base}).Cancel("x", backupOf()); err == nil {
		t.Error("Cancel takes it")
	}
}
