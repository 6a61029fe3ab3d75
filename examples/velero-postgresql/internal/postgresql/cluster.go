package postgresql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// Cluster is all that the plugin can do to one: read, and run a command in a pod. There is nothing here that creates, changes or
// deletes an object; what has to change is in the items that Velero hands over.
type Cluster interface {
	Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	Pods(ctx context.Context, namespace string) ([]corev1.Pod, error)
	// Exec gives what the command wrote to standard output; an error carries the end of standard error.
	Exec(ctx context.Context, namespace, pod, container string, command []string) (string, error)
	// Log is the end of a container's log.
	Log(ctx context.Context, namespace, pod, container string) (string, error)
	// Settings are of the ConfigMap of a plugin, as Velero's own plugins have them; none is no error.
	Settings(ctx context.Context, kind, plugin string) (map[string]string, error)
}

// maxOutput bounds what is kept of a command's output.
const maxOutput = 4 << 20

var logLines int64 = 50

type liveCluster struct {
	config *rest.Config
	client kubernetes.Interface
}

// inCluster connects as the service account of Velero. It is called at the first use, never when a plugin is made.
func inCluster() (Cluster, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	return liveCluster{config, client}, err
}

func (c liveCluster) Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	return c.client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
}

func (c liveCluster) Pods(ctx context.Context, namespace string) ([]corev1.Pod, error) {
	list, err := c.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

func (c liveCluster) Settings(ctx context.Context, kind, plugin string) (map[string]string, error) {
	// https://velero.io/docs/v1.18/custom-plugins/#plugin-configuration
	selector := "velero.io/plugin-config=," + plugin + "=" + kind
	list, err := c.client.CoreV1().ConfigMaps(os.Getenv("VELERO_NAMESPACE")).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	switch len(list.Items) {
	case 0:
		return nil, nil
	case 1:
		return list.Items[0].Data, nil
	}
	return nil, fmt.Errorf("%d ConfigMaps have the labels %s: one is enough", len(list.Items), selector)
}

func (c liveCluster) Log(ctx context.Context, namespace, pod, container string) (string, error) {
	options := &corev1.PodLogOptions{Container: container, TailLines: &logLines}
	raw, err := c.client.CoreV1().Pods(namespace).GetLogs(pod, options).DoRaw(ctx)
	return string(raw), err
}

func (c liveCluster) Exec(ctx context.Context, namespace, pod, container string, command []string) (string, error) {
	url := c.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	// API servers before 1.30 know SPDY only.
	websocket, err := remotecommand.NewWebSocketExecutor(c.config, http.MethodGet, url.String())
	if err != nil {
		return "", err
	}
	spdy, err := remotecommand.NewSPDYExecutor(c.config, http.MethodPost, url)
	if err != nil {
		return "", err
	}
	executor, err := remotecommand.NewFallbackExecutor(websocket, spdy, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	})
	if err != nil {
		return "", err
	}
	stdout, stderr := &bounded{}, &bounded{}
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: stdout, Stderr: stderr})
	if err == nil && stdout.cut {
		err = errors.New("it printed more than is read of it")
	}
	if err != nil {
		said := strings.TrimSpace(stderr.String())
		if len(said) > 500 {
			said = said[len(said)-500:]
		}
		return "", fmt.Errorf("%s in container %s of pod %s/%s: %w: %s", command[0], container, namespace, pod, err, said)
	}
	return stdout.String(), nil
}

// bounded keeps the beginning of what is written, and takes the rest without keeping it.
type bounded struct {
	bytes.Buffer
	cut bool
}

func (b *bounded) Write(chunk []byte) (int, error) {
	room := maxOutput - b.Len()
	if room < len(chunk) {
		b.cut = true
		b.Buffer.Write(chunk[:max(room, 0)])
		return len(chunk), nil
	}
	return b.Buffer.Write(chunk)
}
