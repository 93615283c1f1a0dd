package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// signForm is the form of a signer or a supporter; the partial "signform" shows it.
type signForm struct {
	Action   string
	Email    field
	Place    choice // no options: the law has no places
	Eligible check
	Updates  check
	Button   string
}

// signerData is the page of a form about one petition for people without an
// account: to sign, to withdraw, to follow.
type signerData struct {
	Page
	Number string
	Name   textView // of the petition
	Body   string   // the public body, where the form names it
	Faults []fault
	Form   signForm // to withdraw and to follow it has the address only

	Assurance string // what the law asks for beyond a letter; "" for nothing
}

// makeSignForm is the form as it was filled in, with what is wrong with it.
func (w *Web) makeSignForm(l petition.Lang, law *petition.Profile, action string, form url.Values, faults []fault) signForm {
	pr := w.bundle.Printer(l)
	return signForm{
		Action: action,
		Email:  addressField(pr, "web.sign.email.hint", form, faults),
		Place: choice{Name: "place", Label: pr.T("web.sign.place"), Hint: pr.T("web.sign.place.hint"), None: pr.T("web.sign.place.none"),
			Options: w.placeOptions(l, law, form.Get("place")), Optional: true, Error: faultOf(faults, "place")},
		Eligible: check{Name: "eligible", Label: w.eligibleText(l, law.Signer), Checked: form.Get("eligible") == "yes",
			Error: faultOf(faults, "eligible")},
		Updates: check{Name: "updates", Label: pr.T("web.sign.updates"), Hint: pr.T("web.sign.updates.hint"), Checked: form.Get("updates") == "yes"},
		Button:  pr.T("button.sign"),
	}
}

// addressField asks for an e-mail address.
func addressField(pr *i18n.Printer, hint string, form url.Values, faults []fault) field {
	return field{Name: "email", Type: "email", Autocomplete: "email", Label: pr.T("web.sign.email"), Hint: pr.T(hint),
		Value: form.Get("email"), Error: faultOf(faults, "email")}
}

// signRequest is what a filled-in form asks of signing.
func signRequest(l petition.Lang, form url.Values) signing.Request {
	return signing.Request{Email: form.Get("email"), Place: form.Get("place"), Eligible: form.Get("eligible") == "yes",
		Updates: form.Get("updates") == "yes", Lang: l}
}

// trapped reports whether a form was filled in by a program: people do not see
// the field. It is answered like any other, and nothing is kept.
func trapped(form url.Values) bool { return form.Get("website") != "" }

// signing finds the petition of a form.
func (w *Web) signingPetition(r *http.Request) (store.Signing, *petition.Profile, error) {
	n, err := number(r)
	if err != nil {
		return store.Signing{}, nil, err
	}
	p, err := w.signing.ByNumber(r.Context(), n)
	if errors.Is(err, store.ErrNotFound) {
		return p, nil, w.absent(r, n)
	}
	return p, w.lawOf(p.Petition), err
}

// absent tells a removed petition and one of another site from an unknown one.
func (w *Web) absent(r *http.Request, n int64) error {
	if _, err := w.public(r.Context(), n); err != nil {
		return err
	}
	return petition.ErrClosed // another site's: read-only here
}

// getSign is the form.
func (w *Web) getSign(l petition.Lang) httpd.Handler {
	return w.emptyForm(l, w.signPage, func(p store.Signing, law *petition.Profile) error { return law.CheckSign(p.Petition, w.now()) })
}

// emptyForm shows the form of a petition for which may is no error. It is the
// same for everybody, so that a crowd shares one rendering; a browser and what
// stands before it keep it no more than any other form.
func (w *Web) emptyForm(l petition.Lang, page formPage, may func(store.Signing, *petition.Profile) error) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		rw.Header().Set("Content-Language", string(l))
		return w.cache.Serve(rw, r, "form "+r.URL.Path, httpd.NoStore, func(ctx context.Context) (httpd.Rendered, error) {
			r := r.WithContext(ctx)
			p, law, err := w.signingPetition(r)
			if err != nil {
				return httpd.Rendered{}, err
			}
			if err := may(p, law); err != nil {
				return httpd.Rendered{}, err
			}
			name, d := page(r, l, p, law, url.Values{}, nil)
			var buf bytes.Buffer
			err = w.render(&buf, l, name, d)
			return httpd.Rendered{ContentType: htmlType, Body: buf.Bytes()}, err
		})
	}
}

// addressForm takes a form that asks for the address only: within the rates of
// letters, act sends one. below is its path under the petition's.
func (w *Web) addressForm(l petition.Lang, below string, page formPage, may func(store.Signing, *petition.Profile) error,
	act func(ctx context.Context, p store.Signing, email string, l petition.Lang, mute bool) error) httpd.Handler {
	return w.petitionForm(l, signerForm{
		find: func(r *http.Request, l petition.Lang) (store.Signing, *petition.Profile, string, error) {
			p, law, moved, err := w.signingOf(r, l)
			if err == nil {
				err = may(p, law)
			}
			return p, law, moved, err
		},
		act: func(r *http.Request, p store.Signing, _ *petition.Profile, form url.Values) error {
			if trapped(form) {
				return nil
			}
			email := form.Get("email")
			return act(r.Context(), p, email, l, !w.mayWrite("", email))
		},
		again: w.sentBack(page),
		next:  func(_ *http.Request, p store.Signing) string { return petitionPath(p.Number) + "/" + below + "/sent" },
	})
}

func (w *Web) signPage(r *http.Request, l petition.Lang, p store.Signing, law *petition.Profile, form url.Values, errs petition.FieldErrors) (string, signerData) {
	d := w.signerPage(l, p, "sign", "web.sign.title", errs)
	d.Body, d.Assurance = w.bodyName(r.Context(), l, p.Body), assuranceNotice(w.bundle.Printer(l), law)
	d.Form = w.makeSignForm(l, law, d.Form.Action, form, d.Faults)
	return "sign", d
}

// addressPage is a form that asks for the address only, as the template name shows it.
func (w *Web) addressPage(name, title, hint string) formPage {
	return func(_ *http.Request, l petition.Lang, p store.Signing, _ *petition.Profile, form url.Values, errs petition.FieldErrors) (string, signerData) {
		d := w.signerPage(l, p, name, title, errs)
		d.Form.Email = addressField(w.bundle.Printer(l), hint, form, d.Faults)
		return name, d
	}
}

// signerPage is what these pages share; below is the path under the petition's.
func (w *Web) signerPage(l petition.Lang, p store.Signing, below, title string, errs petition.FieldErrors) signerData {
	path := petitionPath(p.Number) + "/" + below
	d := signerData{Page: w.aside(l, path, w.bundle.Printer(l).T(title)), Number: strconv.FormatInt(p.Number, 10),
		Name: w.signerName(l, p), Faults: w.summary(l, errs), Form: signForm{Action: "/" + string(l) + path}}
	d.Active, d.Invalid = "petitions", len(errs) > 0
	return d
}

// signerName is the petition's title for whoever signs or takes a signature back:
// its number where the text was refused as unlawful and is shown nowhere.
func (w *Web) signerName(l petition.Lang, p store.Signing) textView {
	if p.HideText {
		return textView{Text: petition.Text{Title: w.bundle.Printer(l).T("removals.untitled", "number", numberWords(p.Number))}}
	}
	text, of, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	return textIn(l, of, text)
}

// status is that of a form shown for the first time, or sent back.
func (p Page) status() int {
	if p.Invalid {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// postSign takes the form. It answers the same whether the address is new, has
// signed, or had its letters.
func (w *Web) postSign(l petition.Lang) httpd.Handler {
	return w.petitionForm(l, signerForm{
		find: w.signingOf,
		act: func(r *http.Request, p store.Signing, _ *petition.Profile, form url.Values) error {
			return w.submit(r, l, p, form)
		},
		again: w.sentBack(w.signPage),
		next:  func(_ *http.Request, p store.Signing) string { return petitionPath(p.Number) + "/sent" },
	})
}

// formPage is the template and data of a form as it was filled in, with what is
// wrong with it.
type formPage func(r *http.Request, l petition.Lang, p store.Signing, law *petition.Profile, form url.Values, errs petition.FieldErrors) (string, signerData)

// sentBack sends a form back that cannot be taken.
func (w *Web) sentBack(page formPage) shownAgain {
	return func(rw http.ResponseWriter, r *http.Request, l petition.Lang, p store.Signing, law *petition.Profile, form url.Values, errs petition.FieldErrors) error {
		rw.Header().Set("Cache-Control", httpd.NoStore)
		name, d := page(r, l, p, law, form, errs)
		return w.answer(rw, l, http.StatusUnprocessableEntity, name, d)
	}
}

// shownAgain answers with a form as it was filled in.
type shownAgain func(rw http.ResponseWriter, r *http.Request, l petition.Lang, p store.Signing, law *petition.Profile, form url.Values, errs petition.FieldErrors) error

// signerForm is a form about one petition for people without an account.
type signerForm struct {
	// find is the petition of the request and its law, or where it has moved.
	find func(r *http.Request, l petition.Lang) (p store.Signing, law *petition.Profile, moved string, err error)
	// act does what the form asks for; what is wrong with it is FieldErrors.
	act func(r *http.Request, p store.Signing, law *petition.Profile, form url.Values) error
	// again shows the form with what is wrong.
	again shownAgain
	// next is the path of the page after it, below the language.
	next func(r *http.Request, p store.Signing) string
}

// petitionForm takes a form, within the rate of its network. The rate comes
// before the petition: looking one up costs, too.
func (w *Web) petitionForm(l petition.Lang, f signerForm) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, errs, err := readForm(r)
		if err != nil {
			return err
		}
		if err := w.server.AllowClient(r, httpd.RuleSign); err != nil {
			return err
		}
		p, law, moved, err := f.find(r, l)
		switch {
		case err != nil:
			return err
		case moved != "":
			return seeOther(rw, moved)
		}
		if len(errs) == 0 {
			err = f.act(r, p, law, form)
		}
		if errors.As(err, &errs); len(errs) > 0 {
			return f.again(rw, r, l, p, law, form, errs)
		}
		if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+f.next(r, p))
	}
}

// signingOf is signingPetition for petitionForm: a public petition never moves.
func (w *Web) signingOf(r *http.Request, _ petition.Lang) (store.Signing, *petition.Profile, string, error) {
	p, law, err := w.signingPetition(r)
	return p, law, "", err
}

// submit hands a sign form to signing, within the rates. The rate of letters is
// asked last, since beyond it the answer is that of a good form.
func (w *Web) submit(r *http.Request, l petition.Lang, p store.Signing, form url.Values) error {
	if trapped(form) {
		return nil
	}
	if err := w.server.AllowKey(httpd.RulePetition, p.UID[:]); err != nil {
		return err
	}
	law := w.lawOf(p.Petition)
	if err := law.CheckSign(p.Petition, w.now()); err != nil {
		return err
	}
	request := signRequest(l, form)
	request.Mute = request.Eligible && w.knownPlace(law, request.Place) && !w.mayWrite("", request.Email)
	return w.signing.Submit(r.Context(), p, request)
}

// mayWrite keeps the number of letters to one address down, whatever the
// petitions. Over it nothing is sent and nothing is said, and the answer takes
// as long: anything else would tell a stranger that somebody used the address
// lately. Forms whose answer does come sooner without a letter are of a class
// of their own, so that it tells nothing of those who sign; "" for the others.
func (w *Web) mayWrite(class, email string) bool {
	a, err := identity.ParseAddress(email)
	return err != nil || w.server.AllowKey(httpd.RuleLetter, []byte(class+a.Canon)) == nil
}

// readForm reads a form. Values that are not text are faults of their fields.
// The request keeps it for the page of an error.
func readForm(r *http.Request) (url.Values, petition.FieldErrors, error) {
	form, err := httpd.ParseForm(r)
	r.PostForm = form
	if errs, faulty := errors.AsType[petition.FieldErrors](err); faulty {
		for _, e := range errs {
			form.Del(e.Field)
		}
		return form, errs, nil
	}
	return form, nil, err
}
