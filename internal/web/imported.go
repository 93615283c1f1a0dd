package web

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// importedView is what another site says of a petition that is shown here to read.
type importedView struct {
	Archived    bool
	Source      string // address of the petition there; "" when unknown
	Tables      []placesView
	Answer      *answerView
	DebateOn    petition.Date
	DebateVideo string
}

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
	Count int64  `json:"signature_count"`
}

// imported reads the document, when the petition came with one.
func (w *Web) imported(l petition.Lang, v store.Public) (*importedView, error) {
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
	pr := w.bundle.Printer(l)
	for _, t := range []struct {
		key   string
		cells []documentCell
	}{{"web.imported.constituencies", doc.Constituencies}, {"web.imported.countries", doc.Countries}} {
		if len(t.cells) == 0 {
			continue
		}
		slices.SortStableFunc(t.cells, func(a, b documentCell) int { return int(b.Count - a.Count) })
		table := placesView{Caption: pr.T(t.key)}
		for _, c := range t.cells[:min(len(t.cells), maxRows)] {
			table.Top = append(table.Top, placeRow{Name: c.Name, Lang: v.Lang, Count: c.Count, Share: pr.Percent(c.Count, v.Shown)})
		}
		d.Tables = append(d.Tables, table)
	}
	return d, nil
}
