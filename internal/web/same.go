package web

import (
	"bytes"
	"html/template"
	"sync"
)

// samePages keeps pages that say the same to everybody and differ in the path
// at which they stand alone: what became of a link, and that a link is none.
// When a country opens its letters they are asked for thousands of times a
// second, and rendering one costs twice what counting its reader does.
//
// A page is kept under everything that it says, so that none is ever out of
// date. It holds nothing of a reader: the path is put in as each is answered.
// It is safe for concurrent use.
type samePages struct {
	mu    sync.Mutex
	pages map[string][][]byte // what stands between the paths
}

const (
	// manySame is how many pages are kept; with more, all are forgotten.
	manySame = 256
	// pathHere stands for the path while a page is rendered. It is a path that
	// needs no escaping and leads nowhere.
	pathHere = "/~the-path-of-this-page~"
)

// page is the page of key at path, rendered by make unless it is kept. Without
// a key it is not.
func (s *samePages) page(path string, key string, make func(path string, buf *bytes.Buffer) error) ([]byte, error) {
	s.mu.Lock()
	parts := s.pages[key]
	s.mu.Unlock()
	if parts == nil {
		var buf bytes.Buffer
		if err := make(pathHere, &buf); err != nil {
			return nil, err
		}
		parts = bytes.Split(buf.Bytes(), []byte(pathHere))
		s.keep(key, parts)
	}
	return bytes.Join(parts, []byte(template.HTMLEscapeString(path))), nil
}

func (s *samePages) keep(key string, parts [][]byte) {
	if key == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pages) >= manySame {
		clear(s.pages)
	}
	s.pages[key] = parts
}
