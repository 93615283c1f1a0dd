package web

import (
	"errors"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// followPage is the form of whoever wants news without signing.
func (w *Web) followPage() formPage {
	return w.addressPage("follow", "face.follow.title", "face.follow.email.hint")
}

// mayFollow asks whether there can be news of the petition.
func (w *Web) mayFollow(p store.Signing, _ *petition.Profile) error { return w.signing.CanFollow(p) }

// getFollow is the form.
func (w *Web) getFollow(l petition.Lang) httpd.Handler {
	return w.emptyForm(l, w.followPage(), w.mayFollow)
}

// postFollow sends the letter. It answers the same for every address.
func (w *Web) postFollow(l petition.Lang) httpd.Handler {
	return w.addressForm(l, "follow", w.followPage(), w.mayFollow, w.signing.RequestFollow)
}

// getFollowing is the page behind a follower's link: a button; it changes nothing.
func (w *Web) getFollowing(l petition.Lang, rw http.ResponseWriter, r *http.Request, token string) error {
	link, err := w.signing.PeekFollow(r.Context(), token)
	if err != nil {
		return w.following(rw, l, token, link, err)
	}
	d := w.linkPage(rw, l, "/confirm/"+token, "following", link)
	d.Action, d.Button = "/"+string(l)+"/confirm/"+token, w.bundle.Printer(l).T("web.following.button")
	return w.answerLink(rw, l, http.StatusOK, d)
}

// postFollowing makes the subscription count. 200 means durable.
func (w *Web) postFollowing(l petition.Lang, rw http.ResponseWriter, r *http.Request, token string) error {
	link, err := w.signing.ConfirmFollow(r.Context(), token)
	return w.following(rw, l, token, link, err)
}

// following says what became of a follower's link.
func (w *Web) following(rw http.ResponseWriter, l petition.Lang, token string, link signing.Link, err error) error {
	words, status := "following.done", http.StatusOK
	if errors.Is(err, signing.ErrExpired) {
		words, status = "following.expired", http.StatusGone
	} else if err != nil {
		return err
	}
	d := w.linkPage(rw, l, "/confirm/"+token, words, link)
	if d.PetitionPath != "" && status == http.StatusGone {
		d.Again, d.AgainText = d.PetitionPath+"/follow", w.bundle.Printer(l).T("web.withdrawal.again")
	}
	return w.answerLink(rw, l, status, d)
}
