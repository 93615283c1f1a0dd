package web

import (
	"bytes"
	"html/template"
	"sync"

	"github.com/dauys/dauys/petition"
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
	mu     sync.Mutex
	pages  map[string]parts
	lately map[moment]parts // some of them
}

// parts is a page: what stands between the paths.
type parts [][]byte

// moment is what some pages say, told in short: what they know of a petition
// was read at once, and what else they say follows from that and from the day.
// A petition is read anew after a second, so that a moment is over then.
type moment struct {
	lang    petition.Lang
	words   string
	reading int64 // signing.Link has it; 0 for a page that knows of no petition, which is not kept
}

const (
	// manySame is how many pages are kept; with more, all are forgotten.
	manySame = 256
	// pathHere stands for the path while a page is rendered. It is a path that
	// needs no escaping and leads nowhere.
	pathHere = "/~the-path-of-this-page~"
)

// at is the page at a path.
func (p parts) at(path string) []byte {
	return bytes.Join(p, []byte(template.HTMLEscapeString(path)))
}

// page is the page of key at path, rendered by make unless it is kept. Without
// a key it is not.
func (s *samePages) page(path string, key string, make func(path string, buf *bytes.Buffer) error) ([]byte, error) {
	p, err := s.parts(key, make)
	return p.at(path), err
}

// parts is page but for the path.
func (s *samePages) parts(key string, make func(path string, buf *bytes.Buffer) error) (parts, error) {
	s.mu.Lock()
	p := s.pages[key]
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	var buf bytes.Buffer
	if err := make(pathHere, &buf); err != nil {
		return nil, err
	}
	p = bytes.Split(buf.Bytes(), []byte(pathHere))
	if key != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		keep(s.pages, key, p)
	}
	return p, nil
}

// of is the page of a moment, made by make for the first who asks in it.
func (s *samePages) of(m moment, make func() (parts, error)) (parts, error) {
	s.mu.Lock()
	p := s.lately[m]
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := make()
	if err == nil && m.reading != 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		keep(s.lately, m, p)
	}
	return p, err
}

// keep notes a page; with many others there, those are forgotten.
func keep[K comparable](pages map[K]parts, key K, p parts) {
	if len(pages) >= manySame {
		clear(pages)
	}
	pages[key] = p
}
