package cli

import (
	"cmp"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// demoNumber is the public number of the first petition of the demo's world
// among the imported ones; the others follow in the order of the file.
const demoNumber = 9_000_001

// demoRows are the petitions of the demo's world as imports, and their keys by
// number. Those that are not public there are not public here.
func demoRows(now time.Time) (rows []store.Import, keys map[int64]string, err error) {
	var world demoFile
	if _, err := toml.Decode(demoWorldFile, &world); err != nil {
		return nil, nil, err
	}
	states := map[string]petition.State{"open": petition.Open, "closed": petition.Closed, "answered": petition.Closed,
		"reopened": petition.Open,
		"refused":  petition.Refused, "appealed": petition.Refused}
	keys = map[int64]string{}
	for i, p := range world.Petition {
		var m store.Import
		m.Number = int64(demoNumber + i)
		m.UID = ingest.UKUID(m.Number)
		m.Origin, m.Kind, m.Lang, m.Texts, m.TextVersion = store.UKJSON, petition.KindPetition, p.Lang, p.Text, 1
		m.State = cmp.Or(states[p.Plan], petition.Supporting)
		m.CreatedAt = now.AddDate(0, 0, -p.Days)
		m.OpenedAt, m.UpdatedAt = m.CreatedAt, m.CreatedAt
		m.Profile = petition.ProfileRef{ID: "uk-parl", Version: "2024"}
		copy(m.Hash[:], p.Key)
		rows = append(rows, m)
		keys[m.Number] = p.Key
	}
	return rows, keys, nil
}

// searchSite is a store with all imported and demo petitions; in a short run
// with those of the demo alone.
func searchSite(t *testing.T, addr string) (*store.Store, map[int64]string) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	st, err := openStore(ctx, addr, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	rows, keys, err := demoRows(now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Imports(ctx, rows, now); err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		return st, keys
	}
	const name = "petitions-2010-2015.csv"
	f, err := os.Open(filepath.Join("..", "..", "testdata", "uk", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := ingest.UK(ctx, st, f, name, now, 0, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	return st, keys
}

// golden is one line of testdata/search/golden.txt.
type golden struct {
	query        string
	first, never []string
}

func readGolden(t *testing.T) (list []golden) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "search", "golden.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		query, rest, ok := strings.Cut(line, " =")
		first, never, _ := strings.Cut(rest, "!")
		if !ok {
			t.Fatalf("golden.txt: %q", line)
		}
		list = append(list, golden{query, strings.Fields(first), strings.Fields(never)})
	}
	return list
}

// The golden searches find the same on both engines, in the same order.
func TestSearchGolden(t *testing.T) {
	addrs := []string{"sqlite:" + filepath.Join(t.TempDir(), "d.db")}
	if server := os.Getenv("DAUYS_TEST_POSTGRES"); server != "" {
		addrs = append(addrs, ownSchema(t, server))
	}
	list := readGolden(t)
	if len(list) < 100 {
		t.Fatalf("%d golden searches, want 100", len(list))
	}
	var before []string
	for _, addr := range addrs {
		st, keys := searchSite(t, addr)
		var all []string
		for _, g := range list {
			if testing.Short() && strings.ContainsAny(strings.Join(g.first, ""), "0123456789") {
				continue // of the imported ones
			}
			all = append(all, g.run(t, st, keys))
		}
		if before != nil && !slices.Equal(before, all) {
			t.Error("the engines find different things")
		}
		before = all
		if faults, err := st.Check(t.Context()); err != nil || len(faults) > 0 {
			t.Errorf("check: %v, %v", faults, err)
		}
	}
}

// run searches and compares; it returns all that was found, as text.
func (g golden) run(t *testing.T, st *store.Store, keys map[int64]string) string {
	t.Helper()
	page, err := st.PublicList(t.Context(), store.ListQuery{Facet: store.FacetAll, Search: g.query, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, v := range page.Items {
		if !v.State.Public() {
			t.Errorf("%s: finds %d, which is not public", g.query, v.Number)
		}
		found = append(found, cmp.Or(keys[v.Number], strconv.FormatInt(v.Number, 10)))
	}
	if len(found) < len(g.first) || !slices.Equal(found[:len(g.first)], g.first) {
		t.Errorf("%s: first %v, want %v", g.query, found[:min(len(found), 5)], g.first)
	}
	for _, k := range g.never {
		if slices.Contains(found, k) {
			t.Errorf("%s: finds %s", g.query, k)
		}
	}
	var each []int64
	q := store.ListQuery{Facet: store.FacetAll, Search: g.query, Sort: store.SortNewest}
	if err := st.EachPublic(t.Context(), q, func(v store.Public) error { each = append(each, v.Number); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(each) != page.Total {
		t.Errorf("%s: %d in the list, %d in the export", g.query, page.Total, len(each))
	}
	return fmt.Sprint(found, page.Total, page.Found.Instead, page.Found.Try, len(page.Found.Marks), each)
}

// ownSchema makes a schema for one test and erases it afterwards.
func ownSchema(t *testing.T, server string) string {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "search_" + hex.EncodeToString([]byte(rand.Text()[:8]))
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}
