package main

import (
	"context"
	"encoding/json"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/stacklok/toolhive-core/oci/artifact"
	"github.com/stacklok/toolhive-core/oci/plugins"
)

// file is an entry of an archive. Its path is bytes, because names need not be UTF-8.
type file struct {
	Path    []byte `json:"path"`
	Content []byte `json:"content"`
	Mode    int64  `json:"mode"`
}

type someBytes struct {
	Data []byte `json:"data"`
}

type filesAndEpoch struct {
	Files []file `json:"files"`
	Epoch int64  `json:"epoch"`
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
}

type annotations struct {
	Annotations map[string]string `json:"annotations"`
}

type annotated struct {
	Components plugins.ComponentInventory `json:"components"`
	Requires   []string                   `json:"requires"`
}

func addValueCalls(calls map[string]call) {
	calls["create_tar"] = taking(func(_ context.Context, with filesAndEpoch) ([]byte, error) {
		files := make([]artifact.FileEntry, len(with.Files))
		for i, f := range with.Files {
			files[i] = artifact.FileEntry{Path: string(f.Path), Content: f.Content, Mode: f.Mode}
		}
		return artifact.CreateTar(files, artifact.TarOptions{Epoch: time.Unix(with.Epoch, 0).UTC()})
	})
	calls["extract_tar"] = taking(func(_ context.Context, with someBytes) ([]file, error) {
		entries, err := artifact.ExtractTar(with.Data)
		files := make([]file, len(entries))
		for i, entry := range entries {
			files[i] = file{Path: []byte(entry.Path), Content: entry.Content, Mode: entry.Mode}
		}
		return files, err
	})
	calls["compress"] = taking(func(_ context.Context, with someBytes) ([]byte, error) {
		return artifact.Compress(with.Data, artifact.DefaultGzipOptions())
	})
	calls["decompress"] = taking(func(_ context.Context, with someBytes) ([]byte, error) {
		return artifact.Decompress(with.Data)
	})
	calls["parse_platform"] = taking(func(_ context.Context, with struct{ Text string }) (platform, error) {
		parsed, err := artifact.ParsePlatform(with.Text)
		return platform{parsed.OS, parsed.Architecture, parsed.Variant}, err
	})
	calls["plugin_config"] = taking(func(_ context.Context, with someBytes) (*plugins.PluginConfig, error) {
		image, err := parsed[ocispec.Image](with.Data)
		if err != nil {
			return nil, err
		}
		return plugins.PluginConfigFromImageConfig(image)
	})
	calls["parse_annotations"] = taking(func(_ context.Context, with annotations) (annotated, error) {
		return annotated{
			Components: plugins.ParseComponentsAnnotation(with.Annotations),
			Requires:   plugins.ParseRequiresAnnotation(with.Annotations),
		}, nil
	})
}

func parsed[T any](data []byte) (*T, error) {
	document := new(T)
	return document, json.Unmarshal(data, document)
}
