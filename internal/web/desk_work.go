package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// deskFilter is a part of the queue with how many wait in it.
type deskFilter struct {
	Name, URL string
	Count     int
	More      bool // than Count
	Current   bool
}

func deskFilters(pr *i18n.Printer, in moderation.QueueQuery, q moderation.Queue) []deskFilter {
	var list []deskFilter
	for _, f := range store.DeskFilters() {
		name := string(f)
		if f == store.DeskAll {
			name = "all"
		}
		list = append(list, deskFilter{Name: pr.T("desk.filter." + name), URL: deskURL(pr.Lang(), string(f), in.Words, 1),
			Count: min(q.Counts[f], store.DeskMost), More: q.Counts[f] > store.DeskMost, Current: f == in.Filter})
	}
	return list
}

// deskURL is a page of the queue.
func deskURL(l petition.Lang, filter, words string, page int) string {
	q := url.Values{}
	if filter != "" {
		q.Set("filter", filter)
	}
	if words != "" {
		q.Set("q", words)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	at := "/" + string(l) + "/desk"
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

// claimWords says who holds a case and until when.
func claimWords(pr *i18n.Printer, law *petition.Profile, who store.Staff, c store.Claim) string {
	if c.Staff == who.ID {
		return pr.T("desk.claim.mine", "time", pr.Time(c.Until, law.Location))
	}
	return pr.T("desk.claim.other", "id", strconv.FormatInt(c.Staff, 10), "time", pr.Time(c.Until, law.Location))
}

// workView is what moderators keep beside a case.
type workView struct {
	Claim     string // who holds it; "" for nobody
	Mine      bool   // this officer holds it
	Claimable bool   // it waits, and nobody else holds it
	Notes     []noteView
	Note      field
	Topics    []topicBox
	Writes    bool // this officer may write notes and set topics
	Topical   bool // it has a topic
	Settled   bool // its topics change no more
}

type noteView struct{ Who, When, Text string }

type topicBox struct {
	ID, Code, Name string
	Checked        bool
}

// workView is nil for those who see only what is public.
func (w *Web) workView(r *http.Request, pr *i18n.Printer, c deskCase, form url.Values, faults []fault) (*workView, error) {
	if !c.inside {
		return nil, nil
	}
	notes, err := w.store.Notes(r.Context(), c.p.ID)
	if err != nil {
		return nil, err
	}
	moderates := staff.Can(c.who.Role, staff.Moderate)
	waits := c.p.State == petition.Authorising || c.p.State == petition.Moderation || c.p.State == petition.Appealed || c.p.State == petition.Hidden
	v := &workView{Writes: moderates, Settled: c.p.Archived(), Topical: len(c.p.Topics) > 0, Mine: c.claim.Staff == c.who.ID,
		Claimable: moderates && waits && c.claim.Staff == 0,
		Note: field{Name: "remark", Label: pr.T("desk.notes.label"), Hint: pr.T("desk.notes.hint"), Value: form.Get("remark"), Rows: 3,
			Error: faultOf(faults, "remark")}}
	if c.claim.Staff != 0 {
		v.Claim = claimWords(pr, c.law, c.who, c.claim)
	}
	for _, n := range slices.Backward(notes) { // under the form, what was written last
		v.Notes = append(v.Notes, noteView{Who: actorWords(pr, petition.ActorOfficer(petition.OfficerID(n.Staff)), true),
			When: pr.Date(c.law.Today(n.At)) + ", " + pr.Time(n.At, c.law.Location), Text: n.Text})
	}
	codes := petition.KnownTopics()
	for _, t := range c.p.Topics {
		if !slices.Contains(codes, t) {
			codes = append(codes, t)
		}
	}
	for i, code := range codes {
		v.Topics = append(v.Topics, topicBox{ID: "f-topic-" + strconv.Itoa(i), Code: code, Name: topicName(pr, code), Checked: slices.Contains(c.p.Topics, code)})
	}
	return v, nil
}

// deskPost is a form of a case for those who moderate.
func (w *Web) deskPost(l petition.Lang, act func(r *http.Request, c deskCase, form url.Values) error) httpd.Handler {
	return w.caseForm(l, staff.Moderate, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) error {
		err := act(r, c, form)
		var faults petition.FieldErrors
		switch {
		case err == nil:
			return seeOther(rw, caseURL(l, c.p.ID))
		case errors.As(err, &faults):
			return w.showCase(rw, r, l, http.StatusUnprocessableEntity, c, form, w.summary(l, faults), nil)
		}
		return w.decided(rw, r, l, c, form, c.p.TextVersion, err)
	})
}

// postDeskClaim takes a case, or with act=release lets it go.
func (w *Web) postDeskClaim(l petition.Lang) httpd.Handler {
	return w.deskPost(l, func(r *http.Request, c deskCase, form url.Values) error {
		if form.Get("act") == "release" {
			return w.moderation.Release(r.Context(), c.who, c.p.ID)
		}
		return w.moderation.Claim(r.Context(), c.who, c.p.ID)
	})
}

// postDeskNote keeps a note; field remark.
func (w *Web) postDeskNote(l petition.Lang) httpd.Handler {
	return w.deskPost(l, func(r *http.Request, c deskCase, form url.Values) error {
		return w.moderation.AddNote(r.Context(), c.who, c.p.ID, form.Get("remark"))
	})
}

// postDeskTopics sets the topics; field topic, once for each.
func (w *Web) postDeskTopics(l petition.Lang) httpd.Handler {
	return w.deskPost(l, func(r *http.Request, c deskCase, form url.Values) error {
		return w.moderation.Retopic(r.Context(), c.who, c.p.ID, form["topic"])
	})
}
