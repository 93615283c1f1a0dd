package web

import (
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/petition"
)

// memberPage asks a member of the assembly whether they stand behind a petition.
type memberPage struct {
	Page
	Token string
	Name  string // of the member
	State string // what the member said; "" before
	Body  string
	Texts []textView
	Count int64
	Until petition.Date
	Live  bool // the link can still answer
	Ask   choice
	// Faults are of the answer, which was not given.
	Faults []fault
}

func (w *Web) showMember(rw http.ResponseWriter, r *http.Request, l petition.Lang, status int, errs petition.FieldErrors) error {
	token := r.PathValue("token")
	p, live, err := w.moderation.PeekMember(r.Context(), token)
	if err != nil {
		return processError(err)
	}
	noRobots(rw)
	pr, law := w.bundle.Printer(l), w.lawOf(p)
	d := memberPage{Page: w.private(rw, l, tokenPath("member", token), pr.T("member.page.title")), Token: token,
		Body: w.bodyName(r.Context(), l, p.Body), Texts: w.textViews(l, p.Texts), Count: p.Seen(), Live: live}
	if a := p.Asked(); live && a != nil {
		d.Name, d.Until = a.Member, lastDay(law, a.Until)
	}
	if !live {
		d.State = pr.T("member.page.used")
	}
	d.Invalid, d.Faults = len(errs) > 0, w.summary(l, errs)
	d.Ask = choice{Name: "stand", Label: pr.T("member.page.ask"), Error: faultOf(d.Faults, "stand"), Options: []option{
		{Value: "yes", Label: pr.T("member.page.yes"), Hint: pr.T("member.page.yes.hint")},
		{Value: "no", Label: pr.T("member.page.no"), Hint: pr.T("member.page.no.hint")},
	}}
	return w.answer(rw, l, status, "member", d)
}

// getMember shows the question and changes nothing: mail scanners open links.
func (w *Web) getMember(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.showMember(rw, r, l, http.StatusOK, nil)
	}
}

// postMember takes the member's word, once it is confirmed; field stand (yes or no).
func (w *Web) postMember(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		word := form.Get("stand")
		if word != "yes" && word != "no" {
			return w.showMember(rw, r, l, http.StatusUnprocessableEntity, petition.FieldErrors{{Field: "stand", Key: "required"}})
		}
		if yes, err := w.memberAsked(rw, r, l, word, form); !yes {
			return err
		}
		if err := w.moderation.AnswerMember(r.Context(), r.PathValue("token"), word == "yes"); err != nil {
			return processError(err)
		}
		return seeOther(rw, "/"+string(l)+tokenPath("member", r.PathValue("token")))
	}
}

// memberAsked asks before the member's word is kept for good. A link that is
// dead has nothing to ask about.
func (w *Web) memberAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, word string, form url.Values) (bool, error) {
	token := r.PathValue("token")
	p, live, err := w.moderation.PeekMember(r.Context(), token)
	if err != nil {
		return false, processError(err)
	}
	a := p.Asked()
	if !live || a == nil {
		return true, nil
	}
	noRobots(rw)
	path := tokenPath("member", token)
	q := mineQuestion(l, token, p, "member-"+word, "public where final second")
	q.args, q.back, q.calm = []any{"name", a.Member}, "/"+string(l)+path, word == "yes"
	return w.asked(rw, r, w.private(rw, l, path, ""), form, q)
}

// postMineMember is the petitioner's wish; fields member, member_source.
func (w *Web) postMineMember(l petition.Lang) httpd.Handler {
	return w.mineAct(l, func(r *http.Request, token string, form url.Values) error {
		return w.moderation.NameMember(r.Context(), token, form.Get("member"), form.Get("member_source"))
	})
}

// postDeskMember writes to a member; fields member, member_source, member_email.
func (w *Web) postDeskMember(l petition.Lang) httpd.Handler {
	return w.deskAct(l, staff.AskOrg, func(r *http.Request, c deskCase, form url.Values) error {
		return w.moderation.AskMember(r.Context(), c.who, c.p.ID, moderation.MemberLetter{Member: form.Get("member"),
			Source: form.Get("member_source"), Email: form.Get("member_email"), Lang: c.p.Lang})
	})
}

// memberView is what is known of the members who were asked; nil where the law
// asks for none. Of the form the petitioner and the desk have a part each.
type memberView struct {
	Rows  []memberRow
	Until petition.Date // of the member whose term runs; zero when nobody is asked
	Left  int           // how many may still be asked
	Wish  string        // whom the petitioner named
	Form  []field       // nil when nobody can be asked now
}

// asked are the fields of the form, if there is one.
func (v *memberView) asked() []formItem {
	if v == nil {
		return nil
	}
	return items(v.Form)
}

// memberRow is one member with what was said.
type memberRow struct {
	Name, Source, Said string
	Date               petition.Date
}

func (w *Web) memberView(pr *i18n.Printer, law *petition.Profile, p petition.Petition, faults []fault, form url.Values, desk bool) *memberView {
	if law.Authoriser.Tries == 0 || p.Kind == petition.KindProposal {
		return nil
	}
	v := &memberView{Left: max(0, law.Authoriser.Tries-len(p.Authorisers)), Wish: p.Member}
	for _, a := range p.Authorisers {
		row := memberRow{Name: a.Member, Source: a.Source, Said: pr.T("member.said." + a.Said), Date: law.Today(a.At)}
		if a.Said == "" {
			row.Said, row.Date, v.Until = pr.T("member.asked"), law.Today(a.Asked), lastDay(law, a.Until)
		}
		v.Rows = append(v.Rows, row)
	}
	open := p.State == petition.Authorising || !desk && p.State == petition.Supporting
	if !open || p.Asked() != nil || p.Authorised() != nil || v.Left == 0 {
		return v
	}
	line := func(name, value string) field {
		if form.Has(name) {
			value = form.Get(name)
		}
		return field{Name: name, Label: pr.T("member.field." + name), Hint: pr.T("member.field." + name + ".hint"), Value: value, Error: faultOf(faults, name)}
	}
	v.Form = []field{line("member", p.Member), line("member_source", p.MemberSource)}
	if desk {
		mail := line("member_email", "")
		mail.Type = "email"
		v.Form = append(v.Form, mail)
	}
	return v
}
