package postgresql

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

var (
	//go:embed scripts/start.sh
	startScript string
	//go:embed scripts/status.sh
	statusScript string
	//go:embed scripts/cancel.sh
	cancelScript string
	//go:embed scripts/restore.sh
	restoreScript string
)

// base is what the three actions share. The cluster is asked for at the first use: see main.
type base struct {
	log     logrus.FieldLogger
	cluster func() (Cluster, error)
}

func newBase(log logrus.FieldLogger) base {
	return base{log: log, cluster: sync.OnceValues(inCluster)}
}

// within runs one look at the cluster, and ends it when its time is over: a plugin that hangs holds up Velero's whole queue.
func within[T any](b base, limit time.Duration, look func(context.Context, Cluster) (T, error)) (T, error) {
	var nothing T
	cluster, err := b.cluster()
	if err != nil {
		return nothing, fmt.Errorf("no way to the cluster: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return look(ctx, cluster)
}

// sh runs one of the scripts in the container.
func sh(ctx context.Context, cluster Cluster, at operation, script, what string, arguments ...string) (string, error) {
	command := append([]string{"/bin/sh", "-c", script, what}, arguments...)
	return cluster.Exec(ctx, at.Namespace, at.Pod, at.Container, command)
}

// status is what status.sh prints.
type status struct {
	// Word is `none`, `running`, `ended` or `lost`.
	Word  string
	Code  int
	Began time.Time
	Log   string
}

func parseStatus(printed string) (status, error) {
	first, log, _ := strings.Cut(printed, "\n")
	fields := strings.Fields(first)
	unknown := fmt.Errorf("the pod's status is %q, which is none", first)
	if len(fields) == 0 {
		return status{}, unknown
	}
	result := status{Word: fields[0], Log: log}
	numbers := make([]int64, 0, 2)
	for _, field := range fields[1:] {
		number, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return status{}, unknown
		}
		numbers = append(numbers, number)
	}
	switch {
	case result.Word == "none" && len(numbers) == 0:
	case (result.Word == "running" || result.Word == "lost") && len(numbers) == 1:
		result.Began = time.Unix(numbers[0], 0)
	case result.Word == "ended" && len(numbers) == 2:
		result.Code, result.Began = int(numbers[0]), time.Unix(numbers[1], 0)
	default:
		return status{}, unknown
	}
	return result, nil
}

// lastLine is what is shown of a log: its end is where a tool says why it stopped.
func lastLine(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	line := strings.TrimSpace(lines[len(lines)-1])
	if len(line) > 300 {
		line = line[:300]
	}
	return line
}
