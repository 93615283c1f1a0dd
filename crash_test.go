package main

// What was acknowledged is kept, whatever happens to the process: the real
// program is killed at random moments while people sign, and started again.

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

func TestCrash(t *testing.T) {
	binary := buildProgram(t)
	kills := 8
	if testing.Short() {
		kills = 3
	}
	t.Run("sqlite", func(t *testing.T) {
		killServer(t, newOrdeal(t, binary, "", 1, nil), kills, "proposal")
	})
	t.Run("import sqlite", func(t *testing.T) {
		dir := t.TempDir()
		crashWhileImporting(t, binary, dir, "sqlite:"+filepath.Join(dir, "dauys.db"), kills/2)
	})
	t.Run("replay sqlite", func(t *testing.T) {
		dir := t.TempDir()
		crashWhileReplaying(t, binary, dir, "sqlite:"+filepath.Join(dir, "dauys.db"))
	})
	if server := postgresServer(); server != "" {
		t.Run("replay postgres", func(t *testing.T) {
			crashWhileReplaying(t, binary, t.TempDir(), testSchema(t, server))
		})
		t.Run("postgres", func(t *testing.T) {
			killServer(t, newOrdeal(t, binary, testSchema(t, server), 1, nil), kills/2, "proposal")
		})
		t.Run("import postgres", func(t *testing.T) {
			crashWhileImporting(t, binary, t.TempDir(), testSchema(t, server), kills/4)
		})
	}
}

func testSchema(t *testing.T, server string) string {
	t.Helper()
	addr, drop, err := newSchema(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return addr
}

// buildProgram builds what `go build .` builds.
func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "dauys")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// dice are random moments that can be had again by their seed.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("DAUYS_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("DAUYS_TEST_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, seed))
}

func crashSite(t *testing.T, binary, dir, database string) *site {
	t.Helper()
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{binary: binary, addr: addr, client: newClient(), mail: filepath.Join(dir, "mail"),
		out: filepath.Join(dir, "server.out"), errs: filepath.Join(dir, "server.err"),
		env: append(os.Environ(), "DAUYS_ADDR="+addr, "DAUYS_DATABASE="+database, "DAUYS_LIMITS=off",
			"DAUYS_KEYS="+filepath.Join(dir, "keys"), "DAUYS_MAIL=file:"+filepath.Join(dir, "mail"))}
	t.Cleanup(s.kill)
	return s
}

// run runs another command of the program on the same site.
func (s *site) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(s.binary, args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("dauys %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// want makes a request whose status must be the given one.
func (s *site) want(t *testing.T, status int, method, target string, form url.Values) answer {
	t.Helper()
	a, err := s.do(t.Context(), method, target, nil, form.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Fatalf("%s %s: status %d, want %d\n%s", method, target, a.status, status, a.body)
	}
	return a
}

const councilCSV = "id,name.kk,name.ru,name.en,kind,place,email\ncouncil,Ойдан шығарылған кеңес,Вымышленный совет,Invented council,council,,\n"

// supporters sign a petition before a moderator sees it, as many as its law asks for.
const wantSupporters = 20

// supporters are those of the people counted who are not of the crowd.
func supporters(p store.Signing) int {
	if p.Kind == petition.KindProposal {
		return 0
	}
	return wantSupporters
}

// openPetition leads a proposal or a petition to publication and returns its number.
func openPetition(t *testing.T, s *site, dir string, box *mailbox, kind string) int64 {
	t.Helper()
	bodies := filepath.Join(dir, "bodies.csv")
	if err := os.WriteFile(bodies, []byte(councilCSV), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "body", "import", bodies)
	login := strings.TrimSpace(s.run(t, "staff", "add", "--email", "desk@office.example", "--role", "admin"))
	s.want(t, http.StatusSeeOther, http.MethodPost, pathOf(login), nil)
	s.want(t, http.StatusSeeOther, http.MethodPost, "/en/start", url.Values{"kind": {kind}, "creator_kind": {"person"},
		"creator": {"Nora Nobody"}, "lang": {"en"}, "title": {"An invented proposal"}, "ask": {"We ask for a bench."},
		"body": {"council"}, "email": {"nora@nobody.example"}, "eligible": {"yes"}})
	link := box.await(t.Context(), "nora@nobody.example", 0, letterWithin)
	if link == "" {
		t.Fatal("no letter to the petitioner")
	}
	s.want(t, http.StatusOK, http.MethodPost, pathOf(link), nil)
	if kind == "petition" {
		support(t, s, box)
	}
	secret := regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`).FindStringSubmatch(s.want(t, http.StatusOK, http.MethodGet, "/en/desk/code", nil).body)
	if secret == nil {
		t.Fatal("no secret on the page of the code")
	}
	s.want(t, http.StatusSeeOther, http.MethodPost, "/en/desk/code", url.Values{"code": {staff.Code(secret[1], time.Now())}})
	desk := s.want(t, http.StatusOK, http.MethodGet, "/en/desk", nil)
	m := regexp.MustCompile(`(/en/desk/petitions/[0-9]+)"[^>]*>An invented proposal`).FindStringSubmatch(desk.body)
	if m == nil {
		t.Fatalf("not at the desk:\n%s", desk.body)
	}
	s.want(t, http.StatusSeeOther, http.MethodPost, m[1], url.Values{"verdict": {"publish"}, "version": {"1"}})
	var number any
	var err error
	for deadline := time.Now().Add(showWithin); ; time.Sleep(50 * time.Millisecond) { // a replica may be a moment behind
		number, err = at([]byte(s.want(t, http.StatusOK, http.MethodGet, "/petitions.json", nil).body), "data.0.id")
		if err == nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(words(number), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// support has the supporters sign through the link that the petitioner was sent.
func support(t *testing.T, s *site, box *mailbox) {
	t.Helper()
	share := regexp.MustCompile(`/en/p/[^ /]+`).FindString(box.await(t.Context(), "nora@nobody.example", 1, letterWithin))
	if share == "" {
		t.Fatal("no link for supporters")
	}
	for i := range wantSupporters {
		s.want(t, http.StatusSeeOther, http.MethodPost, share+"/sign", url.Values{"email": {fmt.Sprintf("supporter-%d@crowd.example", i)}, "eligible": {"yes"}})
	}
	for i := range wantSupporters {
		link := box.await(t.Context(), fmt.Sprintf("supporter-%d@crowd.example", i), 0, letterWithin)
		if link == "" {
			t.Fatal("no letter to a supporter")
		}
		s.want(t, http.StatusOK, http.MethodPost, pathOf(link), nil)
	}
}

func openDatabase(t *testing.T, addr string) *store.Store {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), addr, laws)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

var imported = regexp.MustCompile(`(?m)^imported (\d+), unchanged (\d+), rejected 0$`)

// crashWhileImporting kills an import when it has brought in a random share,
// again and again, and then lets it end.
func crashWhileImporting(t *testing.T, binary, dir, database string, kills int) {
	const rows = 32873
	file, err := filepath.Abs("testdata/uk/petitions-2010-2015.csv")
	if err != nil {
		t.Fatal(err)
	}
	random := dice(t)
	s := crashSite(t, binary, dir, database)
	s.run(t, "migrate")
	st := openDatabase(t, database)
	for k := range kills {
		cmd := exec.Command(binary, "import", "uk", file)
		cmd.Env = s.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killAt(t, st, (k+1)*rows/(kills+1)-random.IntN(rows/(kills+2)))
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	}
	before := total(t, st)
	if before == 0 || before >= rows {
		t.Errorf("%d rows were there before the last run: nothing was cut off", before)
	}
	m := imported.FindStringSubmatch(s.run(t, "import", "uk", file))
	if m == nil || m[1] != strconv.Itoa(rows-before) || m[2] != strconv.Itoa(before) {
		t.Errorf("the last run says %v, want %d imported and %d unchanged", m, rows-before, before)
	}
	if m := imported.FindStringSubmatch(s.run(t, "import", "uk", file)); m == nil || m[1] != "0" || m[2] != strconv.Itoa(rows) {
		t.Errorf("run again: %v", m)
	}
	if n := total(t, st); n != rows {
		t.Errorf("%d rows in the end", n)
	}
	s.run(t, "check")
}

// killAt returns when n rows are there.
func killAt(t *testing.T, st *store.Store, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); total(t, st) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %d rows within a minute", n)
		}
	}
}

func total(t *testing.T, st *store.Store) int {
	t.Helper()
	if err := st.PollGeneration(t.Context()); err != nil { // totals are remembered until something changes
		t.Fatal(err)
	}
	page, err := st.PublicList(t.Context(), store.ListQuery{Facet: store.FacetAll, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// crashWhileReplaying kills a replay twice in the middle and lets it end: it
// has exactly the signatures that it was to have, by day and by place, those of
// hidden cells too, which `dauys check` counts again from the rows.
func crashWhileReplaying(t *testing.T, binary, dir, database string) {
	const n = 20000
	file, err := filepath.Abs("testdata/uk/241584.json")
	if err != nil {
		t.Fatal(err)
	}
	random := dice(t)
	s := crashSite(t, binary, dir, database)
	s.run(t, "migrate")
	st := openDatabase(t, database)
	for k := range 2 {
		cmd := exec.Command(binary, "replay", file, "--signatures", strconv.Itoa(n))
		cmd.Env = s.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for want, deadline := int64(random.IntN(n/4)+k*n/3+1), time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
			if p, err := st.SigningPetition(t.Context(), 1000001); err == nil && p.Count >= want {
				break
			}
		}
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	}
	if p, err := st.SigningPetition(t.Context(), 1000001); err != nil || p.Count == 0 || p.Count >= n {
		t.Errorf("%d signatures before the last run (%v): nothing was cut off", p.Count, err)
	}
	out := s.run(t, "replay", file, "--signatures", strconv.Itoa(n))
	if p, err := st.SigningPetition(t.Context(), 1000001); err != nil || p.Count != n || !strings.Contains(out, "petition 1000001") {
		t.Errorf("%d signatures in the end (%v):\n%s", p.Count, err, out)
	}
	s.run(t, "check")
}
