// Imports archives of images as containerd does it, into an empty store, and tells which names they give and what these point at.
// A line of input is a base64 archive; the line of output for it {"images": [{"name": …, "digest": …, "whole": …}]} or {"error": "…"}.
package main

import (
	"bufio"
	"bytes"
	"context"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/images/archive"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

type image struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
	// Whether a node of linux/amd64 finds manifest, config and layers.
	Whole bool `json:"whole"`
}

type answer struct {
	Images []image `json:"images"`
	Error  string  `json:"error,omitempty"`
}

func whole(ctx context.Context, store content.Store, target ocispec.Descriptor) bool {
	matcher := platforms.Only(platforms.MustParse("linux/amd64"))
	if target.Platform != nil && !matcher.Match(*target.Platform) {
		return false
	}
	manifest, err := images.Manifest(ctx, store, target, matcher)
	if err != nil {
		return false
	}
	for _, part := range append([]ocispec.Descriptor{manifest.Config}, manifest.Layers...) {
		if info, err := store.Info(ctx, part.Digest); err != nil || info.Size != part.Size {
			return false
		}
	}
	return true
}

func load(bytesOf []byte) (result answer) {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "import-")
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer os.RemoveAll(folder)
	store, err := local.NewStore(folder)
	if err != nil {
		return answer{Error: err.Error()}
	}
	descriptor, err := archive.ImportIndex(ctx, store, bytes.NewReader(bytesOf))
	if err != nil {
		return answer{Error: err.Error()}
	}
	blob, err := content.ReadBlob(ctx, store, descriptor)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var index ocispec.Index
	if err := json.Unmarshal(blob, &index); err != nil {
		return answer{Error: err.Error()}
	}
	targets := map[string]ocispec.Descriptor{}
	order := []string{}
	// As the client's Import: each entry that has a name becomes an image, and a later one takes the name.
	for _, entry := range index.Manifests {
		name := entry.Annotations[images.AnnotationImageName]
		if name == "" {
			name = entry.Annotations[ocispec.AnnotationRefName]
		}
		if name == "" {
			continue
		}
		if _, seen := targets[name]; !seen {
			order = append(order, name)
		}
		targets[name] = entry
	}
	result.Images = []image{}
	for _, name := range order {
		target := targets[name]
		result.Images = append(result.Images, image{name, target.Digest.String(), whole(ctx, store, target)})
	}
	return result
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			archive, failed := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(line)))
			if failed != nil {
				fmt.Fprintln(os.Stderr, failed)
				os.Exit(1)
			}
			text, _ := json.Marshal(load(archive))
			fmt.Println(string(text))
		}
		if err != nil {
			return
		}
	}
}
