// Answers what a node makes of references, indexes, hosts folders and proxy settings, with the code that nodes run:
// distribution/reference, containerd, golang.org/x/net/http/httpproxy (of which net/http has a copy).
// A line of input is {"kind": "reference" | "platform" | "hosts" | "proxy", …}; the line of output is the answer, or {"error": "…"}.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/containerd/log"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/net/http/httpproxy"
)

type question struct {
	Kind      string             `json:"kind"`
	Reference string             `json:"reference"`
	Want      string             `json:"want"`
	Root      ocispec.Descriptor `json:"root"`
	Blobs     []string           `json:"blobs"`
	Host      string             `json:"host"`
	Files     map[string]string  `json:"files"`
	HTTP      string             `json:"http"`
	HTTPS     string             `json:"https"`
	No        string             `json:"no"`
	URL       string             `json:"url"`
}

type answer map[string]any

func ofReference(text string) (answer, error) {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return nil, err
	}
	found := answer{"domain": reference.Domain(named), "path": reference.Path(named), "familiar": reference.FamiliarString(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		found["tag"] = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		found["digest"] = digested.Digest().String()
	}
	return found, nil
}

// blobs are those of the question, by digest.
type blobs map[digest.Digest][]byte

type blob struct{ *bytes.Reader }

func (blob) Close() error { return nil }

func (b blobs) ReaderAt(_ context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	found, ok := b[desc.Digest]
	if !ok {
		return nil, fmt.Errorf("no blob %s", desc.Digest)
	}
	return blob{bytes.NewReader(found)}, nil
}

func ofPlatform(q question) (answer, error) {
	platform, err := platforms.Parse(q.Want)
	if err != nil {
		return nil, err
	}
	given := blobs{}
	for _, text := range q.Blobs {
		given[digest.FromString(text)] = []byte(text)
	}
	manifest, err := images.Manifest(context.Background(), given, q.Root, platforms.Only(platform))
	if err != nil {
		return nil, err
	}
	return answer{"manifest": manifest.Annotations["n"]}, nil
}

func namesOf(capabilities docker.HostCapabilities) (names []string) {
	for _, each := range []struct {
		bit  docker.HostCapabilities
		name string
	}{{docker.HostCapabilityPull, "pull"}, {docker.HostCapabilityResolve, "resolve"}, {docker.HostCapabilityPush, "push"}, {docker.HostCapabilityReferrers, "referrers"}} {
		if capabilities.Has(each.bit) {
			names = append(names, each.name)
		}
	}
	return names
}

func ofHosts(q question) (answer, error) {
	root, err := os.MkdirTemp("", "hosts")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	for name, text := range q.Files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	found, err := config.ConfigureHosts(context.Background(), config.HostOptions{HostDir: config.HostDirFromRoot(root)})(q.Host)
	if err != nil {
		return nil, err
	}
	hosts := []answer{}
	for _, host := range found {
		one := answer{"scheme": host.Scheme, "host": host.Host, "path": host.Path, "capabilities": namesOf(host.Capabilities)}
		if len(host.Header) > 0 {
			one["header"] = host.Header
		}
		if transport, ok := host.Client.Transport.(*http.Transport); !ok {
			one["httpFallback"] = true
		} else if transport.TLSClientConfig != nil && transport.TLSClientConfig.InsecureSkipVerify {
			one["skipVerify"] = true
		}
		hosts = append(hosts, one)
	}
	return answer{"hosts": hosts}, nil
}

func ofProxy(q question) (answer, error) {
	asked, err := url.Parse(q.URL)
	if err != nil {
		return nil, err
	}
	proxy, err := (&httpproxy.Config{HTTPProxy: q.HTTP, HTTPSProxy: q.HTTPS, NoProxy: q.No}).ProxyFunc()(asked)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return answer{"proxy": nil}, nil
	}
	return answer{"proxy": proxy.String()}, nil
}

func answerTo(q question) (answer, error) {
	switch q.Kind {
	case "reference":
		return ofReference(q.Reference)
	case "platform":
		return ofPlatform(q)
	case "hosts":
		return ofHosts(q)
	case "proxy":
		return ofProxy(q)
	}
	return nil, fmt.Errorf("no kind of question: %q", q.Kind)
}

func main() {
	log.L.Logger.SetOutput(io.Discard)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	output := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		found, err := answerTo(q)
		if err != nil {
			found = answer{"error": err.Error()}
		}
		if err := output.Encode(found); err != nil {
			os.Exit(1)
		}
	}
}
