package httpd

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// nowhere is a client that costs nothing.
type nowhere struct{ h http.Header }

func (w nowhere) Header() http.Header         { return w.h }
func (w nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w nowhere) WriteHeader(int)             {}

// cached is the full chain in front of a cached page, as the site serves it.
func cached(b *testing.B) http.Handler {
	b.Helper()
	s, _ := testServer(b, func(o *Options) { o.Registry = prometheus.NewRegistry(); o.Logger = quietLogger() })
	e := s.Variants("text/html; charset=utf-8", page20k())
	m := http.NewServeMux()
	m.Handle("GET /{lang}/petitions/{n}", s.Page(func(w http.ResponseWriter, r *http.Request) error {
		ServeVariants(w, r, e, "public, max-age=5, stale-while-revalidate=60", time.Time{})
		return nil
	}))
	return s.Wrap(m)
}

// bare is net/http with nothing around it, serving the same bytes.
func bare(b *testing.B) http.Handler {
	b.Helper()
	body := NewCompressor().Variants("text/html; charset=utf-8", page20k()).in(brotlied).body
	m := http.NewServeMux()
	m.HandleFunc("GET /{lang}/petitions/{n}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", "br")
		_, _ = w.Write(body)
	})
	return m
}

func benchHandler(b *testing.B, h http.Handler) {
	r := httptest.NewRequest("GET", "/ru/petitions/1000001", nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	b.ReportAllocs()
	for b.Loop() {
		r.Pattern = ""
		h.ServeHTTP(nowhere{http.Header{}}, r)
	}
}

// benchServer asks over loopback and keep-alive, as a proxy in front would.
func benchServer(b *testing.B, h http.Handler) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	b.ReportAllocs()
	b.SetParallelism(16)
	tr := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	defer tr.CloseIdleConnections()
	b.RunParallel(func(pb *testing.PB) {
		buf := make([]byte, 32<<10)
		for pb.Next() {
			r, err := http.NewRequest("GET", srv.URL+"/ru/petitions/1000001", nil)
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
			res, err := tr.RoundTrip(r)
			if err != nil {
				b.Error(err)
				return
			}
			for err == nil {
				_, err = res.Body.Read(buf)
			}
			_ = res.Body.Close()
		}
	})
}

func BenchmarkChain(b *testing.B)        { benchHandler(b, cached(b)) }
func BenchmarkBare(b *testing.B)         { benchHandler(b, bare(b)) }
func BenchmarkChainOverTCP(b *testing.B) { benchServer(b, cached(b)) }
func BenchmarkBareOverTCP(b *testing.B)  { benchServer(b, bare(b)) }

func BenchmarkVariants(b *testing.B) {
	c, body := NewCompressor(), page20k()
	b.ReportAllocs()
	for b.Loop() {
		e := c.Variants("text/html", body)
		e.in(gzipped)
		e.in(brotlied)
	}
}
