// Command toolhive-core-driver lets tests call toolhive-core: one JSON request a line on stdin, one JSON answer a line on stdout.
//
// A request is {"call": NAME, "with": {...}}. An answer is {"value": ...}, or {"error": MESSAGE, "kind": NAME}, where the kind is the
// name of toolhive-core's sentinel error, if it is one. Stores stay open, with the index that they read when they were opened, until
// stdin ends: as in a running thv.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/stacklok/toolhive-core/oci/plugins"
)

type request struct {
	Call string          `json:"call"`
	With json.RawMessage `json:"with"`
}

type answer struct {
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
	Kind  string `json:"kind,omitempty"`
}

// none is the argument, or the value, of a call that has none.
type none struct{}

type call func(ctx context.Context, with json.RawMessage) (any, error)

// taking makes a call of a function whose arguments are the fields of a struct.
func taking[A, V any](function func(ctx context.Context, arguments A) (V, error)) call {
	return func(ctx context.Context, with json.RawMessage) (any, error) {
		var arguments A
		decoder := json.NewDecoder(bytes.NewReader(with))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&arguments); err != nil {
			return nil, fmt.Errorf("arguments: %w", err)
		}
		return function(ctx, arguments)
	}
}

func main() {
	calls := map[string]call{}
	addStoreCalls(calls)
	addRegistryCalls(calls)
	addValueCalls(calls)
	if err := serve(context.Background(), calls, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers requests in order until stdin ends.
func serve(ctx context.Context, calls map[string]call, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	encoder := json.NewEncoder(out)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := encoder.Encode(answerTo(ctx, calls, line)); err != nil {
			return err
		}
	}
}

func answerTo(ctx context.Context, calls map[string]call, line []byte) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: fmt.Sprintf("request: %v", err)}
	}
	made, known := calls[asked.Call]
	if !known {
		return answer{Error: fmt.Sprintf("there is no call %q", asked.Call)}
	}
	value, err := made(ctx, asked.With)
	if err != nil {
		return answer{Error: err.Error(), Kind: kindOf(err)}
	}
	return answer{Value: value}
}

var sentinels = map[string]error{
	"ErrInvalidPluginDir":      plugins.ErrInvalidPluginDir,
	"ErrPluginManifestMissing": plugins.ErrPluginManifestMissing,
	"ErrInvalidPluginManifest": plugins.ErrInvalidPluginManifest,
	"ErrTooManyFiles":          plugins.ErrTooManyFiles,
	"ErrPluginTooLarge":        plugins.ErrPluginTooLarge,
	"ErrInvalidPluginFile":     plugins.ErrInvalidPluginFile,
}

func kindOf(err error) string {
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			return name
		}
	}
	return ""
}
