package web

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html/template"
	"sync"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// importedView is what another site says of a petition that is shown here to read.
type importedView struct {
	Archived    bool
	Source      string // address of the petition there; "" when unknown
	Places      template.HTML
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

// imported is what the document says, when the petition came with one. It is
// not to be changed.
func (w *Web) imported(l petition.Lang, v store.Public, order, path string) (*importedView, error) {
	key := fmt.Sprintf("%s %s %s %d %v %x", l, order, path, v.Shown, w.law.Today(w.now()), sha256.Sum256(v.Document))
	if d := w.documents.find(key); d != nil {
		return d, nil
	}
	d, err := w.readDocument(l, v, order, path)
	if err == nil && v.Document != nil {
		w.documents.keep(key, d)
	}
	return d, err
}

func (w *Web) readDocument(l petition.Lang, v store.Public, order, path string) (*importedView, error) {
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
	p := w.importedPlaces(l, v, doc, order, path)
	if p == nil {
		return d, nil
	}
	var err error
	d.Places, err = w.part(l, "places", p)
	return d, err
}

// maxDocuments is how many are kept, of a quarter of a megabyte each.
const maxDocuments = 16

// documents keeps what was made of other sites' documents, under everything it
// shows: they name every constituency and country, and hardly ever change.
type documents struct {
	mu sync.Mutex // guards of
	of map[string]*importedView
}

func (d *documents) find(key string) *importedView {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of[key]
}

func (d *documents) keep(key string, v *importedView) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil || len(d.of) >= maxDocuments {
		d.of = make(map[string]*importedView)
	}
	d.of[key] = v
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
	a.home, a.abroad = make([]placeCount, 0, len(doc.Constituencies)), make([]placeCount, 0, len(doc.Countries))
	for _, c := range doc.Constituencies {
		a.home = append(a.home, placeCount{Code: c.ONS, Name: c.Name, Lang: v.Lang, Count: c.Count})
	}
	for _, c := range doc.Countries {
		a.abroad = append(a.abroad, placeCount{Code: c.Code, Name: c.Name, Lang: v.Lang, Count: c.Count})
	}
	return w.drawPlaces(a)
}
