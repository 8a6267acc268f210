package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/stacklok/toolhive-core/oci/artifact"
	"github.com/stacklok/toolhive-core/oci/plugins"
)

// localBuild is how thv marks a build of its own machine, on the descriptor in index.json.
const localBuild = "dev.stacklok.toolhive.local-build"

// stores are the open stores, by their root.
type stores map[string]*plugins.Store

// at returns the store with a root; it is opened, which is when it reads index.json, at its first use.
func (s stores) at(root string) (*plugins.Store, error) {
	if store, open := s[root]; open {
		return store, nil
	}
	store, err := plugins.NewStore(root)
	if err != nil {
		return nil, err
	}
	s[root] = store
	return store, nil
}

var open = stores{}

type inStore struct {
	Root string `json:"root"`
}

type tagInStore struct {
	Root string `json:"root"`
	Tag  string `json:"tag"`
}

type digestInStore struct {
	Root   string        `json:"root"`
	Digest digest.Digest `json:"digest"`
}

type tagging struct {
	Root       string        `json:"root"`
	Digest     digest.Digest `json:"digest"`
	Tag        string        `json:"tag"`
	LocalBuild bool          `json:"local_build"`
}

type packaging struct {
	Root      string   `json:"root"`
	Directory string   `json:"directory"`
	Epoch     int64    `json:"epoch"`
	Platforms []string `json:"platforms"`
}

// packaged is an artifact as it lies in the store, so that tests can compare bytes.
type packaged struct {
	Index     digest.Digest `json:"index_digest"`
	Manifest  digest.Digest `json:"manifest_digest"`
	Config    digest.Digest `json:"config_digest"`
	Layer     digest.Digest `json:"layer_digest"`
	DiffID    digest.Digest `json:"diff_id"`
	Documents documents     `json:"documents"`
}

type documents struct {
	Index     []byte   `json:"index"`
	Manifests [][]byte `json:"manifests"`
	Configs   [][]byte `json:"configs"`
}

func addStoreCalls(calls map[string]call) {
	calls["open"] = taking(func(_ context.Context, with inStore) (none, error) {
		delete(open, with.Root) // a second time: as after a restart
		_, err := open.at(with.Root)
		return none{}, err
	})
	calls["package"] = taking(packageInto)
	calls["tag"] = taking(tag)
	calls["resolve"] = taking(func(ctx context.Context, with tagInStore) (digest.Digest, error) {
		store, err := open.at(with.Root)
		if err != nil {
			return "", err
		}
		return store.Resolve(ctx, with.Tag)
	})
	calls["tags"] = taking(func(ctx context.Context, with inStore) ([]string, error) {
		store, err := open.at(with.Root)
		if err != nil {
			return nil, err
		}
		tags, err := store.ListTags(ctx)
		return append([]string{}, tags...), err
	})
	calls["blob"] = taking(func(ctx context.Context, with digestInStore) ([]byte, error) {
		store, err := open.at(with.Root)
		if err != nil {
			return nil, err
		}
		return store.GetBlob(ctx, with.Digest)
	})
	calls["delete_tag"] = taking(func(ctx context.Context, with tagInStore) (none, error) {
		store, err := open.at(with.Root)
		if err != nil {
			return none{}, err
		}
		return none{}, store.DeleteTag(ctx, with.Tag)
	})
	calls["delete_build"] = taking(func(ctx context.Context, with tagInStore) (none, error) {
		store, err := open.at(with.Root)
		if err != nil {
			return none{}, err
		}
		return none{}, store.DeleteBuild(ctx, with.Tag)
	})
}

func tag(ctx context.Context, with tagging) (none, error) {
	store, err := open.at(with.Root)
	if err != nil {
		return none{}, err
	}
	if !with.LocalBuild {
		return none{}, store.Tag(ctx, with.Digest, with.Tag)
	}
	descriptor, err := store.Target().Resolve(ctx, with.Digest.String())
	if err != nil {
		return none{}, err
	}
	annotations := maps.Clone(descriptor.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[localBuild] = "true"
	descriptor.Annotations = annotations
	return none{}, store.Target().Tag(ctx, descriptor, with.Tag)
}

func packageInto(ctx context.Context, with packaging) (*packaged, error) {
	store, err := open.at(with.Root)
	if err != nil {
		return nil, err
	}
	options := plugins.PackageOptions{Epoch: time.Unix(with.Epoch, 0).UTC()}
	for _, text := range with.Platforms {
		platform, err := artifact.ParsePlatform(text)
		if err != nil {
			return nil, err
		}
		options.Platforms = append(options.Platforms, platform)
	}
	result, err := plugins.NewPackager(store).Package(ctx, with.Directory, options)
	if err != nil {
		return nil, err
	}
	made := &packaged{
		Index:    result.IndexDigest,
		Manifest: result.ManifestDigest,
		Config:   result.ConfigDigest,
		Layer:    result.LayerDigest,
	}
	return made, made.read(ctx, store)
}

// read fills in the documents, and the digest of the tar.
func (p *packaged) read(ctx context.Context, store *plugins.Store) error {
	var err error
	if p.Documents.Index, err = store.GetManifest(ctx, p.Index); err != nil {
		return err
	}
	index, err := store.GetIndex(ctx, p.Index)
	if err != nil {
		return err
	}
	for _, listed := range index.Manifests {
		data, err := store.GetManifest(ctx, listed.Digest)
		if err != nil {
			return err
		}
		config, err := configOf(ctx, store, data)
		if err != nil {
			return err
		}
		p.Documents.Manifests = append(p.Documents.Manifests, data)
		p.Documents.Configs = append(p.Documents.Configs, config)
	}
	layer, err := store.GetBlob(ctx, p.Layer)
	if err != nil {
		return err
	}
	tar, err := artifact.Decompress(layer)
	if err != nil {
		return fmt.Errorf("layer: %w", err)
	}
	p.DiffID = digest.FromBytes(tar)
	return nil
}

func configOf(ctx context.Context, store *plugins.Store, data []byte) ([]byte, error) {
	manifest, err := parsed[ocispec.Manifest](data)
	if err != nil {
		return nil, err
	}
	return store.GetBlob(ctx, manifest.Config.Digest)
}
