package web

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

const (
	perPage   = 25
	maxOnPage = 50
	maxSearch = 200 // code points, as in the API
	maxFilter = 64  // bytes of any other filter
)

type listData struct {
	Page
	Top         template.HTML // what stands above the heading
	Search      string
	State, Sort template.HTML   // fields
	Fields      []template.HTML // filters that are unfolded on wish
	Filtered    bool            // one of Fields is chosen
	Chips       []chip          // what narrows the list now
	Total       int
	Notes       *searchNotes
	Cards       cards
	Pages       pager
	Empty       bool
	ClearURL    string
}

// filters are the ways to narrow the list, in canonical form.
type filters struct{ url.Values }

// readFilters keeps what we know of a query, in one spelling, so that the same
// page has one address in the cache. What is unknown or empty is left out.
func (w *Web) readFilters(q url.Values) filters {
	f := filters{url.Values{}}
	if s := cut(strings.Join(strings.Fields(q.Get("q")), " "), maxSearch*utf8.UTFMax); s != "" {
		f.Set("q", s)
	}
	if s := q.Get("state"); s == overdueState || slices.Contains(listStates(), store.Facet(s)) {
		f.Set("state", s)
	}
	if s := q.Get("sort"); s != "" && store.Sort(s).Known() {
		f.Set("sort", s)
	}
	if s := petition.Lang(q.Get("lang")); slices.Contains(i18n.Langs(), s) {
		f.Set("lang", string(s))
	}
	if s := q.Get("stage"); w.knownStage(s) {
		f.Set("stage", s)
	}
	for _, name := range []string{"body", "place", "topic"} {
		if s := q.Get(name); s != "" && len(s) <= maxFilter {
			f.Set(name, s)
		}
	}
	if n, err := strconv.Atoi(q.Get("count")); err == nil && n >= 1 && n <= maxOnPage && n != perPage {
		f.Set("count", strconv.Itoa(n))
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		f.Set("page", strconv.Itoa(min(n, 1<<20)))
	}
	return f
}

// cut is s without what stands behind its first n bytes, in whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (w *Web) knownStage(id string) bool {
	for _, law := range w.store.Laws() {
		if _, ok := law.Stage(id); ok {
			return true
		}
	}
	return false
}

// query is what the store is asked for the page named by f.
func (f filters) query(today petition.Date) store.ListQuery {
	q := store.ListQuery{Facet: store.FacetAll, Stage: f.Get("stage"), Body: f.Get("body"), Place: f.Get("place"),
		Topic: f.Get("topic"), Lang: petition.Lang(f.Get("lang")), Sort: store.Sort(f.Get("sort")), Limit: perPage}
	switch s := f.Get("state"); s {
	case "":
	case overdueState:
		q.DueBefore = today
	default:
		q.Facet = store.Facet(s)
	}
	if q.Sort == "" && f.newestFirst() {
		q.Sort = store.SortNewest
	}
	if n, err := strconv.Atoi(f.Get("count")); err == nil {
		q.Limit = n
	}
	if s := f.Get("q"); !search.Parse(s).Empty() { // signs only ask for nothing
		q.Search = s
	}
	q.Offset = (f.page() - 1) * q.Limit
	return q
}

// newestFirst reports whether the list has no order that its state asks for:
// nothing is ranked by what draws most signatures unless the reader wants it.
func (f filters) newestFirst() bool {
	return f.Get("q") == "" && slices.Contains([]string{"", string(store.FacetOpen), string(store.FacetClosed)}, f.Get("state"))
}

// page is the page asked for, from 1.
func (f filters) page() int {
	n, err := strconv.Atoi(f.Get("page"))
	if err != nil {
		return 1
	}
	return n
}

// at is the address of another page under the same filters.
func (f filters) at(l petition.Lang, page int) string {
	v := maps.Clone(f.Values)
	v.Del("page")
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	at := "/" + string(l) + "/petitions"
	if len(v) > 0 {
		at += "?" + v.Encode()
	}
	return at
}

// getList is the list of all petitions, with filters.
func (w *Web) getList(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		query, err := httpd.Query(r)
		if err != nil {
			return err
		}
		if n := utf8.RuneCountInString(query.Get("q")); n > maxSearch {
			return petition.FieldErrors{{Field: "q", Key: "too_long", Args: map[string]any{"max": maxSearch, "n": n}}}
		}
		f := w.readFilters(query)
		if f.Get("q") != "" {
			if err := w.server.AllowClient(r, httpd.RuleSearch); err != nil {
				return err
			}
			w.store.WaitForIndex(r.Context())
		}
		once := f.Get("q") != "" || f.page() > 1
		return w.cachedAs(rw, r, l, "list "+f.Encode(), once, func(ctx context.Context) (view, error) { return w.list(ctx, l, f) })
	}
}

func (w *Web) list(ctx context.Context, l petition.Lang, f filters) (view, error) {
	pr := w.bundle.Printer(l)
	q := f.query(w.law.Today(w.now()))
	cards, found, err := w.cards(ctx, l, q)
	if err != nil {
		return view{}, err
	}
	total := found.Total
	pages := max(1, (total+q.Limit-1)/q.Limit)
	if f.page() > pages { // behind the end: the last page
		f.Set("page", strconv.Itoa(pages))
		q.Offset = (pages - 1) * q.Limit
		if cards, _, err = w.cards(ctx, l, q); err != nil {
			return view{}, err
		}
	}
	d := listData{Page: w.page(l, "/petitions", pr.T("web.list.title")), Search: f.Get("q"), Cards: cards, Total: total,
		Pages: f.pager(l, pages), Empty: total == 0, ClearURL: "/" + string(l) + "/petitions"}
	d.Active, d.Query, d.NoIndex, d.Feed = "petitions", f.Encode(), f.Get("q") != "", "/petitions.atom"
	if f.page() == 1 {
		v := maps.Clone(f.Values)
		v.Del("page")
		d.Query = v.Encode()
	}
	d.Notes = w.searchNotes(pr, f, found.Found)
	for _, name := range []string{"stage", "body", "place", "topic", "lang"} {
		d.Filtered = d.Filtered || f.Get(name) != ""
	}
	return view{"list", &d}, w.listForm(ctx, pr, f, q, &d)
}

// listForm fills in what is nearly the same on every list: the top of the page
// and the filters, each rendered once for what it says.
func (w *Web) listForm(ctx context.Context, pr *i18n.Printer, f filters, q store.ListQuery, d *listData) (err error) {
	state := w.stateChoice(pr, f)
	if d.State, err = w.field(pr.Lang(), state); err != nil {
		return err
	}
	if d.Sort, err = w.field(pr.Lang(), sortChoice(pr, f, q)); err != nil {
		return err
	}
	more, fields, err := w.moreChoices(ctx, pr.Lang(), f)
	if err != nil {
		return err
	}
	d.Fields, d.Chips = fields, f.chips(pr.Lang(), append([]choice{state}, more...))
	d.Top, err = w.listTop(d.Page)
	return err
}

// listTop is the top of a list; of what it says of p only the query differs
// from list to list.
func (w *Web) listTop(p Page) (template.HTML, error) {
	key := fmt.Sprintf("top of a list %s %t %t", p.Lang, p.NoIndex, p.Query == "")
	top, err := w.same.page(p.Query, key, func(query string, buf *bytes.Buffer) error {
		if p.Query != "" {
			p.Query = query
		}
		return w.templates[p.Lang].root.ExecuteTemplate(buf, "top", p)
	})
	return template.HTML(top), err //nolint:gosec // our own template, escaped by itself
}

// chip is a filter in use; its link takes it away.
type chip struct{ Text, URL string }

func (f filters) chips(l petition.Lang, choices []choice) []chip {
	var chips []chip
	without := func(name, text string) {
		v := maps.Clone(f.Values)
		v.Del(name)
		chips = append(chips, chip{text, filters{v}.at(l, 1)})
	}
	if q := f.Get("q"); q != "" {
		without("q", q)
	}
	for _, c := range choices {
		for _, o := range c.Options {
			if o.Selected {
				without(c.Name, o.Label)
			}
		}
	}
	return chips
}

func (f filters) pager(l petition.Lang, pages int) pager {
	here := f.page()
	p := pager{Current: here, Pages: pages}
	if here > 1 {
		p.Prev = f.at(l, here-1)
	}
	if here > 2 {
		p.First = f.at(l, 1)
	}
	if here < pages {
		p.Next = f.at(l, here+1)
	}
	if here < pages-1 {
		p.Last = f.at(l, pages)
	}
	return p
}

// overdueState asks for petitions whose answer is overdue today.
const overdueState = "overdue"

// listStates are the states a reader may ask for, besides all.
func listStates() []store.Facet {
	return []store.Facet{store.FacetOpen, store.FacetClosed, store.FacetAwaitingResponse, store.FacetWithResponse,
		store.FacetDebated, store.FacetRejected, store.FacetArchived}
}

func (w *Web) stateChoice(pr *i18n.Printer, f filters) choice {
	c := choice{Name: "state", Label: pr.T("web.list.state"), None: pr.T("web.list.state.all")}
	for _, facet := range listStates() {
		c.Options = append(c.Options, option{Value: string(facet), Label: pr.T("web.list.state." + string(facet)), Selected: f.Get("state") == string(facet)})
		if facet == store.FacetAwaitingResponse {
			c.Options = append(c.Options, option{Value: overdueState, Label: pr.T("face.list.state.overdue"), Selected: f.Get("state") == overdueState})
		}
	}
	return c
}

func sortChoice(pr *i18n.Printer, f filters, q store.ListQuery) choice {
	c := choice{Name: "sort", Label: pr.T("web.list.sort"), None: pr.T("web.list.sort.default")}
	sorts := []store.Sort{store.SortNewest, store.SortSignatures, store.SortClosing}
	if f.newestFirst() { // the order of this list anyway
		c.None, sorts = pr.T("web.list.sort.newest"), sorts[1:]
	}
	if q.Search != "" {
		c.None = pr.T("web.search.sort")
	}
	for _, s := range sorts {
		c.Options = append(c.Options, option{Value: string(s), Label: pr.T("web.list.sort." + string(s)), Selected: f.Get("sort") == string(s)})
	}
	return c
}

// topicCodes are the topics that have names; others, of imports, are shown as
// they are.
func topicCodes() []string {
	return petition.KnownTopics()
}

// topicName is a topic in words, or its code.
func topicName(pr *i18n.Printer, code string) string {
	if slices.Contains(topicCodes(), code) {
		return pr.T("web.topic." + code)
	}
	return code
}
