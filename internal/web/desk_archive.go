package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// archivePage is how many petitions are offered for the archive at once.
const archivePage = 50

// deskArchiveData are the petitions that can go to the archive.
type deskArchiveData struct {
	Page
	Faults []fault
	Done   string // how many went a moment ago; "" for none
	Rule   string // when a petition is offered here
	More   string // that there are more than these
	Rows   []archiveRow
}

// archiveRow is a petition that can go to the archive.
type archiveRow struct {
	ID        petition.ID
	URL, Name string
	Lang      petition.Lang
	Body      string
	Since     petition.Date // of the last act
	Tags      []tag
	Count     int64
	Counts    bool
}

func (w *Web) getDeskArchive(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.ToArchive, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		return w.showDeskArchive(rw, r, l, who, http.StatusOK)
	})
}

// showDeskArchive renders the list; a status that is none of success says that
// nothing was ticked.
func (w *Web) showDeskArchive(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, status int) error {
	pr := w.bundle.Printer(l)
	list, all, err := w.moderation.Ripe(r.Context(), archivePage)
	if err != nil {
		return err
	}
	d := deskArchiveData{Page: w.deskPage(rw, l, who, "/desk/archive", pr.T("desk.archive.title"))}
	if term := w.law.Archive.DeskAfter; !term.IsZero() {
		d.Rule = pr.T("desk.archive.rule", "term", pr.After(term))
	}
	if all > len(list) {
		d.More = pr.T("desk.archive.more", "n", pr.N("unit.petitions", int64(all)))
	}
	if n, err := strconv.ParseInt(r.URL.Query().Get("done"), 10, 64); err == nil && n >= 0 && n <= archivePage {
		d.Done = pr.N("desk.archive.done", n)
	}
	if d.Invalid = status != http.StatusOK; d.Invalid {
		d.Faults = []fault{{Field: "list", Text: pr.T("desk.archive.need")}}
	}
	for _, p := range list {
		d.Rows = append(d.Rows, w.archiveRow(r, pr, p))
	}
	return w.answer(rw, l, status, "desk_archive", d)
}

func (w *Web) archiveRow(r *http.Request, pr *i18n.Printer, p petition.Petition) archiveRow {
	l, law := pr.Lang(), w.lawOf(p)
	t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	return archiveRow{ID: p.ID, URL: caseURL(l, p.ID), Name: t.Title, Lang: in, Body: w.bodyName(r.Context(), l, p.Body), Since: law.Today(law.LastAct(p)),
		Tags: w.tags(pr, store.Public{Petition: p, Origin: store.Here}, w.now()), Count: p.Shown, Counts: p.State == petition.Closed}
}

// postDeskArchive sends the ticked petitions to the archive, once the officer
// has read what follows; field petition, once for each.
func (w *Web) postDeskArchive(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.ToArchive, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		ids, err := tickedIDs(form["petition"])
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return w.showDeskArchive(rw, r, l, who, http.StatusUnprocessableEntity)
		}
		q, err := w.archiveQuestion(r, l, ids)
		if err != nil {
			return err
		}
		if yes, err := w.asked(rw, r, w.deskPage(rw, l, who, "/desk/archive", ""), form, q); !yes {
			return err
		}
		n, err := w.moderation.Archive(r.Context(), who, ids)
		if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/desk/archive?done="+strconv.Itoa(n))
	})
}

// tickedIDs are the petitions of a form, each once.
func tickedIDs(values []string) ([]petition.ID, error) {
	var ids []petition.ID
	for _, v := range values {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 1 || len(values) > archivePage {
			return nil, fmt.Errorf("%w: petition to archive", httpd.ErrBadRequest)
		}
		ids = append(ids, petition.ID(n))
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// archiveQuestion is asked before petitions go to the archive. It rests on each
// of them being as it was, and ready; what is not is ErrState.
func (w *Web) archiveQuestion(r *http.Request, l petition.Lang, ids []petition.ID) (question, error) {
	pr := w.bundle.Printer(l)
	q := question{key: "archive", says: "public where long final", back: "/" + string(l) + "/desk/archive",
		args: []any{"petitions", pr.N("unit.petitions", int64(len(ids)))}}
	var names, seen []string
	for _, id := range ids {
		p, _, law, err := w.moderation.Case(r.Context(), id)
		if err != nil {
			return q, processError(err)
		}
		if p.Archived() {
			return q, petition.ErrArchived
		}
		if from := law.ArchiveFrom(p); from.IsZero() || w.now().Before(from) {
			return q, petition.ErrState
		}
		t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
		q.name, q.lang = t.Title, in
		names, seen = append(names, t.Title), append(seen, strconv.FormatInt(int64(id), 10)+"."+strconv.FormatInt(p.Version, 10))
	}
	q.seen = strings.Join(seen, " ")
	if len(ids) > 1 {
		q.name, q.given = "", []caseFact{{pr.T("desk.archive.title"), strings.Join(names, "\n")}}
	}
	return q, nil
}

// archiveView is the way to the archive on the page of a case.
type archiveView struct {
	ID    petition.ID
	Since petition.Date
}

// archiveForm is nil where a petition cannot go to the archive now, or not by
// this officer.
func (w *Web) archiveForm(c deskCase) *archiveView {
	from := c.law.ArchiveFrom(c.p)
	if from.IsZero() || w.now().Before(from) || !staff.Can(c.who.Role, staff.ToArchive) {
		return nil
	}
	return &archiveView{ID: c.p.ID, Since: c.law.Today(c.law.LastAct(c.p))}
}
