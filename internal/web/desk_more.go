package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/petition"
)

// deskMore is what else a case holds; the template is desk_more.
type deskMore struct {
	ID       petition.ID
	Similar  []card
	Versions []versionView
	News     *deskNews // waits for this officer; nil for nothing
	Org      *deskOrg  // nil for a person
	Member   *memberView
	Barred   []barredRow // earlier petitions that bar the same demand
}

// deskNews are news with the form to decide on them.
type deskNews struct {
	newsView
	Mark    string
	Verdict choice
	Reason  choice
	Note    field
	Decide  bool // this officer may
}

// deskOrg is what is known of the organisation that petitions.
type deskOrg struct {
	Name, State, Source string
	Since               petition.Date
	Lookalikes          []string
	Mixed               bool
	Ask                 []field // contact and its source; nil when this officer cannot ask
	Register            *field  // source of a confirmation by hand; nil when this officer cannot
}

// deskMore loads what else belongs to a case; for officers of the desk only.
func (w *Web) deskMore(ctx context.Context, pr *i18n.Printer, c deskCase, faults []fault, form url.Values) (*deskMore, error) {
	if !c.inside {
		return nil, nil
	}
	p := c.p
	more := &deskMore{ID: p.ID}
	versions, err := w.moderation.Versions(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	more.Versions = w.textVersions(pr, c.law, versions)
	if p.State == petition.Moderation || p.State == petition.Appealed {
		t, _, _ := p.Texts.In(p.Lang)
		if more.Similar, err = w.similar(ctx, pr.Lang(), answers{"title": t.Title, "lang": string(p.Lang)}); err != nil {
			return nil, err
		}
	}
	more.Member = w.memberView(pr, c.law, p, faults, form, staff.Can(c.who.Role, staff.AskOrg))
	if p.State == petition.Moderation || p.State == petition.Appealed || p.State == petition.Authorising {
		t, _, _ := p.Texts.In(p.Lang)
		if more.Barred, err = w.barredBy(ctx, pr.Lang(), p.Lang, t.Title); err != nil {
			return nil, err
		}
	}
	if n := p.News; n != nil {
		more.News = w.deskNewsForm(pr, c, *n, faults, form)
	}
	if p.Creator.Kind == petition.Organisation {
		if more.Org, err = w.deskOrg(ctx, pr, c, faults, form); err != nil {
			return nil, err
		}
	}
	return more, nil
}

func (w *Web) deskNewsForm(pr *i18n.Printer, c deskCase, n petition.News, faults []fault, form url.Values) *deskNews {
	d := &deskNews{newsView: newsView{n.Title, n.Text, n.Lang, c.law.Today(n.At)}, Mark: moderation.NewsMark(n), Decide: staff.Can(c.who.Role, staff.Moderate)}
	d.Verdict = choice{Name: "news_verdict", Label: pr.T("desk.news.verdict"), Error: faultOf(faults, "news_verdict"), Options: []option{
		{Value: string(petition.Publish), Label: pr.T("desk.news.publish"), Selected: form.Get("news_verdict") == string(petition.Publish)},
		{Value: string(petition.Reject), Label: pr.T("desk.news.refuse"), Selected: form.Get("news_verdict") == string(petition.Reject)},
	}}
	d.Reason = choice{Name: "news_reason", Label: pr.T("desk.news.reason"), None: pr.T("desk.news.none"), Optional: true, Error: faultOf(faults, "news_reason")}
	for _, r := range c.law.Moderation.Reasons {
		d.Reason.Options = append(d.Reason.Options, option{Value: r.Code, Label: inLang(r.Text, pr.Lang()), Selected: form.Get("news_reason") == r.Code})
	}
	d.Note = field{Name: "news_note", Label: pr.T("desk.decide.note"), Value: form.Get("news_note"), Rows: 3, Optional: true, Error: faultOf(faults, "news_note")}
	return d
}

func (w *Web) deskOrg(ctx context.Context, pr *i18n.Printer, c deskCase, faults []fault, form url.Values) (*deskOrg, error) {
	p := c.p
	o := &deskOrg{Name: p.Creator.Org, State: orgWords(pr, p), Mixed: petition.MixesScripts(p.Creator.Org)}
	var err error
	if o.Lookalikes, err = w.moderation.Lookalikes(ctx, p.Creator.Org); err != nil {
		return nil, err
	}
	if check := p.OrgCheck; check != nil {
		o.Source, o.Since = check.Source, c.law.Today(check.At)
		if check.State == petition.OrgAsked {
			o.State = pr.T("org.asked")
		}
		if check.State != petition.OrgAsked {
			return o, nil
		}
	}
	line := func(name, label string) field {
		return field{Name: name, Label: pr.T(label), Value: form.Get(name), Error: faultOf(faults, name)}
	}
	if staff.Can(c.who.Role, staff.AskOrg) {
		mail := line("org_email", "desk.org.email")
		mail.Type = "email"
		o.Ask = []field{mail, line("org_source", "desk.org.source")}
	}
	if staff.Can(c.who.Role, staff.ConfirmOrg) {
		source := line("org_register", "desk.org.register")
		o.Register = &source
	}
	return o, nil
}

// deskAct is an act of an officer on a case by a form of desk_more.
func (w *Web) deskAct(l petition.Lang, may staff.Action, act func(r *http.Request, c deskCase, form url.Values) error) httpd.Handler {
	return w.deskAsked(l, may, func(_ http.ResponseWriter, r *http.Request, c deskCase, form url.Values) (bool, error) {
		return true, act(r, c, form)
	})
}

// deskAsked is deskAct of an act that may answer by itself, with a question,
// and then reports false.
func (w *Web) deskAsked(l petition.Lang, may staff.Action, act func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) (bool, error)) httpd.Handler {
	return w.caseForm(l, may, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) error {
		done, err := act(rw, r, c, form)
		if !done {
			return err
		}
		if errs, bad := errors.AsType[petition.FieldErrors](err); bad {
			return w.showCase(rw, r, l, http.StatusUnprocessableEntity, c, form, w.summary(l, errs), nil)
		}
		if err != nil {
			return err
		}
		return seeOther(rw, caseURL(l, c.p.ID))
	})
}

// postDeskNews decides on news; fields news_verdict, news_reason, news_note, news.
func (w *Web) postDeskNews(l petition.Lang) httpd.Handler {
	return w.deskAsked(l, staff.Moderate, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) (bool, error) {
		v := moderation.Verdict{Verdict: petition.Verdict(form.Get("news_verdict")), Reason: form.Get("news_reason"), Note: form.Get("news_note")}
		switch v.Verdict {
		case petition.Publish:
			v.Reason = ""
		case petition.Reject:
			if _, ok := c.law.Reason(v.Reason); !ok {
				return true, petition.FieldErrors{{Field: "news_reason", Key: "required"}}
			}
		default:
			return true, petition.FieldErrors{{Field: "news_verdict", Key: "required"}}
		}
		if n := c.p.News; n != nil && form.Get("news") == moderation.NewsMark(*n) {
			q := w.newsQuestion(l, c, v)
			if yes, err := w.asked(rw, r, w.deskPage(rw, l, c.who, "/desk/petitions/"+r.PathValue("id"), ""), form, q); !yes {
				return false, err
			}
		}
		return true, w.moderation.DecideNews(r.Context(), c.who, c.p.ID, v, form.Get("news"))
	})
}

// newsQuestion is asked before a decision on news.
func (w *Web) newsQuestion(l petition.Lang, c deskCase, v moderation.Verdict) question {
	pr := w.bundle.Printer(l)
	q := w.caseQuestion(l, c, "news-"+string(v.Verdict), "public where long final")
	q.seen, q.calm = moderation.NewsMark(*c.p.News), v.Verdict == petition.Publish
	q.given = []caseFact{{pr.T("mine.news.title"), c.p.News.Title}}
	if v.Verdict == petition.Reject {
		q.given = append(q.given, caseFact{pr.T("desk.news.reason"), decisionWords(pr, c.law, v.Reason, "").Reason})
	}
	if note := petition.Clean(v.Note); note != "" {
		q.given = append(q.given, caseFact{pr.T("desk.decide.note"), note})
	}
	return q
}

// postDeskOrganisation writes to an organisation; fields org_email, org_source.
func (w *Web) postDeskOrganisation(l petition.Lang) httpd.Handler {
	return w.deskAct(l, staff.AskOrg, func(r *http.Request, c deskCase, form url.Values) error {
		return w.moderation.AskOrg(r.Context(), c.who, c.p.ID, form.Get("org_email"), form.Get("org_source"), c.p.Lang)
	})
}

// postDeskOrgConfirm confirms an organisation by hand, once the officer has
// read what follows; field org_register.
func (w *Web) postDeskOrgConfirm(l petition.Lang) httpd.Handler {
	return w.deskAsked(l, staff.ConfirmOrg, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) (bool, error) {
		source := form.Get("org_register")
		_, err := c.law.RegisterOrg(c.p, source, petition.OfficerID(c.who.ID), w.now())
		if err == nil && petition.Clean(source) != "" { // what is wrong with the source the act says
			p := w.deskPage(rw, l, c.who, "/desk/petitions/"+r.PathValue("id"), "")
			if yes, err := w.asked(rw, r, p, form, w.orgQuestion(l, c, source)); !yes {
				return false, err
			}
		}
		return true, w.moderation.RegisterOrg(r.Context(), c.who, c.p.ID, source)
	})
}

// waitingNews are the petitions with news to decide on, for the queue.
func (w *Web) waitingNews(ctx context.Context, l petition.Lang) ([]awaitingRow, error) {
	list, err := w.store.DeskNews(ctx, queuePage)
	var rows []awaitingRow
	for _, p := range list {
		t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
		rows = append(rows, awaitingRow{URL: caseURL(l, p.ID), Name: t.Title, Lang: in, By: w.lawOf(p).Today(p.News.At)})
	}
	return rows, err
}
