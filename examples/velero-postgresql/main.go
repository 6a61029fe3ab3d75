// The plugin's program: Velero starts it, asks what it registers, and calls that.
package main

import (
	"github.com/spf13/pflag"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"

	"example.com/velero-postgresql/internal/postgresql"
)

func main() {
	// Nothing may be printed before Serve: the first line on standard output is the handshake. Nothing is asked of the cluster
	// either, for Velero starts every plugin whenever it starts itself, and one that does not come up keeps it down.
	framework.NewServer().
		BindFlags(pflag.CommandLine).
		RegisterBackupItemActionV2(postgresql.BackupName, postgresql.NewBackup).
		RegisterBackupItemActionV2(postgresql.VolumeName, postgresql.NewVolume).
		RegisterRestoreItemActionV2(postgresql.RestoreName, postgresql.NewRestore).
		Serve()
}
