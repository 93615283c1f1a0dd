package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// linkData is a page behind a letter's link: a button, or what became of it.
type linkData struct {
	Page
	Words        string // the keys of its words are web.<Words>.*
	Lede, More   string
	Name         textView // of the petition
	Place        string   // what the form says of where the signer lives; "" where the law does not ask
	Action       string   // of the form; "" when there is nothing to do
	Button       string
	Danger       bool     // the button takes something back
	Next         []string // what happens now
	Share        string   // address of the page about telling others; "" for none
	PetitionURL  string   // whole address of the petition; with Share
	PetitionPath string   // "" for a petition that is not public
	Again        string   // address of the form that sends a new letter; "" for none
	AgainText    string
}

// linkPage makes the page. words names its messages: .title, .text, .button.
func (w *Web) linkPage(rw http.ResponseWriter, l petition.Lang, path, words string, link signing.Link) linkData {
	pr := w.bundle.Printer(l)
	d := linkData{Page: w.private(rw, l, path, pr.T("web."+words+".title")), Words: words, Lede: pr.T("web." + words + ".text")}
	p := link.Petition
	if p.State == petition.Removed || p.State == petition.Hidden {
		return d
	}
	d.Name = w.signerName(l, p)
	if p.Number > 0 && p.State.Public() {
		d.PetitionPath = "/" + string(l) + petitionPath(p.Number)
	}
	return d
}

// getConfirm shows one button and changes nothing.
func (w *Web) getConfirm(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		switch w.signing.LinkKind(token) {
		case "start":
			return w.getStartConfirm(l, rw, r, token)
		case "follow":
			return w.getFollowing(l, rw, r, token)
		}
		link, err := w.signing.Peek(r.Context(), token)
		if err == nil && link.Status == signing.Live {
			d := w.linkPage(rw, l, "/confirm/"+token, "confirm", link)
			d.Action = "/" + string(l) + "/confirm/" + token
			d.Button = w.bundle.Printer(l).T("web.confirm.button")
			if d.Place = w.chosenPlace(l, link); d.Place != "" && d.PetitionPath != "" {
				d.Again, d.AgainText = d.PetitionPath+"/sign", w.bundle.Printer(l).T("web.confirm.again")
			}
			return w.answerLink(rw, l, http.StatusOK, d)
		}
		return w.confirmed(rw, l, token, link, err)
	}
}

// chosenPlace is the name of the place that the form behind a link named, or that
// it named none, for its signer to look at before the button is pressed; "" where
// the form does not ask.
func (w *Web) chosenPlace(l petition.Lang, link signing.Link) string {
	law := w.lawOf(link.Petition.Petition)
	switch {
	case link.Place != "":
		return w.placeName(l, law, link.Place)
	case w.places[law.Places] != nil:
		return w.bundle.Printer(l).T("link.place.none")
	}
	return ""
}

// postConfirm counts the signature. 200 means durable.
func (w *Web) postConfirm(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if err := w.server.AllowClient(r, httpd.RuleConfirm); err != nil {
			return err
		}
		token := r.PathValue("token")
		link, err := w.signing.Confirm(r.Context(), token)
		if errors.Is(err, vault.ErrSealed) {
			switch w.signing.LinkKind(token) {
			case "start":
				return w.postStartConfirm(l, rw, r, token)
			case "follow":
				return w.postFollowing(l, rw, r, token)
			}
		}
		return w.confirmed(rw, l, token, link, err)
	}
}

// confirmed says what became of a sign link.
func (w *Web) confirmed(rw http.ResponseWriter, l petition.Lang, token string, link signing.Link, err error) error {
	words, status := "confirm.counted", http.StatusOK
	switch {
	case errors.Is(err, signing.ErrExpired):
		words, status = "confirm.expired", http.StatusGone
	case err != nil:
		return err
	case link.Status == signing.Stale:
		words = "confirm.stale"
	case !link.New:
		words = "confirm.already"
	}
	rw.Header().Set("Cache-Control", httpd.NoStore)
	page, err := w.same.of(moment{l, words, link.Reading}, func() (parts, error) {
		d := w.linkPage(rw, l, "/confirm/"+token, words, link)
		pr := w.bundle.Printer(l)
		switch words {
		case "confirm.counted", "confirm.already":
			w.thanks(pr, &d, link.Petition.Petition)
		case "confirm.expired", "confirm.stale":
			if d.PetitionPath != "" {
				d.Again, d.AgainText = d.PetitionPath+"/sign", pr.T("web.confirm.again")
			}
		}
		return w.linkParts(l, d)
	})
	if err != nil {
		return err
	}
	return send(rw, l, status, page.at("/confirm/"+token))
}

// placeHere stands for the place of a signer on a page that is kept: there are as
// many as a country has, and nobody's is kept.
const placeHere = "~the-place-on-this-page~"

// answerLink sends the page of a link, whose form, if there is one, goes to the
// link itself. Two of them differ by their data, by the link and by the place.
func (w *Web) answerLink(rw http.ResponseWriter, l petition.Lang, status int, d linkData) error {
	path, place := d.Path, d.Place
	if place != "" {
		d.Place = placeHere
	}
	page, err := w.linkParts(l, d)
	if err != nil {
		return err
	}
	body := page.at(path)
	if place != "" {
		body = bytes.ReplaceAll(body, []byte(placeHere), []byte(template.HTMLEscapeString(place)))
	}
	return send(rw, l, status, body)
}

// linkParts is the page of a link but for the link.
func (w *Web) linkParts(l petition.Lang, d linkData) (parts, error) {
	if d.Path = ""; d.Action != "" {
		d.Action = "/"
	}
	key := fmt.Sprintf("link %#v", d) // whatever fields it has, in quotes
	return w.same.parts(key, func(path string, buf *bytes.Buffer) error {
		if d.Path = path; d.Action != "" {
			d.Action = "/" + string(l) + path
		}
		return w.render(buf, l, "link", d)
	})
}

// thanks says what happens now to a petition somebody has signed, and how to
// tell others. It says nothing of the count, which may be about one person.
func (w *Web) thanks(pr *i18n.Printer, d *linkData, p petition.Petition) {
	law := w.lawOf(p)
	if p.State == petition.Open && !law.Live(p.Count) {
		d.Next = append(d.Next, pr.T("web.confirm.counted.stepped"))
	}
	if p.State == petition.Open && p.Kind == petition.KindPetition {
		d.Next = append(d.Next, w.mineCollecting(pr, law, p, law.PhaseOf(p, w.now()))[1:]...)
		if !p.ClosesAt.IsZero() {
			d.Next = append(d.Next, pr.T("thanks.until", "date", lastDay(law, p.ClosesAt)))
		}
	}
	if p.State == petition.Supporting {
		d.Next = append(d.Next, pr.T("thanks.supporting"))
	}
	if d.PetitionPath != "" {
		d.Next = append(d.Next, pr.T("thanks.answer"))
		d.Share, d.PetitionURL = d.PetitionPath+"/share", w.url+d.PetitionPath
	}
	d.Next = append(d.Next, pr.T("web.confirm.counted.more"))
}
