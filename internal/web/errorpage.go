package web

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
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
}

// ErrorPage writes the page of a problem. It is what httpd.Options.ErrorPage
// takes; nothing of the request but its language and path is repeated.
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
	make := func(_ string, buf *bytes.Buffer) error { return w.render(buf, l, "error", d) }
	if path != "" || len(d.Faults) > 0 {
		var buf bytes.Buffer
		if err := make("", &buf); err != nil {
			return err
		}
		_, err := buf.WriteTo(out)
		return err
	}
	key := []string{"error", string(l), p.Key, strconv.Itoa(p.Status), strconv.Itoa(d.Wait)}
	body, err := w.same.page("", key, make)
	if err == nil {
		_, err = out.Write(body)
	}
	return err
}
