package web

import (
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/petition"
)

// sentData is the page after a form that has a letter sent. It is the same for
// everyone: whether a letter left, and to whom, only the mailbox tells.
type sentData struct {
	Page
	Steps []string // what happens now
	None  []string // what to do when no letter comes
	Again link     // the form once more
	Links []link
}

// makeSent makes the page; kind names what the link in the letter does.
func makeSent(pr *i18n.Printer, page Page, kind string, again link, links ...link) sentData {
	return sentData{Page: page, Again: again, Links: links,
		Steps: []string{pr.T("after.letter"), pr.T("after.open." + kind), pr.N("after.life", int64(signing.LinkLife.Hours()))},
		None:  []string{pr.T("after.none.spam"), pr.T("after.none.address"), pr.T("after.none.limit")}}
}

// getSent says to look into the mailbox.
func (w *Web) getSent(l petition.Lang) httpd.Handler { return w.sent(l, "sign") }

// getWithdrawSent is getSent for withdrawals.
func (w *Web) getWithdrawSent(l petition.Lang) httpd.Handler { return w.sent(l, "withdraw") }

// getFollowSent is getSent for followers.
func (w *Web) getFollowSent(l petition.Lang) httpd.Handler { return w.sent(l, "follow") }

func (w *Web) sent(l petition.Lang, kind string) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		if _, err := w.public(r.Context(), n); err != nil {
			return err
		}
		pr, path, below := w.bundle.Printer(l), petitionPath(n), "/"+kind+"/sent"
		if kind == "sign" {
			below = "/sent"
		}
		page := w.private(rw, l, path+below, pr.T("after.title"))
		page.Active = "petitions"
		at := "/" + string(l) + path
		return w.answer(rw, l, http.StatusOK, "sent", makeSent(pr, page, kind, link{pr.T("web.confirm.again"), at + "/" + kind},
			link{pr.T("web.link.petition"), at}))
	}
}
