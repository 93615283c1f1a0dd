package ingest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func now() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func open(t testing.TB) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "t.db"), petition.Laws{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return st
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../testdata/uk/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bring(t testing.TB, st *store.Store, file string, content []byte, batch int) (Result, []error) {
	t.Helper()
	var faults []error
	res, err := UK(t.Context(), st, bytes.NewReader(content), file, now(), batch, func(err error) { faults = append(faults, err) })
	if err != nil {
		t.Fatal(err)
	}
	return res, faults
}

func TestImportIsIdempotent(t *testing.T) {
	st := open(t)
	list, document := read(t, "petitions-2010-2015.csv"), read(t, "241584.json")
	for i, want := range []struct {
		content []byte
		Result
	}{
		{list, Result{Imported: 32873}}, {document, Result{Imported: 1}},
		{document, Result{Unchanged: 1}}, {list, Result{Unchanged: 32873}},
	} {
		if got, faults := bring(t, st, "f", want.content, 0); got != want.Result || len(faults) > 0 {
			t.Errorf("step %d: %+v, want %+v; faults %v", i, got, want.Result, faults)
		}
	}
	p, err := st.PublicPetition(t.Context(), 241584)
	if err != nil || p.UID != UKUID(241584) || p.Count != 5156603 || p.State != petition.Open || p.Debate.ReachedAt.IsZero() {
		t.Errorf("%+v, %v", p, err)
	}
	page, err := st.PublicList(t.Context(), store.ListQuery{Facet: store.FacetAll, Search: "digital econ", Limit: 5})
	if err != nil || page.Total == 0 {
		t.Errorf("search finds %d, %v", page.Total, err)
	}
}

// An import that was cut off goes on where it stood.
func TestImportGoesOn(t *testing.T) {
	st := open(t)
	const head = "Petition,URL,State,Signatures Count\n"
	const rows = "One,https://p.example/petitions/1,open,1\nTwo,https://p.example/petitions/2,closed,2\n"
	bring(t, st, "f", []byte(head+rows), 1)
	got, _ := bring(t, st, "f", []byte(head+rows+"Three,https://p.example/archived/petitions/3,rejected,0\n"), 1)
	if got != (Result{Imported: 1, Unchanged: 2}) {
		t.Errorf("%+v", got)
	}
}

func TestFaultsNameTheirLine(t *testing.T) {
	st := open(t)
	const csv = "Petition,URL,State,Signatures Count\nOne,https://p.example/petitions/1,open,1\n" +
		"Two,https://p.example/petitions/2,shut,2\nThree,https://p.example/petitions/3,open,3\n"
	got, faults := bring(t, st, "f.csv", []byte(csv), 0)
	if got != (Result{Imported: 2, Rejected: 1}) || len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), "f.csv:3: ") {
		t.Errorf("%+v %v", got, faults)
	}
	got, faults = bring(t, st, "f.json", []byte(`{"data": `), 0)
	if _, ok := errors.AsType[*imports.FileError](faults[0]); got != (Result{Rejected: 1}) || !ok {
		t.Errorf("%+v %v", got, faults)
	}
}

func BenchmarkUK(b *testing.B) {
	list := read(b, "petitions-2010-2015.csv")
	for b.Loop() {
		b.StopTimer()
		st := open(b)
		b.StartTimer()
		bring(b, st, "f", list, 0)
	}
}
