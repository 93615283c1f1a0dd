package web

import (
	"encoding/json"
	"fmt"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// importedView is what another site says of a petition that is shown here to read.
type importedView struct {
	Archived    bool
	Source      string // address of the petition there; "" when unknown
	Places      *placesView
	Answer      *answerView
	DebateOn    petition.Date
	DebateVideo string
}

// drawnFrom is the least number a picture of another site's places shows, as in
// our own cells.
const drawnFrom = 10

// document is the part of another site's JSON that the page shows.
type document struct {
	Response *struct {
		Summary string        `json:"summary"`
		Details string        `json:"details"`
		On      petition.Date `json:"responded_on"`
	} `json:"government_response"`
	Countries      []documentCell `json:"signatures_by_country"`
	Constituencies []documentCell `json:"signatures_by_constituency"`
}

type documentCell struct {
	Name  string `json:"name"`
	Code  string `json:"code"`
	ONS   string `json:"ons_code"`
	Count int64  `json:"signature_count"`
}

// imported reads the document, when the petition came with one.
func (w *Web) imported(l petition.Lang, v store.Public, order, path string) (*importedView, error) {
	d := &importedView{Archived: v.Archived, DebateOn: v.Debate.On}
	d.Source = fmt.Sprintf("https://petition.parliament.uk%s/petitions/%d", map[bool]string{true: "/archived"}[v.Archived], v.Number)
	if v.Document == nil {
		return d, nil
	}
	var doc document
	if err := json.Unmarshal(v.Document, &doc); err != nil {
		return nil, fmt.Errorf("web: document of petition %d: %w", v.Number, err)
	}
	if r := doc.Response; r != nil && (r.Summary != "" || r.Details != "") {
		d.Answer = &answerView{Summary: r.Summary, Details: r.Details, Date: r.On, Lang: v.Lang}
	}
	d.Places = w.importedPlaces(l, v, doc, order, path)
	return d, nil
}

// importedPlaces are the tables of another site as it published them. The
// pictures leave out what would be no cell of ours.
func (w *Web) importedPlaces(l petition.Lang, v store.Public, doc document, order, path string) *placesView {
	set := w.places["uk"]
	if set == nil || len(doc.Constituencies)+len(doc.Countries) == 0 {
		return nil
	}
	law := w.lawOf(v.Petition)
	a := placesAsked{lang: l, set: set, day: law.Today(w.now()), cell: drawnFrom, whole: v.Shown, order: order, path: path, imported: true}
	if !v.OpenedAt.IsZero() {
		a.day = law.Today(v.OpenedAt)
	}
	for _, c := range doc.Constituencies {
		a.home = append(a.home, placeCount{Code: c.ONS, Name: c.Name, Lang: v.Lang, Count: c.Count})
	}
	for _, c := range doc.Countries {
		a.abroad = append(a.abroad, placeCount{Code: c.Code, Name: c.Name, Lang: v.Lang, Count: c.Count})
	}
	return w.drawPlaces(a)
}
