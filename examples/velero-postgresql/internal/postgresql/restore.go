package postgresql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	riav2 "github.com/vmware-tanzu/velero/pkg/plugin/velero/restoreitemaction/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// RestoreName is under which Velero calls this action.
const RestoreName = "example.com/postgresql-restore"

// initContainer is what restores. It comes first, as Velero's own does: another one must not make a database before.
const initContainer = "postgresql-restore"

// attempts is how often the kubelet starts it before this gives up waiting.
const attempts = 3

// Restore puts an init container into the pod that Velero is about to create, and waits until the database is up. So nothing has
// to be stopped, and PostgreSQL never sees an empty folder.
type Restore struct{ base }

// NewRestore is called in a process that may live for milliseconds.
func NewRestore(log logrus.FieldLogger) (any, error) { return &Restore{newBase(log)}, nil }

// Name is Velero's to know; it is not asked for.
func (r *Restore) Name() string { return RestoreName }

// AppliesTo takes all pods: which of them are ours is said by an annotation.
func (r *Restore) AppliesTo() (velero.ResourceSelector, error) {
	return velero.ResourceSelector{IncludedResources: []string{"pods"}}, nil
}

// Execute changes the item, never the cluster.
func (r *Restore) Execute(input *velero.RestoreItemActionExecuteInput) (*velero.RestoreItemActionExecuteOutput, error) {
	pod := new(corev1.Pod)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(input.Item.UnstructuredContent(), pod); err != nil {
		return nil, fmt.Errorf("the item is no pod: %w", err)
	}
	if !IsOurs(pod) {
		return velero.NewRestoreItemActionExecuteOutput(input.Item), nil
	}
	log := r.log.WithField("pod", pod.Namespace+"/"+pod.Name)
	id := pod.Annotations[idAnnotation]
	if id == "" {
		log.Warn("the backup was made without this plugin: restoring nothing into the database")
		return velero.NewRestoreItemActionExecuteOutput(input.Item), nil
	}
	if !operationPart.MatchString(id) {
		return nil, fmt.Errorf("pod %s/%s: %q is no id of a backup", pod.Namespace, pod.Name, id)
	}
	config, err := r.configOf(pod)
	if err != nil {
		return nil, err
	}
	addInitContainer(pod, config, id)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		return nil, err
	}
	namespace := pod.Namespace
	if mapped := input.Restore.Spec.NamespaceMapping[namespace]; mapped != "" {
		namespace = mapped
	}
	work := operation{namespace, pod.Name, config.Container, string(input.Restore.UID)}
	log.WithFields(logrus.Fields{"tool": config.Tool, "operation": work.String()}).Infof("the database will be restored before PostgreSQL starts, from the backup %s", id)
	return velero.NewRestoreItemActionExecuteOutput(&unstructured.Unstructured{Object: content}).WithOperationID(work.String()), nil
}

// addInitContainer: with the image, mounts, variables and rights of the database's container, so that the tool finds its settings.
func addInitContainer(pod *corev1.Pod, config Config, id string) {
	own := containerOf(pod, config.Container)
	restore := corev1.Container{
		Name:            initContainer,
		Image:           own.Image,
		ImagePullPolicy: own.ImagePullPolicy,
		Command:         append([]string{"/bin/sh", "-c", restoreScript, "restore"}, config.restoreArguments(id)...),
		Env:             own.Env,
		EnvFrom:         own.EnvFrom,
		VolumeMounts:    own.VolumeMounts,
		Resources:       own.Resources,
		SecurityContext: own.SecurityContext,
		WorkingDir:      own.WorkingDir,
	}
	others := pod.Spec.InitContainers[:0:0]
	for _, container := range pod.Spec.InitContainers {
		// A pod that was itself restored once has it already.
		if container.Name != initContainer {
			others = append(others, container)
		}
	}
	pod.Spec.InitContainers = append([]corev1.Container{restore}, others...)
}

// Progress looks at the pod; as with backups, what may pass by itself is no error.
func (r *Restore) Progress(operationID string, restore *velerov1.Restore) (velero.OperationProgress, error) {
	work, err := r.parse(operationID, restore)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	progress, err := within(r.base, defaultExecTimeout, func(ctx context.Context, cluster Cluster) (velero.OperationProgress, error) {
		return r.look(ctx, cluster, work, restore)
	})
	switch {
	case apierrors.IsNotFound(err):
		return ended("the pod is gone: something deleted it before its database was restored"), nil
	case err != nil:
		r.log.WithField("operation", operationID).Warnf("cannot see how far the restore is; asking again later: %v", err)
		return velero.OperationProgress{OperationUnits: "%", Description: "cannot see how far it is: " + err.Error(), Updated: time.Now()}, nil
	}
	return progress, nil
}

func (r *Restore) look(ctx context.Context, cluster Cluster, work operation, restore *velerov1.Restore) (velero.OperationProgress, error) {
	pod, err := cluster.Pod(ctx, work.Namespace, work.Pod)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	if pod.Labels[velerov1.RestoreNameLabel] != restore.Name {
		return ended("a pod of this name was there already, and Velero left it as it is: delete it, and restore again"), nil
	}
	progress := velero.OperationProgress{NTotal: 100, OperationUnits: "%", Started: pod.CreationTimestamp.Time, Updated: time.Now(), Description: "waiting for the pod"}
	seen := statusOf(pod.Status.InitContainerStatuses, initContainer)
	if seen == nil || (seen.State.Running == nil && seen.State.Terminated == nil && seen.RestartCount == 0) {
		return progress, nil
	}
	log, err := cluster.Log(ctx, work.Namespace, work.Pod, initContainer)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	progress.NCompleted, _ = percentOf(log)
	progress.Description = lastLine(log)
	if seen.State.Terminated == nil || seen.State.Terminated.ExitCode != 0 {
		if strings.HasPrefix(progress.Description, "RESTORE cancelled") {
			return ended(progress.Description), nil
		}
		if seen.RestartCount >= attempts {
			return ended(fmt.Sprintf("the restore failed %d times: %s", seen.RestartCount, progress.Description)), nil
		}
		return progress, nil
	}
	if strings.HasPrefix(progress.Description, "RESTORE left alone") {
		return ended("nothing was restored: " + strings.TrimPrefix(progress.Description, "RESTORE left alone: ")), nil
	}
	progress.NCompleted = 100
	return r.waitForDatabase(ctx, cluster, work, pod, progress)
}

// waitForDatabase: the files are there; it is over when PostgreSQL has recovered and its pod is ready. PostgreSQL removes
// recovery.signal at the end of recovery, and no login is needed to see that.
func (r *Restore) waitForDatabase(ctx context.Context, cluster Cluster, work operation, pod *corev1.Pod, progress velero.OperationProgress) (velero.OperationProgress, error) {
	progress.Description = "waiting for PostgreSQL to recover"
	seen := statusOf(pod.Status.ContainerStatuses, work.Container)
	if seen == nil || !seen.Ready {
		return progress, nil
	}
	config, err := r.configOf(pod)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	printed, err := sh(ctx, cluster, work, `if [ -e "$1/recovery.signal" ]; then echo recovering; else echo up; fi`, "recovery", config.DataDirectory)
	if err != nil || strings.TrimSpace(printed) != "up" {
		return progress, err
	}
	progress.Completed = true
	progress.Description = "the database is restored and up"
	r.log.WithField("operation", work.String()).Info(progress.Description)
	return progress, nil
}

// Cancel ends the tool in the init container, which then waits and does not let PostgreSQL start on half of its data. Cancelling
// what is over is no error.
func (r *Restore) Cancel(operationID string, restore *velerov1.Restore) error {
	work, err := r.parse(operationID, restore)
	if err != nil {
		return err
	}
	_, err = within(r.base, defaultExecTimeout, func(ctx context.Context, cluster Cluster) (string, error) {
		pod, err := cluster.Pod(ctx, work.Namespace, work.Pod)
		if err != nil {
			return "", err
		}
		seen := statusOf(pod.Status.InitContainerStatuses, initContainer)
		if seen == nil || seen.State.Running == nil || pod.Labels[velerov1.RestoreNameLabel] != restore.Name {
			return "", nil
		}
		inInit := work
		inInit.Container = initContainer
		return sh(ctx, cluster, inInit, `mkdir -p "${1%/*}"; : >"$1"; kill -TERM "$(cat "$1.pid")"`, "cancel", stateFolder+"/cancelled")
	})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// AreAdditionalItemsReady is about items that a restore waits for: there are none.
func (r *Restore) AreAdditionalItemsReady([]velero.ResourceIdentifier, *velerov1.Restore) (bool, error) {
	return true, nil
}

func (r *Restore) parse(operationID string, restore *velerov1.Restore) (operation, error) {
	work, err := parseOperation(operationID)
	if err != nil || work.Run != string(restore.UID) {
		return operation{}, riav2.InvalidOperationIDError(operationID)
	}
	return work, nil
}

func statusOf(statuses []corev1.ContainerStatus, name string) *corev1.ContainerStatus {
	for index := range statuses {
		if statuses[index].Name == name {
			return &statuses[index]
		}
	}
	return nil
}
