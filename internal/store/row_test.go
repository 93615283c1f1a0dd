package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Any row comes back as it went, and is JSON that others can read.
func TestRowRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SliceOfN(rapid.SampledFrom([]kind{integer, text, blob}), 1, 6).Draw(t, "kinds")
		values := make([]any, len(kinds))
		for i, k := range kinds {
			switch {
			case rapid.IntRange(0, 4).Draw(t, "null") == 0:
			case k == integer:
				values[i] = rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 1<<53 + 1})).Draw(t, "integer")
			case k == text:
				values[i] = rapid.String().Draw(t, "text")
			default:
				values[i] = append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")...)
			}
		}
		line, err := appendRow(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		var others []any
		if err := json.Unmarshal(line, &others); err != nil || len(others) != len(values) {
			t.Fatalf("%s: %v", line, err)
		}
		if bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q is more than a line", line)
		}
		got, err := parseRow(line, kinds, nil)
		if err != nil || !reflect.DeepEqual(got, values) {
			t.Fatalf("%s: %v, %v", line, got, err)
		}
	})
}

func TestRowRefuses(t *testing.T) {
	for _, line := range []string{``, `[]`, `[1]`, `[1,"a"]`, `[1,"a",{"b":"AA=="},2]`, `["1","a",{"b":"AA=="}]`, `[1.5,"a",{"b":"AA=="}]`, `[1e3,"a",null]`,
		`[9223372036854775808,"a",null]`, `[1,2,null]`, `[1,"a","AA=="]`, `[1,"a",{"b":"A"}]`, `[1,"a",{"c":"AA=="}]`, `[1,"a",{"b":"AA==","c":1}]`,
		`[1,"a",{"b":"AB=="}]`, `{"b":1}`, `[1,"a\",null]`, "[1,\"\xff\",null]", `[1,"a",nul]`, `[true,"a",null]`} {
		if got, err := parseRow([]byte(line), []kind{integer, text, blob}, nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, %v", line, got, err)
		}
	}
}

func FuzzParseRow(f *testing.F) {
	f.Add([]byte(`[1,"a\u0000\"",{"b":"AAECAw=="}]`))
	f.Add([]byte(`[null,null,null]`))
	f.Add([]byte(`[ -5 , "ё" , {"b":""} ]`))
	f.Fuzz(func(t *testing.T, line []byte) {
		kinds := []kind{integer, text, blob}
		values, err := parseRow(line, kinds, nil)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		again, err := appendRow(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseRow(again, kinds, nil)
		if err != nil || !reflect.DeepEqual(back, values) {
			t.Fatalf("%q -> %q: %v, %v", line, again, back, err)
		}
	})
}
