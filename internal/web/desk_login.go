package web

import (
	"errors"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/petition"
)

// deskLogin is the page behind a one-time link.
type deskLogin struct {
	Page
	Token string // "" when the link is of no use any more
}

// getDeskLogin shows a button. Programs that look into letters follow links,
// so looking does not use the link up.
func (w *Web) getDeskLogin(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		live, err := w.staff.Live(r.Context(), token)
		if err != nil {
			return err
		}
		if !live {
			return w.deadLogin(rw, l, token)
		}
		noRobots(rw)
		return w.answer(rw, l, http.StatusOK, "desk_login", deskLogin{Token: token,
			Page: w.private(rw, l, tokenPath("desk", "login", token), w.bundle.Printer(l).T("desk.login.title"))})
	}
}

func (w *Web) deadLogin(rw http.ResponseWriter, l petition.Lang, token string) error {
	noRobots(rw)
	return w.answer(rw, l, http.StatusGone, "desk_login", deskLogin{
		Page: w.private(rw, l, tokenPath("desk", "login", token), w.bundle.Printer(l).T("desk.login.dead.title"))})
}

// postDeskLogin uses the link up and opens a session in this browser.
func (w *Web) postDeskLogin(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if err := w.server.AllowClient(r, httpd.RuleLogin); err != nil {
			return err
		}
		token := r.PathValue("token")
		session, err := w.staff.Login(r.Context(), token)
		if errors.Is(err, staff.ErrLink) {
			return w.deadLogin(rw, l, token)
		} else if err != nil {
			return err
		}
		w.server.SetSession(rw, session, staff.SessionLife)
		return seeOther(rw, "/"+string(l)+"/desk")
	}
}

// postDeskLogout ends the session, if there is one.
func (w *Web) postDeskLogout(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if token := w.server.SessionToken(r); token != "" {
			if err := w.staff.Logout(r.Context(), token); err != nil {
				return err
			}
		}
		w.server.ClearSession(rw)
		page := w.private(rw, l, "/desk", w.bundle.Printer(l).T("desk.logged_out.title"))
		return w.answer(rw, l, http.StatusOK, "desk_logged_out", struct{ Page }{page})
	}
}
