package main

import (
	"context"
	"os"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/stacklok/toolhive-core/oci/plugins"
)

type pushing struct {
	Root   string        `json:"root"`
	Digest digest.Digest `json:"digest"`
	Ref    string        `json:"ref"`
}

type pulling struct {
	Root string `json:"root"`
	Ref  string `json:"ref"`
}

type credentialOf struct {
	// DockerConfig is the folder of config.json.
	DockerConfig string `json:"docker_config"`
	// Path is where credential helpers are.
	Path string `json:"path"`
	Host string `json:"host"`
}

type credential struct {
	Username     string `json:"username"`
	Password     string `json:"password"`
	RefreshToken string `json:"refresh_token"`
	AccessToken  string `json:"access_token"`
}

type reference struct {
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	Reference  string `json:"reference"`
}

func addRegistryCalls(calls map[string]call) {
	calls["push"] = taking(func(ctx context.Context, with pushing) (none, error) {
		store, client, err := storeAndClient(with.Root)
		if err != nil {
			return none{}, err
		}
		return none{}, client.Push(ctx, store, with.Digest, with.Ref)
	})
	calls["pull"] = taking(func(ctx context.Context, with pulling) (digest.Digest, error) {
		store, client, err := storeAndClient(with.Root)
		if err != nil {
			return "", err
		}
		return client.Pull(ctx, store, with.Ref)
	})
	calls["parse_reference"] = taking(func(_ context.Context, with struct{ Ref string }) (reference, error) {
		parsed, err := registry.ParseReference(with.Ref) // what Push and Pull parse it with
		return reference{parsed.Registry, parsed.Repository, parsed.Reference}, err
	})
	calls["credential"] = taking(credentialFor)
}

// storeAndClient returns a store and a client that speaks plain HTTP: the tests' registries are on the loopback interface.
func storeAndClient(root string) (*plugins.Store, *plugins.Registry, error) {
	store, err := open.at(root)
	if err != nil {
		return nil, nil, err
	}
	client, err := plugins.NewRegistry(plugins.WithPlainHTTP(true))
	return store, client, err
}

// credentialFor reads Docker's configuration as plugins.NewRegistry and its requests do.
func credentialFor(ctx context.Context, with credentialOf) (*credential, error) {
	for name, value := range map[string]string{"DOCKER_CONFIG": with.DockerConfig, "PATH": with.Path} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
	if err != nil {
		return nil, err
	}
	found, err := credentials.Credential(store)(ctx, with.Host)
	if err != nil {
		return nil, err
	}
	return &credential{found.Username, found.Password, found.RefreshToken, found.AccessToken}, nil
}
