package imports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// listed is a row as the list has it.
type listed struct {
	title    string
	number   int64
	archived bool
	state    string
	count    int64
}

// drawListed draws titles as they are once written: the CRLF writer of
// encoding/csv drops a lone CR.
func drawListed(t *rapid.T, crlf bool) []listed {
	title := rapid.OneOf(rapid.StringN(1, MaxTitle, -1), rapid.StringOfN(rapid.RuneFrom([]rune("\"\n\r, a%-=+@2D")), 1, 20, -1))
	title = rapid.Map(title, func(s string) string {
		if crlf {
			return strings.ReplaceAll(s, "\r", "")
		}
		return s
	}).Filter(func(s string) bool {
		return checkTitle(s) == "" && !strings.ContainsRune(s, 0) && listTitle([]byte(s)) == s
	})
	row := rapid.Custom(func(t *rapid.T) listed {
		return listed{
			title.Draw(t, "title"), rapid.Int64Range(1, MaxNumber).Draw(t, "number"), rapid.Bool().Draw(t, "archived"),
			rapid.SampledFrom(States()).Draw(t, "state"), rapid.Int64Range(0, MaxNumber).Draw(t, "count"),
		}
	})
	return rapid.SliceOfNDistinct(row, 0, 30, func(l listed) int64 { return l.number }).Draw(t, "rows")
}

// write is the list as the source exports it.
func write(t *rapid.T, rows []listed, crlf bool) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = crlf
	records := [][]string{header()}
	for _, r := range rows {
		title := r.title
		if strings.ContainsRune("-=+@", rune(title[0])) {
			title = fmt.Sprintf("%%%02X", title[0]) + title[1:]
		}
		folder := ""
		if r.archived {
			folder = "archived/"
		}
		records = append(records, []string{title, fmt.Sprintf("https://p.example/%spetitions/%d", folder, r.number), r.state, fmt.Sprint(r.count)})
	}
	if err := w.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestListComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		crlf := rapid.Bool().Draw(t, "crlf")
		rows := drawListed(t, crlf)
		recs, faults := collect(bytes.NewReader(write(t, rows, crlf)), "x")
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		var got []listed
		for _, r := range recs {
			got = append(got, listed{r.Title, r.Number, r.Archived, r.State, r.SignatureCount})
			if err := invalid(r); err != nil {
				t.Fatal(err)
			}
		}
		var want []listed
		for _, r := range rows {
			r.title = strings.ReplaceAll(r.title, "\r\n", "\n")
			want = append(want, r)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %#v\nwant %#v", got, want)
		}
	})
}

// One damaged row costs that row; every other one comes back.
func TestDamageStaysLocal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "rows")
		damaged := rapid.IntRange(0, n-1).Draw(t, "damaged")
		junk := rapid.SampledFrom([]string{"\"", "\"x\"y,", "a\"b,", "\",\"", "\"\"\"", "x,y,z,", "\xff", "\"a\"\"\""}).Draw(t, "junk")
		quoted := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "quoted")
		var in strings.Builder
		in.WriteString(head)
		for i := range n {
			row := good(i + 1)
			if quoted[i] {
				row = fmt.Sprintf("\"T %d, \"\"x\"\"\",https://p.example/petitions/%d,open,1\n", i+1, i+1)
			}
			if i == damaged {
				row = junk + row
			}
			in.WriteString(row)
		}
		recs, faults := collect(strings.NewReader(in.String()), "x")
		back := make(map[int64]bool)
		for _, r := range recs {
			back[r.Number] = true
		}
		for i := range n {
			if i != damaged && !back[int64(i+1)] {
				t.Fatalf("row %d lost: %q: %q", i+1, in.String(), faults)
			}
		}
	})
}

func TestRawIsTheDocument(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) any {
		return rapid.SampledFrom([]any{
			nil, true, json.Number("1.50"), json.Number("-1e9"), json.Number("12345678901234567890"), "<&>\u2028", "қ\"\\\n",
			[]any{}, []any{nil, "x", map[string]any{"a": json.Number("0")}}, map[string]any{"": map[string]any{}},
		}).Draw(t, "value")
	})
	rapid.Check(t, func(t *rapid.T) {
		attributes := rapid.MapOf(rapid.StringMatching(`x[a-zң"\\ ]{0,5}`), value).Draw(t, "attributes")
		attributes["action"], attributes["state"], attributes["signature_count"] = "A", "closed", json.Number("3")
		in := map[string]any{"data": map[string]any{"type": "petition", "id": 5, "attributes": attributes}}
		b, err := json.MarshalIndent(in, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		recs, faults := collect(bytes.NewReader(b), "x")
		if len(recs) != 1 || len(faults) > 0 {
			t.Fatal(faults)
		}
		for _, raw := range []json.RawMessage{recs[0].Raw, recs[0].ListRaw} {
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.UseNumber()
			var back any
			if err := dec.Decode(&back); err != nil || !reflect.DeepEqual(back, any(attributes)) {
				t.Fatalf("%s of %s: %v", raw, b, err)
			}
		}
	})
}
