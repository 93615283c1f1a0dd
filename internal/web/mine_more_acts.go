package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// mineRoutes registers what petitioners and organisations do beside the main
// way of a petition.
func (w *Web) mineRoutes(mux *http.ServeMux) {
	w.each(mux, "POST", "/mine/{token}/news", w.postMineNews)
	w.each(mux, "POST", "/mine/{token}/display", w.postMineDisplay)
	w.each(mux, "POST", "/mine/{token}/merge", w.postMineMerge)
	w.each(mux, "POST", "/mine/{token}/merge/answer", w.postMineMergeAnswer)
	w.each(mux, "POST", "/mine/{token}/data", noFields(w.postMineData))
	w.each(mux, "GET", "/mine/{token}/data/sent", w.getMineDataSent)
	w.each(mux, "GET", "/mine/{token}/data/{data}", w.getMineData)
	w.each(mux, "GET", "/mine/{token}/data/{data}/json", w.getMineDataJSON)
	w.each(mux, "GET", "/mine/{token}/data/{data}/erase", w.getMineErase)
	w.each(mux, "POST", "/mine/{token}/data/{data}/erase", w.postMineErase)
	w.each(mux, "GET", "/organisation/{token}", w.getOrganisation)
	w.each(mux, "POST", "/organisation/{token}", w.postOrganisation)

	w.each(mux, "POST", "/desk/petitions/{id}/news", w.postDeskNews)
	w.each(mux, "POST", "/desk/petitions/{id}/organisation", w.postDeskOrganisation)
	w.each(mux, "POST", "/desk/petitions/{id}/organisation/confirm", w.postDeskOrgConfirm)
}

// mineAct is an act of the petitioner by a form; what is wrong with it is shown
// on the private page.
func (w *Web) mineAct(l petition.Lang, act func(r *http.Request, token string, form url.Values) error) httpd.Handler {
	return w.mineAskedAct(l, func(_ http.ResponseWriter, r *http.Request, token string, form url.Values) (bool, error) {
		return true, act(r, token, form)
	})
}

// mineAskedAct is mineAct of an act that may answer by itself, with a question,
// and then reports false.
func (w *Web) mineAskedAct(l petition.Lang, act func(rw http.ResponseWriter, r *http.Request, token string, form url.Values) (bool, error)) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		done, err := act(rw, r, r.PathValue("token"), form)
		if !done {
			return err
		}
		if errs, bad := errors.AsType[petition.FieldErrors](err); bad {
			return w.showMine(rw, r, l, http.StatusUnprocessableEntity, errs, mineInput{more: form})
		}
		if err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}

// postMineNews hands in news; fields news_title and news_text.
func (w *Web) postMineNews(l petition.Lang) httpd.Handler {
	return w.mineAct(l, func(r *http.Request, token string, form url.Values) error {
		return w.moderation.WriteNews(r.Context(), token, form.Get("news_title"), form.Get("news_text"))
	})
}

// postMineDisplay chooses how the petitioner is shown; field display.
func (w *Web) postMineDisplay(l petition.Lang) httpd.Handler {
	return w.mineAct(l, func(r *http.Request, token string, form url.Values) error {
		return w.moderation.SetDisplay(r.Context(), token, petition.Display(form.Get("display")))
	})
}

// postMineMerge asks another petition to take the followers; field merge_number.
func (w *Web) postMineMerge(l petition.Lang) httpd.Handler {
	return w.mineAskedAct(l, func(rw http.ResponseWriter, r *http.Request, token string, form url.Values) (bool, error) {
		number := mergeNumber(petition.Clean(form.Get("merge_number")))
		mine, other, err := w.moderation.MergeOf(r.Context(), token, number)
		if err != nil {
			return true, err
		}
		if _, _, err = petition.ProposeMerge(mine, other, w.now()); err == nil {
			if yes, err := w.mineAsked(rw, r, l, "", form, w.mergeQuestion(l, token, "merge", mine, other)); !yes {
				return false, err
			}
		}
		return true, w.moderation.ProposeMerge(r.Context(), token, number)
	})
}

// postMineMergeAnswer is the consent to take another's followers; fields number
// and consent (yes or no).
func (w *Web) postMineMergeAnswer(l petition.Lang) httpd.Handler {
	return w.mineAskedAct(l, func(rw http.ResponseWriter, r *http.Request, token string, form url.Values) (bool, error) {
		consent, number := form.Get("consent"), mergeNumber(form.Get("number"))
		if consent != "yes" && consent != "no" {
			return true, httpd.ErrBadRequest
		}
		mine, other, err := w.moderation.MergeOf(r.Context(), token, number)
		if err != nil {
			return true, err
		}
		if _, _, err = petition.DeclineMerge(other, mine, w.now()); err == nil {
			if yes, err := w.mineAsked(rw, r, l, "", form, w.mergeQuestion(l, token, "merge-"+consent, mine, other)); !yes {
				return false, err
			}
		}
		return true, w.moderation.AnswerMerge(r.Context(), token, number, consent == "yes")
	})
}

// mergeQuestion is asked before two petitions become one, and names both.
func (w *Web) mergeQuestion(l petition.Lang, token, key string, mine, other petition.Petition) question {
	q := mineQuestion(l, token, mine, key, "public where final second")
	q.args = []any{"number", numberWords(other.Number)}
	t, _, _ := other.Texts.In(l, fallbacks(other.Lang)...)
	q.given = []caseFact{{w.bundle.Printer(l).T("mine.merge.other", q.args...), t.Title}}
	q.seen += " " + numberWords(other.Number) + " " + string(other.State)
	q.calm = key == "merge-no"
	return q
}
