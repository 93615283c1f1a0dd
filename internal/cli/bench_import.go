package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/internal/store"
)

// importReport is an import of a whole list with its search index, as a
// process of its own, beside a bare loop of inserts.
type importReport struct {
	Rows      int       `json:"rows"`
	Seconds   float64   `json:"seconds"` // median, from exec to exit
	PerSecond float64   `json:"rows_per_second"`
	Runs      []float64 `json:"runs_seconds"`
	Bytes     int64     `json:"database_bytes"`
	Bare      struct {
		Seconds   float64   `json:"seconds"`
		PerSecond float64   `json:"rows_per_second"`
		Runs      []float64 `json:"runs_seconds"`
		Bytes     int64     `json:"database_bytes"`
	} `json:"bare"`
	Slower float64 `json:"times_bare"` // how many times as long as the bare loop
}

// export is what is imported.
type export struct {
	files []string
	rows  []store.Import
}

// exports finds the files of dir, of testdata/uk, or makes a list.
func (b *httpBench) exports() (x export, err error) {
	dir := b.o.uk
	if dir == "" {
		if _, err := os.Stat("testdata/uk"); err == nil {
			dir = "testdata/uk"
		}
	}
	if dir == "" {
		dir = filepath.Join(b.dir, "made-up")
		if err := makeUp(dir); err != nil {
			return x, err
		}
	}
	for _, pattern := range []string{"*.csv", "*.json"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return x, err
		}
		x.files = append(x.files, names...)
	}
	if len(x.files) == 0 {
		return x, fmt.Errorf("%s holds no .csv and no .json", dir)
	}
	for _, name := range x.files {
		if err := x.read(name); err != nil {
			return x, err
		}
	}
	return x, nil
}

func (x *export) read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for rec, err := range imports.Read(f, name) {
		if err != nil {
			return err
		}
		x.rows = append(x.rows, ingest.FromRecord(rec, ingest.UKUID(rec.Number)))
	}
	return nil
}

// madeUp is how long a list is made where there is no real one: as long as the real one.
const madeUp = 32_873

// makeUp writes a list in the form of the real one, of words put together.
func makeUp(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	words := strings.Fields(`abolish build bridges bring buses clean close cycle cut design fair fewer forests free gardens hospitals
		housing keep later libraries lights longer lower mend more museums music night open parks paths paving pensions plant playgrounds
		protect quieter railways repair reform rivers roads safer schools shelters slower sports squares stop streets teach trains trees
		village walking warmer water wider winters youth`)
	var b bytes.Buffer
	b.WriteString("Petition,URL,State,Signatures Count\n")
	for i := range madeUp {
		n := uint64(i)*2654435761 + 12345
		for range 4 + n%7 {
			n = n*6364136223846793005 + 1442695040888963407
			b.WriteString(words[n>>33%uint64(len(words))] + " ")
		}
		state := "closed"
		if n>>40%5 > 1 {
			state = "rejected"
		}
		fmt.Fprintf(&b, "%d,https://petitions.example/archived/petitions/%d,%s,%d\n", i, i+1, state, n>>50%4000)
	}
	return os.WriteFile(filepath.Join(dir, "petitions.csv"), b.Bytes(), 0o600)
}

// importing imports into empty databases and keeps the last as the site to measure.
func (b *httpBench) importing(ctx context.Context) (err error) {
	if b.exported, err = b.exports(); err != nil {
		return err
	}
	r := &b.report.Import
	r.Rows = len(b.exported.rows)
	for i := range b.o.runs {
		if err := b.importOnce(ctx, i); err != nil {
			return err
		}
		if err := b.importBare(ctx, i); err != nil {
			return err
		}
	}
	r.Seconds, r.Bare.Seconds = median(r.Runs), median(r.Bare.Runs)
	r.PerSecond, r.Bare.PerSecond = tidy(float64(r.Rows)/r.Seconds), tidy(float64(r.Rows)/r.Bare.Seconds)
	r.Slower = ratio(r.Runs, r.Bare.Runs)
	row := func(name string, seconds, rate float64, runs []float64, size int64) []string {
		return []string{name, fmt.Sprintf("%.2f", seconds), fmt.Sprintf("%.0f", rate), mb(size), fmt.Sprintf("%.2f to %.2f s", slices.Min(runs), slices.Max(runs))}
	}
	b.out.section(fmt.Sprintf("import of %d rows; %.1f times the bare loop", r.Rows, r.Slower),
		[]string{"", "seconds", "rows/s", "database", "shortest and longest"},
		row("dauys import uk", r.Seconds, r.PerSecond, r.Runs, r.Bytes), row("bare inserts", r.Bare.Seconds, r.Bare.PerSecond, r.Bare.Runs, r.Bare.Bytes))
	return nil
}

func (b *httpBench) importOnce(ctx context.Context, i int) error {
	db := b.database()
	if i > 0 {
		if err := os.Remove(db); err != nil {
			return err
		}
	}
	var said bytes.Buffer
	begin := time.Now()
	c, err := spawn(ctx, &said, b.environ, b.self, append([]string{"import", "uk"}, b.exported.files...)...)
	if err != nil {
		return err
	}
	if err := c.wait(); err != nil {
		return err
	}
	r := &b.report.Import
	r.Runs = append(r.Runs, seconds(time.Since(begin)))
	want := "imported " + strconv.Itoa(r.Rows) + ", unchanged 0, rejected 0\n"
	if got := said.String(); !strings.HasSuffix(got, want) {
		return fmt.Errorf("the import said %q, want %q", got, want)
	}
	info, err := os.Stat(db)
	if err != nil {
		return err
	}
	r.Bytes = info.Size()
	return nil
}

// importBare inserts the same rows without text index, look-ups and checks.
func (b *httpBench) importBare(ctx context.Context, i int) (err error) {
	db := filepath.Join(b.dir, fmt.Sprintf("bare-%d.db", i))
	st, err := store.Open(ctx, "sqlite:"+db, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close(), os.Remove(db)) }()
	bare, err := st.Bare(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	for batch := range slices.Chunk(b.exported.rows, 1000) {
		if err := bare.Petitions(ctx, batch); err != nil {
			return err
		}
	}
	r := &b.report.Import
	r.Bare.Runs = append(r.Bare.Runs, seconds(time.Since(begin)))
	r.Bare.Bytes, err = st.Size(ctx)
	return err
}

func seconds(d time.Duration) float64 {
	return float64(max(d.Round(time.Microsecond), time.Microsecond)) / float64(time.Second)
}
