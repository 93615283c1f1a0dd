package main

// What was acknowledged is kept, whatever happens to the process: the real
// program is killed at random moments while people sign, and started again.

import (
	"context"
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
	"sync"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/profiles"
)

func TestCrash(t *testing.T) {
	binary := buildProgram(t)
	kills := 8
	if testing.Short() {
		kills = 3
	}
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		crashWhileSigning(t, binary, dir, "sqlite:"+filepath.Join(dir, "dauys.db"), kills)
	})
	t.Run("import sqlite", func(t *testing.T) {
		dir := t.TempDir()
		crashWhileImporting(t, binary, dir, "sqlite:"+filepath.Join(dir, "dauys.db"), kills/2)
	})
	if server := postgresServer(); server != "" {
		t.Run("postgres", func(t *testing.T) {
			crashWhileSigning(t, binary, t.TempDir(), testSchema(t, server), kills/2)
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

// openPetition leads a proposal to publication and returns its number.
func openPetition(t *testing.T, s *site, dir string) int64 {
	t.Helper()
	bodies := filepath.Join(dir, "bodies.csv")
	if err := os.WriteFile(bodies, []byte(councilCSV), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "body", "import", bodies)
	login := strings.TrimSpace(s.run(t, "staff", "add", "--email", "desk@office.example", "--role", "admin"))
	s.want(t, http.StatusSeeOther, http.MethodPost, login, nil)
	s.want(t, http.StatusSeeOther, http.MethodPost, "/en/start", url.Values{"kind": {"proposal"}, "creator_kind": {"person"},
		"creator": {"Nora Nobody"}, "lang": {"en"}, "title": {"An invented proposal"}, "ask": {"We ask for a bench."},
		"body": {"council"}, "email": {"nora@nobody.example"}, "eligible": {"yes"}})
	box := newMailbox(t.Context(), t, s)
	link := box.await(t.Context(), "nora@nobody.example", 0, letterWithin)
	if link == "" {
		t.Fatal("no letter to the petitioner")
	}
	s.want(t, http.StatusOK, http.MethodPost, link, nil)
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
	number, err := at([]byte(s.want(t, http.StatusOK, http.MethodGet, "/petitions.json", nil).body), "data.0.id")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(words(number), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// mailbox watches the letters: all links by address, in the order they came.
type mailbox struct {
	mu    sync.Mutex
	links map[string][]string
}

func newMailbox(ctx context.Context, t *testing.T, s *site) *mailbox {
	t.Helper()
	b := &mailbox{links: map[string][]string{}}
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	t.Cleanup(func() { stop(); wg.Wait() })
	wg.Go(func() {
		seen := map[string]bool{}
		for ctx.Err() == nil {
			letters, err := s.letters(seen)
			if err != nil {
				t.Error(err)
				return
			}
			b.mu.Lock()
			for _, l := range letters {
				seen[l.uid] = true
				b.links[l.to] = append(b.links[l.to], strings.Join(l.links, " "))
			}
			b.mu.Unlock()
			time.Sleep(20 * time.Millisecond)
		}
	})
	return b
}

// of are the links of all letters to an address.
func (b *mailbox) of(to string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.links[to]...)
}

// await waits for the letter number i to an address; "" when there is none in time.
func (b *mailbox) await(ctx context.Context, to string, i int, within time.Duration) string {
	for deadline := time.Now().Add(within); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if links := b.of(to); len(links) > i {
			return links[i]
		}
	}
	return ""
}

// signer is one person who signs, and what the site told them.
type signer struct {
	email    string
	asked    int    // sign forms that were acknowledged
	maybe    int    // sign forms whose answer never came
	link     string // of the first letter
	counted  bool   // a confirmation was acknowledged
	tried    bool   // a confirmation was sent
	mailLate bool   // a form was acknowledged and no letter came while we waited
}

// sign goes the whole way of one person, through crashes. It gives up only
// when ctx ends.
func (p *signer) sign(ctx context.Context, s *site, box *mailbox, number int64, patience time.Duration) {
	target := fmt.Sprintf("/en/petitions/%d/sign", number)
	for p.asked == 0 && ctx.Err() == nil {
		a, err := s.post(ctx, target, url.Values{"email": {p.email}, "eligible": {"yes"}})
		switch {
		case err != nil:
			p.maybe++ // it may have arrived all the same
			time.Sleep(50 * time.Millisecond)
		case a.status == http.StatusSeeOther:
			p.asked++
		default:
			time.Sleep(50 * time.Millisecond) // refused, so not kept
		}
		if p.maybe >= 4 {
			break // no more than five letters go to one person
		}
	}
	if p.link = box.await(ctx, p.email, 0, patience); p.link == "" {
		p.mailLate = true
		return
	}
	for !p.counted && ctx.Err() == nil {
		p.tried = true
		a, err := s.post(ctx, p.link, nil)
		if p.counted = err == nil && a.status == http.StatusOK; !p.counted {
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// crowd keeps people signing until stop is closed, and returns them all.
func crowd(ctx context.Context, s *site, box *mailbox, number int64, patience time.Duration, stop <-chan struct{}) []*signer {
	var mu sync.Mutex
	var all []*signer
	var wg sync.WaitGroup
	for c := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				p := &signer{email: fmt.Sprintf("person-%d-%d@crowd.example", c, i)}
				mu.Lock()
				all = append(all, p)
				mu.Unlock()
				p.sign(ctx, s, box, number, patience)
			}
		})
	}
	wg.Wait()
	return all
}

func crashWhileSigning(t *testing.T, binary, dir, database string, kills int) {
	random := dice(t)
	s := crashSite(t, binary, dir, database)
	if err := s.start("serve"); err != nil {
		t.Fatal(err)
	}
	number := openPetition(t, s, dir)
	// One process on SQLite takes up a dead one's letters at once. On
	// PostgreSQL another server may be alive and hold them, for minutes.
	alone := strings.HasPrefix(database, "sqlite:")
	patience := 20 * time.Second
	if !alone {
		patience = 4 * time.Second
	}
	box := newMailbox(t.Context(), t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	stop, people := make(chan struct{}), make(chan []*signer, 1)
	go func() { people <- crowd(ctx, s, box, number, patience, stop) }()
	for k := range kills {
		time.Sleep(time.Duration(150+random.IntN(1200)) * time.Millisecond)
		s.kill()
		if err := s.start("serve"); err != nil {
			t.Errorf("start %d after a kill: %v", k+1, err)
			break
		}
	}
	time.Sleep(500 * time.Millisecond)
	close(stop)
	all := <-people
	checkSigners(t, s, box, all, alone)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	t.Log(strings.TrimSpace(s.run(t, "check")))
	checkCount(t, database, number, all)
}

// checkSigners compares what people were told with what the site says now.
func checkSigners(t *testing.T, s *site, box *mailbox, all []*signer, alone bool) {
	t.Helper()
	counted, late := 0, 0
	for _, p := range all {
		letters := len(box.of(p.email))
		if letters > p.asked+p.maybe {
			t.Errorf("%s: %d letters for %d forms", p.email, letters, p.asked+p.maybe)
		}
		if p.asked > 0 && letters < p.asked {
			late++
		}
		if !p.counted {
			if p.link != "" {
				t.Errorf("%s could not confirm in all this time", p.email)
			}
			continue
		}
		counted++
		if a := s.want(t, http.StatusOK, http.MethodGet, p.link, nil); !strings.Contains(a.body, "Already counted") {
			t.Errorf("%s was told 'counted', and is not", p.email)
		}
	}
	t.Logf("%d people, %d counted, %d letters late", len(all), counted, late)
	if counted < 20 {
		t.Errorf("only %d people were counted: that proves little", counted)
	}
	if alone && late > 0 {
		t.Errorf("%d acknowledged forms without a letter", late)
	}
}

// checkCount asks the database itself, while nobody serves: the count is
// exactly those who were told so, and every letter that has not left waits.
func checkCount(t *testing.T, database string, number int64, all []*signer) {
	t.Helper()
	st := openDatabase(t, database)
	p, err := st.SigningPetition(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	told, late := int64(0), int64(0)
	for _, x := range all {
		if x.counted {
			told++
		}
		if x.mailLate && x.asked > 0 {
			late++
		}
	}
	if p.Count != told {
		t.Errorf("the count is %d, %d people were told 'counted'", p.Count, told)
	}
	waiting, uncertain, err := st.OutboxSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if waiting+uncertain < late {
		t.Errorf("%d letters wait, and %d people still miss theirs", waiting+uncertain, late)
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
