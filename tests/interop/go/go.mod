module toolhive-core-driver

go 1.27

require (
	github.com/opencontainers/go-digest v1.0.0
	github.com/opencontainers/image-spec v1.1.1
	github.com/stacklok/toolhive-core v0.0.59
	oras.land/oras-go/v2 v2.7.0
)

require (
	github.com/adrg/xdg v0.5.3 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
