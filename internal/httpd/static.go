package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

const (
	// assetsAt is where Assets are served.
	assetsAt = "/assets/"
	// assetBrotli is the level for assets whose packed form is missing or of
	// another version of them. The best level belongs into the build.
	assetBrotli = 5

	cacheForever = "public, max-age=31536000, immutable"
	cacheAnHour  = "public, max-age=3600"
)

// Assets are the static files of a site, in memory, under names that hold
// their hash. Read-only after NewAssets.
type Assets struct {
	paths map[string]string   // file name -> path
	files map[string]*Encoded // path below /assets/ -> file
	loose []string            // text that is packed here; see Loose
}

// NewAssets reads every file of fsys. Where NAME.br and NAME.gz are there, and
// are NAME packed, they are served for it; other text is packed now. So a style
// sheet can be worked on, and what is built has the smallest form.
func NewAssets(fsys fs.FS, c *Compressor, joins ...Join) (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]*Encoded{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && slices.ContainsFunc(joins, func(j Join) bool { return j.Dir == name }) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || isPacked(name) {
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
		br, err := packedForm(fsys, name+".br", body, func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil })
		if err != nil {
			return err
		}
		gz, err := packedForm(fsys, name+".gz", body, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
		if err != nil {
			return err
		}
		if br == nil || gz == nil {
			a.loose = append(a.loose, name)
		}
		if br == nil {
			br = squeezeAsset(body, assetBrotli)
		}
		e.fill(brotlied, br)
		if gz != nil {
			e.fill(gzipped, gz)
		}
		e.in(gzipped)
	}
	sum := sha256.Sum256(body)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.paths[name] = assetsAt + hashed
	a.files[hashed], a.files[name] = e, e
	return nil
}

func squeezeAsset(body []byte, level int) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, level)
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

func isPacked(name string) bool {
	return strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz")
}

// packedForm is the file name if it unpacks to body; nil when it does not, or
// there is none.
func packedForm(fsys fs.FS, name string, body []byte, unpack func(io.Reader) (io.Reader, error)) ([]byte, error) {
	packed, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	r, err := unpack(bytes.NewReader(packed))
	if err != nil {
		return nil, nil //nolint:nilerr // what does not unpack is packed anew
	}
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(r, int64(len(body))+1)); err != nil || !bytes.Equal(out.Bytes(), body) {
		return nil, nil //nolint:nilerr // as above
	}
	return packed, nil
}

// Loose names the text whose packed forms are missing, or of another version.
func (a *Assets) Loose() []string { return a.loose }

// Packed are the best packed forms of every text, by the names that NewAssets
// looks for. It takes a second.
func (a *Assets) Packed() (map[string][]byte, error) {
	forms := map[string][]byte{}
	for name, at := range a.paths {
		e := a.files[strings.TrimPrefix(at, assetsAt)]
		if !e.worth() {
			continue
		}
		forms[name+".br"] = squeezeAsset(e.Body(), brotli.BestCompression)
		var out bytes.Buffer
		z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		_, _ = z.Write(e.Body()) // a bytes.Buffer does not fail
		_ = z.Close()
		forms[name+".gz"] = out.Bytes()
	}
	return forms, nil
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
