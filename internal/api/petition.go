package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// movedError is a petition that is at another address of the API.
type movedError struct{ to string }

func (e *movedError) Error() string { return "api: moved to " + e.to }

// petition answers /petitions/{n}.json and .atom, and below /archived. An
// address without either ending is for people, who have a language.
func (a *API) petition(k kind) httpd.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		name, ending, ok := strings.Cut(r.PathValue("file"), ".")
		if !ok {
			return toPage(w, r, current.path+"/"+name)
		}
		n, valid := number(name)
		switch {
		case valid && ending == "json":
			key := fmt.Sprintf("petition:%s:%d", k.typ, n)
			err := a.serveJSON(w, r, key, func(ctx context.Context) (any, error) { return a.single(ctx, k, n) })
			return redirectMoved(w, err)
		case valid && ending == "atom" && !k.archived:
			return a.eventsAtom(w, r, n)
		}
		return httpd.ErrNotFound
	}
}

// toPage sends a person to a page in his language: a petition's is the same for
// archived ones, and what is no petition's says so in words.
func toPage(w http.ResponseWriter, r *http.Request, path string) error {
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = path, ""
	return httpd.RedirectToLang(w, r)
}

// archivedPage sends a person to the archive, which is a state of the list.
func archivedPage(w http.ResponseWriter, r *http.Request) error {
	r = r.Clone(r.Context())
	q := r.URL.Query()
	q.Set("state", "archived")
	q.Del("parliament")
	r.URL.RawQuery = q.Encode()
	return toPage(w, r, current.path)
}

// redirectMoved turns a movedError into a 302.
func redirectMoved(w http.ResponseWriter, err error) error {
	moved, ok := errors.AsType[*movedError](err)
	if !ok {
		return err
	}
	w.Header().Set("Location", moved.to)
	w.Header().Set("Cache-Control", httpd.CachePublic)
	w.WriteHeader(http.StatusFound)
	return nil
}

// document is one petition of the compatible API.
type document struct {
	Links selfLink `json:"links"`
	Data  row      `json:"data"`
}

func (a *API) single(ctx context.Context, k kind, n int64) (document, error) {
	p, err := a.known(ctx, n)
	switch {
	case err != nil:
		return document{}, err
	case k.archived && !p.Archived:
		return document{}, fmt.Errorf("%w: not archived", httpd.ErrNotFound)
	case p.Archived && !k.archived:
		return document{}, &movedError{fmt.Sprintf("%s%s/%d.json", a.base, archived.path, n)}
	}
	all, err := a.allBodies(ctx)
	if err != nil {
		return document{}, err
	}
	data := a.rowOf(p, all)
	out := document{Links: *data.Links, Data: data}
	out.Data.Links = nil
	if p.Document != nil {
		out.Data.Attributes = p.Document
		return out, nil
	}
	attrs := a.attributes(p, all)
	if p.State == petition.Open || p.State == petition.Closed {
		if attrs.breakdowns, err = a.breakdowns(ctx, p); err != nil {
			return document{}, err
		}
	}
	out.Data.Attributes = attrs
	return out, nil
}

// counter is the flat count.json.
type counter struct {
	SignatureCount  int64   `json:"signature_count"`
	ResponseAt      *string `json:"response_threshold_reached_at"`
	AnsweredAt      *string `json:"government_response_at"`
	DebateAt        *string `json:"debate_threshold_reached_at"`
	ScheduledDebate *string `json:"scheduled_debate_date"`
	DebateOutcomeAt *string `json:"debate_outcome_at"`
	Debated         bool    `json:"debated"`
}

// count answers /petitions/{n}/count.json, and tells a page that polls it when
// to come back.
func (a *API) count(w http.ResponseWriter, r *http.Request) error {
	n, ok := number(r.PathValue("n"))
	if !ok {
		return httpd.ErrNotFound
	}
	a.Server.Poll(w)
	return a.serveJSON(w, r, "count:"+r.PathValue("n"), func(ctx context.Context) (any, error) {
		p, err := a.known(ctx, n)
		if err != nil {
			return nil, err
		}
		return a.counter(p), nil
	})
}

// ukLaw is the id of the profile whose clock the source's own times follow.
const ukLaw = "uk-parl"

// counter: the times of count.json carry an offset instead of Z. Those of an
// import are the source's clock, those of a petition made here are UTC.
func (a *API) counter(p store.Public) counter {
	d, zone := p.Debate, time.UTC
	imported := p.Origin == store.UKJSON || p.Origin == store.UKCSV
	if imported {
		zone = a.ukZone()
	} else {
		law := a.law(p.Petition)
		d.ResponseAt, d.ReachedAt = dayOf(d.ResponseAt, p.OpenedAt, law), dayOf(d.ReachedAt, p.OpenedAt, law)
	}
	offset := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		s := t.In(zone).Format("2006-01-02T15:04:05.000-07:00")
		return &s
	}
	return counter{
		SignatureCount: p.Count, ResponseAt: offset(d.ResponseAt), AnsweredAt: offset(d.AnsweredAt),
		DebateAt: offset(d.ReachedAt), ScheduledDebate: date(d.On), DebateOutcomeAt: offset(d.DebatedAt), Debated: d.Debated,
	}
}

func (a *API) ukZone() *time.Location {
	for ref, law := range a.Laws {
		if ref.ID == ukLaw && law.Location != nil {
			return law.Location
		}
	}
	return time.UTC
}
