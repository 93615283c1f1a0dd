package web

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var writePacked = flag.Bool("pack", false, "write the packed forms of the static files")

// What is built serves the smallest form of every style sheet and script. In a
// short run one may be of another version: somebody is working on it.
func TestAssetsArePacked(t *testing.T) {
	assets := newSite(t, nil).web.assets
	if *writePacked {
		forms, err := assets.Packed()
		must(t, err)
		for name, form := range forms {
			must(t, os.WriteFile(filepath.Join("static", name), form, 0o644))
		}
		return
	}
	tell := t.Errorf
	if testing.Short() {
		tell = t.Logf
	}
	for _, name := range assets.Loose() {
		tell("%s: its packed forms are missing or of another version: make assets", name)
	}
}
