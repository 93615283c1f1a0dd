package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"pgregory.net/rapid"
)

func TestPercentile(t *testing.T) {
	ten := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct {
		values []int
		p      float64
		want   int
	}{{nil, 50, 0}, {[]int{7}, 0, 7}, {[]int{7}, 99, 7}, {ten, 50, 5}, {ten, 51, 6}, {ten, 99, 10}, {ten, 100, 10}, {ten, 0, 1}} {
		if got := percentile(c.values, c.p); got != c.want {
			t.Errorf("percentile %g of %v is %d, want %d", c.p, c.values, got, c.want)
		}
	}
}

func TestPercentileBoundsItsShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 50), 1, 200).Draw(t, "values")
		p := rapid.Float64Range(0, 100).Draw(t, "p")
		slices.Sort(values)
		v, below, before := percentile(values, p), 0, 0
		for _, x := range values {
			if x <= v {
				below++
			}
			if x < v {
				before++
			}
		}
		need := p / 100 * float64(len(values))
		if float64(below) < need-1e-9 || before > 0 && float64(before) >= need {
			t.Fatalf("percentile %g of %v is %d: %d at or below, %d below", p, values, v, below, before)
		}
	})
}

func TestMedianAndRatio(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("median of three is %g", got)
	}
	if got := median([]float64{4, 1, 2, 100}); got != 3 {
		t.Errorf("median of four is %g", got)
	}
	// A round in which the whole machine was slow does not move the ratio.
	if got := ratio([]float64{50, 5, 55}, []float64{100, 10, 100}); got != 0.5 {
		t.Errorf("ratio is %g", got)
	}
	if got := ratio([]float64{1}, []float64{0}); got != 0 {
		t.Errorf("ratio to nothing is %g", got)
	}
}

func TestSumUp(t *testing.T) {
	lat := make([]time.Duration, 200)
	for i := range lat {
		lat[i] = time.Duration(i+1) * time.Millisecond
	}
	f := sumUp([]round{{took: 2 * time.Second, lat: lat, cpu: 10 * time.Millisecond}})
	if f.PerSecond != 100 || f.P50 != 100 || f.P99 != 198 || f.CPU != 50 {
		t.Errorf("%+v", f)
	}
	b := sumUpBatches([]round{{took: 2 * time.Second, lat: lat, cpu: 10 * time.Millisecond}}, 10)
	if b.PerSecond != 1000 || b.CPU != 5 {
		t.Errorf("batches of 10: %+v", b)
	}
}

func TestParseProcess(t *testing.T) {
	stat := "42 (a) b (c)) S 7 42 42 0 -1 4194304 900 0 0 0 150 25 3 4 20 0 9 0 100\n"
	if cpu, parent := parseStat([]byte(stat)); cpu != 1750*time.Millisecond || parent != 7 {
		t.Errorf("%v, parent %d", cpu, parent)
	}
	if cpu, parent := parseStat([]byte("42 (x")); cpu != 0 || parent != 0 {
		t.Errorf("a broken line gives %v, %d", cpu, parent)
	}
	resident, peak := parseStatus([]byte("Name:\tdauys\nVmHWM:\t    3000 kB\nVmRSS:\t    2000 kB\n"))
	if resident != 2000<<10 || peak != 3000<<10 {
		t.Errorf("resident %d, peak %d", resident, peak)
	}
}

func TestListPathsDiffer(t *testing.T) {
	dir := t.TempDir()
	if err := makeUp(dir); err != nil {
		t.Fatal(err)
	}
	var x export
	if err := x.read(filepath.Join(dir, "petitions.csv")); err != nil {
		t.Fatal(err)
	}
	if len(x.rows) != madeUp {
		t.Errorf("%d rows, want %d", len(x.rows), madeUp)
	}
	paths := listPaths(x.rows, 1000)
	if n := len(slices.Compact(slices.Sorted(slices.Values(paths)))); n != 1000 {
		t.Errorf("%d different paths, want 1000", n)
	}
	if got := listPaths(nil, 10); got != nil {
		t.Errorf("paths of no words: %v", got)
	}
}

func TestNobodiesDiffer(t *testing.T) {
	seen := map[[16]byte]bool{}
	for _, n := range nobodies(store.Public{}.Petition, 1000, time.Unix(0, 0)) {
		seen[n.Nullifier] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d of 1000 differ", len(seen))
	}
}

func TestBareHandler(t *testing.T) {
	h := bareHandler([]byte("body"), "text/plain", "br")
	get := func(tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	w := get("")
	if w.Code != 200 || w.Body.String() != "body" || w.Header().Get("Content-Encoding") != "br" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if w := get(w.Header().Get("ETag")); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("conditional: %d %q", w.Code, w.Body)
	}
}

func TestBenchRefusesNonsense(t *testing.T) {
	for _, args := range []string{"http --runs 0", "http --conns 0", "http --seconds 0", "http --signers 6000", "ingest --runs 0", "ingest --callers 2000", "ingest --rows -1", "crowd --rate 0", "crowd --minutes 999", "crowd --only nothing", "http x"} {
		var said strings.Builder
		if code := Main(t.Context(), append([]string{"dauys", "bench"}, strings.Fields(args)...), io.Discard, &said); code != exitUsage {
			t.Errorf("bench %s: exit %d, %s", args, code, said.String())
		}
	}
}

// benchJSON runs the program and returns its report.
func benchJSON(t *testing.T, program string, args ...string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	c, err := spawn(t.Context(), &out, clean(os.Environ()), program, append([]string{"bench"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.wait(); err != nil {
		t.Fatal(err)
	}
	var report map[string]any
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	return report
}

// The benchmark starts itself, so the program is built for it.
func TestBenchReports(t *testing.T) {
	if testing.Short() {
		return // the benchmarks in small take half a minute
	}
	program := filepath.Join(t.TempDir(), "dauys")
	c, err := spawn(t.Context(), nil, append(os.Environ(), "CGO_ENABLED=0"), "go", "build", "-o", program, "github.com/dauys/dauys")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.wait(); err != nil {
		t.Fatal(err)
	}
	t.Run("http", func(t *testing.T) { benchHTTPReports(t, program) })
	t.Run("ingest", func(t *testing.T) { benchIngestReports(t, program) })
	t.Run("crowd", func(t *testing.T) { benchCrowdReports(t, program) })
}

// at finds a number in nested objects by its dotted path.
func at(t *testing.T, report any, path string) float64 {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		switch v := report.(type) {
		case map[string]any:
			report = v[name]
		case []any:
			report = v[0].(map[string]any)[name]
		}
	}
	n, ok := report.(float64)
	if !ok {
		t.Errorf("%s is %v", path, report)
	}
	return n
}

func benchHTTPReports(t *testing.T, program string) {
	t.Helper()
	dir := t.TempDir()
	var list strings.Builder
	list.WriteString("Petition,URL,State,Signatures Count\n")
	for i, title := range []string{"Lamps along the river", "Mend the village bridge", "Quieter trains", "Longer library hours", "Clean water springs"} {
		list.WriteString(title + ",https://petitions.example/archived/petitions/" + string(rune('1'+i)) + ",closed,10\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "list.csv"), []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r := benchJSON(t, program, "http", "--json", "--runs", "1", "--seconds", "0.1", "--conns", "4", "--signers", "5", "--signatures", "600", "--pages", "10", "--uk", dir)
	for _, path := range []string{"binary_bytes", "start.ready_ms", "import.seconds", "import.database_bytes", "import.bare.rows_per_second",
		"page.bytes", "page.dauys.per_second", "page.bare.p99_ms", "page.ratio_to_bare", "count_json.dauys.p50_ms", "not_modified.bare.per_second",
		"list.cold.per_second", "list.warm.p99_ms", "sign.submit.per_second", "sign.confirm.p99_ms"} {
		if at(t, r, path) <= 0 {
			t.Errorf("%s is not above 0", path)
		}
	}
	if n := at(t, r, "import.rows"); n != 5 {
		t.Errorf("%g rows", n)
	}
	if before, after := at(t, r, "sign.count_before"), at(t, r, "sign.count_after"); after != before+5 {
		t.Errorf("count %g, then %g", before, after)
	}
}

func benchIngestReports(t *testing.T, program string) {
	t.Helper()
	r := benchJSON(t, program, "ingest", "--json", "--runs", "1", "--seconds", "0.2", "--rows", "0,100", "--callers", "16")
	for _, path := range []string{"tables.pool.per_second", "tables.pool.p99_ms", "tables.batch", "tables.bare.per_second", "tables.ratio_to_bare", "tables.rows_after"} {
		if at(t, r, path) <= 0 {
			t.Errorf("%s is not above 0", path)
		}
	}
	if n := len(r["tables"].([]any)); n != 2 {
		t.Errorf("%d tables, want one without rows and one with", n)
	}
}

func benchCrowdReports(t *testing.T, program string) {
	t.Helper()
	r := benchJSON(t, program, "crowd", "--json", "--runs", "1", "--seconds", "0.3", "--rows", "600", "--rate", "200", "--conns", "8", "--minutes", "0.005")
	for _, path := range []string{"disk.syncs_per_second", "disk.pages_per_second", "confirm.done", "bare.done", "submit.done", "sustained.done", "page.ratio_to_bare", "page_while_signing.per_second",
		"page_at_half_load.done", "count_json.dauys.per_second", "forged.per_second", "counted", "memory_peak_bytes"} {
		if at(t, r, path) <= 0 {
			t.Errorf("%s is not above 0", path)
		}
	}
	r = benchJSON(t, program, "crowd", "--json", "--only", "forged", "--seconds", "0.1", "--rows", "0", "--conns", "2")
	if at(t, r, "forged.per_second") <= 0 || at(t, r, "counted") != 0 || r["confirm"] != nil || r["submit"] != nil {
		t.Errorf("only the forged links were asked for: %v", r)
	}
}
