// toolhive-signatures-driver signs and verifies artifacts with toolhive-core's container/signer and container/verifier, as ToolHive does.
//
//	toolhive-signatures-driver sign REPOSITORY DIGEST PRIVATE_KEY
//	toolhive-signatures-driver verify REPOSITORY DIGEST PUBLIC_KEY
//
// verify prints how many of the signatures that were found verify with the key, and how many were found.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/stacklok/toolhive-core/container/signer"
	"github.com/stacklok/toolhive-core/container/verifier"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("sign or verify, a repository, a digest and a key are wanted")
	}
	ctx, reference := context.Background(), args[1]+"@"+args[2]
	if args[0] == "sign" {
		_, err := signer.NewDefault(authn.DefaultKeychain).SignOCI(ctx, reference, args[2], signer.Options{Key: args[3]})
		return err
	}
	key, err := os.ReadFile(args[3])
	if err != nil {
		return err
	}
	bundles, err := verifier.RetrieveBundles(ctx, reference, authn.DefaultKeychain)
	if err != nil {
		return err
	}
	verified := 0
	for _, bundle := range bundles {
		if _, err := verifier.VerifyBundleWithKey(bundle, key); err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		if "sha256:"+bundle.DigestHex == args[2] {
			verified++
		}
	}
	fmt.Println(verified, len(bundles))
	return nil
}
