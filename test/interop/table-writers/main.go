// Writes a layer with a table of contents out of an archive, with the code of those who defined the formats.
//
//	table-writers -format estargz|estargz-lossless|zstd:chunked [-chunk-size N] [-min-chunk-size N] [-prioritized a,b] ARCHIVE LAYER
//
// What belongs into the layer's descriptor is told on standard output: {"annotations": {…}, "diffId": "sha256:…"}.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/containerd/stargz-snapshotter/estargz"
	"go.podman.io/storage/pkg/chunked/compressor"
)

var (
	format       = flag.String("format", "", "of the layer")
	chunkSize    = flag.Int("chunk-size", 0, "estargz: of a file's pieces; 0 for its default")
	minChunkSize = flag.Int("min-chunk-size", 0, "estargz: of what is compressed together")
	prioritized  = flag.String("prioritized", "", "estargz: files that come first, before a landmark, where they are there")
)

type told struct {
	Annotations map[string]string `json:"annotations"`
	DiffID      string            `json:"diffId"`
}

// sorted is what `ctr-remote` and `nerdctl image convert` call.
func sorted(archive *os.File, layer io.Writer) (told, error) {
	info, err := archive.Stat()
	if err != nil {
		return told{}, err
	}
	options := []estargz.Option{estargz.WithChunkSize(*chunkSize), estargz.WithMinChunkSize(*minChunkSize)}
	if *prioritized != "" {
		var missing []string
		options = append(options, estargz.WithPrioritizedFiles(strings.Split(*prioritized, ",")), estargz.WithAllowPrioritizeNotFound(&missing))
	}
	blob, err := estargz.Build(io.NewSectionReader(archive, 0, info.Size()), options...)
	if err != nil {
		return told{}, err
	}
	defer blob.Close()
	if _, err := io.Copy(layer, blob); err != nil {
		return told{}, err
	}
	return told{map[string]string{estargz.TOCJSONDigestAnnotation: blob.TOCDigest().String()}, blob.DiffID().String()}, nil
}

// lossless keeps the archive byte by byte, as BuildKit does.
func lossless(archive io.Reader, layer io.Writer) (told, error) {
	writer := estargz.NewWriter(layer)
	writer.ChunkSize, writer.MinChunkSize = *chunkSize, *minChunkSize
	if err := writer.AppendTarLossLess(archive); err != nil {
		return told{}, err
	}
	digest, err := writer.Close()
	if err != nil {
		return told{}, err
	}
	return told{map[string]string{estargz.TOCJSONDigestAnnotation: digest.String()}, writer.DiffID()}, nil
}

// chunked is what podman, buildah and skopeo call.
func chunked(archive io.Reader, layer io.Writer) (told, error) {
	annotations := map[string]string{}
	writer, err := compressor.ZstdCompressor(layer, annotations, nil)
	if err != nil {
		return told{}, err
	}
	digest := sha256.New()
	if _, err := io.Copy(io.MultiWriter(writer, digest), archive); err != nil {
		return told{}, err
	}
	if err := writer.Close(); err != nil {
		return told{}, err
	}
	return told{annotations, fmt.Sprintf("sha256:%x", digest.Sum(nil))}, nil
}

func write() error {
	archive, err := os.Open(flag.Arg(0))
	if err != nil {
		return err
	}
	layer, err := os.Create(flag.Arg(1))
	if err != nil {
		return err
	}
	var result told
	switch *format {
	case "estargz":
		result, err = sorted(archive, layer)
	case "estargz-lossless":
		result, err = lossless(archive, layer)
	case "zstd:chunked":
		result, err = chunked(archive, layer)
	default:
		err = fmt.Errorf("unknown format %q", *format)
	}
	if err != nil {
		return err
	}
	if err := layer.Close(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func main() {
	flag.Parse()
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
