package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Limits of the list parameters, those of the source but maxQuery.
const (
	defaultCount = 25
	maxCount     = 50
	maxPage      = 99_999
	maxQuery     = 200 // code points searched for
	maxCode      = 100 // bytes of a topic, body or parliament
)

// listQuery is what a client asked a list for. Only what was given stands in links.
type listQuery struct {
	kind       kind
	facet      store.Facet
	stateGiven bool
	q          string
	topic      string
	period     string // of a parliament
	page       int
	count      int
	countGiven bool
}

// parseList reads the parameters of a list. An unknown state means all, a
// number out of range the nearest one. Text that is too long is an error.
func parseList(k kind, query url.Values) (listQuery, error) {
	l := listQuery{kind: k, facet: store.FacetAll, q: strings.TrimSpace(query.Get("q")), topic: query.Get("topic"), count: defaultCount}
	if k.archived {
		l.period = query.Get("parliament")
	}
	if s := query.Get("state"); s != "" {
		l.stateGiven = true
		if f := store.Facet(s); f.Known() && facetOf(k, f) {
			l.facet = f
		}
	}
	l.page = within(query.Get("page"), 1, maxPage, 1)
	if c := query.Get("count"); c != "" {
		l.count, l.countGiven = within(c, 1, maxCount, defaultCount), true
	}
	var faults petition.FieldErrors
	if utf8.RuneCountInString(l.q) > maxQuery {
		faults = append(faults, tooLong("q", maxQuery, utf8.RuneCountInString(l.q)))
	}
	for field, v := range map[string]string{"topic": l.topic, "parliament": l.period} {
		if len(v) > maxCode {
			faults = append(faults, tooLong(field, maxCode, len(v)))
		}
	}
	return l, faults.OrNil()
}

func tooLong(field string, most, n int) petition.FieldError {
	return petition.FieldError{Field: field, Key: "too_long", Args: map[string]any{"max": most, "n": n}}
}

// facetOf reports whether the list of this kind has the facet.
func facetOf(k kind, f store.Facet) bool {
	switch f {
	case store.FacetOpen, store.FacetRecent, store.FacetClosed, store.FacetAwaitingResponse, store.FacetAwaitingDebate:
		return !k.archived
	case store.FacetPublished:
		return k.archived
	}
	return true
}

// within reads a number and moves it between low and high; what is no number
// is otherwise.
func within(s string, low, high, otherwise int) int {
	n, err := strconv.Atoi(s) // beyond an int, n is the nearest one
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return otherwise
	}
	return min(max(n, low), high)
}

// link is the address of a page of this list.
func (l listQuery) link(base string, page int) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": l.q, "topic": l.topic, "parliament": l.period} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if l.stateGiven {
		v.Set("state", string(l.facet))
	}
	if l.countGiven {
		v.Set("count", strconv.Itoa(l.count))
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	address := base + l.kind.path + ".json"
	if len(v) > 0 {
		address += "?" + v.Encode()
	}
	return address
}

// find is the store's query behind l, and false when no parliament had that period.
func (a *API) find(ctx context.Context, l listQuery) (store.ListQuery, bool, error) {
	q := store.ListQuery{Facet: l.facet, Search: l.q, Archived: &l.kind.archived, Topic: l.topic,
		Offset: (l.page - 1) * l.count, Limit: l.count}
	if l.period == "" {
		return q, true, nil
	}
	all, err := a.Store.Parliaments(ctx)
	if err != nil {
		return q, false, err
	}
	for _, p := range all {
		if periodOf(p) == l.period {
			q.Parliaments = append(q.Parliaments, p)
		}
	}
	return q, len(q.Parliaments) > 0, nil
}

// page is the petitions that l asks for. A bare number that can be seen is
// that petition, whatever the state asked for.
func (a *API) page(ctx context.Context, l listQuery) (store.ListPage, error) {
	if n, ok := number(l.q); ok {
		p, err := a.Store.PublicPetition(ctx, n)
		if err == nil && p.Archived == l.kind.archived && p.State.Public() && !p.HideText {
			if l.page > 1 {
				return store.ListPage{Total: 1}, nil
			}
			return store.ListPage{Items: []store.Public{p}, Total: 1}, nil
		}
	}
	q, some, err := a.find(ctx, l)
	if err != nil || !some {
		return store.ListPage{}, err
	}
	q.Imported = true
	return a.Store.PublicList(ctx, q)
}

// envelope is a list of the compatible API.
type envelope struct {
	Links listLinks `json:"links"`
	Data  []row     `json:"data"`
}

type listLinks struct {
	Self  string  `json:"self"`
	First string  `json:"first"`
	Last  string  `json:"last"`
	Next  *string `json:"next"`
	Prev  *string `json:"prev"`
}

// list answers /petitions.json and /archived/petitions.json.
func (a *API) list(k kind) httpd.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		query, err := httpd.Query(r)
		if err != nil {
			return err
		}
		l, err := parseList(k, query)
		if err != nil {
			return err
		}
		if err := a.afford(r, l.q); err != nil {
			return err
		}
		return a.serveJSON(w, r, "list:"+l.link("", l.page), func(ctx context.Context) (any, error) { return a.envelope(ctx, l) })
	}
}

func (a *API) envelope(ctx context.Context, l listQuery) (envelope, error) {
	found, err := a.page(ctx, l)
	if err != nil {
		return envelope{}, err
	}
	all, err := a.allBodies(ctx)
	if err != nil {
		return envelope{}, err
	}
	last := max(1, (found.Total+l.count-1)/l.count)
	out := envelope{Data: make([]row, 0, len(found.Items)), Links: listLinks{
		Self: l.link(a.base, l.page), First: l.link(a.base, 1), Last: l.link(a.base, last),
	}}
	if l.page < last {
		next := l.link(a.base, l.page+1)
		out.Links.Next = &next
	}
	if l.page > 1 {
		prev := l.link(a.base, min(l.page-1, last))
		out.Links.Prev = &prev
	}
	for _, p := range found.Items {
		out.Data = append(out.Data, a.rowOf(p, all))
	}
	return out, nil
}

// periodOf is the period of a parliament, "" when it does not say.
func periodOf(raw json.RawMessage) string {
	var p struct {
		Period string `json:"period"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return ""
	}
	return p.Period
}
