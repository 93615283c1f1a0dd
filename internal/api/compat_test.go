package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/petition"
)

// What was imported comes back equal in value, key by key.
func TestImportedDocumentIsUnchanged(t *testing.T) {
	w := newWorld(t)
	w.imported(t, "241584.json")
	raw, err := os.ReadFile("../../testdata/uk/241584.json")
	check(t, err)
	want := decode(t, bytes.NewReader(raw))
	got := w.value(t, "/petitions/241584.json")
	if !reflect.DeepEqual(at(t, got, "data"), at(t, want, "data")) {
		t.Error("data differs from the document")
	}
	if self := at(t, got, "links", "self"); self != site+"/petitions/241584.json" {
		t.Errorf("self %v", self)
	}
	// The bytes of the attributes, too: order of keys, escapes, numbers.
	var orig struct {
		Data struct{ Attributes json.RawMessage }
	}
	check(t, json.Unmarshal(raw, &orig))
	var compact bytes.Buffer
	check(t, json.Compact(&compact, orig.Data.Attributes))
	if !bytes.Contains(w.get(t, "/petitions/241584.json").Body.Bytes(), compact.Bytes()) {
		t.Error("attributes are not the bytes imported")
	}
	row := at(t, w.value(t, "/petitions.json"), "data", 0)
	attrs := at(t, row, "attributes").(map[string]any)
	if _, has := attrs["signatures_by_country"]; has || at(t, attrs, "creator_name") != at(t, want, "data", "attributes", "creator_name") {
		t.Errorf("list row %v", attrs)
	}
	if at(t, row, "links", "self") != site+"/petitions/241584.json" {
		t.Errorf("links of the row: %v", at(t, row, "links"))
	}
	count := w.value(t, "/petitions/241584/count.json")
	for key, want := range map[string]any{"signature_count": json.Number("5156603"), "response_threshold_reached_at": "2019-03-18T13:26:30.257+00:00",
		"government_response_at": nil, "debated": false, "scheduled_debate_date": nil} {
		if got := at(t, count, key); got != want {
			t.Errorf("count.json %s: %v, want %v", key, got, want)
		}
	}
	if rec := w.get(t, "/archived/petitions/241584.json"); rec.Code != 404 {
		t.Errorf("a current one among the archived: %d", rec.Code)
	}
}

const archivedDocument = `{"data":{"type":"archived-petition","id":77,"attributes":{"action":"Dredge the \u0026 fictional canal","background":"b",
 "additional_details":"","state":"closed","signature_count":12,"created_at":"2016-07-01T10:00:00.000Z","updated_at":"2016-08-01T10:00:00.000Z",
 "response_threshold_reached_at":"2016-07-02T12:00:00.000Z","topics":["canals"],"debate":null,"signatures_by_country":[]},
 "parliament":{"period":"2015-2017","government":"Fictional","dissolution_at":"2017-05-02T23:01:00.000+01:00","response_threshold":10000,"debate_threshold":100000}}}`

func TestArchived(t *testing.T) {
	w := archive(t)
	w.bring(t, []byte(archivedDocument))
	if rec := w.get(t, "/petitions/77.json"); rec.Code != 302 || rec.Header().Get("Location") != site+"/archived/petitions/77.json" {
		t.Errorf("archived below /petitions: %d %v", rec.Code, rec.Header())
	}
	got := w.value(t, "/archived/petitions/77.json")
	want := decode(t, strings.NewReader(archivedDocument))
	if !reflect.DeepEqual(at(t, got, "data"), at(t, want, "data")) {
		t.Errorf("archived document differs: %v", got)
	}
	if c := at(t, w.value(t, "/petitions/77/count.json"), "response_threshold_reached_at"); c != "2016-07-02T13:00:00.000+01:00" {
		t.Errorf("summer time in London: %v", c)
	}
	if n := len(at(t, w.value(t, "/archived/petitions.json?parliament=2015-2017"), "data").([]any)); n != 1 {
		t.Errorf("%d of one parliament", n)
	}
	if n := len(at(t, w.value(t, "/archived/petitions.json?parliament=1066-1067"), "data").([]any)); n != 0 {
		t.Errorf("%d of an unknown parliament", n)
	}
	list := w.value(t, "/parliaments.json").([]any)
	if len(list) != 1 || at(t, list[0], "period") != "2015-2017" || at(t, list[0], "response_threshold") != json.Number("10000") {
		t.Errorf("parliaments %v", list)
	}
	one := w.value(t, "/parliaments/2015-2017.json")
	if n := len(at(t, one, "constituencies").(map[string]any)); n != 650 || at(t, one, "constituencies", "E14000530", "constituency") != "Aldershot" {
		t.Errorf("%d constituencies", n)
	}
	seats := w.value(t, "/constituencies.json")
	if at(t, seats, "E14000530", "mp") != nil || at(t, seats, "E14000530", "start_date") != "2010-05-06" {
		t.Errorf("%v", at(t, seats, "E14000530"))
	}
	row := at(t, w.value(t, "/archived/petitions/10.json"), "data")
	attrs := at(t, row, "attributes").(map[string]any)
	if at(t, attrs, "action") != "resign" || at(t, attrs, "background") != nil || at(t, attrs, "created_at") != nil || at(t, attrs, "updated_at") != nil ||
		at(t, attrs, "signature_count") != json.Number("1849") || at(t, attrs, "state") != "closed" || at(t, row, "parliament") != nil {
		t.Errorf("row of a list: %v", row)
	}
	if _, has := attrs["creator_name"]; has {
		t.Error("archived with creator_name")
	}
	if at(t, w.value(t, "/topics.json"), "canals", "name") != "Canals" {
		t.Error("topics")
	}
}

func TestPaging(t *testing.T) {
	w := archive(t)
	for path, want := range map[string][5]any{
		"/archived/petitions.json":                         {"", "", "?page=1315", "?page=2", nil},
		"/archived/petitions.json?page=1":                  {"", "", "?page=1315", "?page=2", nil},
		"/archived/petitions.json?page=2&count=50":         {"?count=50&page=2", "?count=50", "?count=50&page=658", "?count=50&page=3", "?count=50"},
		"/archived/petitions.json?state=rejected&count=1":  {"?count=1&state=rejected", "?count=1&state=rejected", "", "", nil},
		"/archived/petitions.json?page=99999&state=what":   {"?page=99999&state=all", "?state=all", "?page=1315&state=all", nil, "?page=1315&state=all"},
		"/archived/petitions.json?q=zzyzx":                 {"?q=zzyzx", "?q=zzyzx", "?q=zzyzx", nil, nil},
		"/archived/petitions.json?q=10&state=open&count=5": {"?count=5&q=10&state=all", "?count=5&q=10&state=all", "?count=5&q=10&state=all", nil, nil},
	} {
		links := at(t, w.value(t, path), "links")
		for i, key := range []string{"self", "first", "last", "next", "prev"} {
			link := want[i]
			if s, ok := link.(string); ok {
				link = site + "/archived/petitions.json" + s
			}
			if strings.Contains(path, "rejected") && (key == "last" || key == "next") {
				continue // numbers of the data
			}
			if got := at(t, links, key); got != link {
				t.Errorf("%s: %s %v, want %v", path, key, got, link)
			}
		}
	}
	if id := at(t, w.value(t, "/archived/petitions.json?q=10"), "data", 0, "id"); id != json.Number("10") {
		t.Errorf("a bare number finds %v", id)
	}
	if n := len(at(t, w.value(t, "/archived/petitions.json?count=99"), "data").([]any)); n != 50 {
		t.Errorf("count over 50 gives %d", n)
	}
	if n := len(at(t, w.value(t, "/petitions.json"), "data").([]any)); n != 0 {
		t.Errorf("%d archived ones among the current", n)
	}
	data := at(t, w.value(t, "/archived/petitions.json?q=Digital+economy"), "data").([]any)
	if len(data) == 0 || !strings.Contains(fmt.Sprint(at(t, data[0], "attributes", "action")), "igital") {
		t.Errorf("search finds %v", data)
	}
}

func keys(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	var names []string
	_, err := dec.Token()
	check(t, err)
	for dec.More() {
		k, err := dec.Token()
		check(t, err)
		names = append(names, k.(string))
		var skip json.RawMessage
		check(t, dec.Decode(&skip))
	}
	return names
}

func TestMadeHere(t *testing.T) {
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(p *petition.Petition) {}, map[string]int{"KZ-75": 580, "KZ-71": 12, "KZ-10": 5, "": 10})
	var doc struct {
		Data struct {
			Type       string
			ID         int64
			Attributes json.RawMessage
		}
	}
	check(t, json.Unmarshal(w.get(t, fmt.Sprintf("/petitions/%d.json", p.Number)).Body.Bytes(), &doc))
	want := "action background additional_details committee_note state signature_count closing_date created_at updated_at rejected_at " +
		"opened_at closed_at moderation_threshold_reached_at response_threshold_reached_at government_response_at debate_threshold_reached_at " +
		"debate_scheduled_on scheduled_debate_date debate_outcome_at creator_name rejection government_response debate departments topics " +
		"signatures_by_country signatures_by_constituency signatures_by_region other_parliamentary_business"
	if got := strings.Join(keys(t, doc.Data.Attributes), " "); got != want {
		t.Errorf("keys\n%s\nwant\n%s", got, want)
	}
	var got map[string]json.RawMessage
	check(t, json.Unmarshal(doc.Data.Attributes, &got))
	for key, want := range map[string]string{
		"action": `"Построить мост <через> реку Выдумку"`, "background": `"Построить мост."`, "state": `"open"`, "signature_count": "607",
		"closing_date": `"2027-05-23"`, "created_at": `"2026-10-23T09:30:15.000Z"`, "opened_at": `"2026-11-20T09:30:15.000Z"`, "closed_at": "null",
		"creator_name": `"Ойдан Шығарылған"`, "rejection": "null", "debate": "null", "topics": `["bridges"]`,
		"departments":                  `[{"acronym":null,"name":"Акимат Выдумки","url":"https://petitions.example/ru/bodies/akimat-vydumka"}]`,
		"signatures_by_country":        `[{"name":"Kazakhstan","code":"KZ","signature_count":597}]`,
		"signatures_by_constituency":   `[]`,
		"other_parliamentary_business": `[]`,
	} {
		if string(got[key]) != want {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
	const other = `{"name":"Other places","code":"ZZ","ons_code":"other","signature_count":5}]`
	if r := string(got["signatures_by_region"]); !strings.HasSuffix(r, other) || !strings.Contains(r, `"ons_code":"KZ-75","signature_count":580}`) ||
		strings.Contains(r, "KZ-10") {
		t.Errorf("regions %s", r)
	}
	count := w.value(t, fmt.Sprintf("/petitions/%d/count.json", p.Number))
	if at(t, count, "signature_count") != json.Number("607") || at(t, count, "response_threshold_reached_at") != nil {
		t.Errorf("count.json %v", count)
	}
	trend := at(t, w.value(t, "/trending.json"), "data", 0)
	if at(t, trend, "attributes", "signature_count") != json.Number("607") || at(t, trend, "id") != json.Number(fmt.Sprint(p.Number)) {
		t.Errorf("trending %v", trend)
	}
	if u := at(t, w.value(t, "/trending.json"), "meta", "updated_at"); u != "2026-11-23T09:30:00.000Z" {
		t.Errorf("trending updated_at %v", u)
	}
}

// The tables of places add up to the located signatures, each of them, and
// name nothing under ten.
func TestPlacesAddUp(t *testing.T) {
	for name, c := range map[string]struct {
		law        string
		signatures map[string]int
		total      int64
		tables     []string
	}{
		"kz":         {"kz-civic", map[string]int{"KZ-75": 500, "KZ-71": 9, "KZ-10": 1, "": 7}, 510, []string{"country", "region"}},
		"kz few":     {"kz-civic", map[string]int{"KZ-75": 4, "": 600}, 4, []string{"country", "region"}},
		"uk":         {"uk-parl", map[string]int{"E14000530": 400, "E14000531": 90, "E14000532": 9, "FR": 30, "AS": 3, "": 50}, 532, []string{"country", "constituency"}},
		"uk, abroad": {"uk-parl", map[string]int{"FR": 600, "E14000532": 9}, 609, []string{"country", "constituency"}},
	} {
		w := newWorld(t)
		p := w.made(t, c.law, func(p *petition.Petition) {}, c.signatures)
		attrs := at(t, w.value(t, fmt.Sprintf("/petitions/%d.json", p.Number)), "data", "attributes")
		for _, table := range c.tables {
			var sum int64
			rows := at(t, attrs, "signatures_by_"+table).([]any)
			for i, row := range rows {
				n, err := at(t, row, "signature_count").(json.Number).Int64()
				check(t, err)
				sum += n
				if isOther := at(t, row, "name") == "Other places"; isOther && i != len(rows)-1 || !isOther && n < 10 {
					t.Errorf("%s, by %s: row %d is %v", name, table, i, row)
				}
			}
			if sum != c.total {
				t.Errorf("%s: by %s adds up to %d, want %d: %v", name, table, sum, c.total, rows)
			}
		}
		if strings.HasPrefix(name, "uk") {
			places := w.value(t, fmt.Sprintf("/api/v1/petitions/%d/places", p.Number))
			if at(t, places, "total") != json.Number(fmt.Sprint(c.total)) {
				t.Errorf("%s: /places %v", name, places)
			}
		}
	}
}

func TestStatesOfPetitionsMadeHere(t *testing.T) {
	w := newWorld(t)
	refused := w.made(t, "kz-civic", func(p *petition.Petition) {
		p.State, p.OpenedAt, p.ClosesAt, p.RefusedAt = petition.Refused, time.Time{}, time.Time{}, w.now
		p.Refusal = &petition.Decision{Verdict: petition.Reject, Reason: "duplicate", Note: "Уже есть.", Officer: 3}
	}, nil)
	attrs := at(t, w.value(t, fmt.Sprintf("/petitions/%d.json", refused.Number)), "data", "attributes").(map[string]any)
	if at(t, attrs, "state") != "rejected" || at(t, attrs, "rejection", "code") != "duplicate" || at(t, attrs, "creator_name") != nil {
		t.Errorf("refused: %v", attrs)
	}
	for _, absent := range []string{"closing_date", "signatures_by_country"} {
		if _, has := attrs[absent]; has {
			t.Errorf("refused with %s", absent)
		}
	}
	removed := w.made(t, "kz-civic", func(p *petition.Petition) { p.State, p.RemovedAt = petition.Removed, w.now }, nil)
	for _, path := range []string{"/petitions/%d.json", "/petitions/%d/count.json", "/petitions/%d.atom", "/api/v1/petitions/%d"} {
		rec := w.get(t, fmt.Sprintf(path, removed.Number))
		if rec.Code != 410 || rec.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(rec.Body.String(), "мост") {
			t.Errorf("removed: %s %d %s", path, rec.Code, rec.Body)
		}
	}
	answered := w.made(t, "kz-civic", func(p *petition.Petition) {
		p.State, p.ClosedAt = petition.Closed, w.now
		p.Answer = &petition.Answer{At: w.now, Outcome: "partly", Texts: petition.Texts{"ru": {Title: "Построим.", Ask: "В срок."}}, By: 9}
	}, nil)
	attrs = at(t, w.value(t, fmt.Sprintf("/petitions/%d.json", answered.Number)), "data", "attributes").(map[string]any)
	if at(t, attrs, "government_response", "summary") != "Построим." || at(t, attrs, "government_response", "responded_on") != "2026-11-23" ||
		at(t, attrs, "government_response_at") != "2026-11-23T09:30:15.000Z" || at(t, attrs, "creator_name") != nil {
		t.Errorf("answered: %v", attrs)
	}
	for facet, want := range map[string]int{"rejected": 1, "closed": 1, "with_response": 1, "open": 0, "all": 2} {
		if n := len(at(t, w.value(t, "/petitions.json?state="+facet), "data").([]any)); n != want {
			t.Errorf("%s: %d, want %d", facet, n, want)
		}
	}
}

// A number that a petition made here has is refused, with the line.
func TestImportOfATakenNumber(t *testing.T) {
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(*petition.Petition) {}, nil)
	csv := fmt.Sprintf("Petition,URL,State,Signatures Count\nOne,https://p.example/petitions/5,open,1\nTwo,https://p.example/petitions/%d,open,2\n", p.Number)
	var faults []string
	res, err := ingest.UK(t.Context(), w.st, strings.NewReader(csv), "f.csv", w.now, 0, func(err error) { faults = append(faults, err.Error()) })
	check(t, err)
	if res != (ingest.Result{Imported: 1, Rejected: 1}) || len(faults) != 1 || !strings.HasPrefix(faults[0], "f.csv:3: ") {
		t.Errorf("%+v %v", res, faults)
	}
	w.now = w.now.Add(time.Minute)
	attrs := at(t, w.value(t, "/petitions/5.json"), "data", "attributes")
	if at(t, attrs, "creator_name") != nil || at(t, attrs, "opened_at") != nil || len(at(t, attrs, "topics").([]any)) != 0 {
		t.Errorf("known from a list only: %v", attrs)
	}
	if f := parseFeed(t, w.get(t, "/petitions.atom").Body.Bytes()); len(f.Entries) != 2 {
		t.Errorf("feed %+v", f)
	}
}

// An export read back is what was imported.
func TestCSVRoundTrip(t *testing.T) {
	w := archive(t)
	w.bring(t, []byte("Petition,URL,State,Signatures Count\n\"%3DSUM(A1), \"\"quoted\"\"\nand broken\",https://p.example/archived/petitions/900001,open,3\n"))
	file, err := os.Open("../../testdata/uk/petitions-2010-2015.csv")
	check(t, err)
	defer file.Close()
	want := map[int64][16]byte{}
	for r, err := range imports.Read(file, "f") {
		check(t, err)
		want[r.Number] = r.Hash
	}
	rec := w.get(t, "/archived/petitions.csv")
	if rec.Code != 200 || rec.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("%d %v", rec.Code, rec.Header())
	}
	if !strings.Contains(rec.Body.String(), `"%3DSUM(A1), ""quoted""`+"\nand broken\",") {
		t.Error("formula not escaped")
	}
	n := 0
	for r, err := range imports.Read(rec.Body, "export") {
		check(t, err)
		n++
		if hash, ok := want[r.Number]; ok && hash != r.Hash {
			t.Fatalf("petition %d differs: %+v", r.Number, r)
		}
	}
	if n != len(want)+1 {
		t.Errorf("%d rows, want %d", n, len(want)+1)
	}
	if body := w.get(t, "/petitions.csv").Body.String(); body != "Petition,URL,State,Signatures Count\n" {
		t.Errorf("current ones: %q", body)
	}
}

func TestConditionalAndCompressed(t *testing.T) {
	w := newWorld(t)
	w.imported(t, "241584.json")
	for _, path := range []string{"/petitions.json", "/petitions/241584.json", "/petitions/241584/count.json", "/petitions.atom", "/api/v1/petitions"} {
		rec := w.get(t, path, "Accept-Encoding", "br")
		tag := rec.Header().Get("Etag")
		if !strings.Contains(rec.Header().Get("Cache-Control"), "stale-while-revalidate") || tag == "" {
			t.Errorf("%s: %v", path, rec.Header())
		}
		if rec.Body.Len() > 1500 && rec.Header().Get("Content-Encoding") != "br" {
			t.Errorf("%s: not compressed", path)
		}
		if again := w.get(t, path, "Accept-Encoding", "br", "If-None-Match", tag); again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s again: %d", path, again.Code)
		}
	}
}
