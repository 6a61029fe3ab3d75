package postgresql

import (
	"context"
	"fmt"
	"slices"

	"github.com/sirupsen/logrus"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/features"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	biav2 "github.com/vmware-tanzu/velero/pkg/plugin/velero/backupitemaction/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// VolumeName sorts before `velero.io/`: Velero's own action for claims, which brings in the volume, has to see what this one made.
const VolumeName = "example.com/postgresql-volume"

// Volume leaves the data volume out of a backup: the claim stays, so that a restore gets a new and empty volume; the
// PersistentVolume and its snapshot do not.
type Volume struct{ base }

// NewVolume is called in a process that may live for milliseconds.
func NewVolume(log logrus.FieldLogger) (any, error) { return &Volume{newBase(log)}, nil }

// Name is Velero's to know; it is not asked for.
func (v *Volume) Name() string { return VolumeName }

// AppliesTo claims, and volumes too: a backup of a whole cluster collects these by themselves.
func (v *Volume) AppliesTo() (velero.ResourceSelector, error) {
	return velero.ResourceSelector{IncludedResources: []string{"persistentvolumeclaims", "persistentvolumes"}}, nil
}

// Execute changes the item, never the cluster.
func (v *Volume) Execute(item runtime.Unstructured, backup *velerov1.Backup) (runtime.Unstructured, []velero.ResourceIdentifier, string, []velero.ResourceIdentifier, error) {
	object := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(item.UnstructuredContent())}
	namespace, claim := object.GetNamespace(), object.GetName()
	isVolume := object.GetKind() == "PersistentVolume"
	if isVolume {
		namespace, _, _ = unstructured.NestedString(object.Object, "spec", "claimRef", "namespace")
		claim, _, _ = unstructured.NestedString(object.Object, "spec", "claimRef", "name")
	}
	holder, err := v.holderOf(namespace, claim)
	if err != nil || holder == "" {
		return item, nil, "", nil, err
	}
	log := v.log.WithFields(logrus.Fields{"claim": namespace + "/" + claim, "pod": holder})
	if isVolume {
		log.Infof("leaving out the volume %s: it holds a database", object.GetName())
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[velerov1.SkipFromBackupAnnotation] = "true"
		object.SetAnnotations(annotations)
		return object, nil, "", nil, nil
	}
	// With CSI snapshots on, Velero wants to see the volume of every claim for which no policy decides.
	if features.IsEnabled(velerov1.CSIFeatureFlag) && backup.Spec.ResourcePolicy == nil {
		return nil, nil, "", nil, fmt.Errorf("claim %s/%s: with EnableCSI the backup needs a resource policy that skips the data volume of %s", namespace, claim, holder)
	}
	log.Info("leaving out the volume of the claim: it holds a database")
	unstructured.RemoveNestedField(object.Object, "spec", "volumeName")
	annotations := object.GetAnnotations()
	delete(annotations, "pv.kubernetes.io/bind-completed")
	delete(annotations, "pv.kubernetes.io/bound-by-controller")
	object.SetAnnotations(annotations)
	return object, nil, "", nil, nil
}

// holderOf names the pod of ours whose data is in this claim, or nobody.
func (v *Volume) holderOf(namespace, claim string) (string, error) {
	if namespace == "" || claim == "" {
		return "", nil
	}
	return within(v.base, defaultExecTimeout, func(ctx context.Context, cluster Cluster) (string, error) {
		pods, err := cluster.Pods(ctx, namespace)
		if err != nil {
			return "", fmt.Errorf("whose claim %s/%s is: %w", namespace, claim, err)
		}
		for index := range pods {
			pod := &pods[index]
			if !IsOurs(pod) || !mounts(pod.Spec.Volumes, claim) {
				continue
			}
			config, err := v.configOf(pod)
			if err != nil {
				return "", err
			}
			volume := dataVolume(pod, config)
			if volume != nil && volume.PersistentVolumeClaim != nil && volume.PersistentVolumeClaim.ClaimName == claim {
				return pod.Namespace + "/" + pod.Name, nil
			}
		}
		return "", nil
	})
}

// Progress is of no operation: this action starts none.
func (v *Volume) Progress(operationID string, _ *velerov1.Backup) (velero.OperationProgress, error) {
	return velero.OperationProgress{}, biav2.InvalidOperationIDError(operationID)
}

// Cancel is of no operation.
func (v *Volume) Cancel(operationID string, _ *velerov1.Backup) error {
	return biav2.InvalidOperationIDError(operationID)
}

func mounts(volumes []corev1.Volume, claim string) bool {
	return slices.ContainsFunc(volumes, func(volume corev1.Volume) bool {
		return volume.PersistentVolumeClaim != nil && volume.PersistentVolumeClaim.ClaimName == claim
	})
}
