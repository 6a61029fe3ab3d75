package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func TestCopiesForEveryUser(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from"), filepath.Join(folder, "to")
	write(t, from, "plugin", 0o500)
	if err := copyPlugin(from, to); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(to)
	info, _ := os.Stat(to)
	if err != nil || string(content) != "plugin" || info.Mode().Perm() != 0o755 {
		t.Fatalf("%q with %v (%v)", content, info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.new")); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestReplacesAProgramThatRuns(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("there is no sleep")
	}
	folder := t.TempDir()
	to := filepath.Join(folder, "to")
	if err := copyPlugin(sleep, to); err != nil {
		t.Fatal(err)
	}
	// As `sleep`, whatever the file's name: it may be one of many in one program.
	running := exec.Command(to, "60")
	running.Args[0] = "sleep"
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = running.Process.Kill(); _ = running.Wait() }()
	write(t, filepath.Join(folder, "next"), "next", 0o644)
	if err := copyPlugin(filepath.Join(folder, "next"), to); err != nil {
		t.Fatal(err)
	}
}

func TestSaysWhatIsMissing(t *testing.T) {
	if err := copyPlugin(filepath.Join(t.TempDir(), "none"), filepath.Join(t.TempDir(), "to")); !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
