// A plugin that registers under the name of its file, so that copies of it can stand for many plugins when their cost is measured.
package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"

	"example.com/velero-postgresql/internal/postgresql"
)

func main() {
	framework.NewServer().
		BindFlags(pflag.CommandLine).
		RegisterBackupItemActionV2("example.com/"+filepath.Base(os.Args[0]), postgresql.NewBackup).
		Serve()
}
