package store

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
	"pgregory.net/rapid"
)

// sameRecord says what encoding/json and decodeRecord differ in; "" for nothing.
func sameRecord(record string) string {
	var want, got petition.Petition
	wantErr, gotErr := json.Unmarshal([]byte(record), &want), decodeRecord(record, &got)
	switch {
	case (wantErr == nil) != (gotErr == nil):
		return "errors " + errorText(gotErr) + ", want " + errorText(wantErr)
	case wantErr == nil && !reflect.DeepEqual(got, want):
		return "read as " + shown(got) + ", want " + shown(want)
	}
	return ""
}

func errorText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}

func shown(p petition.Petition) string {
	b, err := json.Marshal(p)
	return string(b) + errorText(err)
}

// Whatever was written as a record is read as encoding/json reads it, and so is
// what is damaged in any one place or broken off.
func TestRecordReadsAsJSON(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	full := petition.Petition{UID: petition.UID{1, 2, 255}, Number: 7, Kind: petition.KindPetition, State: petition.Open,
		Profile: petition.ProfileRef{ID: "kz-appc", Version: "2024-04"}, Lang: "kk", TextVersion: 2, Body: "b", Place: "KZ-75", Topics: []string{"a,}", `"]`},
		Texts:   petition.Texts{"kk": {Title: "Мектеп <b> & \"с\"", Ask: "a\nb", Details: "\u2028 \\"}, "ru": {Title: "Школа"}},
		Creator: petition.Creator{Kind: "person", Name: "A \"B\"", Org: "o"}, CreatedAt: at, OpenedAt: at, Escalated: true,
		Stages: []petition.StageReached{{Stage: "answer", At: at}}, Thresholds: map[string]int64{"answer": 5}, Refusal: &petition.Decision{Reason: "{["},
	}
	erased := full
	erased.Creator, erased.Texts, erased.Number = petition.Creator{Erased: true}, nil, 0
	for _, p := range []petition.Petition{{}, full, erased, {Texts: petition.Texts{}}, {Texts: petition.Texts{"en": {Title: "resign"}}, Lang: "en", Number: 10}} {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		record := string(b)
		for i := range record {
			for _, c := range []string{"", " ", `"`, "{", "}", ",", ":", "0", "x", "\\", "\n", "\xff", "[", "]"} {
				if wrong := sameRecord(record[:i] + c + record[i+1:]); wrong != "" {
					t.Fatalf("%q for byte %d of %s: %s", c, i, record, wrong)
				}
			}
			if wrong := sameRecord(record[:i]); wrong != "" {
				t.Fatalf("the first %d bytes of %s: %s", i, record, wrong)
			}
		}
		for _, r := range []string{record, record + " ", " " + record, record + "}"} {
			if wrong := sameRecord(r); wrong != "" {
				t.Fatalf("%s: %s", r, wrong)
			}
		}
	}
	for _, r := range []string{"", "null", "{}", "[]", `{"uid":"x"}`, `{"texts":null}`, `{"texts":{"ru":null}}`, `{"UID":"00000000000000000000000000000001"}`,
		`{"number":9223372036854775808}`, `{"number":-1}`, `{"number":1e2}`, `{"text_version":01}`, `{"lang":"\ud800"}`, `{"lang":"\x"}`, `{"creator":{"Name":"x"}}`, `{,}`, `{"lang":"a",}`} {
		if wrong := sameRecord(r); wrong != "" {
			t.Errorf("%s: %s", r, wrong)
		}
	}
}

func TestRecordReadsAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := petition.Petition{UID: petition.UID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uid")), Number: rapid.Int64Min(0).Draw(t, "number"),
			Lang: petition.Lang(rapid.String().Draw(t, "lang")), Texts: petition.Texts{}, Body: rapid.String().Draw(t, "body"), TextVersion: rapid.IntMin(0).Draw(t, "version"),
			Member: rapid.String().Draw(t, "member"), Topics: rapid.SliceOf(rapid.String()).Draw(t, "topics")}
		for range rapid.IntRange(0, 3).Draw(t, "texts") {
			p.Texts[petition.Lang(rapid.String().Draw(t, "in"))] = petition.Text{Title: rapid.String().Draw(t, "title"), Ask: rapid.String().Draw(t, "ask"), Details: rapid.String().Draw(t, "details")}
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := sameRecord(string(b)); wrong != "" {
			t.Fatalf("%s: %s", b, wrong)
		}
	})
}

// BenchmarkRecord reads the record of an imported petition and of one made here.
func BenchmarkRecord(b *testing.B) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	imported := petition.Petition{Number: 10, Kind: petition.KindPetition, State: petition.Closed, Lang: "en", TextVersion: 1,
		Texts: petition.Texts{"en": {Title: "Repeal the act on the digital economy"}}, Creator: petition.Creator{Kind: "person"}}
	here := imported
	here.CreatedAt, here.QueuedAt, here.OpenedAt, here.ClosesAt = at, at, at, at
	here.Texts = petition.Texts{"kk": imported.Texts["en"], "ru": imported.Texts["en"], "en": imported.Texts["en"]}
	for name, p := range map[string]petition.Petition{"imported": imported, "here": here} {
		record, err := json.Marshal(p)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var p petition.Petition
				if err := decodeRecord(string(record), &p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzRecord reads anything at all as encoding/json does: a record may come out
// of the backup of another release.
func FuzzRecord(f *testing.F) {
	for _, s := range []string{`{"uid":"00000000000000000000000000000001","number":7,"texts":{"ru":{"title":"а","ask":"\u00e9"}},"stages":[{"stage":"a"}]}`,
		`{"creator":{"kind":"person","erased":true}}`, `{"profile":{"id":"a"},"profile":{"version":"b"}}`, `{"lang":"a","rest":[{},"]"]}`, `{"lang":1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, record string) {
		if wrong := sameRecord(record); wrong != "" {
			t.Fatal(wrong)
		}
	})
}
