package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/BurntSushi/toml"
)

// entry is one table of a locale file.
type entry struct {
	One    string `toml:"one"`
	Few    string `toml:"few"`
	Many   string `toml:"many"`
	Other  string `toml:"other"`
	Unsure bool   `toml:"unsure"` // a native reader shall look at it
}

// catalog is what one language says, by key.
type catalog map[string]message

// loadLang reads every file of one language. All faults are reported, each
// with its file and key.
func loadLang(fsys fs.FS, l Lang) (catalog, error) {
	names, err := fs.Glob(fsys, path.Join("locales", string(l), "*.toml"))
	if err != nil {
		return nil, fmt.Errorf("i18n: files of %s: %w", l, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("i18n: no files of %s", l)
	}
	all, from := catalog{}, map[string]string{}
	var errs []error
	for _, name := range names {
		part, err := loadFile(fsys, name, l)
		if err != nil {
			errs = append(errs, err)
		}
		for _, key := range slices.Sorted(maps.Keys(part)) {
			if earlier, twice := from[key]; twice {
				errs = append(errs, fmt.Errorf("i18n: %s: %s: already in %s", name, key, earlier))
			}
			all[key], from[key] = part[key], name
		}
	}
	return all, errors.Join(errs...)
}

// loadFile reads one file: flat tables named by quoted keys.
func loadFile(fsys fs.FS, name string, l Lang) (catalog, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("i18n: %w", err)
	}
	var entries map[string]entry
	meta, err := toml.Decode(string(text), &entries)
	if err != nil {
		return nil, fmt.Errorf("i18n: %s: %w", name, err)
	}
	var errs []error
	for _, key := range meta.Undecoded() {
		errs = append(errs, fmt.Errorf(`i18n: %s: %s: unknown field; want ["a.key"] with one, few, many, other, unsure`, name, key))
	}
	c := catalog{}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		e := entries[key]
		m, err := compile(l, [formCount]string{e.One, e.Few, e.Many, e.Other}, e.Unsure)
		if err != nil {
			errs = append(errs, fmt.Errorf("i18n: %s: %s: %w", name, key, err))
		}
		c[key] = m
	}
	return c, errors.Join(errs...)
}

// compare says where the languages do not have the same messages: keys,
// plural or not, placeholders.
func compare(all map[Lang]catalog) error {
	keys := map[string]bool{}
	for _, c := range all {
		for key := range c {
			keys[key] = true
		}
	}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		errs = append(errs, compareKey(all, key)...)
	}
	return errors.Join(errs...)
}

// compareKey compares one message of every language with the first that has it.
func compareKey(all map[Lang]catalog, key string) []error {
	var errs []error
	var first message
	var firstLang Lang
	for _, l := range Langs() {
		m, ok := all[l][key]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("i18n: %s: missing in %s", key, l))
		case firstLang == "":
			first, firstLang = m, l
		case m.plural != first.plural:
			errs = append(errs, fmt.Errorf("i18n: %s: has plural forms in only one of %s and %s", key, firstLang, l))
		case !slices.Equal(m.names, first.names):
			errs = append(errs, fmt.Errorf("i18n: %s: placeholders %v in %s, %v in %s", key, first.names, firstLang, m.names, l))
		}
	}
	return errs
}
