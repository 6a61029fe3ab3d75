// Unpacks layers with containerd's own code, one above the other into an empty folder, and tells what is there then.
// A line of input is {"layers": [base64, …]}, lowest first; the line of output for it {"entries": […]} or {"error": "…"}.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/v2/pkg/archive"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
)

type entry struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"`
	Mode   string `json:"mode"`
	Target string `json:"target,omitempty"`
	Sha256 string `json:"sha256,omitempty"`
}

type answer struct {
	Entries []entry  `json:"entries"`
	DiffIDs []string `json:"diffIds,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// apply does what containerd's applier does with a layer: decompress, unpack, read what is left.
func apply(root string, layer []byte) (string, error) {
	stream, err := compression.DecompressStream(bytes.NewReader(layer))
	if err != nil {
		return "", err
	}
	defer stream.Close()
	digest := sha256.New()
	read := io.TeeReader(stream, digest)
	if _, err := archive.Apply(context.Background(), root, read); err != nil {
		return "", err
	}
	if _, err := io.Copy(io.Discard, read); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

func describe(root string) (entries []entry, err error) {
	err = filepath.WalkDir(root, func(path string, found fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		one := entry{Path: name, Mode: fmt.Sprintf("%04o", info.Mode().Perm()), Kind: "device"}
		switch mode := info.Mode(); {
		case mode.IsDir():
			one.Kind = "directory"
		case mode.IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(content)
			one.Kind, one.Sha256 = "file", hex.EncodeToString(sum[:])
		case mode&fs.ModeSymlink != 0:
			one.Kind = "symlink"
			one.Target, _ = os.Readlink(path)
		case mode&fs.ModeNamedPipe != 0:
			one.Kind = "fifo"
		}
		entries = append(entries, one)
		return nil
	})
	return entries, err
}

func answerTo(layers [][]byte) (told answer) {
	root, err := os.MkdirTemp("", "layers")
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer os.RemoveAll(root)
	for _, layer := range layers {
		digest, err := apply(root, layer)
		if err != nil {
			return answer{Error: err.Error()}
		}
		told.DiffIDs = append(told.DiffIDs, digest)
	}
	if told.Entries, err = describe(root); err != nil {
		return answer{Error: err.Error()}
	}
	return told
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	decoder := json.NewDecoder(input)
	for {
		var question struct{ Layers [][]byte }
		if err := decoder.Decode(&question); err == io.EOF {
			return
		} else if err != nil {
			panic(err)
		}
		if err := output.Encode(answerTo(question.Layers)); err != nil {
			panic(err)
		}
	}
}
