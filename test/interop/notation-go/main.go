// Answers, for each line of JSON on standard input, what notation-go makes of a signature.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	_ "github.com/notaryproject/notation-core-go/signature/cose"
	_ "github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

type question struct {
	Envelope   []byte             `json:"envelope"`
	MediaType  string             `json:"mediaType"`
	Reference  string             `json:"reference"`
	Descriptor ocispec.Descriptor `json:"descriptor"`
	Policy     []byte             `json:"policy"`
	Config     string             `json:"config"`
}

// verify gives nil for a signature that notation lets count, or whose policy skips it.
func verify(q question) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	var policy trustpolicy.Document
	if err := json.NewDecoder(bytes.NewReader(q.Policy)).Decode(&policy); err != nil {
		return err
	}
	store := truststore.NewX509TrustStore(dir.NewSysFS(q.Config))
	v, err := verifier.NewWithOptions(&policy, store, nil, verifier.VerifierOptions{})
	if err != nil {
		return err
	}
	_, err = v.Verify(context.Background(), q.Descriptor, q.Envelope, notation.VerifierVerifyOptions{ArtifactReference: q.Reference, SignatureMediaType: q.MediaType})
	return err
}

func main() {
	questions, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for questions.More() {
		var q question
		if err := questions.Decode(&q); err != nil {
			panic(err)
		}
		words := ""
		if err := verify(q); err != nil {
			words = "refused: " + err.Error()
		}
		if err := answers.Encode(words); err != nil {
			panic(err)
		}
	}
}
