package postgresql

import (
	"encoding/json"
	"regexp"
	"strconv"
)

// backupCommand is what runs in the pod. The id marks the backup in the repository, so that it is found again: by a restore, and
// by a Progress whose notes in the pod are gone.
func (c Config) backupCommand(id string) []string {
	if c.Tool == "barman" {
		command := append([]string{"barman-cloud-backup"}, c.BackupOptions...)
		return append(command, "--name", "velero-"+id, c.Repository, c.Stanza)
	}
	command := append([]string{"pgbackrest", "--stanza=" + c.Stanza, "--log-level-console=detail"}, c.BackupOptions...)
	return append(command, "--annotation=velero="+id, "backup")
}

// listCommand prints the repository's backups as JSON.
func (c Config) listCommand() []string {
	if c.Tool == "barman" {
		return []string{"barman-cloud-backup-list", "--format", "json", c.Repository, c.Stanza}
	}
	return []string{"pgbackrest", "--stanza=" + c.Stanza, "--output=json", "info"}
}

// restoreArguments are those of restore.sh.
func (c Config) restoreArguments(id string) []string {
	return append([]string{c.Tool, id, c.DataDirectory, stateFolder + "/cancelled", c.Repository, c.Stanza}, c.RestoreOptions...)
}

// isListed tells whether what listCommand printed has a complete backup of this id.
func (c Config) isListed(id, printed string) (bool, error) {
	if c.Tool == "barman" {
		var list struct {
			Backups []struct {
				Name   string `json:"backup_name"`
				Status string `json:"status"`
			} `json:"backups_list"`
		}
		err := json.Unmarshal([]byte(printed), &list)
		for _, backup := range list.Backups {
			if backup.Name == "velero-"+id && backup.Status == "DONE" {
				return true, err
			}
		}
		return false, err
	}
	var stanzas []struct {
		Backups []struct {
			Annotation map[string]string `json:"annotation"`
			Error      bool              `json:"error"`
		} `json:"backup"`
	}
	err := json.Unmarshal([]byte(printed), &stanzas)
	for _, stanza := range stanzas {
		for _, backup := range stanza.Backups {
			// `error` are checksums of pages: pgbackrest keeps such a backup, and so it is there.
			if backup.Annotation["velero"] == id {
				return true, err
			}
		}
	}
	return false, err
}

// pgbackrest writes `(8KB, 12.34%)` behind each file it copied.
var percentage = regexp.MustCompile(`, ([0-9]{1,3}(?:\.[0-9]+)?)%\)`)

// percentOf reads how far the tool is from the end of its log; barman does not say.
func percentOf(log string) (int64, bool) {
	found := percentage.FindAllStringSubmatch(log, -1)
	if len(found) == 0 {
		return 0, false
	}
	percent, err := strconv.ParseFloat(found[len(found)-1][1], 64)
	return int64(percent), err == nil && percent <= 100
}
