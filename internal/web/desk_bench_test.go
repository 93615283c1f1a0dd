package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// BenchmarkDeskPages is what an officer waits for with 100,000 petitions in the
// queue: whole pages through the handler, session and template and all. The aim
// is 50 ms for each, 200 ms for the statistics. cpu-ms/op is this process only: of
// SQLite all, of PostgreSQL what is not the server's. scripts/with-postgres.sh adds
// the other engine.
func BenchmarkDeskPages(b *testing.B) {
	const waiting = 100_000
	engines := map[string]func() string{"sqlite": func() string { return "sqlite:" + filepath.Join(b.TempDir(), "desk.db") }}
	if server := os.Getenv("DAUYS_TEST_POSTGRES"); server != "" {
		engines["postgres"] = func() string { return storetest.Schema(b, server) }
	}
	for name, addr := range engines {
		b.Run(name, func(b *testing.B) {
			at := addr()
			s := newSiteOn(b, at, nil)
			p := s.petition(texts())
			storetest.Waiting(b, at, p.ID, waiting)
			cookie := s.loginFor("dana@desk.example", store.Moderator, "")
			for _, q := range []struct{ name, path string }{
				{"queue", "/en/desk"}, {"last page", "/ru/desk?page=2001"}, {"overdue", "/kk/desk?filter=overdue"},
				{"a common word", "/en/desk?q=" + url.QueryEscape("дорожку")}, {"one", "/en/desk?q=copy99999"}, {"none", "/en/desk?q=zzzzzz"},
				{"case", caseURL("en", p.ID)}, {"a copy", caseURL("ru", p.ID+77)},
			} {
				b.Run(q.name, func(b *testing.B) {
					spent := cpuTime(b)
					for b.Loop() {
						if w := s.get(q.path, "Cookie", cookie); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "</html>") {
							b.Fatalf("%s: %d", q.path, w.Code)
						}
					}
					b.ReportMetric((cpuTime(b)-spent).Seconds()*1000/float64(b.N), "cpu-ms/op")
				})
			}
			b.Run("preview", func(b *testing.B) {
				form := url.Values{"verdict": {"publish"}, "version": {"1"}, "preview": {"yes"}}
				for b.Loop() {
					if w := s.send(caseURL("en", p.ID), form, cookie); w.Code != http.StatusOK {
						b.Fatalf("%d", w.Code)
					}
				}
			})
			b.Run("statistics", func(b *testing.B) {
				spent := cpuTime(b)
				for b.Loop() {
					s.at = s.at.AddDate(0, 0, 1) // past the cache
					if w := s.get("/en/moderation"); w.Code != http.StatusOK {
						b.Fatalf("%d", w.Code)
					}
				}
				b.ReportMetric((cpuTime(b)-spent).Seconds()*1000/float64(b.N), "cpu-ms/op")
			})
		})
	}
}
