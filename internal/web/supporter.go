package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// supporterData is the page behind the link for supporters. It is in no list,
// feed, search or cache; whoever has the link sees the exact count, because
// supporters are few and the petitioner gave the link to each.
type supporterData struct {
	Page
	Token   string
	Texts   []textView
	Body    string
	Creator string
	Count   int64
	Need    int64 // supporters needed; 0 once that is over
	Until   petition.Date
	Bar     *progress
	Note    string    // where the petition stands, when it is not looking for supporters
	Form    *signForm // nil when nobody can sign now
	Faults  []fault

	Assurance string // what the law asks for beyond a letter; "" for nothing
}

// supporterPetition finds the petition of the link; one that was published has
// a public page, and moved is its address.
func (w *Web) supporterPetition(r *http.Request, l petition.Lang) (p store.Signing, law *petition.Profile, moved string, err error) {
	p, err = w.signing.ByShare(r.Context(), r.PathValue("token"))
	if err != nil {
		return p, nil, "", processError(err)
	}
	if p.State == petition.Open || p.State == petition.Closed || p.State == petition.Removed || p.State == petition.Hidden {
		moved = "/" + string(l) + petitionPath(p.Number)
	}
	return p, w.lawOf(p.Petition), moved, nil
}

// getSupporter shows the petition with the form.
func (w *Web) getSupporter(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		p, law, moved, err := w.supporterPetition(r, l)
		switch {
		case err != nil:
			return err
		case moved != "":
			return seeOther(rw, moved)
		case p.State != petition.Supporting && p.State != petition.Authorising && p.State != petition.Moderation:
			return w.supporterEnd(rw, r, l, p, law)
		}
		return w.showSupporter(rw, r, l, p, law, url.Values{}, nil)
	}
}

// getSupporterSign is the way of clients that know the public pages: the form
// is on the page of the petition itself.
func (w *Web) getSupporterSign(l petition.Lang) httpd.Handler { return w.getSupporter(l) }

func (w *Web) showSupporter(rw http.ResponseWriter, r *http.Request, l petition.Lang, p store.Signing, law *petition.Profile,
	form url.Values, errs petition.FieldErrors) error {
	pr, token := w.bundle.Printer(l), r.PathValue("token")
	views := w.textViews(l, p.Texts)
	title := pr.T("supporter.sign")
	if len(views) > 0 {
		title = views[0].Title
	}
	noRobots(rw)
	d := supporterData{Page: w.private(rw, l, tokenPath("p", token), title), Token: token, Texts: views,
		Body: w.bodyName(r.Context(), l, p.Body), Creator: supporterCreator(pr, p.Petition), Count: p.Count, Faults: w.summary(l, errs)}
	d.Invalid = len(errs) > 0
	if p.State == petition.Supporting {
		d.Need, d.Until = law.NextThreshold(p.Petition), lastDay(law, p.SupportUntil)
		d.Bar = &progress{Value: min(p.Count, d.Need), Max: d.Need, Label: pr.T("supporter.found") + ": " + pr.T("supporter.goal", "count", p.Count, "need", d.Need)}
	} else {
		d.Note = pr.T("supporter." + string(p.State))
	}
	d.Assurance = assuranceNotice(pr, law)
	if err := law.CheckSign(p.Petition, w.now()); err == nil {
		f := w.makeSignForm(l, law, "/"+string(l)+tokenPath("p", token, "sign"), form, d.Faults)
		f.Button = pr.T("supporter.sign")
		d.Form = &f
	} else if !errors.Is(err, petition.ErrNotOpen) {
		d.Note = pr.T("supporter.full")
	}
	if slow := w.slowly(r.Context(), pr, p.Petition); slow != nil {
		d.Note = strings.TrimSpace(d.Note + " " + slow[0])
	}
	return w.answer(rw, l, d.status(), "supporter", d)
}

// postSupporterSign takes the form, as postSign does on the public page.
func (w *Web) postSupporterSign(l petition.Lang) httpd.Handler {
	return w.petitionForm(l, signerForm{
		find: w.supporterPetition,
		act: func(r *http.Request, p store.Signing, _ *petition.Profile, form url.Values) error {
			return w.submit(r, l, p, form)
		},
		again: w.showSupporter,
		next:  func(r *http.Request, _ store.Signing) string { return tokenPath("p", r.PathValue("token"), "sent") },
	})
}

func (w *Web) getSupporterSent(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if _, _, _, err := w.supporterPetition(r, l); err != nil {
			return err
		}
		noRobots(rw)
		pr, at := w.bundle.Printer(l), tokenPath("p", r.PathValue("token"))
		page := w.private(rw, l, at+"/sent", pr.T("after.title"))
		again := link{pr.T("web.confirm.again"), "/" + string(l) + at}
		return w.answer(rw, l, http.StatusOK, "sent", makeSent(pr, page, "sign", again))
	}
}

// supporterEnd is the page of a petition that takes no supporters any more and
// was not published.
type supporterEnd struct {
	Page
	Name   string // of the petition; "" when its text must not be shown
	Text   string
	Public string // where the whole decision stands; "" for nowhere
	Anew   bool   // another can be started
}

func (w *Web) supporterEnd(rw http.ResponseWriter, r *http.Request, l petition.Lang, p store.Signing, law *petition.Profile) error {
	pr, status := w.bundle.Printer(l), http.StatusOK
	var words string
	d := supporterEnd{}
	switch p.State {
	case petition.Returned:
		words = "returned"
	case petition.Refused, petition.Appealed:
		words = "refused"
		d.Public = "/" + string(l) + petitionPath(p.Number)
		reason := ""
		if p.Refusal != nil {
			reason = decisionWords(pr, law, p.Refusal.Reason, "").Reason
		}
		d.Text = pr.T("supporter.refused.text", "reason", reason)
	case petition.Lapsed, petition.Withdrawn:
		words, status, d.Anew = string(p.State), http.StatusGone, true
	default:
		return httpd.ErrNotFound
	}
	if d.Text == "" {
		d.Text = pr.T("supporter." + words + ".text")
	}
	if !p.HideText {
		t, _, _ := p.Texts.In(l, fallbacks(p.Lang)...)
		d.Name = t.Title
	}
	noRobots(rw)
	d.Page = w.private(rw, l, tokenPath("p", r.PathValue("token")), pr.T("supporter."+words+".title"))
	return w.answer(rw, l, status, "supporter_end", d)
}
