package petition

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// moments as the store keeps them: UTC, milliseconds, or none.
func moments() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "none") {
			return time.Time{}
		}
		return time.UnixMilli(rapid.Int64Range(1, 4e12).Draw(t, "ms")).UTC()
	})
}

func texts() *rapid.Generator[Texts] {
	text := rapid.Custom(func(t *rapid.T) Text {
		return Text{rapid.String().Draw(t, "title"), rapid.String().Draw(t, "ask"), rapid.String().Draw(t, "details")}
	})
	return rapid.Custom(func(t *rapid.T) Texts {
		return rapid.MapOfN(rapid.SampledFrom([]Lang{"kk", "ru", "en"}), text, 1, 3).Draw(t, "texts")
	})
}

func decisions() *rapid.Generator[*Decision] {
	return rapid.Custom(func(t *rapid.T) *Decision {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		return &Decision{rapid.SampledFrom([]Verdict{Publish, Reject, Return}).Draw(t, "verdict"), rapid.String().Draw(t, "reason"),
			rapid.String().Draw(t, "note"), rapid.IntRange(1, 9).Draw(t, "version"), OfficerID(rapid.Int64Range(0, 99).Draw(t, "officer")),
			moments().Draw(t, "at")}
	})
}

func stagesReached() *rapid.Generator[[]StageReached] {
	one := rapid.Custom(func(t *rapid.T) StageReached {
		s := StageReached{Stage: rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "stage"), Threshold: rapid.Int64Range(1, 1e6).Draw(t, "threshold"),
			At: moments().Draw(t, "at")}
		if rapid.Bool().Draw(t, "duty") {
			s.AnswerBy = Date{Year: rapid.IntRange(2000, 2099).Draw(t, "year"), Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")), Day: rapid.IntRange(1, 28).Draw(t, "day")}
		}
		return s
	})
	return rapid.Custom(func(t *rapid.T) []StageReached {
		if n := rapid.IntRange(0, 3).Draw(t, "n"); n > 0 {
			return rapid.SliceOfN(one, n, n).Draw(t, "stages")
		}
		return nil
	})
}

// beside are the fields the store keeps in columns of their own.
var beside = []string{"ID", "Version", "Count", "Shown", "ShownAt", "CountedAt", "ByPlace"}

// TestRecordKeepsEverything fails when a field is added that the record loses:
// it fills every field of the struct, whatever their names.
func TestRecordKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Petition
		v := reflect.ValueOf(&p).Elem()
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if slices.Contains(beside, name) {
				continue
			}
			v.Field(i).Set(draw(t, name, v.Field(i).Type()))
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var q Petition
		if err := json.Unmarshal(b, &q); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, q) {
			t.Fatalf("record\n%+v\ncomes back as\n%+v", p, q)
		}
	})
}

func draw(t *rapid.T, name string, typ reflect.Type) reflect.Value {
	var x any
	switch reflect.Zero(typ).Interface().(type) {
	case time.Time:
		x = moments().Draw(t, name)
	case Texts:
		x = texts().Draw(t, name)
	case *Decision:
		x = decisions().Draw(t, name)
	case *Hiding:
		x = &Hiding{"hatred", rapid.String().Draw(t, name), 3, moments().Draw(t, "at"), moments().Draw(t, "until"), Open}
	case []StageReached:
		x = stagesReached().Draw(t, name)
	case *Answer:
		x = &Answer{At: moments().Draw(t, "at"), Outcome: "partly", Texts: texts().Draw(t, "answer"), By: 5, Source: rapid.String().Draw(t, "source"),
			Received: Date{Year: 2027, Month: 1, Day: 4}, Files: []Attachment{{Hash: "00", Name: rapid.String().Draw(t, "file"), Type: "application/pdf", Size: 9}}}
	case []Delivery:
		x = []Delivery{{Stage: rapid.String().Draw(t, name), On: Date{Year: 2027, Month: 1, Day: 4}, Channel: ByPost, Ref: rapid.String().Draw(t, "ref"),
			Files: []Attachment{{Hash: "00", Name: "scan", Type: "image/png", Size: 1}}, By: 3, At: moments().Draw(t, "at")}}
	case UID:
		x = UID([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name)))
	case []string:
		x = []string{"roads", rapid.StringN(1, 9, -1).Draw(t, name)}
	case []time.Time:
		x = []time.Time{moments().Draw(t, name), moments().Draw(t, "until")}
	case []int64:
		x = []int64{1, rapid.Int64().Draw(t, name)}
	case *News:
		x = &News{rapid.String().Draw(t, "title"), "text", "kk", moments().Draw(t, "at")}
	case *OrgCheck:
		x = &OrgCheck{OrgConfirmed, rapid.String().Draw(t, "source"), []byte{1, 2}, moments().Draw(t, "at"), moments().Draw(t, "until"), 3}
	case []OfficerID:
		x = []OfficerID{1, OfficerID(rapid.Int64().Draw(t, name))}
	case Creator:
		x = Creator{Person, rapid.String().Draw(t, name), rapid.String().Draw(t, "org"), DisplayInitials, true}
	case ProfileRef:
		x = ProfileRef{rapid.String().Draw(t, name), "1"}
	case Term:
		x = Term{N: rapid.IntRange(1, 99).Draw(t, name), Unit: "day"}
	case map[string]int64:
		x = map[string]int64{rapid.String().Draw(t, name): rapid.Int64().Draw(t, "n")}
	case *Headcount:
		x = &Headcount{rapid.String().Draw(t, name), "region", rapid.Int64().Draw(t, "n"), Date{Year: 2026, Month: 11, Day: 23}}
	case Date:
		x = Date{Year: 2027, Month: 2, Day: rapid.IntRange(1, 28).Draw(t, name)}
	case []Authorisation:
		x = []Authorisation{{Member: rapid.String().Draw(t, name), Source: "s", Said: SaidNo, Nonce: []byte{1}, Asked: moments().Draw(t, "asked"),
			Until: moments().Draw(t, "until"), At: moments().Draw(t, "at"), By: 4}}
	case []Extension:
		x = []Extension{{Outage{moments().Draw(t, "from"), moments().Draw(t, "to")}, rapid.IntRange(1, 9).Draw(t, name)}}
	case bool:
		x = rapid.Bool().Draw(t, name)
	default:
		switch typ.Kind() {
		case reflect.String:
			x = rapid.String().Draw(t, name)
		case reflect.Int, reflect.Int64:
			x = rapid.Int64Range(-9, 1e9).Draw(t, name)
		default:
			t.Fatalf("%s: no way to fill a %s", name, typ)
		}
	}
	return reflect.ValueOf(x).Convert(typ)
}

func TestUIDIsThirtyTwoDigits(t *testing.T) {
	var u UID
	for _, bad := range []string{"", "00", "zz000000000000000000000000000000", "000000000000000000000000000000000"} {
		if err := u.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is a uid", bad)
		}
	}
}
