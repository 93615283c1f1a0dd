package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

const (
	realDocument = "../../testdata/uk/241584.json"
	realList     = "../../testdata/uk/petitions-2010-2015.csv"
)

func open(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// collect reads everything: good records, and errors as texts.
func collect(r io.Reader, name string) (recs []Record, faults []string) {
	for rec, err := range Read(r, name) {
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		recs = append(recs, rec)
	}
	return recs, faults
}

// invalid says which promise of Record a record breaks.
func invalid(r Record) error {
	texts := []string{r.Title, r.Ask, r.Details, r.CreatorName, r.State}
	texts = append(texts, r.Topics...)
	for _, c := range slices.Concat(r.Countries, r.Constituencies, r.Regions) {
		texts = append(texts, c.Name, c.Code, c.MP)
		if c.Count < 0 || c.Count > MaxNumber {
			return fmt.Errorf("cell %+v", c)
		}
	}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return fmt.Errorf("text %q", s)
		}
	}
	switch {
	case r.Line < 1, r.Number < 1, r.Number > MaxNumber, r.SignatureCount < 0, r.SignatureCount > MaxNumber:
		return fmt.Errorf("numbers of %+v", r)
	case strings.TrimSpace(r.Title) == "", utf8.RuneCountInString(r.Title) > MaxTitle:
		return fmt.Errorf("title %q", r.Title)
	case !slices.Contains(States(), r.State):
		return fmt.Errorf("state %q", r.State)
	case r.Hash == [16]byte{}:
		return errors.New("no hash")
	case r.Source == SourceCSV && (r.Raw != nil || r.ListRaw != nil || r.Parliament != nil):
		return errors.New("raw of CSV")
	case r.Source == SourceJSON && (!json.Valid(r.Raw) || !json.Valid(r.ListRaw)):
		return errors.New("raw of JSON")
	case r.Source != SourceCSV && r.Source != SourceJSON:
		return fmt.Errorf("source %q", r.Source)
	}
	return nil
}

func TestRealList(t *testing.T) {
	recs, faults := collect(bytes.NewReader(open(t, realList)), "list")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var total int64
	for i, r := range recs {
		if err := invalid(r); err != nil {
			t.Fatal(i, err)
		}
		total += r.SignatureCount
		if !r.Archived || r.State != "closed" || r.Line != i+2 {
			t.Fatalf("row %d: %+v", i, r)
		}
	}
	if len(recs) != 32873 || total != 15124600 {
		t.Fatalf("%d rows, %d signatures", len(recs), total)
	}
	if r := recs[0]; r.Title != "resign" || r.Number != 10 || r.SignatureCount != 1849 {
		t.Errorf("first: %+v", r)
	}
}

func TestListEnvelopesAreAlike(t *testing.T) {
	b := open(t, realList)
	b = b[:bytes.LastIndexByte(b[:300_000], '\n')+1]
	want, _ := collect(bytes.NewReader(b), "x")
	for name, r := range map[string]io.Reader{
		"bom":           strings.NewReader(byteOrderMark + string(b)),
		"crlf":          bytes.NewReader(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))),
		"one byte":      iotest.OneByteReader(bytes.NewReader(b)),
		"no last LF":    bytes.NewReader(bytes.TrimSuffix(b, []byte("\n"))),
		"data with err": iotest.DataErrReader(bytes.NewReader(b)),
	} {
		got, faults := collect(r, "x")
		if !reflect.DeepEqual(got, want) || len(faults) > 0 {
			t.Errorf("%s: %d of %d rows, %v", name, len(got), len(want), faults)
		}
	}
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRealDocument(t *testing.T) {
	b := open(t, realDocument)
	recs, faults := collect(bytes.NewReader(b), "document")
	if len(recs) != 1 || len(faults) > 0 {
		t.Fatal(len(recs), faults)
	}
	r := recs[0]
	if err := invalid(r); err != nil {
		t.Fatal(err)
	}
	if r.Number != 241584 || r.Archived || r.State != "open" || r.SignatureCount != 5156603 || r.Line != 1 ||
		r.Title != "Revoke Article 50 and remain in the EU." || !strings.HasPrefix(r.Ask, "The government repeatedly") {
		t.Errorf("head: %+v", r)
	}
	if len(r.Constituencies) != 650 || len(r.Countries) != 232 || r.Regions != nil {
		t.Errorf("%d constituencies, %d countries, %d regions", len(r.Constituencies), len(r.Countries), len(r.Regions))
	}
	if c := r.Constituencies[0]; c != (Cell{"Edinburgh East", "S14000022", "Tommy Sheppard MP", 16536}) {
		t.Errorf("first constituency: %+v", c)
	}
	if got := r.DebateThresholdAt.Format("2006-01-02T15:04:05.000Z07:00"); got != "2019-03-20T20:33:35.184Z" {
		t.Error("debate threshold at", got)
	}
	if !r.ClosedAt.IsZero() || r.Rejection != nil || r.Debated {
		t.Errorf("null became something: %+v", r)
	}
	in := decode(t, b).(map[string]any)["data"].(map[string]any)["attributes"].(map[string]any)
	if !reflect.DeepEqual(decode(t, r.Raw), any(in)) {
		t.Error("Raw differs from the attributes")
	}
	delete(in, "signatures_by_country")
	delete(in, "signatures_by_constituency")
	if !reflect.DeepEqual(decode(t, r.ListRaw), any(in)) {
		t.Error("ListRaw differs from the attributes of a list")
	}
}

const fullDocument = `{
  "links": {"self": "https://petition.example/archived/petitions/7.json"},
  "data": {
    "type": "archived-petition", "id": 7,
    "attributes": {
      "state": "rejected", "action": "Caf\u00e9 \ud83d\ude00", "zzz": [1.50, 1e3, null], "background": null,
      "signature_count": 12, "rejected_at": "2016-01-02T03:04:05.678+01:00",
      "scheduled_debate_date": "2016-02-29",
      "rejection": {"code": "duplicate", "details": null},
      "debate": {"debated_on": "2016-03-01"}, "government_response": {"summary": "s"},
      "topics": ["a", "b"], "departments": [{"acronym": null, "name": "N", "url": "u"}],
      "signatures_by_country": [],
      "signatures_by_constituency": [{"name": "X", "ons_code": "E1", "mp": null, "signature_count": 3}],
      "signatures_by_region": [{"name": "R", "ons_code": "A", "signature_count": 4}],
      "other_parliamentary_business": []
    },
    "parliament": {"period": "2015-2017", "response_threshold": 10000}
  }
}`

func TestFullDocument(t *testing.T) {
	recs, faults := collect(strings.NewReader(fullDocument), "x")
	if len(recs) != 1 || len(faults) > 0 {
		t.Fatal(len(recs), faults)
	}
	r := recs[0]
	want := Record{
		Line: 3, Number: 7, Archived: true, State: "rejected", Title: "Café 😀", SignatureCount: 12,
		RejectedAt: r.RejectedAt, Rejection: &Rejection{Code: "duplicate"}, Debated: true,
		Topics: []string{"a", "b"}, Departments: []Department{{"", "N", "u"}},
		Constituencies: []Cell{{"X", "E1", "", 3}}, Regions: []Cell{{"R", "A", "", 4}},
		ScheduledDebateDate: r.ScheduledDebateDate,
		Raw:                 r.Raw, Source: SourceJSON, Hash: r.Hash,
		Parliament: json.RawMessage(`{"period":"2015-2017","response_threshold":10000}`),
		ListRaw: json.RawMessage(`{"state":"rejected","action":"Caf\u00e9 \ud83d\ude00","zzz":[1.50,1e3,null],"background":null,` +
			`"signature_count":12,"rejected_at":"2016-01-02T03:04:05.678+01:00","scheduled_debate_date":"2016-02-29",` +
			`"rejection":{"code":"duplicate","details":null},"debate":{"debated_on":"2016-03-01"},"government_response":{"summary":"s"},` +
			`"topics":["a","b"],"departments":[{"acronym":null,"name":"N","url":"u"}]}`),
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	if r.RejectedAt.Format("15:04:05.000 MST") != "02:04:05.678 UTC" || r.ScheduledDebateDate.String() != "2016-02-29" {
		t.Error("times:", r.RejectedAt, r.ScheduledDebateDate)
	}
	var compacted bytes.Buffer
	from := strings.Index(fullDocument, `"attributes": `) + len(`"attributes": `)
	to := strings.Index(fullDocument, `,
    "parliament"`)
	if err := json.Compact(&compacted, []byte(fullDocument[from:to])); err != nil {
		t.Fatal(err)
	}
	if string(r.Raw) != compacted.String() {
		t.Error("Raw:", string(r.Raw))
	}
}

// document wraps petitions as a list, one on a line from line 2.
func document(petitions ...string) string {
	return "{\"data\":[\n" + strings.Join(petitions, ",\n") + "\n]}"
}

func doc(id int, attributes string) string {
	return fmt.Sprintf(`{"type":"petition","id":%d,"attributes":{%s}}`, id, attributes)
}

const least = `"action":"A","state":"open","signature_count":1`

func TestHash(t *testing.T) {
	hash := func(s string) [16]byte {
		recs, faults := collect(strings.NewReader(document(s)), "x")
		if len(recs) != 1 {
			t.Fatal(s, faults)
		}
		return recs[0].Hash
	}
	want := hash(doc(1, least))
	for _, same := range []string{
		doc(1, `"signature_count": 1,"state":"open","action":"\u0041"`),
		doc(1, least+`,"background":null`),
		strings.Replace(doc(1, least), `"id"`, `"links":{"self":"x"},"id"`, 1),
	} {
		if hash(same) != want {
			t.Error("differs:", same)
		}
	}
	for _, other := range []string{
		doc(2, least), doc(1, least+`,"background":""`), doc(1, least+`,"zzz":0`),
		strings.Replace(doc(1, least), "petition", "archived-petition", 1),
	} {
		if hash(other) == want {
			t.Error("same:", other)
		}
	}
}

func TestEveryDateHasItsField(t *testing.T) {
	fields := []string{
		"created_at", "updated_at", "opened_at", "closed_at", "rejected_at", "moderation_threshold_reached_at",
		"response_threshold_reached_at", "government_response_at", "debate_threshold_reached_at", "debate_outcome_at",
		"closing_date", "debate_scheduled_on", "scheduled_debate_date",
	}
	var attributes strings.Builder
	attributes.WriteString(least)
	for i, f := range fields {
		value := fmt.Sprintf("20%02d-05-06", i+1)
		if strings.HasSuffix(f, "_at") {
			value += "T07:08:09.123Z"
		}
		fmt.Fprintf(&attributes, `,%q:%q`, f, value)
	}
	recs, faults := collect(strings.NewReader(document(doc(1, attributes.String()+`,"debate":{"debated_on":null},"creator_name":"N"`))), "x")
	if len(recs) != 1 {
		t.Fatal(faults)
	}
	r := recs[0]
	got := []int{
		r.CreatedAt.Year(), r.UpdatedAt.Year(), r.OpenedAt.Year(), r.ClosedAt.Year(), r.RejectedAt.Year(), r.ModerationThresholdAt.Year(),
		r.ResponseThresholdAt.Year(), r.GovernmentResponseAt.Year(), r.DebateThresholdAt.Year(), r.DebateOutcomeAt.Year(),
		r.ClosingDate.Year, r.DebateScheduledOn.Year, r.ScheduledDebateDate.Year,
	}
	for i, year := range got {
		if year != 2001+i {
			t.Errorf("%s: %d", fields[i], year)
		}
	}
	if r.Debated || r.CreatorName != "N" {
		t.Errorf("%+v", r)
	}
}
