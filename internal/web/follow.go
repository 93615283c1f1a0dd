package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// followData is the form of whoever wants news without signing.
type followData struct {
	Page
	Number string
	Name   textView
	Faults []fault
	Action string
	Email  field
}

// getFollow is the form.
func (w *Web) getFollow(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		p, err := w.followed(r)
		if err != nil {
			return err
		}
		return w.showFollow(rw, l, p, url.Values{}, nil)
	}
}

// followed is the petition of the form, if there can be news of it.
func (w *Web) followed(r *http.Request) (store.Signing, error) {
	p, _, err := w.signingPetition(r)
	if err != nil {
		return p, err
	}
	return p, w.signing.CanFollow(p)
}

func (w *Web) showFollow(rw http.ResponseWriter, l petition.Lang, p store.Signing, form url.Values, errs petition.FieldErrors) error {
	pr := w.bundle.Printer(l)
	path := petitionPath(p.Number) + "/follow"
	text, of, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	d := followData{Page: w.private(rw, l, path, pr.T("face.follow.title")), Number: strconv.FormatInt(p.Number, 10),
		Name: textIn(l, of, text), Faults: w.summary(l, errs), Action: "/" + string(l) + path}
	d.Active, d.Invalid = "petitions", len(errs) > 0
	d.Email = field{Name: "email", Type: "email", Autocomplete: "email", Label: pr.T("web.sign.email"), Hint: pr.T("face.follow.email.hint"),
		Value: form.Get("email"), Error: faultOf(d.Faults, "email")}
	status := http.StatusOK
	if d.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "follow", d)
}

// postFollow sends the letter. It answers the same for every address.
func (w *Web) postFollow(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, errs, err := readForm(r)
		if err != nil {
			return err
		}
		if err := w.server.AllowClient(r, httpd.RuleSign); err != nil {
			return err
		}
		p, err := w.followed(r)
		if err != nil {
			return err
		}
		if len(errs) == 0 && !trapped(form) && w.mayWrite(form.Get("email")) {
			err = w.signing.RequestFollow(r.Context(), p, form.Get("email"), l)
		}
		if errors.As(err, &errs); len(errs) > 0 {
			return w.showFollow(rw, l, p, form, errs)
		}
		if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+petitionPath(p.Number)+"/follow/sent")
	}
}

// getFollowSent is getSent for followers.
func (w *Web) getFollowSent(l petition.Lang) httpd.Handler {
	return w.sent(l, "/follow/sent", "face.follow.sent")
}

// getFollowing is the page behind a follower's link: a button; it changes nothing.
func (w *Web) getFollowing(l petition.Lang, rw http.ResponseWriter, r *http.Request, token string) error {
	link, err := w.signing.PeekFollow(r.Context(), token)
	if err != nil {
		return w.following(rw, r, l, token, link, err)
	}
	d := w.linkPage(rw, r, l, "/confirm/"+token, "following", link)
	d.Action, d.Button = "/"+string(l)+"/confirm/"+token, w.bundle.Printer(l).T("web.following.button")
	return w.answer(rw, l, http.StatusOK, "link", d)
}

// postFollowing makes the subscription count. 200 means durable.
func (w *Web) postFollowing(l petition.Lang, rw http.ResponseWriter, r *http.Request, token string) error {
	link, err := w.signing.ConfirmFollow(r.Context(), token)
	return w.following(rw, r, l, token, link, err)
}

// following says what became of a follower's link.
func (w *Web) following(rw http.ResponseWriter, r *http.Request, l petition.Lang, token string, link signing.Link, err error) error {
	words, status := "following.done", http.StatusOK
	if errors.Is(err, signing.ErrExpired) {
		words, status = "following.expired", http.StatusGone
	} else if err != nil {
		return err
	}
	d := w.linkPage(rw, r, l, "/confirm/"+token, words, link)
	if d.PetitionPath != "" && status == http.StatusGone {
		d.Again, d.AgainText = d.PetitionPath+"/follow", w.bundle.Printer(l).T("web.withdrawal.again")
	}
	return w.answer(rw, l, status, "link", d)
}
