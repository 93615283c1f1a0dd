package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// backToMine ends an act of the petitioner: the private page tells what came of
// it, and a reload repeats nothing.
func backToMine(rw http.ResponseWriter, r *http.Request, l petition.Lang) error {
	return seeOther(rw, "/"+string(l)+tokenPath("mine", r.PathValue("token")))
}

// mineForm is a form of a private page and the petition it is about.
func (w *Web) mineForm(r *http.Request) (url.Values, moderation.Mine, error) {
	form, err := httpd.ParseForm(r)
	if err != nil {
		return nil, moderation.Mine{}, err
	}
	m, err := w.moderation.Mine(r.Context(), r.PathValue("token"))
	return form, m, processError(err)
}

// postMineAppeal lodges the appeal; field "appeal".
func (w *Web) postMineAppeal(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		err = w.moderation.Appeal(r.Context(), r.PathValue("token"), form.Get("appeal"))
		if errs, bad := errors.AsType[petition.FieldErrors](err); bad {
			return w.showMine(rw, r, l, http.StatusUnprocessableEntity, errs, mineInput{appeal: form.Get("appeal")})
		}
		if err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}

// postMineChange hands in the changed text; fields as in the start form.
func (w *Web) postMineChange(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		form, m, err := w.mineForm(r)
		if err != nil {
			return err
		}
		a := readAnswers(form)
		a["lang"] = string(m.Petition.Lang)
		err = w.moderation.Resubmit(r.Context(), token, a.form(l).Texts)
		if errs, bad := errors.AsType[petition.FieldErrors](err); bad {
			return w.showMine(rw, r, l, http.StatusUnprocessableEntity, errs, mineInput{answers: a})
		}
		if err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}

// getMineWithdraw says what a withdrawal means before it is done.
func (w *Web) getMineWithdraw(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		m, err := w.moderation.Mine(r.Context(), token)
		if err != nil {
			return processError(err)
		}
		if !withdrawable(m.Petition.State) {
			return backToMine(rw, r, l)
		}
		_, err = w.mineAsked(rw, r, l, "withdraw", url.Values{}, w.withdrawQuestion(l, token, m.Petition))
		return err
	}
}

func (w *Web) withdrawQuestion(l petition.Lang, token string, p petition.Petition) question {
	if p.State.Public() {
		return mineQuestion(l, token, p, "withdraw", "public where long final")
	}
	return mineQuestion(l, token, p, "withdraw-private", "public final")
}

// mineQuestion is a question about a petition to its petitioner.
func mineQuestion(l petition.Lang, token string, p petition.Petition, key, says string) question {
	t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	return question{key: key, says: says, name: t.Title, lang: in, seen: standing(p), back: "/" + string(l) + tokenPath("mine", token)}
}

// mineAsked asks on a private page; page is the end of its path, "" for the
// petitioner's first one.
func (w *Web) mineAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, page string, form url.Values, q question) (bool, error) {
	noRobots(rw)
	path := tokenPath("mine", r.PathValue("token"))
	if page != "" {
		path += "/" + page
	}
	return w.asked(rw, r, w.private(rw, l, path, ""), form, q)
}

// postMineWithdraw withdraws the petition, once that is confirmed.
func (w *Web) postMineWithdraw(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		form, m, err := w.mineForm(r)
		if err != nil {
			return err
		}
		if withdrawable(m.Petition.State) {
			if yes, err := w.mineAsked(rw, r, l, "withdraw", form, w.withdrawQuestion(l, token, m.Petition)); !yes {
				return err
			}
		}
		if err := w.moderation.WithdrawPetition(r.Context(), token); err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}
