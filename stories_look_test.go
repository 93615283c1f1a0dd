package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// cmdHarmless looks at what people filled in, WORD and <WORD on...>, on all that
// a browser or a feed reader would act on: it is text there.
func (s *story) cmdHarmless(_ bool, args []string) {
	word := args[0]
	for _, target := range args[1:] {
		s.send(http.MethodGet, target, "200", "")
		body, media := s.kept.body, s.kept.header.Get("Content-Type")
		if !strings.Contains(body, word) {
			s.ts.Fatalf("%s does not show %q", target, word)
		}
		plain := strings.HasPrefix(media, "text/plain") || strings.HasPrefix(media, "text/csv") || strings.HasPrefix(media, "application/json")
		if s.kept.header.Get("X-Content-Type-Options") != "nosniff" || !plain && strings.Contains(strings.ToLower(body), "<"+word) {
			s.ts.Fatalf("%s (%s) is marked up by %q:\n%s", target, media, word, body)
		}
	}
}

// cmdTrace keeps what the database holds of persons, to look for it later.
func (s *story) cmdTrace(_ bool, args []string) {
	path := strings.TrimPrefix(s.ts.Getenv("DAUYS_DATABASE"), "sqlite:")
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	s.check(err)
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), args[1])
	s.check(err)
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var value []byte
		s.check(rows.Scan(&value))
		if len(value) < 8 {
			s.ts.Fatalf("trace %s: %d bytes are too few to be found again", args[0], len(value))
		}
		if s.traces == nil {
			s.traces = map[string][]byte{}
		}
		s.traces[fmt.Sprintf("%s %d", args[0], n)] = value
	}
	if err := rows.Err(); err != nil || n == 0 {
		s.ts.Fatalf("trace %s: %d rows, %v", args[0], n, err)
	}
}

// cmdTraced looks for all traces in all files.
func (s *story) cmdTraced(neg bool, args []string) {
	found := map[string]string{}
	look := func(name string, content []byte) {
		for trace, value := range s.traces {
			for _, form := range []string{string(value), hex.EncodeToString(value), base64.StdEncoding.EncodeToString(value), base64.RawURLEncoding.EncodeToString(value)} {
				if bytes.Contains(content, []byte(form)) {
					found[trace] = name
				}
			}
		}
	}
	for _, root := range args {
		s.check(filepath.WalkDir(s.ts.MkAbs(root), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(name)
			for _, content := range append(unpacked(b), b) {
				look(name, content)
			}
			return err
		}))
	}
	for trace := range s.traces {
		if name, ok := found[trace]; ok == neg {
			s.ts.Fatalf("%s is in %q: %t", trace, name, ok)
		}
	}
}

// cmdAbsent looks into files as they are, and into what is packed in them.
func (s *story) cmdAbsent(neg bool, args []string) {
	i := slices.Index(args, "--")
	if i < 1 || i == len(args)-1 {
		s.ts.Fatalf("absent: want WORD... -- FILE...")
	}
	files := 0
	for _, root := range args[i+1:] {
		s.check(filepath.WalkDir(s.ts.MkAbs(root), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for _, word := range args[:i] {
				held := slices.ContainsFunc(append(unpacked(b), b), func(content []byte) bool { return bytes.Contains(content, []byte(word)) })
				if word == "" || held != neg {
					return fmt.Errorf("%s holds %q: %t", name, word, held)
				}
			}
			return nil
		}))
	}
	if files == 0 {
		s.ts.Fatalf("absent: no file to look into")
	}
}

// unpacked is b as gzip or zstd, as far as it is that.
func unpacked(b []byte) [][]byte {
	var all [][]byte
	if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		if plain, err := io.ReadAll(z); err == nil {
			all = append(all, plain)
		}
	}
	if z, err := zstd.NewReader(bytes.NewReader(b)); err == nil {
		if plain, err := io.ReadAll(z); err == nil {
			all = append(all, plain)
		}
		z.Close()
	}
	return all
}
