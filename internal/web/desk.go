package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// deskHandler is a route of the desk with the officer who asks.
type deskHandler func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error

// forStaff lets only officers pass whose role may do the action. Nobody logged
// in is 401, the wrong role 403; both before anything is read.
func (w *Web) forStaff(l petition.Lang, may staff.Action, h deskHandler) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		rw.Header().Set("Cache-Control", httpd.NoStore)
		who, err := w.staff.Session(r.Context(), w.server.SessionToken(r))
		switch {
		case errors.Is(err, staff.ErrNoSession):
			return httpd.ErrUnauthorized
		case err != nil:
			return err
		case !w.staff.Admitted(who):
			return seeOther(rw, "/"+string(l)+"/desk/code")
		case !staff.Can(who.Role, may):
			return httpd.ErrForbidden
		}
		return h(who, l, rw, r)
	}
}

// deskPage starts the data of a page of the desk.
func (w *Web) deskPage(rw http.ResponseWriter, l petition.Lang, who store.Staff, path, title string) Page {
	pr := w.bundle.Printer(l)
	p := w.private(rw, l, path, title)
	p.Active, p.Narrow, p.Desk = "desk", false, w.deskLinks(pr, who, path)
	p.Staff = pr.T("desk.as", "role", pr.T("desk.role."+string(who.Role)), "id", strconv.FormatInt(who.ID, 10))
	return p
}

// deskLink is a part of the desk.
type deskLink struct {
	Name, URL string
	Current   bool // this page is in it
}

// deskLinks are the parts that an officer may enter, that of path marked.
func (w *Web) deskLinks(pr *i18n.Printer, who store.Staff, path string) []deskLink {
	var list []deskLink
	for _, part := range []struct {
		path, name string
		shown      bool
	}{
		{"/desk", "desk.nav.queue", staff.Can(who.Role, staff.ReadDesk)},
		{"/desk", "desk.nav.body", !staff.Can(who.Role, staff.ReadDesk)},
		{"/desk/complaints", "desk.complaints.title", staff.Can(who.Role, staff.ReadDesk)},
		{"/desk/demands", "desk.nav.demands", staff.Can(who.Role, staff.Moderate)},
		{"/desk/letters", "desk.letters.title", staff.Can(who.Role, staff.ReadDesk)},
		{"/desk/delays", "desk.nav.delays", w.draftDelay != nil && staff.Can(who.Role, staff.TellDelays)},
		{"/desk/archive", "desk.nav.archive", !w.law.Archive.DeskAfter.IsZero() && staff.Can(who.Role, staff.ToArchive)},
		{"/desk/settings", "settings.title", w.settings != nil && staff.Can(who.Role, staff.RunSite)},
		{"/desk/sessions", "desk.nav.sessions", true},
	} {
		if !part.shown {
			continue
		}
		in := path == part.path || part.path != "/desk" && strings.HasPrefix(path, part.path+"/") || part.path == "/desk" && strings.HasPrefix(path, "/desk/petitions/")
		list = append(list, deskLink{pr.T(part.name), "/" + string(pr.Lang()) + part.path, in})
	}
	return list
}

// queuePage is how many petitions a page of the queue has.
const queuePage = 50

// deskData is the queue.
type deskData struct {
	Page
	Total    int
	More     bool // there are more than Total
	Filters  []deskFilter
	Words    string // of the search; "" for none
	Filter   string
	Rows     []queueRow
	Pager    pager
	Done     string // what came of the decision just made; "" for none
	Awaiting []awaitingRow
	News     []awaitingRow // news that wait; By is since when
}

// queueRow is a petition that waits for a decision.
type queueRow struct {
	URL, Name string
	Lang      petition.Lang
	Body      string
	Since     petition.Date
	Deadline  petition.Date
	Age       string // how long it waits, in words
	Left      tag    // how long is left
	Tags      []tag  // what is special about it
	Claim     string // where this officer takes it; "" when they cannot
}

// awaitingRow is a petition whose body is asked for an answer.
type awaitingRow struct {
	URL, Name string
	Lang      petition.Lang
	By        petition.Date
	Overdue   bool
}

// getDesk is the queue, the nearest deadline first; an officer of a body gets
// the body's own desk. "done" names the petition
// decided a moment ago, "number" opens one by its public number.
func (w *Web) getDesk(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.EnterDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		q, err := httpd.Query(r)
		if err != nil {
			return err
		}
		if !staff.Can(who.Role, staff.ReadDesk) {
			return w.bodyDesk(rw, r, l, who, q.Get("done"))
		}
		if n := q.Get("number"); n != "" {
			return w.deskFind(rw, r, l, n)
		}
		page, _ := strconv.Atoi(q.Get("page")) // anything else is the first page
		page = min(max(page, 1), 10_000)
		in := moderation.QueueQuery{Filter: store.DeskFilter(q.Get("filter")), Words: q.Get("q"), Offset: (page - 1) * queuePage, Limit: queuePage}
		if !slices.Contains(store.DeskFilters(), in.Filter) {
			in.Filter = store.DeskAll
		}
		queue, err := w.moderation.Queue(r.Context(), who, in)
		if err != nil {
			return err
		}
		pr := w.bundle.Printer(l)
		d := deskData{Page: w.deskPage(rw, l, who, "/desk", pr.T("desk.queue.title")), Total: queue.Total, More: queue.More, Words: in.Words,
			Filter: string(in.Filter), Filters: deskFilters(pr, in, queue)}
		for _, p := range queue.Items {
			d.Rows = append(d.Rows, w.queueRow(r.Context(), pr, who, p, queue.Claims[p.ID]))
		}
		d.Pager = deskPager(l, in, page, (queue.Total+queuePage-1)/queuePage)
		if d.Done, err = w.deskDone(r.Context(), pr, who, q.Get("done")); err != nil {
			return err
		}
		if d.Awaiting, err = w.awaiting(r.Context(), l); err != nil {
			return err
		}
		if d.News, err = w.waitingNews(r.Context(), l); err != nil {
			return err
		}
		return w.answer(rw, l, http.StatusOK, "desk", d)
	})
}

func (w *Web) queueRow(ctx context.Context, pr *i18n.Printer, who store.Staff, p petition.Petition, claim store.Claim) queueRow {
	l, law := pr.Lang(), w.lawOf(p)
	t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	row := queueRow{URL: caseURL(l, p.ID), Name: t.Title, Lang: in, Body: w.bodyName(ctx, l, p.Body),
		Since: law.Today(p.QueuedAt), Age: ageWords(pr, law.Today(p.QueuedAt), law.Today(w.now())), Deadline: lastDay(law, p.DecideBy), Left: w.timeLeft(pr, law, p)}
	if p.State == petition.Hidden {
		row.Deadline = law.Today(p.Hiding.Until)
		row.Left = tag{"overdue", pr.T("desk.queue.hidden", "time", pr.Time(p.Hiding.Until, law.Location))}
	}
	if claim.Staff == 0 && staff.Can(who.Role, staff.Moderate) {
		row.Claim = row.URL + "/claim"
	}
	if claim.Staff != 0 {
		row.Tags = append(row.Tags, tag{"plain", claimWords(pr, law, who, claim)})
	}
	if p.State == petition.Appealed {
		row.Tags = append(row.Tags, tag{"plain", pr.T("desk.queue.appeal")})
	} else if p.Escalated {
		row.Tags = append(row.Tags, tag{"waiting", pr.T("desk.queue.escalated")})
	}
	if p.Proposed != nil {
		row.Tags = append(row.Tags, tag{"refused", pr.T("desk.queue.proposed")})
	}
	return row
}

// timeLeft says how many working days the officers have, or had.
func (w *Web) timeLeft(pr *i18n.Printer, law *petition.Profile, p petition.Petition) tag {
	if p.DecideBy.IsZero() {
		return tag{"plain", pr.T("desk.queue.nodeadline")}
	}
	today, last := law.Today(w.now()), lastDay(law, p.DecideBy)
	switch {
	case last.Before(today):
		return tag{"overdue", pr.N("overdue.workdays", int64(max(1, law.Calendar.Workdays(last, today))))}
	case last == today:
		return tag{"waiting", pr.T("left.today")}
	}
	left := int64(law.Calendar.Workdays(today, last))
	if left <= moderation.SoonDays {
		return tag{"waiting", pr.T("desk.queue.soon", "left", pr.N("left.workdays", left))}
	}
	return tag{"open", pr.N("left.workdays", left)}
}

// ageWords says how long something waits.
func ageWords(pr *i18n.Printer, since, today petition.Date) string {
	if days := int64(since.DaysUntil(today)); days > 0 {
		return pr.N("desk.queue.age", days)
	}
	return pr.T("desk.queue.today")
}

func caseURL(l petition.Lang, id petition.ID) string {
	return "/" + string(l) + "/desk/petitions/" + strconv.FormatInt(int64(id), 10)
}

func deskPager(l petition.Lang, in moderation.QueueQuery, page, pages int) pager {
	at := func(n int) string { return deskURL(l, string(in.Filter), in.Words, n) }
	p := pager{Current: page, Pages: pages}
	if page > 1 {
		p.First, p.Prev = at(1), at(page-1)
	}
	if page < pages {
		p.Next, p.Last = at(page+1), at(pages)
	}
	return p
}

// deskDone says where the petition stands that was decided a moment ago. It is
// read from the record, so that a reload and a bookmark tell the truth.
func (w *Web) deskDone(ctx context.Context, pr *i18n.Printer, who store.Staff, id string) (string, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return "", nil //nolint:nilerr // an address that was typed: nothing was decided
	}
	p, _, _, err := w.moderation.Case(ctx, petition.ID(n))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	if !mayRead(who, p) {
		return "", nil
	}
	t, _, _ := p.Texts.In(pr.Lang(), fallbacks(p.Lang)...)
	state := pr.T("state." + stateKey(p.State))
	switch {
	case p.Proposed != nil:
		state = pr.T("desk.done.proposed")
	case p.Answer != nil:
		state = pr.T("state.answered")
	}
	return pr.T("desk.done.text", "title", t.Title, "state", state), nil
}

// awaiting are the petitions whose bodies are asked for an answer, the longest
// waiting first.
func (w *Web) awaiting(ctx context.Context, l petition.Lang) ([]awaitingRow, error) {
	list, err := w.store.PublicList(ctx, store.ListQuery{Facet: store.FacetAwaitingResponse, Limit: queuePage})
	if err != nil {
		return nil, err
	}
	var rows []awaitingRow
	for _, v := range list.Items {
		if !here(v) {
			continue
		}
		t, in, _ := v.Texts.In(l, fallbacks(v.Lang)...)
		row := awaitingRow{URL: caseURL(l, v.ID), Name: t.Title, Lang: in}
		if due := w.lawOf(v.Petition).Duty(v.Petition); due != nil {
			row.By = due.AnswerBy
			row.Overdue = !row.By.IsZero() && row.By.Before(w.lawOf(v.Petition).Today(w.now()))
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b awaitingRow) int {
		return cmp.Compare(a.By.String(), b.By.String())
	})
	return rows, nil
}

// deskFind opens a petition of this site by its public number.
func (w *Web) deskFind(rw http.ResponseWriter, r *http.Request, l petition.Lang, number string) error {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return httpd.ErrNotFound
	}
	p, err := w.store.PublicPetition(r.Context(), n)
	if errors.Is(err, store.ErrNotFound) || err == nil && !here(p) {
		return httpd.ErrNotFound
	} else if err != nil {
		return err
	}
	return seeOther(rw, caseURL(l, p.ID))
}
