package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/internal/store"
)

// BenchmarkSearchPage makes pages of results among the imported list, each of
// another word, past the cache, and compresses them as a reader takes them.
func BenchmarkSearchPage(b *testing.B) {
	s := newSite(b, nil)
	const name = "petitions-2010-2015.csv"
	f, err := os.Open("../../testdata/uk/" + name)
	must(b, err)
	defer f.Close()
	_, err = ingest.UK(b.Context(), s.store, f, name, s.at, 0, func(err error) { b.Error(err) })
	must(b, err)
	words := commonWords(b, s.store)
	comp := httpd.NewCompressor()
	must(b, s.store.Searchable(b.Context()))
	size, i, spent := 0, 0, cpuTime(b)
	for b.Loop() {
		l := i18n.Langs()[i%3]
		f := s.web.readFilters(url.Values{"q": {words[i*7%len(words)]}, "count": {"24"}})
		v, err := s.web.list(b.Context(), l, f)
		must(b, err)
		var buf bytes.Buffer
		must(b, s.web.render(&buf, l, v.name, v.data))
		size += len(packed(comp, buf.Bytes()))
		i++
	}
	b.ReportMetric(float64(size)/float64(i), "wire-bytes/op")
	b.ReportMetric((cpuTime(b)-spent).Seconds()*1000/float64(i), "cpu-ms/op")
}

// cpuTime is what this process used of the processors: on a busy machine it
// says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// commonWords are words of many titles, the most frequent first.
func commonWords(b *testing.B, st *store.Store) []string {
	count := map[string]int{}
	must(b, st.EachPublic(b.Context(), store.ListQuery{Facet: store.FacetAll}, func(v store.Public) error {
		for _, w := range search.Words(v.Texts["en"].Title) {
			if len(w) >= 4 {
				count[w]++
			}
		}
		return nil
	}))
	var words []string
	for w, n := range count {
		if n >= 5 {
			words = append(words, w)
		}
	}
	slices.SortFunc(words, func(x, y string) int {
		if count[x] != count[y] {
			return count[y] - count[x]
		}
		return strings.Compare(x, y)
	})
	return words
}

// packed is the answer to a reader who takes brotli.
func packed(c *httpd.Compressor, body []byte) []byte {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	w := httptest.NewRecorder()
	httpd.ServeVariants(w, r, c.VariantsOnce(htmlType, body), httpd.CachePublic, time.Time{})
	return w.Body.Bytes()
}
