package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// mineDataPage is what is kept about the petitioner.
type mineDataPage struct {
	Page
	Token, Data string
	Address     string // "" once it was destroyed
	Name        string
}

// postMineData sends the letter with the link to the own data.
func (w *Web) postMineData(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if err := w.server.AllowClient(r, httpd.RuleStart); err != nil {
			return err
		}
		if err := w.moderation.AskData(r.Context(), r.PathValue("token")); err != nil {
			return processError(err)
		}
		return seeOther(rw, "/"+string(l)+tokenPath("mine", r.PathValue("token"), "data", "sent"))
	}
}

func (w *Web) getMineDataSent(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		if _, err := w.moderation.Mine(r.Context(), token); err != nil {
			return processError(err)
		}
		noRobots(rw)
		pr := w.bundle.Printer(l)
		d := linkData{Page: w.private(rw, l, tokenPath("mine", token, "data", "sent"), pr.T("mine.data.sent.title")), Lede: pr.T("mine.data.sent.text"),
			Again: "/" + string(l) + tokenPath("mine", token), AgainText: pr.T("mine.title")}
		return w.answer(rw, l, http.StatusOK, "link", d)
	}
}

func (w *Web) ownData(rw http.ResponseWriter, r *http.Request) (moderation.OwnData, error) {
	noRobots(rw)
	rw.Header().Set("Cache-Control", httpd.NoStore)
	own, err := w.moderation.OwnData(r.Context(), r.PathValue("token"), r.PathValue("data"))
	if err != nil {
		return own, processError(err)
	}
	return own, nil
}

// getMineData is the page behind the letter's link.
func (w *Web) getMineData(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		own, err := w.ownData(rw, r)
		if err != nil {
			return err
		}
		token, data := r.PathValue("token"), r.PathValue("data")
		return w.answer(rw, l, http.StatusOK, "mine_data", mineDataPage{
			Page:  w.private(rw, l, tokenPath("mine", token, "data", data), w.bundle.Printer(l).T("mine.data.title")),
			Token: token, Data: data, Address: own.Address, Name: own.Petition.Creator.Name,
		})
	}
}

// ownDocument is the download: everything that is kept about the petitioner.
// Signatures are not in it: nobody can tell which is whose.
type ownDocument struct {
	Address  string            `json:"address,omitempty"`
	Lang     petition.Lang     `json:"letters_in,omitempty"`
	Petition petition.Petition `json:"petition"`
	Number   int64             `json:"number,omitempty"`
	Versions []ownVersion      `json:"versions"`
	Events   []ownEvent        `json:"events"`
}

type ownVersion struct {
	Version int            `json:"version"`
	Texts   petition.Texts `json:"texts"`
	Hash    string         `json:"sha256"`
}

type ownEvent struct {
	Kind  petition.EventKind `json:"kind"`
	At    time.Time          `json:"at"`
	Actor string             `json:"actor"`
	Data  map[string]string  `json:"data,omitempty"`
}

// getMineDataJSON is the same as a file.
func (w *Web) getMineDataJSON(petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		own, err := w.ownData(rw, r)
		if err != nil {
			return err
		}
		doc := ownDocument{Address: own.Address, Lang: own.Lang, Petition: own.Petition, Number: own.Petition.Number,
			Versions: []ownVersion{}, Events: []ownEvent{}}
		for _, v := range own.Versions {
			doc.Versions = append(doc.Versions, ownVersion(v))
		}
		for _, e := range own.Events {
			doc.Events = append(doc.Events, ownEvent{e.Kind, e.At, e.Actor, e.Data})
		}
		body, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			return err
		}
		h := rw.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Disposition", `attachment; filename="my-petition.json"`)
		_, err = rw.Write(append(body, '\n'))
		return err
	}
}

// getMineErase says what is destroyed before it is.
func (w *Web) getMineErase(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		_, err := w.eraseAsked(rw, r, l, url.Values{})
		return err
	}
}

// eraseAsked asks before the petitioner's data are destroyed.
func (w *Web) eraseAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, form url.Values) (bool, error) {
	own, err := w.ownData(rw, r)
	if err != nil {
		return false, err
	}
	if own.Address == "" { // gone already: the act says so
		return true, nil
	}
	token, data, key := r.PathValue("token"), r.PathValue("data"), "erase-contact"
	if own.Law != nil && own.Law.Display.EraseName {
		key = "erase-name"
	}
	q := mineQuestion(l, token, own.Petition, key, "public where final")
	q.back = "/" + string(l) + tokenPath("mine", token, "data", data)
	return w.mineAsked(rw, r, l, "data/"+data+"/erase", form, q)
}

// postMineErase destroys the data, once that is confirmed.
func (w *Web) postMineErase(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		if yes, err := w.eraseAsked(rw, r, l, form); !yes {
			return err
		}
		if err := w.moderation.Erase(r.Context(), r.PathValue("token"), r.PathValue("data")); err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}
