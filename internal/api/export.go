package api

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Export writes the open data of a site, all of one moment: create makes a file
// of this name, which Export closes. Nothing is in it that the public pages and
// /api/v1 do not tell, and no more than a few hundred petitions are in memory.
// The same data on the same day is the same bytes.
//
// Cache and Server of the options are not used.
func Export(ctx context.Context, o Options, licence string, create func(name string) (io.WriteCloser, error)) error {
	now := o.Now()
	o.Now = func() time.Time { return now }
	x := &export{API: &API{Options: o, base: strings.TrimSuffix(o.URL, "/")}, create: create, licence: licence}
	err := o.Store.Snapshot(ctx, x.sheets)
	if err == nil {
		err = x.describe()
	}
	return err
}

// export is one run.
type export struct {
	*API
	create  func(name string) (io.WriteCloser, error)
	licence string
	written []resource // in the order in which they were closed
}

// The rows of the sheets. The names are those of /api/v1, and the words of doc
// are the data dictionary. A day is YYYY-MM-DD in the zone of the petition's
// law, a moment RFC 3339 in UTC.
type (
	petitionRow struct {
		Number      int64  `json:"number" doc:"Public number, never reused"`
		URL         string `json:"url" doc:"Page for people"`
		Kind        string `json:"kind" doc:"petition, or proposal, which needs no signatures"`
		State       string `json:"state" doc:"open, closed, refused, appealed"`
		Origin      string `json:"origin" doc:"here; replay: made-up signatures; uk-json, uk-csv: brought in from petition.parliament.uk"`
		Archived    bool   `json:"archived" doc:"In the archive: read only"`
		Lang        string `json:"lang" doc:"Language it was written in; the text below is in it"`
		Title       string `json:"title" doc:"Empty where the text itself is unlawful"`
		Ask         string `json:"ask" doc:"What is asked for"`
		Details     string `json:"details" doc:"Reasons; may be empty"`
		Body        string `json:"body" doc:"Id of the public body addressed, see bodies"`
		Place       string `json:"place" doc:"Code of the place concerned"`
		Topics      string `json:"topics" doc:"Codes, separated by spaces"`
		CreatorKind string `json:"creator_kind" doc:"person or organisation"`
		Creator     string `json:"creator" doc:"Name as the petitioner chose to show it; as long as the petition is open"`
		Count       int64  `json:"signature_count" doc:"The public count; moves in steps while small"`
		OpenedAt    stampX `json:"opened_at" doc:"Published"`
		ClosesAt    stampX `json:"closes_at" doc:"Stops collecting at this moment"`
		ClosedAt    stampX `json:"closed_at" doc:"Stopped collecting"`
		AnsweredAt  stampX `json:"answered_at" doc:"When the answer came, see answers"`
		MergedInto  otherX `json:"merged_into" doc:"Number of the petition in whose favour it was closed; counts are never added"`
		Profile     string `json:"profile" doc:"Id and version of the rules it is held under; empty for petitions brought in"`
	}
	dayRow struct {
		Number int64 `json:"number" doc:"The petition"`
		Day    dayX  `json:"day" doc:"A civil day that is over"`
		Count  int64 `json:"signature_count" doc:"Signatures of that day that stand; fewer after a withdrawal. While the public count moves in steps, as they were at its last step"`
	}
	placeRow struct {
		Number int64  `json:"number" doc:"The petition"`
		Code   string `json:"code" doc:"ISO 3166, ISO 3166-2 or the statistical office's; ZZ for all places that have too few signatures to be named"`
		Kind   string `json:"kind" doc:"region, constituency, country, other"`
		NameKK string `json:"name.kk" doc:"Kazakh name"`
		NameRU string `json:"name.ru" doc:"Russian name"`
		NameEN string `json:"name.en" doc:"English name"`
		Count  int64  `json:"signature_count" doc:"Signatures whose signers named this place; naming one is voluntary, so that the rows of a petition may add up to less than its count"`
	}
	decisionRow struct {
		Number  int64  `json:"number" doc:"The petition; of one that is hidden or removed nothing else is told"`
		Kind    string `json:"kind" doc:"published, refused, upheld (an appeal was turned down), hidden (until a second officer decides), restored, removed"`
		At      stampX `json:"at" doc:"When"`
		By      string `json:"by" doc:"officer, or calendar: a term ended"`
		Reason  string `json:"reason" doc:"Code of the rules, or an officer's words"`
		Article string `json:"article" doc:"Article the reason rests on"`
		Note    string `json:"note" doc:"The officer's explanation"`
		Profile string `json:"profile" doc:"Id and version of the rules"`
	}
	answerRow struct {
		Number  int64  `json:"number" doc:"The petition"`
		Body    string `json:"body" doc:"Id of the public body that answered"`
		At      stampX `json:"at" doc:"When"`
		Outcome string `json:"outcome" doc:"satisfied, partly, refused"`
		Lang    string `json:"lang" doc:"Language of this row; an answer has a row for each of its languages"`
		Title   string `json:"title" doc:"One line"`
		Text    string `json:"text" doc:"The answer"`
		Details string `json:"details" doc:"Reasons; may be empty"`
		Source  string `json:"source" doc:"Where an answer was found that came by another way and was entered by a moderator"`
		Files   string `json:"files" doc:"Addresses of its documents, separated by spaces; each ends with the SHA-256 of the content"`
	}
	bodyRow struct {
		ID     string `json:"id" doc:"Part of addresses"`
		NameKK string `json:"name.kk" doc:"Kazakh name"`
		NameRU string `json:"name.ru" doc:"Russian name"`
		NameEN string `json:"name.en" doc:"English name"`
		Kind   string `json:"kind" doc:"ministry, akimat, maslikhat and so on"`
		Place  string `json:"place" doc:"Code of the place it is competent for; empty for the whole country"`
		From   dayX   `json:"from" doc:"First day; empty when it is older than matters"`
		To     dayX   `json:"to" doc:"Last day; empty while it exists"`
	}
)

// sheets writes everything that has rows.
func (x *export) sheets(ctx context.Context) error {
	all, err := x.open(sheetPetitions(), sheetDays(), sheetPlaces(), sheetAnswers())
	if err != nil {
		return err
	}
	err = x.Store.EachCounted(ctx, x.Now(), x.choicesOf, func(c store.Counted) error {
		return all.add(x.petitionRow(c), x.dayRows(c), x.placeRows(c), x.answerRows(c))
	})
	if err = all.close(err); err != nil {
		return err
	}
	acts, err := x.open(sheetDecisions())
	if err != nil {
		return err
	}
	err = x.Store.EachDecision(ctx, func(d store.Decided) error { return acts.add([]any{x.decisionRow(d)}) })
	if err = acts.close(err); err != nil {
		return err
	}
	bodies, err := x.open(sheetBodies())
	if err != nil {
		return err
	}
	list, err := x.Store.Bodies(ctx)
	for _, b := range list {
		if err == nil {
			err = bodies.add([]any{bodyRow{b.ID, b.Names["kk"], b.Names["ru"], b.Names["en"], b.Kind, b.Place, dayX(b.From), dayX(b.To)}})
		}
	}
	return bodies.close(err)
}

func (x *export) petitionRow(c store.Counted) []any {
	p := x.petitionV1(c.Public)
	t := p.Texts[p.Lang]
	row := petitionRow{Number: p.Number, URL: p.URL, Kind: p.Kind, State: p.State, Origin: p.Origin, Archived: p.Archived, Lang: p.Lang,
		Title: t.Title, Ask: t.Ask, Details: t.Details, Body: p.Body, Place: p.Place, Topics: strings.Join(p.Topics, " "),
		CreatorKind: p.Creator.Kind, Creator: p.Creator.Name, Count: p.Count, OpenedAt: stampX(p.OpenedAt), ClosesAt: stampX(p.ClosesAt),
		ClosedAt: stampX(p.ClosedAt), MergedInto: otherX(p.MergedInto)}
	if p.Answer != nil {
		row.AnsweredAt = stampX(p.Answer.At)
	}
	if p.Profile != nil {
		row.Profile = p.Profile.ID + " " + p.Profile.Version
	}
	return []any{row}
}

func (x *export) dayRows(c store.Counted) (rows []any) {
	for _, d := range c.Days {
		rows = append(rows, dayRow{c.Number, dayX(d.Day), d.Count})
	}
	return rows
}

// placeRows are the cells that may be named, and the rest as one.
func (x *export) placeRows(c store.Counted) (rows []any) {
	law := x.Laws.Of(c.Petition)
	if law == nil {
		return nil
	}
	set := x.Places(law.Places)
	if set == nil {
		return nil
	}
	for _, cell := range c.Shown {
		at, _ := set.Lookup(cell.Code)
		rows = append(rows, placeRow{c.Number, cell.Code, string(at.Kind), at.Names["kk"], at.Names["ru"], at.Names["en"], cell.Count})
	}
	if c.Other > 0 {
		name := func(l petition.Lang) string { return x.Bundle.Printer(l).T("place.other") }
		rows = append(rows, placeRow{c.Number, "ZZ", "", name("kk"), name("ru"), name("en"), c.Other})
	}
	return rows
}

func (x *export) decisionRow(d store.Decided) decisionRow {
	row := decisionRow{Number: d.Number, Kind: string(d.Kind), At: stampX(d.At), By: d.Actor, Reason: d.Reason, Note: d.Note,
		Profile: d.Profile.ID + " " + d.Profile.Version}
	if law := x.Laws[d.Profile]; law != nil {
		if reason, ok := law.Reason(d.Reason); ok {
			row.Article = reason.Cite.Article
		}
	}
	return row
}

func (x *export) answerRows(c store.Counted) (rows []any) {
	a := x.petitionV1(c.Public).Answer
	if a == nil {
		return nil
	}
	var files []string
	for _, f := range a.Files {
		files = append(files, f.URL)
	}
	for _, l := range []string{"kk", "ru", "en"} {
		if t, ok := a.Texts[l]; ok {
			rows = append(rows, answerRow{c.Number, c.Body, stampX(a.At), a.Outcome, l, t.Title, t.Ask, t.Details, a.Source, strings.Join(files, " ")})
		}
	}
	return rows
}

// What may be nothing: empty in a CSV, null in JSON.
type (
	stampX time.Time     // a moment: RFC 3339 in UTC, by the second
	dayX   petition.Date // a civil day
	otherX int64         // the number of another petition
)

// String is "" for none.
func (t stampX) String() string {
	if time.Time(t).IsZero() {
		return ""
	}
	return time.Time(t).UTC().Format(time.RFC3339)
}

// String is "" for none.
func (d dayX) String() string {
	if petition.Date(d).IsZero() {
		return ""
	}
	return petition.Date(d).String()
}

// String is "" for none.
func (n otherX) String() string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// MarshalJSON is a text or null.
func (t stampX) MarshalJSON() ([]byte, error) { return textOrNull(t.String()) }

// MarshalJSON is a text or null.
func (d dayX) MarshalJSON() ([]byte, error) { return textOrNull(d.String()) }

// MarshalJSON is a number or null.
func (n otherX) MarshalJSON() ([]byte, error) { return []byte(cmp.Or(n.String(), "null")), nil }

func textOrNull(s string) ([]byte, error) { return json.Marshal(orNull(s)) }

// both is one sheet on its way into its two files.
type both struct {
	sheet
	table  *csv.Writer
	array  *bufio.Writer
	files  [2]*measured
	rows   int64
	fields []column
}

// sheetSet are sheets that are filled together.
type sheetSet struct {
	x   *export
	all []*both
}

// open begins sheets.
func (x *export) open(list ...sheet) (*sheetSet, error) {
	set := &sheetSet{x: x}
	for _, s := range list {
		b := &both{sheet: s, fields: columnsOf(s.row)}
		for i, name := range []string{s.name + ".csv", s.name + ".json"} {
			f, err := x.create(name)
			if err != nil {
				return nil, set.close(err)
			}
			b.files[i] = measure(f)
			if i == 0 {
				set.all = append(set.all, b) // from now on close closes it
			}
		}
		b.table, b.array = csv.NewWriter(b.files[0]), bufio.NewWriter(b.files[1])
		var head []string
		for _, c := range b.fields {
			head = append(head, c.Name)
		}
		_ = b.table.Write(head) // what fails shows in close
		_, _ = b.array.WriteString("[")
	}
	return set, nil
}

// add appends rows to each of the sheets.
func (set *sheetSet) add(rows ...[]any) error {
	for i, b := range set.all {
		for _, row := range rows[i] {
			if err := b.add(row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *both) add(row any) error {
	if err := b.table.Write(cellsOf(row)); err != nil {
		return err
	}
	line, err := encode(row)
	if err != nil {
		return err
	}
	if b.rows > 0 {
		line = append([]byte(",\n"), line...)
	} else {
		line = append([]byte("\n"), line...)
	}
	b.rows++
	_, err = b.array.Write(line)
	return err
}

// close ends the sheets and notes what they have become. It returns err, or
// else what went wrong in between.
func (set *sheetSet) close(err error) error {
	for _, b := range set.all {
		if b.table != nil {
			b.table.Flush()
			_, _ = b.array.WriteString("\n]\n")
			err = first(err, b.table.Error(), b.array.Flush())
		}
		for i, f := range b.files {
			if f == nil {
				continue
			}
			err = first(err, f.Close())
			set.x.written = append(set.x.written, b.resource(i, f))
		}
	}
	return err
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
