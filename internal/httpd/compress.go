package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// Levels for answers made while someone waits: most of the gain, little time.
const (
	gzipLevel   = 5
	onceLevel   = 3 // gzip for what hardly anybody asks for again: a quarter sooner, 4 % longer
	brotliLevel = 4
)

// gzippedOnce is gzip at onceLevel. It has encoders of its own and is else no
// coding by itself.
const gzippedOnce = codings

// encoder compresses; Close ends the stream, not the writer below.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(w io.Writer)
}

// codingHeader is Content-Encoding of each coding. Never written to.
var codingHeader = [codings][]string{gzipped: {"gzip"}, brotlied: {"br"}}

// codingSuffix sets the ETags of the codings apart.
var codingSuffix = [codings]string{"", "-gz", "-br"}

// Compressor lends encoders, which are large. Safe for concurrent use.
type Compressor struct {
	pools   [codings + 1]sync.Pool
	buffers sync.Pool // of *bytes.Buffer
}

// NewCompressor makes a Compressor.
func NewCompressor() *Compressor { return new(Compressor) }

// get lends an encoder that writes to w.
func (c *Compressor) get(to coding, w io.Writer) encoder {
	if e, ok := c.pools[to].Get().(encoder); ok {
		e.Reset(w)
		return e
	}
	return newEncoder(to, w)
}

func newEncoder(to coding, w io.Writer) encoder {
	if to == brotlied {
		return brotli.NewWriterLevel(w, brotliLevel)
	}
	level := gzipLevel
	if to == gzippedOnce {
		level = onceLevel
	}
	z, err := gzip.NewWriterLevel(w, level)
	if err != nil {
		panic(err) // only a level out of range fails, and ours is a constant
	}
	return z
}

// put takes an encoder back.
func (c *Compressor) put(to coding, e encoder) {
	e.Reset(io.Discard) // or the pool would keep a connection alive
	c.pools[to].Put(e)
}

// squeeze compresses all of body.
func (c *Compressor) squeeze(to coding, body []byte) []byte {
	out, ok := c.buffers.Get().(*bytes.Buffer)
	if !ok {
		out = new(bytes.Buffer)
	}
	out.Reset()
	defer c.buffers.Put(out)
	e := c.get(to, out)
	defer c.put(to, e)
	_, _ = e.Write(body) // a bytes.Buffer does not fail
	_ = e.Close()
	return bytes.Clone(out.Bytes())
}

// Encoded is one body in the codings we speak, each made when first asked for
// and kept. Safe for concurrent use.
type Encoded struct {
	contentType []string
	tag         string
	comp        *Compressor
	once        bool // hardly anybody asks for it again
	variants    [codings]variant
}

// variant is a body with the header values that go with it.
type variant struct {
	once         sync.Once
	body         []byte
	length, etag []string
}

// Variants prepares body for ServeVariants. It keeps body, which must not
// change any more.
func (c *Compressor) Variants(contentType string, body []byte) *Encoded {
	sum := sha256.Sum256(body)
	e := &Encoded{contentType: []string{contentType}, tag: base64.RawURLEncoding.EncodeToString(sum[:12]), comp: c}
	e.fill(identity, body)
	return e
}

// VariantsOnce is Variants for what hardly anybody asks for again: who takes
// gzip gets gzip, for brotli takes eight times as long to save three percent.
func (c *Compressor) VariantsOnce(contentType string, body []byte) *Encoded {
	e := c.Variants(contentType, body)
	e.once = true
	return e
}

// Variants prepares body for ServeVariants. It keeps body, which must not
// change any more.
func (s *Server) Variants(contentType string, body []byte) *Encoded {
	return s.comp.Variants(contentType, body)
}

// fill sets a variant that is known already.
func (e *Encoded) fill(c coding, body []byte) {
	e.variants[c].once.Do(func() { e.variants[c].set(body, e.tag+codingSuffix[c]) })
}

func (v *variant) set(body []byte, tag string) {
	v.body, v.length, v.etag = body, []string{strconv.Itoa(len(body))}, []string{`"` + tag + `"`}
}

// in is the body in coding c.
func (e *Encoded) in(c coding) *variant {
	v := &e.variants[c]
	v.once.Do(func() {
		with := c
		if e.once && c == gzipped {
			with = gzippedOnce
		}
		v.set(e.comp.squeeze(with, e.variants[identity].body), e.tag+codingSuffix[c])
	})
	return v
}

// taken is the body in the coding that the client takes, and that coding.
func (e *Encoded) taken(r *http.Request) (*variant, coding) {
	c := identity
	if e.worth() {
		c = negotiate(r.Header["Accept-Encoding"], e.once)
	}
	return e.in(c), c
}

// worth reports whether compressing pays at all.
func (e *Encoded) worth() bool {
	return len(e.variants[identity].body) > compressFrom && isText(e.contentType[0])
}

// Body is the body as it is.
func (e *Encoded) Body() []byte { return e.variants[identity].body }

// ownLength is up to where the server below the chain states the length of a
// whole answer itself (net/http holds back 2 KiB), for less than a header of
// ours costs.
const ownLength = 1 << 10

// varyEncoding is shared by all answers and never written to.
var varyEncoding = []string{"Accept-Encoding"}

// ServeVariants answers with the variant the client takes, or 304 when it has
// it (If-None-Match; If-Modified-Since where modified is not zero). Leave
// modified zero where the time tells when somebody signed. Vary set before is kept.
//
// This is the hot path: a cached page costs one map write per header.
func ServeVariants(w http.ResponseWriter, r *http.Request, e *Encoded, cacheControl string, modified time.Time) {
	rw, chained := w.(*response)
	if chained {
		rw.pass()
	}
	h := w.Header()
	if e.worth() {
		if h["Vary"] == nil {
			h["Vary"] = varyEncoding
		} else {
			addVary(h, "Accept-Encoding")
		}
	}
	v, c := e.taken(r)
	h["Etag"] = v.etag
	h["Cache-Control"] = cacheHeader(cacheControl)
	if !modified.IsZero() {
		h["Last-Modified"] = []string{modified.UTC().Format(http.TimeFormat)}
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && unchanged(r, v.etag[0], modified) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = e.contentType
	if !chained || r.Method == http.MethodHead || len(v.body) > ownLength {
		h["Content-Length"] = v.length
	}
	if c != identity {
		h["Content-Encoding"] = codingHeader[c]
	}
	w.WriteHeader(http.StatusOK)
	switch {
	case r.Method == http.MethodHead:
	case chained && rw.sent:
		_, _ = rw.sendWhole(v.body) // a client that left is no error
	default:
		_, _ = w.Write(v.body) // as above
	}
}

// unchanged reports whether the client has the current answer.
func unchanged(r *http.Request, tag string, modified time.Time) bool {
	if inm := r.Header["If-None-Match"]; len(inm) > 0 {
		return noneMatch(inm, tag)
	}
	since := r.Header["If-Modified-Since"]
	if len(since) == 0 || modified.IsZero() {
		return false
	}
	t, err := http.ParseTime(since[0])
	return err == nil && !modified.Truncate(time.Second).After(t)
}

// isText reports whether a content type is worth compressing.
func isText(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	t = strings.TrimSpace(t)
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "json") || strings.HasSuffix(t, "xml") ||
		strings.HasSuffix(t, "javascript") || t == "application/yaml"
}
