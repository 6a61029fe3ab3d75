package postgresql

import (
	"fmt"
	"regexp"
	"strings"
)

// stateFolder is where the scripts keep their notes in the pod; tests have another.
var stateFolder = "/tmp/velero-postgresql"

// operation is what Velero hands back to Progress and Cancel, also to another process after a restart: all that is needed to find
// the work again. The rest is in the pod and in the repository.
type operation struct {
	Namespace, Pod, Container string
	// Run is the UID of the Backup or Restore: asking twice within it is the same work.
	Run string
}

var operationPart = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

func (o operation) String() string {
	return strings.Join([]string{o.Namespace, o.Pod, o.Container, o.Run}, "/")
}

func parseOperation(id string) (operation, error) {
	parts := strings.Split(id, "/")
	if len(parts) != 4 {
		return operation{}, fmt.Errorf("%q has not the four parts of an operation of this plugin", id)
	}
	for _, part := range parts {
		if !operationPart.MatchString(part) {
			return operation{}, fmt.Errorf("%q is no operation of this plugin", id)
		}
	}
	return operation{Namespace: parts[0], Pod: parts[1], Container: parts[2], Run: parts[3]}, nil
}

func (o operation) folder() string { return stateFolder + "/" + o.Run }
