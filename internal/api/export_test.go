package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
)

// kept is a file that stays in memory.
type kept struct {
	bytes.Buffer
	closed bool
}

func (k *kept) Close() error { k.closed = true; return nil }

// exportNow is an export of the world, by the names of its files.
func (w *world) exportNow(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string]*kept{}
	check(t, Export(t.Context(), w.api.Options, "CC0-1.0", func(name string) (io.WriteCloser, error) {
		if files[name] != nil {
			t.Errorf("%s is written twice", name)
		}
		files[name] = &kept{}
		return files[name], nil
	}))
	out := map[string][]byte{}
	for name, f := range files {
		if !f.closed {
			t.Errorf("%s was left open", name)
		}
		out[name] = f.Bytes()
	}
	return out
}

// table is a CSV of an export, a map for each row.
func table(t testing.TB, b []byte) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	check(t, err)
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func amount(t testing.TB, v any) int64 {
	t.Helper()
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	check(t, err)
	return n
}

// Whatever the petitions, the files add up to what the public JSON tells of
// each, and tell of no other.
func TestExportAgreesWithTheJSON(t *testing.T) {
	w := newWorld(t)
	chance := rand.New(rand.NewPCG(7, 11))
	codes := []string{"KZ-75", "KZ-10", "KZ-11", "KZ-71", ""}
	for range 25 {
		signatures := map[string]int{}
		for _, code := range codes {
			if n := chance.IntN(40) - 8; n > 0 {
				signatures[code] = n * (1 + chance.IntN(2)*chance.IntN(9)) // some are above the steps
			}
		}
		w.made(t, "kz-civic", func(p *petition.Petition) {
			if chance.IntN(3) == 0 {
				p.Shown -= min(p.Shown, int64(chance.IntN(12))) // the public count is a step behind
			}
		}, signatures)
	}
	w.imported(t, "241584.json")
	w.now = w.now.AddDate(0, 0, 2)
	files := w.exportNow(t)
	if again := w.exportNow(t); !maps.EqualFunc(files, again, bytes.Equal) {
		t.Error("two exports of the same data differ")
	}
	listed := table(t, files["petitions.csv"])
	if len(listed) != 26 {
		t.Fatalf("%d petitions", len(listed))
	}
	places, days := table(t, files["places.csv"]), table(t, files["days.csv"])
	if len(places) < 40 || len(days) < 20 {
		t.Fatalf("%d places, %d days: nothing is compared", len(places), len(days))
	}
	others := 0
	for _, p := range listed {
		n := p["number"]
		doc := w.value(t, "/api/v1/petitions/"+n)
		if p["signature_count"] != fmt.Sprint(at(t, doc, "signature_count")) || p["title"] != fmt.Sprint(at(t, doc, "texts", p["lang"], "title")) {
			t.Errorf("%s: %v, in the JSON %v", n, p, doc)
		}
		sums := map[string]int64{}
		for _, row := range places {
			if row["number"] == n {
				sums["place"] += amount(t, row["signature_count"])
				if row["code"] == "ZZ" {
					sums["other"] += amount(t, row["signature_count"])
					others++
				} else if amount(t, row["signature_count"]) < 10 {
					t.Errorf("a place with few signatures is named: %v", row)
				}
			}
		}
		told := w.value(t, "/api/v1/petitions/"+n+"/places")
		if sums["place"] != amount(t, at(t, told, "total")) || sums["other"] != amount(t, at(t, told, "other")) {
			t.Errorf("%s: places %v, in the JSON %v", n, sums, told)
		}
		if p["origin"] == "here" {
			var located int64
			for _, row := range at(t, w.value(t, "/petitions/"+n+".json"), "data", "attributes", "signatures_by_region").([]any) {
				located += amount(t, at(t, row, "signature_count"))
			}
			if located != sums["place"] {
				t.Errorf("%s: %d signatures with a place, in the compatible JSON %d", n, sums["place"], located)
			}
		}
		for _, d := range at(t, w.value(t, "/api/v1/petitions/"+n+"/days"), "data").([]any) {
			i := slices.IndexFunc(days, func(row map[string]string) bool { return row["number"] == n && row["day"] == at(t, d, "day") })
			if i < 0 || days[i]["signature_count"] != fmt.Sprint(at(t, d, "signature_count")) {
				t.Errorf("%s: the JSON has the day %v", n, d)
				continue
			}
			days = slices.Delete(days, i, i+1)
		}
	}
	if len(days) > 0 || others == 0 {
		t.Errorf("days that no JSON tells: %v; %d rows of other places", days, others)
	}
}

// The dictionary tells exactly what is in the files, and the CSV and the JSON of
// a sheet say the same.
func TestExportDescribesItself(t *testing.T) {
	w := newWorld(t)
	w.made(t, "kz-civic", func(p *petition.Petition) {
		p.Texts["ru"] = petition.Text{Title: "=1+1", Ask: "-5 \"строк\",\nили две"}
	}, map[string]int{"KZ-75": 30, "KZ-10": 3})
	w.now = w.now.AddDate(0, 0, 2)
	files := w.exportNow(t)
	var p dataPackage
	check(t, json.Unmarshal(files[ExportFile], &p))
	if p.Name != ExportName || p.Created != w.api.Law.Today(w.now).String() || len(p.Resources) != 12 || len(files) != 14 {
		t.Fatalf("%+v; %d files", p, len(files))
	}
	for _, r := range p.Resources {
		b := files[r.Path]
		sum := sha256.Sum256(b)
		if r.Hash != "sha256:"+hex.EncodeToString(sum[:]) || r.Bytes != int64(len(b)) {
			t.Errorf("%s: %s, %d bytes", r.Path, r.Hash, r.Bytes)
		}
		var names []string
		for _, f := range r.Schema.Fields {
			names = append(names, f.Name)
			if f.Description == "" || f.Name == "" {
				t.Errorf("%s: a column without words: %+v", r.Path, f)
			}
		}
		for _, key := range r.Schema.Key {
			if !slices.Contains(names, key) {
				t.Errorf("%s: the key %s is no column", r.Path, key)
			}
		}
		if strings.HasSuffix(r.Path, ".csv") {
			if head, _, _ := bytes.Cut(b, []byte("\n")); string(head) != strings.Join(names, ",") || int64(len(table(t, b))) != r.Rows {
				t.Errorf("%s: %s, %d rows; described %v, %d", r.Path, head, len(table(t, b)), names, r.Rows)
			}
			continue
		}
		var rows []map[string]any
		check(t, json.Unmarshal(b, &rows))
		flat := table(t, files[strings.TrimSuffix(r.Path, "json")+"csv"])
		if len(rows) != len(flat) || int64(len(rows)) != r.Rows {
			t.Fatalf("%s: %d rows, %d in the CSV", r.Path, len(rows), len(flat))
		}
		for i, row := range rows {
			for name, v := range row {
				if _, text := v.(string); text && defused(fmt.Sprint(v)) != flat[i][name] {
					t.Errorf("%s: %s is %q, %q in the CSV", r.Path, name, v, flat[i][name])
				}
			}
		}
	}
	if row := table(t, files["petitions.csv"])[0]; row["title"] != "%3D1+1" || !strings.HasPrefix(row["ask"], "%2D5") {
		t.Errorf("a spreadsheet would compute: %v", row)
	}
	for _, l := range []string{"CC0-1.0", "Other places", "Другие места", "Басқа жерлер"} {
		if !bytes.Contains(files["README.md"], []byte(l)) {
			t.Errorf("the README lacks %s", l)
		}
	}
	if bytes.Contains(files["README.md"], []byte("⟦")) {
		t.Errorf("a message is missing:\n%s", files["README.md"])
	}
}

// What nobody may see is in no file, in no form.
func TestExportTellsNoMoreThanThePages(t *testing.T) {
	w := newWorld(t)
	secret := func(word string) petition.Texts {
		return petition.Texts{"ru": {Title: "Тайна " + word, Ask: word, Details: word}}
	}
	gone := map[string]petition.State{"СКРЫТОЕ": petition.Hidden, "УДАЛЁННОЕ": petition.Removed, "ОТОЗВАННОЕ": petition.Withdrawn, "ДОПУБЛИКАЦИИ": petition.Supporting}
	withdrawn := int64(0)
	for word, state := range gone {
		p := w.made(t, "kz-civic", func(p *petition.Petition) {
			p.Texts, p.State, p.Creator.Name = secret(word), state, "Автор "+word
			if state == petition.Hidden {
				p.Hiding = &petition.Hiding{Reason: "person", Officer: 1, At: w.now, Until: w.now.AddDate(0, 0, 9), Was: petition.Open}
			}
			if state == petition.Supporting {
				p.OpenedAt = p.ClosesAt
			}
		}, map[string]int{"KZ-75": 700})
		if state == petition.Withdrawn {
			withdrawn = p.Number
		}
	}
	w.made(t, "kz-civic", func(p *petition.Petition) { p.State, p.ClosedAt = petition.Closed, w.now }, map[string]int{"KZ-10": 9, "KZ-11": 9})
	w.now = w.now.AddDate(0, 0, 2)
	for name, b := range w.exportNow(t) {
		for word := range gone {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s tells of %s", name, word)
			}
		}
		for _, private := range []string{"Шығарылған", "officer:", "KZ-10", "KZ-11", strconv.FormatInt(withdrawn, 10), "nullifier", "salt"} {
			if bytes.Contains(b, []byte(private)) {
				t.Errorf("%s holds %q", name, private)
			}
		}
	}
}
