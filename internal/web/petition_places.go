package web

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// maxRows is how many places a table shows before it is unfolded.
const maxRows = 20

// byName is the order of a table that a reader may ask for; without it the
// highest number comes first.
const byName = "name"

// placeRow is a line of a table of places.
type placeRow struct {
	Name   string
	URL    string        // page of the place; "" for none
	Lang   petition.Lang // of the name; "" for the page's
	Count  int64
	Figure string // the count in figures
	Share  string
	Per    string // signatures per 1,000 inhabitants; "" where nobody told
}

// placeTable is signatures by place in figures. It goes with every picture.
type placeTable struct {
	ID, Caption    string
	Top            []placeRow
	Rest           []placeRow // unfolded on wish
	HasPer         bool
	ByName         bool
	Named, Counted string // where the table is in the order of names, or of counts
}

// Lines are rows of the table as markup: a page with every constituency and
// country has nine hundred, for which a template takes ten times as long.
func (t placeTable) Lines(rows []placeRow) template.HTML {
	var b strings.Builder
	b.Grow(120 * len(rows))
	cell := func(text string) {
		b.WriteString(`<td class="num">`)
		b.WriteString(html.EscapeString(text))
		b.WriteString("</td>")
	}
	for _, r := range rows {
		b.WriteString(`<tr><th scope="row"`)
		if r.Lang != "" {
			b.WriteString(` lang="` + html.EscapeString(string(r.Lang)) + `"`)
		}
		b.WriteString(">")
		if r.URL != "" {
			b.WriteString(`<a href="` + html.EscapeString(r.URL) + `">` + html.EscapeString(r.Name) + "</a></th>")
		} else {
			b.WriteString(html.EscapeString(r.Name) + "</th>")
		}
		cell(r.Figure)
		if t.HasPer {
			cell(r.Per)
		}
		cell(r.Share)
		b.WriteString("</tr>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // written above, every text in it escaped
}

// legendRow is a class of a picture.
type legendRow struct {
	Number, Shade int
	Text          string
}

// blockView is the tiles of one group of constituencies.
type blockView struct {
	Title   string
	Picture draw.SVG
}

// placesView is signatures by place, as pictures and as tables.
type placesView struct {
	Map, Tiles draw.SVG // of Kazakhstan; "" for none
	Blocks     []blockView
	Legend     []legendRow
	PerHead    bool // shaded by signatures per 1,000 inhabitants
	Tables     []placeTable
	Cell       int64 // a place is named with this many; 0 when all are
	Credit     string
}

// placeCount is a public cell with what the pictures need to know of its place.
type placeCount struct {
	Code       string
	Name       string
	Lang       petition.Lang // of the name; "" for the page's
	Count      int64
	Population int64 // 0 when nobody told it, or not for which day
}

// placesAsked is what a table of places is made of.
type placesAsked struct {
	lang        petition.Lang
	set         *place.Set
	day         petition.Date // which places there were
	home        []placeCount  // in the country, each with a cell or more
	abroad      []placeCount
	other       int64 // in places that are not named
	cell        int64
	whole       int64  // what shares are of; 0 for the sum of all these
	order, path string // path is the page with its other parameters
	imported    bool
}

// placesOf counts by place what the rules let be seen. Nil when nobody named one.
func (w *Web) placesOf(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public, order, path string) (*placesView, error) {
	day := law.Today(w.now())
	if !v.OpenedAt.IsZero() {
		day = law.Today(v.OpenedAt)
	}
	set, places := w.places[law.Places], 0
	if set != nil {
		places = len(set.Named(day))
	}
	cells, other, err := w.store.PublicPlaces(ctx, v.Petition, places)
	if err != nil || set == nil || len(cells) == 0 && other == 0 {
		return nil, err
	}
	asked := placesAsked{lang: l, set: set, day: day, other: other, cell: law.Counts.Cell, order: order, path: path}
	for _, c := range cells {
		p, ok := set.Lookup(c.Code)
		row := placeCount{Code: c.Code, Name: w.placeName(l, law, c.Code), Count: c.Count}
		if p.Names[string(l)] == "" && p.Names["en"] != "" {
			row.Lang = "en"
		}
		if !p.PopulationOn.IsZero() {
			row.Population = p.Population
		}
		if ok && p.Kind == place.Country && c.Code != set.Country {
			asked.abroad = append(asked.abroad, row)
		} else {
			asked.home = append(asked.home, row)
		}
	}
	return w.drawPlaces(asked), nil
}

// drawPlaces makes the tables, and the pictures where there are shapes.
func (w *Web) drawPlaces(a placesAsked) *placesView {
	pr := w.bundle.Printer(a.lang)
	located := a.whole
	if located == 0 {
		located = a.other
		for _, c := range slices.Concat(a.home, a.abroad) {
			located += c.Count
		}
	}
	v := &placesView{Cell: a.cell, PerHead: perHead(a.home)}
	home, abroad := "web.places.caption", "web.places.abroad"
	if a.imported { // whose countries hold their own, and whose every place is named
		home, abroad, v.Cell = "web.imported.constituencies", "web.imported.countries", 0
	}
	if len(a.home) > 0 || len(a.abroad) == 0 {
		t := w.placeTable(pr, a, "places-home", pr.T(home), a.home, located, v.PerHead)
		if a.other > 0 {
			t.add(placeRow{Name: pr.T("place.other"), Count: a.other, Figure: pr.Number(a.other), Share: share(pr, a.other, located)})
		}
		v.Tables = append(v.Tables, t)
	}
	if len(a.abroad) > 0 {
		t := w.placeTable(pr, a, "places-abroad", pr.T(abroad), a.abroad, located, false)
		if len(a.home) == 0 && a.other > 0 {
			t.add(placeRow{Name: pr.T("place.other"), Count: a.other, Figure: pr.Number(a.other), Share: share(pr, a.other, located)})
		}
		v.Tables = append(v.Tables, t)
	}
	w.shadePlaces(pr, v, a)
	return v
}

// share is a part in percents; a few of very many are not nobody.
func share(pr *i18n.Printer, part, whole int64) string {
	if part > 0 && part < whole/100 {
		return pr.T("web.places.under", "percent", pr.Percent(1, 100))
	}
	return pr.Percent(part, whole)
}

// add puts a line at the end, where the table is unfolded last.
func (t *placeTable) add(row placeRow) {
	if len(t.Rest) > 0 {
		t.Rest = append(t.Rest, row)
	} else {
		t.Top = append(t.Top, row)
	}
}

func (w *Web) placeTable(pr *i18n.Printer, a placesAsked, id, caption string, counts []placeCount, located int64, perHead bool) placeTable {
	t := placeTable{ID: id, Caption: caption, HasPer: perHead, ByName: a.order == byName}
	if a.path != "" {
		mark := "?"
		if slices.Contains([]byte(a.path), '?') {
			mark = "&"
		}
		t.Counted, t.Named = a.path+"#places", a.path+mark+"order="+byName+"#places"
	}
	sorted := make([]*placeCount, len(counts)) // stays in order where counts are equal
	for i := range counts {
		sorted[i] = &counts[i]
	}
	slices.SortStableFunc(sorted, func(x, y *placeCount) int {
		if t.ByName {
			return pr.Compare(x.Name, y.Name)
		}
		return cmp.Compare(y.Count, x.Count)
	})
	t.Top, t.Rest = make([]placeRow, 0, maxRows), make([]placeRow, 0, max(0, len(sorted)-maxRows+1))
	for i, c := range sorted {
		row := placeRow{Name: c.Name, Lang: c.Lang, Count: c.Count, Figure: pr.Number(c.Count), Share: share(pr, c.Count, located)}
		if !a.imported {
			row.URL = w.localLink(a.lang, a.set, c.Code)
		}
		if perHead {
			row.Per = decimal(pr, perThousand(*c))
		}
		if i < maxRows {
			t.Top = append(t.Top, row)
		} else {
			t.Rest = append(t.Rest, row)
		}
	}
	return t
}

// perHead reports whether every place may be shaded by its inhabitants: one
// without their number would look as if nobody had signed there.
func perHead(counts []placeCount) bool {
	return len(counts) > 0 && !slices.ContainsFunc(counts, func(c placeCount) bool { return c.Population <= 0 })
}

// perThousand is signatures for each 1,000 inhabitants, in hundredths.
func perThousand(c placeCount) int64 {
	if c.Population <= 0 {
		return 0
	}
	return (c.Count*100_000 + c.Population/2) / c.Population
}

// decimal writes hundredths.
func decimal(pr *i18n.Printer, hundredths int64) string {
	return pr.T("web.places.decimal", "whole", hundredths/100, "rest", fmt.Sprintf("%02d", hundredths%100))
}

// shadePlaces adds the pictures, where every place that is shown has a shape.
func (w *Web) shadePlaces(pr *i18n.Printer, v *placesView, a placesAsked) {
	values := make([]float64, len(a.home))
	for i, c := range a.home {
		if values[i] = float64(c.Count); v.PerHead {
			values[i] = float64(perThousand(c)) / 100
		}
		if a.imported && c.Count < a.cell {
			values[i] = 0 // another site names places with a single signer; we do not draw them
		}
	}
	scale := draw.NewScale(values)
	shown := make(map[string]draw.Place, len(a.home))
	for i, c := range a.home {
		p := draw.Place{Code: c.Code, Class: scale.Class(values[i]), Name: pr.T("web.places.few", "name", c.Name)}
		if p.Shade = scale.Shade(p.Class); p.Class > 0 {
			p.Value = pr.Number(c.Count)
			p.Name = pr.T("web.places.tip", "name", c.Name, "count", p.Value)
		}
		shown[c.Code] = p
	}
	codes := make([]string, 0, len(shown))
	for code := range shown {
		codes = append(codes, code)
	}
	switch {
	case w.atlas.HasMap(codes):
		w.drawMap(pr, v, a, shown)
	case w.atlas.HasGroups(codes):
		w.drawBlocks(pr, v, a, shown)
	default:
		return
	}
	v.Legend = legend(pr, scale, v.PerHead)
}

// places of a kind on the day, those without a number of their own included.
func drawn(pr *i18n.Printer, a placesAsked, kind place.Kind, shown map[string]draw.Place) []draw.Place {
	options := a.set.Options(a.day, kind)
	out := make([]draw.Place, 0, len(options))
	for _, p := range options {
		d, ok := shown[p.Code]
		if !ok {
			d = draw.Place{Code: p.Code, Name: pr.T("web.places.few", "name", p.Name(string(a.lang)))}
		}
		out = append(out, d)
	}
	return out
}

func (w *Web) drawMap(pr *i18n.Printer, v *placesView, a placesAsked, shown map[string]draw.Place) {
	places := drawn(pr, a, place.Region, shown)
	for i := range places {
		places[i].Short = pr.T("place.short." + places[i].Code)
	}
	label := pr.T("web.places.map.label", "count", len(shown))
	v.Map, v.Tiles = w.atlas.Map(places, label), w.atlas.Tiles(places, label)
	v.Credit = pr.T("web.places.credit.kz")
}

func (w *Web) drawBlocks(pr *i18n.Printer, v *placesView, a placesAsked, shown map[string]draw.Place) {
	for _, g := range w.atlas.Groups(drawn(pr, a, place.Constituency, shown)) {
		named := 0
		for _, p := range g.Places {
			if p.Class > 0 {
				named++
			}
		}
		title := pr.T("place.group." + g.Code)
		label := pr.T("web.places.block.label", "group", title, "places", len(g.Places), "named", named)
		v.Blocks = append(v.Blocks, blockView{Title: title, Picture: draw.Block(g.Places, label)})
	}
	v.Credit = pr.T("web.places.credit.uk")
}

func legend(pr *i18n.Printer, scale draw.Scale, perHead bool) []legendRow {
	var rows []legendRow
	for _, c := range scale.Classes() {
		row := legendRow{Number: c.Number, Shade: c.Shade}
		switch from, to := int64(c.From), int64(c.To); {
		case perHead:
			row.Text = pr.T("web.places.class", "from", decimal(pr, int64(c.From*100+.5)), "to", decimal(pr, int64(c.To*100+.5)))
		case !c.Last && to-1 > from:
			row.Text = pr.T("web.places.class", "from", from, "to", to-1)
		case c.Last && to > from:
			row.Text = pr.T("web.places.class", "from", from, "to", to)
		default:
			row.Text = pr.Number(from)
		}
		rows = append(rows, row)
	}
	return rows
}
