package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

//go:embed locales/*/*.toml
var embedded embed.FS

// Bundle is everything the site says, in every language. It does not change
// after New and is safe for concurrent use.
type Bundle struct {
	catalogs map[Lang]catalog
	printers map[Lang]*Printer
}

// New reads and compiles the embedded locale files. The error names every key
// that a language lacks, every plural form that is missing or too many, and
// every placeholder that differs between languages.
func New() (*Bundle, error) { return newBundle(embedded) }

// newBundle reads locales/<lang>/*.toml below fsys.
func newBundle(fsys fs.FS) (*Bundle, error) {
	b := &Bundle{catalogs: map[Lang]catalog{}, printers: map[Lang]*Printer{}}
	var errs []error
	for _, l := range Langs() {
		c, err := loadLang(fsys, l)
		if err != nil {
			errs = append(errs, err)
		}
		b.catalogs[l] = c
	}
	errs = append(errs, compare(b.catalogs))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, l := range Langs() {
		p, err := newPrinter(l, b.catalogs[l])
		if err != nil {
			return nil, fmt.Errorf("i18n: %s: %w", l, err)
		}
		b.printers[l] = p
	}
	return b, nil
}

// Printer speaks l; English when l is not a language of the site.
func (b *Bundle) Printer(l Lang) *Printer {
	if p, ok := b.printers[l]; ok {
		return p
	}
	return b.printers[English]
}

// Keys are the keys of all messages, sorted.
func (b *Bundle) Keys() []string { return slices.Sorted(maps.Keys(b.catalogs[English])) }

// Unsure are the keys of the messages of l that wait for a native reader, sorted.
func (b *Bundle) Unsure(l Lang) []string {
	var keys []string
	for _, key := range b.Keys() {
		if b.catalogs[l][key].unsure {
			keys = append(keys, key)
		}
	}
	return keys
}
