package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
)

const (
	// assetsAt is where Assets are served.
	assetsAt = "/assets/"
	// assetBrotli is the level for assets without a .br file beside them. Level
	// 11 takes seconds and belongs into the build.
	assetBrotli = 5

	cacheForever = "public, max-age=31536000, immutable"
	cacheAnHour  = "public, max-age=3600"
)

// Assets are the static files of a site, in memory, under names that hold
// their hash. Read-only after NewAssets.
type Assets struct {
	paths map[string]string   // file name -> path
	files map[string]*Encoded // path below /assets/ -> file
}

// NewAssets reads every file of fsys. Where NAME.br lies beside NAME it is
// taken for NAME's brotli form, checked to be so; other text is compressed now.
func NewAssets(fsys fs.FS, c *Compressor, joins ...Join) (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]*Encoded{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && slices.ContainsFunc(joins, func(j Join) bool { return j.Dir == name }) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".br") {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		return a.add(fsys, name, body, c)
	})
	if err != nil {
		return nil, fmt.Errorf("httpd: assets: %w", err)
	}
	for _, j := range joins {
		body, err := j.build(fsys)
		if err == nil {
			err = a.add(fsys, j.Name, a.linked(body), c)
		}
		if err != nil {
			return nil, fmt.Errorf("httpd: assets: %w", err)
		}
	}
	return a, nil
}

// linked puts the hashed address of every asset where a style sheet says
// url("NAME"), so that a changed font is never mixed with an old sheet.
func (a *Assets) linked(css []byte) []byte {
	for name, at := range a.paths {
		css = bytes.ReplaceAll(css, []byte(`url("`+name+`")`), []byte(`url("`+at+`")`))
	}
	return css
}

func (a *Assets) add(fsys fs.FS, name string, body []byte, c *Compressor) error {
	ext := path.Ext(name)
	contentType := assetType(ext)
	if contentType == "" {
		return fmt.Errorf("%s: no content type known for %q", name, ext)
	}
	e := c.Variants(contentType, body)
	if e.worth() {
		packed, err := fs.ReadFile(fsys, name+".br")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			packed, err = squeezeAsset(body), nil
		case err == nil && !unpacksTo(packed, body):
			err = fmt.Errorf("%s.br does not hold %s", name, name)
		}
		if err != nil {
			return err
		}
		e.fill(brotlied, packed)
		e.in(gzipped)
	}
	sum := sha256.Sum256(body)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.paths[name] = assetsAt + hashed
	a.files[hashed], a.files[name] = e, e
	return nil
}

func squeezeAsset(body []byte) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, assetBrotli)
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

func unpacksTo(packed, body []byte) bool {
	var out bytes.Buffer
	_, err := out.ReadFrom(brotli.NewReader(bytes.NewReader(packed)))
	return err == nil && bytes.Equal(out.Bytes(), body)
}

// assetType is a table of our own: that of the system differs between machines.
func assetType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".geojson":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	}
	return ""
}

// Path is the address of an asset, with its hash. An unknown name gives an
// address that answers 404.
func (a *Assets) Path(name string) string {
	if p, ok := a.paths[name]; ok {
		return p
	}
	return assetsAt + name
}

// Serve answers GET /assets/{name...}: with the hash for ever, without it for
// an hour, which is for url() in style sheets.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, assetsAt)
	e, ok := a.files[name]
	if !ok {
		return ErrNotFound
	}
	cache := cacheForever
	if _, plain := a.paths[name]; plain {
		cache = cacheAnHour
	}
	ServeVariants(w, r, e, cache, time.Time{})
	return nil
}

// Compressor lends the server's encoders, for NewAssets.
func (s *Server) Compressor() *Compressor { return s.comp }
