package web

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
)

type errorData struct {
	Page
	Text    string
	Faults  []fault
	Status  int
	Search  bool // the list may help
	Removed bool // the list of removals may help
	Wait    int  // seconds after which coming back may help; 0 when it does not

	Retry string        // address at which trying once more may help; "" for none
	Kept  []hiddenField // what was typed, when Retry is a form
}

// ErrorPage writes the page of a problem. It is what httpd.Options.ErrorPage
// takes. Of the request it repeats the language and the address, and the fields
// of a form that could not be taken now, so that nobody has to type them again.
func (w *Web) ErrorPage(out io.Writer, r *http.Request, p httpd.Problem) error {
	l := httpd.Lang(r)
	pr := w.bundle.Printer(l)
	title, text := p.Words(pr)
	path, ok := strings.CutPrefix(r.URL.Path, "/"+string(l))
	if !ok || !strings.HasPrefix(path, "/") || path == "/" || r.Method != http.MethodGet {
		path = ""
	}
	d := errorData{Page: w.page(l, path, title), Text: text, Faults: w.summary(l, p.Fields)}
	d.NoIndex, d.Narrow = true, true
	d.Search = p.Status == http.StatusNotFound || p.Status == http.StatusGone
	d.Status, d.Removed, d.Wait = p.Status, p.Status == http.StatusGone, int(p.RetryAfter.Seconds())
	if later := p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable; later && ok {
		d.Retry, d.Kept = r.URL.RequestURI(), typed(r.PostForm)
		if r.Method != http.MethodGet && d.Kept == nil {
			d.Retry = ""
		}
	}
	key := fmt.Sprintf("error %s %s %d %d", l, p.Key, p.Status, d.Wait)
	if path != "" || d.Retry != "" || len(d.Faults) > 0 {
		key = "" // there will be no second one
	}
	body, err := w.same.page("", key, func(_ string, buf *bytes.Buffer) error { return w.render(buf, l, "error", d) })
	if err == nil {
		_, err = out.Write(body)
	}
	return err
}

// typed are the fields of a form as readForm read it, in a fixed order.
func typed(form url.Values) []hiddenField {
	var kept []hiddenField
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, v := range form[name] {
			kept = append(kept, hiddenField{name, v})
		}
	}
	return kept
}
