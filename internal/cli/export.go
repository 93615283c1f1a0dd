package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/api"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/place"
	"github.com/spf13/cobra"
)

// defaultLicence is what an export is under unless the operator says otherwise.
const defaultLicence = "CC-BY-4.0"

func (e *env) export() *cobra.Command {
	licence := defaultLicence
	c := &cobra.Command{
		Use: "export DIR", Short: "Write the open data: petitions, counts by day and place, decisions, answers", Args: usage(cobra.ExactArgs(1)),
		RunE: e.withStore(false, func(ctx context.Context, cfg Config, st *store.Store, args []string) error {
			if strings.TrimSpace(licence) == "" || strings.ContainsAny(licence, "\r\n") {
				return fmt.Errorf("%w: export --licence needs a name on one line", errUsage)
			}
			o, err := e.exportOptions(ctx, cfg, st)
			if err != nil {
				return err
			}
			files := 0
			err = exportTo(args[0], func(create func(string) (io.WriteCloser, error)) error {
				return api.Export(ctx, o, licence, func(name string) (io.WriteCloser, error) {
					files++
					return create(name)
				})
			})
			if err == nil {
				fmt.Fprintf(e.out, "%d files in %s\n", files, args[0])
			}
			return err
		}),
	}
	c.Flags().StringVar(&licence, "licence", licence, "name of the licence that the export is under (SPDX)")
	return c
}

// exportOptions are what the public pages of this deployment are made with.
func (e *env) exportOptions(ctx context.Context, cfg Config, st *store.Store) (api.Options, error) {
	law, err := lawOf(st.Laws(), cfg.Profile)
	if err != nil {
		return api.Options{}, err
	}
	bundle, err := i18n.New()
	if err != nil {
		return api.Options{}, err
	}
	service := settings.New(settings.Options{Store: st, Laws: st.Laws(), Langs: i18n.Langs(), Fixed: cfg.fixed(law), Law: law, Now: e.now})
	now, err := service.Current(ctx)
	if err != nil {
		return api.Options{}, err
	}
	places := map[string]*place.Set{now.Law.Places: now.Places} // reading a set takes longer than a petition
	return api.Options{Store: st, Laws: st.Laws(), Law: now.Law, URL: cfg.URL, Bundle: bundle, Now: e.now, Places: func(id string) *place.Set {
		if set, known := places[id]; known {
			return set
		}
		places[id] = placeSet(id)
		return places[id]
	}}, nil
}

// exportTo lets write fill a directory, which appears at path whole or not at
// all.
//
// Order: every file is written and synced beside path; an export that is there
// steps aside; the new one takes its place; the old one goes. Cut off between
// the two renames, both are there under names that begin with a point.
func exportTo(path string, write func(create func(string) (io.WriteCloser, error)) error) error {
	path = filepath.Clean(path)
	there, err := isExport(path)
	if err != nil {
		return err
	}
	parent, name := filepath.Split(path)
	fresh, err := os.MkdirTemp(filepath.Clean(parent+"."), "."+name+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := write(func(name string) (io.WriteCloser, error) { return createSynced(filepath.Join(fresh, name)) }); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(fresh, 0o755), syncDir(fresh)); err != nil { //nolint:gosec // open data is for everybody to read
		return err
	}
	old := fresh + ".old"
	if there {
		if err := os.Rename(path, old); err != nil {
			return err
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		if there {
			err = errors.Join(err, os.Rename(old, path))
		}
		return err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// isExport reports whether an export is at path, which a new one may replace.
// Anything else that is there is an error, but for an empty directory.
func isExport(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if len(entries) == 0 {
		return true, nil
	}
	refuse := func(why string) (bool, error) {
		return false, fmt.Errorf("%s is not an export of open data (%s): it is not replaced", path, why)
	}
	b, err := os.ReadFile(filepath.Join(path, api.ExportFile))
	if err != nil {
		return refuse("no " + api.ExportFile)
	}
	var described struct {
		Name      string
		Resources []struct{ Path string }
	}
	if err := json.Unmarshal(b, &described); err != nil || described.Name != api.ExportName {
		return refuse(api.ExportFile + " describes something else")
	}
	known := []string{api.ExportFile, "README.md"}
	for _, r := range described.Resources {
		known = append(known, r.Path)
	}
	for _, f := range entries {
		if !slices.Contains(known, f.Name()) {
			return refuse("it holds " + f.Name() + ", too")
		}
	}
	return true, nil
}

// syncedFile is on the disk once it is closed.
type syncedFile struct {
	*bufio.Writer
	f *os.File
}

func createSynced(name string) (io.WriteCloser, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // as the directory
	if err != nil {
		return nil, err
	}
	return syncedFile{bufio.NewWriterSize(f, 1<<16), f}, nil
}

// Close flushes, syncs and closes.
func (s syncedFile) Close() error {
	err := s.Flush()
	if err == nil {
		err = s.f.Sync()
	}
	return errors.Join(err, s.f.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
