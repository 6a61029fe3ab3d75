package postgresql

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Prefix is what the annotations of pods begin with: `postgresql.example.com/tool: pgbackrest` is what makes a pod ours.
const Prefix = "postgresql.example.com/"

// Config says how one database is backed up: the plugin's ConfigMap, and over it the annotations of the pod.
type Config struct {
	// Tool is `pgbackrest` or `barman` (barman-cloud-backup).
	Tool string
	// Container of the pod in which the tool runs; default the first one.
	Container string
	// DataDirectory is PostgreSQL's; default the container's variable PGDATA.
	DataDirectory string
	// Stanza of pgbackrest, or server name of barman; default `main`.
	Stanza string
	// Repository is where barman writes, as `s3://bucket/path`; pgbackrest has it in its own configuration.
	Repository string
	// BackupOptions and RestoreOptions go to the tool, before what the plugin adds.
	BackupOptions, RestoreOptions []string
	// ExecTimeout limits each call into the pod. The backup itself is limited by Velero's `itemOperationTimeout`.
	ExecTimeout time.Duration
}

var (
	// As they stand in shell commands and in regular expressions of grep.
	plainName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
	repository = regexp.MustCompile(`^[A-Za-z0-9:/._-]+$`)
)

const defaultExecTimeout = 30 * time.Second

// IsOurs tells whether a pod asks for this plugin.
func IsOurs(pod *corev1.Pod) bool { return pod.Annotations[Prefix+"tool"] != "" }

// ReadConfig refuses what it does not know: a misspelt key would be a backup other than the one that was asked for.
func ReadConfig(pod *corev1.Pod, defaults map[string]string) (Config, error) {
	given := map[string]string{}
	for key, value := range defaults {
		given[key] = value
	}
	for key, value := range pod.Annotations {
		if name, ours := strings.CutPrefix(key, Prefix); ours && key != idAnnotation {
			given[name] = value
		}
	}
	config := Config{Stanza: "main", ExecTimeout: defaultExecTimeout}
	for key, value := range given {
		if err := config.set(key, value); err != nil {
			return Config{}, fmt.Errorf("%s%s of pod %s/%s: %w", Prefix, key, pod.Namespace, pod.Name, err)
		}
	}
	if err := config.complete(pod); err != nil {
		return Config{}, fmt.Errorf("pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return config, nil
}

func (c *Config) set(key, value string) (err error) {
	switch key {
	case "tool":
		c.Tool = value
	case "container":
		c.Container = value
	case "data-directory":
		c.DataDirectory = value
	case "stanza":
		c.Stanza = value
	case "repository":
		c.Repository = value
	case "backup-options":
		err = json.Unmarshal([]byte(value), &c.BackupOptions)
	case "restore-options":
		err = json.Unmarshal([]byte(value), &c.RestoreOptions)
	case "exec-timeout":
		if c.ExecTimeout, err = time.ParseDuration(value); err == nil && c.ExecTimeout <= 0 {
			err = fmt.Errorf("%s is no time to wait", value)
		}
	default:
		err = fmt.Errorf("there is no such setting")
	}
	return err
}

func (c *Config) complete(pod *corev1.Pod) error {
	if c.Tool != "pgbackrest" && c.Tool != "barman" {
		return fmt.Errorf("%stool is %q, and not pgbackrest or barman", Prefix, c.Tool)
	}
	if c.Container == "" && len(pod.Spec.Containers) > 0 {
		c.Container = pod.Spec.Containers[0].Name
	}
	container := containerOf(pod, c.Container)
	if container == nil {
		return fmt.Errorf("it has no container %q", c.Container)
	}
	for _, variable := range container.Env {
		if variable.Name == "PGDATA" && c.DataDirectory == "" {
			c.DataDirectory = variable.Value
		}
	}
	if !path.IsAbs(c.DataDirectory) || path.Clean(c.DataDirectory) == "/" {
		return fmt.Errorf("the folder of the data is not known: set PGDATA in container %s, or %sdata-directory", c.Container, Prefix)
	}
	c.DataDirectory = path.Clean(c.DataDirectory)
	if !plainName.MatchString(c.Stanza) {
		return fmt.Errorf("%sstanza is %q: letters, digits, - and _ only", Prefix, c.Stanza)
	}
	if c.Tool == "barman" && !repository.MatchString(c.Repository) {
		return fmt.Errorf("%srepository is %q: barman needs one, as s3://bucket/path", Prefix, c.Repository)
	}
	return nil
}

func containerOf(pod *corev1.Pod, name string) *corev1.Container {
	for index := range pod.Spec.Containers {
		if pod.Spec.Containers[index].Name == name {
			return &pod.Spec.Containers[index]
		}
	}
	return nil
}

// dataVolume is the volume that holds the data directory: of the mounts above it the nearest.
func dataVolume(pod *corev1.Pod, config Config) *corev1.Volume {
	var name, longest string
	for _, mount := range containerOf(pod, config.Container).VolumeMounts {
		at := path.Clean(mount.MountPath)
		if (config.DataDirectory == at || strings.HasPrefix(config.DataDirectory, at+"/")) && len(at) > len(longest) {
			name, longest = mount.Name, at
		}
	}
	for index := range pod.Spec.Volumes {
		if pod.Spec.Volumes[index].Name == name {
			return &pod.Spec.Volumes[index]
		}
	}
	return nil
}
