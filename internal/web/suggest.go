package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/petition"
)

const (
	maxCompletions = 6
	// similarFrom is how long a title is before anything is like it, in letters.
	similarFrom = 8
)

// suggestRoutes registers what scripts ask while somebody types. Without them
// nothing is lost: the search finds the same, and the step after the title
// names the same petitions. Both answers follow from the text alone.
func (w *Web) suggestRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/petitions/words", w.getWords)
	w.each(mux, "POST", "/start/similar", w.postSimilar)
}

// getWords completes a search as a list of searches, in JSON. All are made of
// words of public petitions.
func (w *Web) getWords(petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		query, err := httpd.Query(r)
		if err != nil {
			return err
		}
		if err := w.server.AllowClient(r, httpd.RuleSuggest); err != nil {
			return err
		}
		w.store.WaitForIndex(r.Context())
		typed := strings.Join(search.Words(cut(query.Get("q"), maxSearch)), " ")
		return w.cache.Serve(rw, r, "words "+typed, httpd.CachePublic, func(ctx context.Context) (httpd.Rendered, error) {
			list, err := w.store.Completions(ctx, typed, maxCompletions)
			if err != nil {
				return httpd.Rendered{}, err
			}
			body, err := json.Marshal(append([]string{}, list...)) // none is [], not null
			return httpd.Rendered{ContentType: "application/json", Body: body, Once: true}, err
		})
	}
}

// postSimilar names open petitions like the one whose title is being written,
// as a piece of a page; 204 when there are none. The title is in the body of a
// request, so that no log of addresses on the way has what nobody published yet.
func (w *Web) postSimilar(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		rw.Header().Set("Cache-Control", httpd.NoStore)
		form, _, err := readForm(r)
		if err != nil {
			return err
		}
		if err := w.server.AllowClient(r, httpd.RuleSuggest); err != nil {
			return err
		}
		a := answers{"title": cut(form.Get("title"), 4*w.law.Text.Title), "lang": form.Get("lang")}
		var cards []card
		if utf8.RuneCountInString(a["title"]) >= similarFrom {
			if cards, err = w.similar(r.Context(), l, a); err != nil {
				return err
			}
		}
		if len(cards) == 0 {
			rw.WriteHeader(http.StatusNoContent)
			return nil
		}
		var buf bytes.Buffer
		if err := w.render(&buf, l, "similar", cards); err != nil {
			return err
		}
		rw.Header().Set("Content-Type", htmlType)
		_, err = rw.Write(buf.Bytes())
		return err
	}
}
