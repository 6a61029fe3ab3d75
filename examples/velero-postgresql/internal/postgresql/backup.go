package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	biav2 "github.com/vmware-tanzu/velero/pkg/plugin/velero/backupitemaction/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// BackupName sorts before `velero.io/`, so that Velero asks this plugin before its own.
const BackupName = "example.com/postgresql-backup"

// idAnnotation is put on the pod in the backup, not on the one in the cluster: the UID of the Backup, under which the data is kept.
const idAnnotation = Prefix + "backup-id"

// Backup runs the database's own tool in a pod while Velero backs up the rest.
type Backup struct{ base }

// NewBackup is called in a process that may live for milliseconds.
func NewBackup(log logrus.FieldLogger) (any, error) { return &Backup{newBase(log)}, nil }

// Name is Velero's to know; it is not asked for.
func (b *Backup) Name() string { return BackupName }

// AppliesTo takes all pods: which of them are ours is said by an annotation, and a selector knows labels alone.
func (b *Backup) AppliesTo() (velero.ResourceSelector, error) {
	return velero.ResourceSelector{IncludedResources: []string{"pods"}}, nil
}

// Execute starts the backup command in the pod, and does not wait for it. Within one Backup it starts it once, however often it is
// called.
func (b *Backup) Execute(item runtime.Unstructured, backup *velerov1.Backup) (runtime.Unstructured, []velero.ResourceIdentifier, string, []velero.ResourceIdentifier, error) {
	nothing := func(err error) (runtime.Unstructured, []velero.ResourceIdentifier, string, []velero.ResourceIdentifier, error) {
		return nil, nil, "", nil, err
	}
	pod := new(corev1.Pod)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.UnstructuredContent(), pod); err != nil {
		return nothing(fmt.Errorf("the item is no pod: %w", err))
	}
	if !IsOurs(pod) {
		return item, nil, "", nil, nil
	}
	config, err := b.configOf(pod)
	if err != nil {
		return nothing(err)
	}
	if pod.Status.Phase != corev1.PodRunning {
		return nothing(fmt.Errorf("pod %s/%s is %s: its database can be backed up while it runs", pod.Namespace, pod.Name, pod.Status.Phase))
	}
	if err := refuseFileCopy(pod, config, backup); err != nil {
		return nothing(err)
	}
	work := operation{pod.Namespace, pod.Name, config.Container, string(backup.UID)}
	log := b.log.WithFields(logrus.Fields{"pod": pod.Namespace + "/" + pod.Name, "tool": config.Tool, "operation": work.String()})
	command := config.backupCommand(work.Run)
	_, err = within(b.base, config.ExecTimeout, func(ctx context.Context, cluster Cluster) (string, error) {
		return sh(ctx, cluster, work, startScript, "start", append([]string{work.folder()}, command...)...)
	})
	if err != nil {
		return nothing(fmt.Errorf("the backup command did not start: %w", err))
	}
	log.Infof("the backup of the database runs in the pod: %s", strings.Join(command, " "))
	marked := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(item.UnstructuredContent())}
	annotations := marked.GetAnnotations()
	annotations[idAnnotation] = work.Run
	marked.SetAnnotations(annotations)
	return marked, nil, work.String(), nil, nil
}

// Progress looks into the pod, and keeps nothing itself: Velero may ask another process than the one that began. Velero takes any
// error from here for the end of the operation, so that what may pass by itself is no error: `itemOperationTimeout` bounds it.
func (b *Backup) Progress(operationID string, backup *velerov1.Backup) (velero.OperationProgress, error) {
	work, err := b.parse(operationID, backup)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	progress, err := within(b.base, defaultExecTimeout, func(ctx context.Context, cluster Cluster) (velero.OperationProgress, error) {
		return b.look(ctx, cluster, work)
	})
	switch {
	case apierrors.IsNotFound(err):
		return ended("the pod is gone, and with it the backup that ran in it"), nil
	case err != nil:
		b.log.WithField("operation", operationID).Warnf("cannot see how far the backup is; asking again later: %v", err)
		return velero.OperationProgress{OperationUnits: "%", Description: "cannot see how far it is: " + err.Error(), Updated: time.Now()}, nil
	}
	return progress, nil
}

func (b *Backup) look(ctx context.Context, cluster Cluster, work operation) (velero.OperationProgress, error) {
	pod, err := cluster.Pod(ctx, work.Namespace, work.Pod)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	printed, err := sh(ctx, cluster, work, statusScript, "status", work.folder())
	if err != nil {
		return velero.OperationProgress{}, err
	}
	seen, err := parseStatus(printed)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	progress := velero.OperationProgress{NTotal: 100, OperationUnits: "%", Started: seen.Began, Updated: time.Now(), Description: lastLine(seen.Log)}
	switch {
	case seen.Word == "running":
		progress.NCompleted, _ = percentOf(seen.Log)
		return progress, nil
	case seen.Word == "ended" && seen.Code == 0:
		progress.Completed, progress.NCompleted = true, 100
		b.log.WithField("operation", work.String()).Infof("the backup of the database is done: %s", progress.Description)
		return progress, nil
	case seen.Word == "ended":
		return ended(fmt.Sprintf("the backup command ended with %d: %s", seen.Code, progress.Description)), nil
	}
	// The notes are gone with the container they were in, or never came to an end. The repository knows.
	return b.lookIntoRepository(ctx, cluster, work, pod)
}

func (b *Backup) lookIntoRepository(ctx context.Context, cluster Cluster, work operation, pod *corev1.Pod) (velero.OperationProgress, error) {
	config, err := b.configOf(pod)
	if err != nil {
		return velero.OperationProgress{}, err
	}
	printed, err := cluster.Exec(ctx, work.Namespace, work.Pod, work.Container, config.listCommand())
	if err != nil {
		return velero.OperationProgress{}, err
	}
	there, err := config.isListed(work.Run, printed)
	if err != nil {
		return velero.OperationProgress{}, fmt.Errorf("%s printed what is not its list: %w", config.listCommand()[0], err)
	}
	if !there {
		return ended("the container was restarted while the backup ran in it, and the repository has no such backup"), nil
	}
	now := time.Now()
	return velero.OperationProgress{Completed: true, NCompleted: 100, NTotal: 100, OperationUnits: "%", Updated: now, Description: "the repository has it"}, nil
}

// Cancel ends the command in the pod; Velero calls it when `itemOperationTimeout` is over, too. Cancelling what is over is no error.
func (b *Backup) Cancel(operationID string, backup *velerov1.Backup) error {
	work, err := b.parse(operationID, backup)
	if err != nil {
		return err
	}
	_, err = within(b.base, defaultExecTimeout, func(ctx context.Context, cluster Cluster) (string, error) {
		return sh(ctx, cluster, work, cancelScript, "cancel", work.folder())
	})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (b *Backup) parse(operationID string, backup *velerov1.Backup) (operation, error) {
	work, err := parseOperation(operationID)
	if err != nil || work.Run != string(backup.UID) {
		return operation{}, biav2.InvalidOperationIDError(operationID)
	}
	return work, nil
}

func (b base) configOf(pod *corev1.Pod) (Config, error) {
	defaults, err := within(b, defaultExecTimeout, func(ctx context.Context, cluster Cluster) (map[string]string, error) {
		return cluster.Settings(ctx, "BackupItemActionV2", BackupName)
	})
	if err != nil {
		return Config{}, fmt.Errorf("the plugin's ConfigMap: %w", err)
	}
	return ReadConfig(pod, defaults)
}

func ended(why string) velero.OperationProgress {
	return velero.OperationProgress{Completed: true, Err: why, NTotal: 100, OperationUnits: "%", Updated: time.Now()}
}

// refuseFileCopy: what Velero copies file by file out of a running database is torn, and would lie in the way of the restore. A
// plugin cannot stop it, so the backup says what to do. What a resource policy chooses is its author's.
// https://velero.io/docs/v1.18/file-system-backup/
func refuseFileCopy(pod *corev1.Pod, config Config, backup *velerov1.Backup) error {
	volume := dataVolume(pod, config)
	if volume == nil {
		return fmt.Errorf("pod %s/%s: no volume is mounted at %s, or above it", pod.Namespace, pod.Name, config.DataDirectory)
	}
	lists := func(annotation string) bool {
		names := strings.Split(pod.Annotations[annotation], ",")
		return slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == volume.Name })
	}
	byDefault := backup.Spec.DefaultVolumesToFsBackup != nil && *backup.Spec.DefaultVolumesToFsBackup
	if (byDefault && !lists("backup.velero.io/backup-volumes-excludes")) || (!byDefault && lists("backup.velero.io/backup-volumes")) {
		return fmt.Errorf("pod %s/%s: Velero would also copy the files of the data volume %s; annotate the pod with backup.velero.io/backup-volumes-excludes=%s, and take it out of backup.velero.io/backup-volumes",
			pod.Namespace, pod.Name, volume.Name, volume.Name)
	}
	return nil
}
