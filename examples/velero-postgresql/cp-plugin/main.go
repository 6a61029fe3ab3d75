// cp-plugin FROM TO  copies one plugin into the folder that it shares with Velero. The image has no shell and no cp.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cp-plugin FROM TO")
		os.Exit(2)
	}
	if err := copyPlugin(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "cp-plugin:", err)
		os.Exit(1)
	}
}

// copyPlugin writes beside its goal and renames: an init container may run again while Velero runs the plugin, and a program that
// runs cannot be written to ("text file busy").
func copyPlugin(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	beside := to + ".new"
	target, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if closed := target.Close(); err == nil {
		err = closed
	}
	// Velero has another user than this container; and what is not executable yet, Velero would not take for a plugin.
	if err == nil {
		err = os.Chmod(beside, 0o755)
	}
	if err == nil {
		err = os.Rename(beside, to)
	}
	return err
}
