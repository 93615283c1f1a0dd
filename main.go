// Command dauys is a petition platform in one binary.
//
// What lives here: a dozen lines that call package cli, and the tests of the
// whole: the layout, the house rules, the documents, stories and crashes.
//
// What never: anything else.
package main

import (
	"context"
	"os"

	"github.com/dauys/dauys/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args, os.Stdout, os.Stderr))
}
