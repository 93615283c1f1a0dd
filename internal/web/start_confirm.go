package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// processError is the error of a private link as the table of errors knows it.
func processError(err error) error {
	switch {
	case errors.Is(err, vault.ErrSealed), errors.Is(err, store.ErrNotFound):
		return errors.Join(httpd.ErrNotFound, err)
	case errors.Is(err, moderation.ErrExpired):
		return errors.Join(httpd.ErrExpired, err)
	}
	return err
}

// startConfirm is the page behind the petitioner's link, before the button.
type startConfirm struct {
	Page
	Used  bool
	Texts []langText
	Body  string
	Name  string
}

// getStartConfirm shows the petition and one button; it changes nothing.
func (w *Web) getStartConfirm(l petition.Lang, rw http.ResponseWriter, r *http.Request, token string) error {
	p, used, err := w.moderation.PeekStart(r.Context(), token)
	if err != nil {
		return processError(err)
	}
	pr := w.bundle.Printer(l)
	return w.answer(rw, l, http.StatusOK, "start_confirm", startConfirm{
		Page: w.private(rw, l, tokenPath("confirm", token), pr.T("start.confirm.title")), Used: used,
		Texts: w.langTexts(w.lawOf(p), p), Body: w.bodyName(r.Context(), l, p.Body), Name: p.Creator.Name,
	})
}

// startConfirmed holds the petitioner's two links.
type startConfirmed struct {
	Page
	Share, Mine string // whole addresses; Share is "" once supporters are not looked for
	Need, Queue string
}

// postStartConfirm uses the link. Doing it again shows the same links.
func (w *Web) postStartConfirm(l petition.Lang, rw http.ResponseWriter, r *http.Request, token string) error {
	ctx := r.Context()
	_, used, err := w.moderation.PeekStart(ctx, token)
	if err != nil {
		return processError(err)
	}
	s, err := w.moderation.ConfirmStart(ctx, token)
	if err != nil {
		return processError(err)
	}
	if s.Signs {
		if err := w.signing.SignAs(ctx, s.Petition.UID, s.Blind); err != nil {
			return err
		}
	}
	pr, p := w.bundle.Printer(l), s.Petition
	law := w.lawOf(p)
	title := "start.confirmed.title"
	if used {
		title = "start.confirmed.again"
	}
	d := startConfirmed{Page: w.private(rw, l, tokenPath("confirm", token), pr.T(title)), Mine: w.address(l, "mine", s.Mine)}
	switch p.State {
	case petition.Supporting:
		d.Share = w.address(l, "p", s.Share)
		d.Need = pr.T("start.confirmed.need", "supporters", pr.N("unit.supporters", law.Support.Threshold), "date", lastDay(law, p.SupportUntil))
	case petition.Authorising:
		d.Queue = pr.T("start.confirmed.member")
	case petition.Moderation:
		d.Queue = pr.T("start.confirmed.queue", "date", lastDay(law, p.DecideBy))
	}
	return w.answer(rw, l, http.StatusOK, "start_confirmed", d)
}

// address is a whole address with a secret in it.
func (w *Web) address(l petition.Lang, parts ...string) string {
	return w.url + "/" + string(l) + tokenPath(parts...)
}

// lastDay is the last day of a term that ends with the moment end.
func lastDay(law *petition.Profile, end time.Time) petition.Date {
	if end.IsZero() {
		return petition.Date{}
	}
	return law.Today(end.Add(-time.Nanosecond))
}

// langText is a petition's text in one language of its law; Missing says that
// there is none.
type langText struct {
	Lang               petition.Lang
	Title, Ask, Detail string
	Missing            bool
	Own                bool // the language the petitioner wrote in
	Expected           bool // the law asks for it
}

// langTexts are the texts in the languages of the law, the petitioner's first.
// A language that is neither there nor asked for is left out.
func (w *Web) langTexts(law *petition.Profile, p petition.Petition) []langText {
	var own, others []langText
	for _, tl := range law.Languages {
		t, ok := p.Texts[tl.Lang]
		x := langText{Lang: tl.Lang, Title: t.Title, Ask: t.Ask, Detail: t.Details, Missing: !ok, Own: tl.Lang == p.Lang, Expected: tl.Required}
		switch {
		case x.Own:
			own = append(own, x)
		case ok || tl.Required:
			others = append(others, x)
		}
	}
	return append(own, others...)
}
