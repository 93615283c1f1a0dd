package web

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// codeData is the page that asks for the second factor.
type codeData struct {
	Page
	Secret, URI string   // for the app, at the first login; "" later
	QR          draw.SVG // of URI
	Code        field
	Faults      []fault
}

// codeSession is who asks, with or without a code shown.
func (w *Web) codeSession(ctx context.Context, rw http.ResponseWriter, r *http.Request) (store.Staff, error) {
	rw.Header().Set("Cache-Control", httpd.NoStore)
	who, err := w.staff.Session(ctx, w.server.SessionToken(r))
	if errors.Is(err, staff.ErrNoSession) {
		return who, httpd.ErrUnauthorized
	}
	return who, err
}

// getDeskCode asks for the code; before the first one it shows the secret.
func (w *Web) getDeskCode(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		who, err := w.codeSession(r.Context(), rw, r)
		if err != nil {
			return err
		}
		if w.staff.Admitted(who) {
			return seeOther(rw, "/"+string(l)+"/desk")
		}
		return w.showCode(rw, r, l, who, http.StatusOK, "")
	}
}

func (w *Web) showCode(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, status int, bad string) error {
	e, err := w.staff.Enrol(r.Context(), who, w.site.Operator.Name)
	if err != nil {
		return err
	}
	pr := w.bundle.Printer(l)
	d := codeData{Page: w.private(rw, l, "/desk/code", pr.T("desk.code.title")), Secret: e.Secret, URI: e.URI,
		Code: field{Name: "code", Label: pr.T("desk.code.label"), Autocomplete: "one-time-code", Error: bad}}
	if e.URI != "" {
		q, err := draw.NewQR(e.URI)
		if err != nil {
			return err
		}
		d.QR = q.SVG(pr.T("firstrun.code.qr"))
	}
	if bad != "" {
		d.Invalid, d.Faults = true, []fault{{Field: fieldID("code"), Text: bad}}
	}
	return w.answer(rw, l, status, "desk_code", d)
}

// postDeskCode admits the session when the code is right; field code.
func (w *Web) postDeskCode(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if err := w.server.AllowClient(r, httpd.RuleLogin); err != nil {
			return err
		}
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		who, err := w.codeSession(r.Context(), rw, r)
		if err != nil {
			return err
		}
		err = w.staff.Prove(r.Context(), who, w.server.SessionToken(r), form.Get("code"))
		if errors.Is(err, staff.ErrCode) {
			return w.showCode(rw, r, l, who, http.StatusUnprocessableEntity, w.bundle.Printer(l).T("desk.code.wrong"))
		} else if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/desk")
	}
}

// sessionsData are the open sessions.
type sessionsData struct {
	Page
	Rows []sessionRow
}

type sessionRow struct {
	ID, Who, Since, Seen string
	Own                  bool // the session that asks
}

func (w *Web) getDeskSessions(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.EnterDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		rows, err := w.sessionRows(r, l, who)
		if err != nil {
			return err
		}
		d := sessionsData{Page: w.deskPage(rw, l, who, "/desk/sessions", w.bundle.Printer(l).T("desk.sessions.title")), Rows: rows}
		return w.answer(rw, l, http.StatusOK, "desk_sessions", d)
	})
}

func (w *Web) sessionRows(r *http.Request, l petition.Lang, who store.Staff) (rows []sessionRow, err error) {
	list, err := w.staff.Sessions(r.Context(), who)
	pr := w.bundle.Printer(l)
	for _, x := range list {
		rows = append(rows, sessionRow{ID: hex.EncodeToString(x.Hash), Own: staff.IsOwn(x, w.server.SessionToken(r)),
			Who:   pr.T("desk.as", "role", pr.T("desk.role."+string(x.Role)), "id", strconv.FormatInt(x.Staff, 10)),
			Since: pr.Date(w.law.Today(x.Created)) + ", " + pr.Time(x.Created, w.law.Location), Seen: pr.Time(x.Seen, w.law.Location)})
	}
	return rows, err
}

// endSession asks before a session ends. One that is not in the list has
// nothing to ask about, and ending it changes nothing.
func (w *Web) endSession(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, form url.Values) (bool, error) {
	rows, err := w.sessionRows(r, l, who)
	if err != nil {
		return false, err
	}
	for _, x := range rows {
		if x.ID != form.Get("session") {
			continue
		}
		pr := w.bundle.Printer(l)
		q := question{key: "session", says: "public final", back: "/" + string(l) + "/desk/sessions",
			given: []caseFact{{x.Who, pr.T("desk.sessions.since", "since", x.Since, "seen", x.Seen)}}}
		if x.Own {
			q.key = "session-own"
		}
		return w.asked(rw, r, w.deskPage(rw, l, who, "/desk/sessions", ""), form, q)
	}
	return true, nil
}

// postDeskSessions ends a session, once that is confirmed; field session.
func (w *Web) postDeskSessions(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.EnterDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		id, err := hex.DecodeString(form.Get("session"))
		if err != nil {
			return httpd.ErrBadRequest
		}
		if yes, err := w.endSession(rw, r, l, who, form); !yes {
			return err
		}
		if err := w.staff.Revoke(r.Context(), who, id); err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/desk/sessions")
	})
}
