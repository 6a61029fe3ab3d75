// A Velero plugin that does one thing wrong, or nothing: which one, its file name says, so that images share one layer.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/pflag"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
)

func main() {
	name := filepath.Base(os.Args[0])
	fault := name[strings.LastIndex(name, "-")+1:]
	registered := "example.com/" + name
	switch fault {
	case "panic":
		panic("no database at 10.0.0.7")
	case "exits":
		fmt.Fprintln(os.Stderr, "DATABASE_URL is not set")
		os.Exit(7)
	case "prints":
		fmt.Println("acme plugin starting, version 1.2.3")
	case "hangs":
		time.Sleep(time.Hour)
	case "ancient": // the handshake of protocol 1, which Ark had
		fmt.Println("1|1|unix|/tmp/acme|grpc")
		time.Sleep(time.Hour)
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "hungry":
		var held [][]byte
		for {
			piece := make([]byte, 16<<20)
			for at := 0; at < len(piece); at += 4096 {
				piece[at] = 1
			}
			held = append(held, piece)
		}
	case "strict": // as a plugin that reads its flags itself, and does not know the server's
		flags := pflag.NewFlagSet(name, pflag.ExitOnError)
		_ = flags.Parse(os.Args[1:])
	case "twin":
		registered = "example.com/acme-good"
	case "nameless":
		registered = "acme"
	case "aws":
		registered = "velero.io/aws"
	}
	framework.NewServer().BindFlags(pflag.CommandLine).RegisterObjectStore(registered, newStore).Serve()
}

type store struct{ velero.ObjectStore }

func newStore(logrus.FieldLogger) (any, error) { return &store{}, nil }
