package api

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
)

// cacheMinutes is for whole exports, which are dear to make and old a second later anyway.
const cacheMinutes = "public, max-age=60, stale-while-revalidate=120, stale-if-error=300"

// listCSV answers /petitions.csv and /archived/petitions.csv: the whole
// filtered list, streamed.
func (a *API) listCSV(k kind) httpd.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		query, err := httpd.Query(r)
		if err != nil {
			return err
		}
		query.Del("page")
		l, err := parseList(k, query)
		if err != nil {
			return err
		}
		if err := a.Server.AllowClient(r, httpd.RuleExport); err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", strings.Trim(strings.ReplaceAll(k.path, "/", "-"), "-")+".csv"))
		h.Set("Cache-Control", cacheMinutes)
		if r.Method == http.MethodHead {
			return nil
		}
		return a.writeCSV(w, r, l)
	}
}

func (a *API) writeCSV(w io.Writer, r *http.Request, l listQuery) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"Petition", "URL", "State", "Signatures Count"}); err != nil {
		return err
	}
	write := func(p store.Public) error { return out.Write(a.csvRow(p)) }
	if n, ok := number(l.q); ok {
		page, err := a.page(r.Context(), l)
		if err == nil && len(page.Items) == 1 && page.Items[0].Number == n {
			if err := write(page.Items[0]); err != nil {
				return err
			}
			out.Flush()
			return out.Error()
		}
	}
	q, some, err := a.find(r.Context(), l)
	if err != nil {
		return err
	}
	if some {
		if err := a.Store.EachPublic(r.Context(), q, write); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (a *API) csvRow(p store.Public) []string {
	text, _, _ := p.Texts.In(p.Lang, "kk", "ru", "en")
	return []string{defused(text.Title), a.base + kindOf(p).path + "/" + strconv.FormatInt(p.Number, 10),
		listedState(p.State), strconv.FormatInt(p.Count, 10)}
}

// defused keeps a spreadsheet from taking a title for a formula.
func defused(title string) string {
	if title == "" || !strings.ContainsAny(title[:1], "-=+@") {
		return title
	}
	return fmt.Sprintf("%%%02X%s", title[0], title[1:])
}
