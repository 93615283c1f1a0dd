package httpd

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"
)

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]coding{
		"": identity, "gzip, deflate, br, zstd": brotlied, "gzip": gzipped, "GZIP": gzipped, "br;q=0": identity,
		"br;q=0, gzip;q=0.5": gzipped, "gzip;q=1, br;q=0.9": gzipped, "*": brotlied, "*;q=0": identity, "br;q=0, *": gzipped,
		"identity, gzip;q=0.5": identity, "identity;q=0.5, gzip;q=0.5": gzipped, "gzip; q=0.000": identity, "gzip;q=x": identity,
		"gzip;q=1.001": identity, "gzip;q=2": identity, "deflate": identity, " br ; q=0.1 ": brotlied, ",,gzip,": gzipped,
		"gzip;level=9;q=0": identity, "identity;q=0": identity,
	} {
		if got := negotiate([]string{header}, false); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	if got := negotiate([]string{"gzip", "br"}, false); got != brotlied {
		t.Errorf("two headers: %v", got)
	}
	for header, want := range map[string]coding{
		"gzip, br": gzipped, "br, gzip": gzipped, "*": gzipped, "gzip;q=0.5, br": brotlied, "br": brotlied, "": identity, "gzip;q=0, *": brotlied,
	} {
		if got := negotiate([]string{header}, true); got != want {
			t.Errorf("%q, quickly: %v, want %v", header, got, want)
		}
	}
}

// Whatever else a header says, a coding that was refused is not chosen, nor
// one that was not named.
func FuzzNegotiate(f *testing.F) {
	f.Add("gzip;q=0.5, br;q=1")
	f.Add("*;q=0,,;=;q=1")
	f.Add("br;q=0.1234;x")
	f.Fuzz(func(t *testing.T, header string) {
		c := negotiate([]string{header}, false)
		lower := strings.ToLower(header)
		if c == brotlied && !strings.Contains(lower, "br") && !strings.Contains(lower, "*") ||
			c == gzipped && !strings.Contains(lower, "gzip") && !strings.Contains(lower, "*") {
			t.Errorf("%q: %v was not named", header, c)
		}
		if got := negotiate([]string{header, "br;q=0, gzip;q=0"}, false); got != identity {
			t.Errorf("%q: %v was refused", header, got)
		}
	})
}

func TestNoneMatch(t *testing.T) {
	const tag = `"abc-br"`
	for header, want := range map[string]bool{
		tag: true, "W/" + tag: true, "*": true, `"x", ` + tag: true, `"x",W/` + tag + `,"y"`: true, ` * `: true,
		`"abc"`: false, "abc-br": false, `"x, ` + tag: false, "": false, `W/`: false, `"`: false, `"a"b"c"`: false, "w/" + tag: false,
	} {
		if got := noneMatch([]string{header}, tag); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
	if !noneMatch([]string{`"x"`, tag}, tag) || !noneMatch([]string{tag}, "W/"+tag) {
		t.Error("two headers, or a weak tag of ours")
	}
}

func FuzzNoneMatch(f *testing.F) {
	f.Add(`"a", W/"b"`)
	f.Add(`*, "`)
	f.Add(`W/W/"t"`)
	f.Fuzz(func(t *testing.T, header string) {
		if noneMatch([]string{header}, `"t"`) && !strings.Contains(header, `"t"`) && !strings.Contains(header, "*") {
			t.Errorf("%q matches", header)
		}
		if !noneMatch([]string{header, `"t"`}, `"t"`) {
			t.Errorf("%q hides the header after it", header)
		}
	})
}

func unpack(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var r io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// page20k is text that compresses about as well as a page does.
func page20k() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 20<<10; i++ {
		fmt.Fprintf(&b, "<li><a href=\"/ru/petitions/%d\">Петиция %x</a>\n", i, sha256.Sum256([]byte{byte(i)}))
	}
	return b.Bytes()
}

func TestServeVariants(t *testing.T) {
	s, _ := testServer(t, nil)
	body := page20k()
	e := s.Variants("text/html; charset=utf-8", body)
	modified := time.Date(2026, 11, 23, 9, 0, 0, 5, time.UTC)
	h := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Vary", "Accept-Language")
		ServeVariants(w, r, e, "public, max-age=5", modified)
		return nil
	})
	tags := map[string]bool{}
	for accept, coding := range map[string]string{"": "", "gzip": "gzip", "gzip, br": "br"} {
		w := ask(h, "GET", "/en/page/x", "Accept-Encoding", accept)
		tag, length := w.Header().Get("Etag"), w.Body.Len()
		if w.Code != 200 || w.Header().Get("Content-Encoding") != coding || w.Header().Get("Content-Length") != strconv.Itoa(length) {
			t.Errorf("%q: %d %v", accept, w.Code, w.Header())
		}
		if coding != "" && length > len(body)/2 {
			t.Errorf("%q: %d bytes", accept, length)
		}
		if unpack(t, w) != string(body) {
			t.Errorf("%q: another body", accept)
		}
		if got := w.Header()["Vary"]; len(got) != 2 || got[1] != "Accept-Encoding" {
			t.Errorf("%q: Vary %v", accept, got)
		}
		tags[tag] = true
		again := ask(h, "GET", "/en/page/x", "Accept-Encoding", accept, "If-None-Match", "W/"+tag)
		if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("Etag") != tag || again.Header().Get("Content-Length") != "" {
			t.Errorf("%q again: %d %v", accept, again.Code, again.Header())
		}
		head := ask(h, "HEAD", "/en/page/x", "Accept-Encoding", accept)
		if head.Body.Len() != 0 || head.Header().Get("Content-Length") != strconv.Itoa(length) {
			t.Errorf("%q HEAD: %v", accept, head.Header())
		}
	}
	if len(tags) != 3 {
		t.Errorf("tags %v are not one for each coding", tags)
	}
	since := modified.Format(http.TimeFormat)
	if w := ask(h, "GET", "/en/page/x", "If-Modified-Since", since); w.Code != 304 || w.Header().Get("Last-Modified") != since {
		t.Errorf("not modified since: %d %v", w.Code, w.Header())
	}
	if w := ask(h, "GET", "/en/page/x", "If-Modified-Since", since, "If-None-Match", `"other"`); w.Code != 200 {
		t.Errorf("the tag goes first: %d", w.Code)
	}
}

func TestVariantsOfWhatDoesNotCompress(t *testing.T) {
	s, _ := testServer(t, nil)
	for _, e := range []*Encoded{s.Variants("text/plain", []byte("short")), s.Variants("image/png", page20k())} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "br")
		ServeVariants(w, r, e, "no-cache", time.Time{})
		if w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" || w.Header().Get("Last-Modified") != "" {
			t.Errorf("headers %v", w.Header())
		}
	}
}

func TestDynamicCompression(t *testing.T) {
	s, _ := testServer(t, nil)
	tests := []struct {
		name         string
		size         int
		header       [2]string
		accept, want string
	}{
		{"small", 500, [2]string{}, "br", ""},
		{"page", 30_000, [2]string{}, "gzip, br", "br"},
		{"gzip only", 30_000, [2]string{}, "gzip", "gzip"},
		{"nothing", 30_000, [2]string{}, "", ""},
		{"streams", 300_000, [2]string{}, "br", "br"},
		{"streams plain", 300_000, [2]string{}, "", ""},
		{"secret", 30_000, [2]string{"Cache-Control", "no-store"}, "br", ""},
		{"picture", 30_000, [2]string{"Content-Type", "image/png"}, "br", ""},
		{"strong tag", 30_000, [2]string{"Etag", `"t"`}, "br", "br"},
	}
	for _, tt := range tests {
		text := strings.Repeat("қол қойыңыз ", tt.size/12)
		h := mux(s, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if tt.header[0] != "" {
				w.Header().Set(tt.header[0], tt.header[1])
			}
			for chunk := range strings.SplitAfterSeq(text, " ") {
				if _, err := io.WriteString(w, chunk); err != nil {
					return err
				}
			}
			return nil
		})
		w := ask(h, "GET", "/en/page/x", "Accept-Encoding", tt.accept)
		if got := w.Header().Get("Content-Encoding"); got != tt.want || unpack(t, w) != text {
			t.Errorf("%s: coding %q, want %q", tt.name, got, tt.want)
		}
		if tag := w.Header().Get("Etag"); tag != "" && tag != `W/"t"` {
			t.Errorf("%s: tag %s", tt.name, tag)
		}
	}
}

func TestFlushSendsWhatIsHeld(t *testing.T) {
	s, _ := testServer(t, nil)
	rec := httptest.NewRecorder()
	h := mux(s, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "first")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		if rec.Body.String() != "first" || !rec.Flushed {
			t.Errorf("after the flush: %q", rec.Body)
		}
		return nil
	})
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/en/page/x", nil))
}

func TestAssets(t *testing.T) {
	css := bytes.Repeat([]byte("a{margin-inline:1rem}\n"), 200)
	s, _ := testServer(t, nil)
	var packed bytes.Buffer
	z := brotli.NewWriterLevel(&packed, 11)
	_, _ = z.Write(css)
	_ = z.Close()
	fsys := fstest.MapFS{
		"app.css": {Data: css}, "app.css.br": {Data: packed.Bytes()}, "img/x.png": {Data: []byte("png")}, "app.js": {Data: css},
	}
	a, err := NewAssets(fsys, s.Compressor())
	if err != nil {
		t.Fatal(err)
	}
	m := http.NewServeMux()
	m.Handle("GET /assets/{name...}", s.Page(a.Serve))
	h := s.Wrap(m)
	w := ask(h, "GET", a.Path("app.css"), "Accept-Encoding", "br")
	if !bytes.Equal(w.Body.Bytes(), packed.Bytes()) || w.Header().Get("Cache-Control") != cacheForever {
		t.Errorf("precompressed: %d %v", w.Code, w.Header())
	}
	if w := ask(h, "GET", a.Path("app.js"), "Accept-Encoding", "br"); unpack(t, w) != string(css) || w.Header().Get("Content-Encoding") != "br" {
		t.Errorf("compressed at start: %v", w.Header())
	}
	if w := ask(h, "GET", a.Path("img/x.png")); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("picture: %d %v", w.Code, w.Header())
	}
	if w := ask(h, "GET", "/assets/app.css"); w.Code != 200 || w.Header().Get("Cache-Control") != cacheAnHour {
		t.Errorf("without hash: %d %v", w.Code, w.Header())
	}
	for _, bad := range []string{"/assets/app.000000000000.css", "/assets/app.css.br", "/assets/", a.Path("none.css")} {
		if w := ask(h, "GET", bad); w.Code != 404 {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
	if got := a.Loose(); !slices.Equal(got, []string{"app.css", "app.js"}) { // app.css has no .gz
		t.Errorf("loose: %q", got)
	}
}

// Packed forms are served when they are what is packed, and never otherwise.
func TestAssetsPacked(t *testing.T) {
	css := bytes.Repeat([]byte("a{margin-inline:1rem}\n"), 200)
	s, _ := testServer(t, nil)
	fsys := fstest.MapFS{"app.css": {Data: css}}
	made := func() (*Assets, http.Handler) {
		t.Helper()
		a, err := NewAssets(fsys, s.Compressor())
		if err != nil {
			t.Fatal(err)
		}
		m := http.NewServeMux()
		m.Handle("GET /assets/{name...}", s.Page(a.Serve))
		return a, s.Wrap(m)
	}
	a, _ := made()
	forms, err := a.Packed()
	if err != nil || len(forms) != 2 {
		t.Fatalf("%d forms, %v", len(forms), err)
	}
	for name, form := range forms {
		fsys[name] = &fstest.MapFile{Data: form}
	}
	a, h := made()
	if len(a.Loose()) > 0 {
		t.Errorf("loose: %q", a.Loose())
	}
	for coding, name := range map[string]string{"br": "app.css.br", "gzip": "app.css.gz"} {
		if w := ask(h, "GET", a.Path("app.css"), "Accept-Encoding", coding); !bytes.Equal(w.Body.Bytes(), forms[name]) {
			t.Errorf("%s: not the packed form", coding)
		}
		for _, stale := range [][]byte{[]byte("stale"), forms[name][:20], nil} {
			fsys[name] = &fstest.MapFile{Data: stale}
			b, h := made()
			if w := ask(h, "GET", b.Path("app.css"), "Accept-Encoding", coding); unpack(t, w) != string(css) || !slices.Equal(b.Loose(), []string{"app.css"}) {
				t.Errorf("%s of another version: %v, loose %q", coding, w.Header(), b.Loose())
			}
		}
		fsys[name] = &fstest.MapFile{Data: forms[name]}
	}
}

func TestAssetsJoined(t *testing.T) {
	s, _ := testServer(t, nil)
	joins := []Join{{Dir: "css", Name: "app.css"}, {Dir: "js", Name: "app.js"}}
	fsys := fstest.MapFS{
		"x.png": {Data: []byte("png")}, "css/10-b.css": {Data: []byte("/* why\n   it is so */\n\nb { background: url(\"x.png\") }\n")}, "css/00-a.css": {Data: []byte("a {\n  color: red;\n}\n")},
		"js/10-a.js": {Data: []byte("// why\nconst a = 1; // x\n")}, "js/20-b.js": {Data: []byte("const a = 2;\n")},
	}
	a, err := NewAssets(fsys, s.Compressor(), joins...)
	if err != nil {
		t.Fatal(err)
	}
	m := http.NewServeMux()
	m.Handle("GET /assets/{name...}", s.Page(a.Serve))
	h := s.Wrap(m)
	for name, want := range map[string]string{
		"app.css": "a {\ncolor: red;\n}\nb { background: url(\"" + a.Path("x.png") + "\") }\n",
		"app.js":  "try {\nconst a = 1; // x\n} catch (fault) { reportError(fault); }\ntry {\nconst a = 2;\n} catch (fault) { reportError(fault); }\n",
	} {
		if w := ask(h, "GET", a.Path(name)); strings.TrimRight(w.Body.String(), "\n") != strings.TrimRight(want, "\n") || w.Header().Get("Cache-Control") != cacheForever {
			t.Errorf("%s: %q", name, w.Body.String())
		}
	}
	if w := ask(h, "GET", "/assets/css/00-a.css"); w.Code != 404 {
		t.Errorf("a part has an address: %d", w.Code)
	}
	fsys["js/30-c.js"] = &fstest.MapFile{Data: []byte("import './20-b.js';\n")}
	if _, err := NewAssets(fsys, s.Compressor(), joins...); err == nil {
		t.Error("a part that imports was taken")
	}
}
