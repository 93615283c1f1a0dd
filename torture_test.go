package main

// `make torture`: a site under load while the machine below it fails, in every
// way the harness knows. After each fault everything the load client wrote
// down is compared with what the site has.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// scenario is one way to fail. It does its harm through the ordeal, which then
// compares.
type scenario struct {
	name, what string
	needs      string // what this machine must have: "", "postgres", "root", "files", "strace", "git", "topology"
	quick      bool   // also in `go test`
	play       func(t *testing.T, binary string, times int) result
}

// result is one row of the table in docs/reliability.md.
type result struct {
	faults    int // how often the harm was done
	people    int // who were told 'counted'
	forms     int // sign forms that were acknowledged
	lost      int // told 'counted', and are not
	doubled   int // counted, and nobody can have been told so
	letters   int // more letters than forms
	recovered []time.Duration
	note      string
}

func scenarios() []scenario {
	return slices.Concat(processScenarios(), postgresScenarios(), outsideScenarios(), hostileScenarios(), topologyScenarios())
}

// TestTorture plays the scenarios that DAUYS_TEST_TORTURE names ("all", or
// names with commas), else the quick ones. DAUYS_TEST_TORTURE_TIMES says how
// often each fault comes, DAUYS_TEST_TORTURE_REPORT where the table goes.
func TestTorture(t *testing.T) {
	wanted, times := os.Getenv("DAUYS_TEST_TORTURE"), 50
	if v := os.Getenv("DAUYS_TEST_TORTURE_TIMES"); v != "" {
		var err error
		if times, err = strconv.Atoi(v); err != nil || times < 1 {
			t.Fatalf("DAUYS_TEST_TORTURE_TIMES=%s: want a number of 1 or more", v)
		}
	}
	binary, now := buildProgram(t), revision(time.Now())
	played := 0
	for _, sc := range scenarios() {
		switch {
		case wanted == "" && !sc.quick, wanted != "" && wanted != "all" && !slices.Contains(strings.Split(wanted, ","), sc.name):
			continue
		case missing(sc.needs) != "":
			t.Logf("%s: not played: %s", sc.name, missing(sc.needs))
			continue
		}
		n := times
		if wanted == "" {
			n = 1
		}
		played++
		t.Run(sc.name, func(t *testing.T) {
			begin := time.Now()
			r := sc.play(t, binary, n)
			t.Logf("%s: %s; took %.0f s", sc.name, r.row(sc, now), time.Since(begin).Seconds())
			if file := os.Getenv("DAUYS_TEST_TORTURE_REPORT"); file != "" && !t.Failed() {
				report(t, file, sc, r.row(sc, now))
			}
		})
	}
	if played == 0 {
		t.Errorf("no scenario was played: DAUYS_TEST_TORTURE=%q", wanted)
	}
}

// ordeal is a site under load while something is done to it.
type ordeal struct {
	t        *testing.T
	dir      string
	database string
	sites    []*site // the servers of one database
	load     *load
	atATime  int  // how many people sign at the same time
	alone    bool // one server, which takes up a dead one's letters at once
	cut      bool // letters may be cut off between the final dot and its answer
	turn     atomic.Int64
	stop     chan struct{}
	people   chan []*signer
	cancel   context.CancelFunc
	result   result
	// forgive: the harm takes back what was acknowledged (a backup is restored):
	// a letter that was asked for and had not left is gone with it.
	forgive bool
	// everywhere uses a link beside the one who owns it, at the same moment; nil for nobody.
	everywhere func(path string)
}

// newOrdeal prepares servers of one database and starts them.
func newOrdeal(t *testing.T, binary, database string, servers int, change func(*site)) *ordeal {
	t.Helper()
	o := &ordeal{t: t, dir: t.TempDir(), database: database, stop: make(chan struct{}), people: make(chan []*signer, 1), atATime: atATime}
	if database == "" {
		o.database = "sqlite:" + filepath.Join(o.dir, "dauys.db")
	}
	o.alone = strings.HasPrefix(o.database, "sqlite:")
	for i := range servers {
		s := crashSite(t, binary, o.dir, o.database)
		s.out, s.errs = filepath.Join(o.dir, fmt.Sprint("out", i)), filepath.Join(o.dir, fmt.Sprint("err", i))
		s.client.Timeout = 15 * time.Second
		if change != nil {
			change(s)
		}
		o.sites = append(o.sites, s)
	}
	for _, s := range o.sites {
		o.must(s.start("serve"))
	}
	return o
}

func (o *ordeal) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// begin opens a petition and lets people sign it until finish. box is nil for
// letters as files.
func (o *ordeal) begin(box *mailbox, kind string) {
	o.t.Helper()
	if box == nil {
		box = newMailbox(o.t.Context(), o.t, o.sites[0])
	}
	patience := 4 * time.Second
	if o.alone {
		patience = 20 * time.Second
	}
	o.load = &load{box: box, number: openPetition(o.t, o.sites[0], o.dir, box, kind), patience: patience, acks: newAcks(o.t, o.dir), pick: o.next, atATime: o.atATime, beside: o.everywhere}
	var ctx context.Context
	ctx, o.cancel = context.WithTimeout(o.t.Context(), 15*time.Minute)
	o.t.Cleanup(o.cancel)
	go func() { o.people <- crowd(ctx, o.load, o.stop) }()
	o.flows(time.Now(), time.Minute)
}

// next spreads requests over the servers.
func (o *ordeal) next() *site { return o.sites[int(o.turn.Add(1))%len(o.sites)] }

// flows waits for the first 'counted' after since, and returns how long it took.
func (o *ordeal) flows(since time.Time, within time.Duration) time.Duration {
	o.t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if at, ok := o.load.acks.after(since); ok {
			return at.Sub(since)
		}
	}
	o.t.Errorf("nobody was counted within %v", within)
	return within
}

// harm notes one fault, from which the site must have recovered within a time.
func (o *ordeal) harm(since time.Time, within time.Duration) {
	o.t.Helper()
	o.result.faults++
	o.result.recovered = append(o.result.recovered, o.flows(since, within))
}

// finish ends the load and compares the load client's book with the site.
func (o *ordeal) finish() result {
	o.t.Helper()
	close(o.stop)
	all := <-o.people
	for _, p := range all {
		p.mailLate = p.mailLate && !o.forgive
	}
	o.cancel()
	o.result.add(checkSigners(o.t, o.sites[0], o.load.box, all, o.alone && !o.cut))
	o.internalErrors()
	o.again(all)
	for _, s := range o.sites {
		if err := s.stop(); err != nil {
			o.t.Error(err)
		}
	}
	o.t.Log(strings.TrimSpace(o.sites[0].run(o.t, "check")))
	o.result.add(checkCount(o.t, o.database, o.load, all))
	if o.cut {
		checkCut(o.t, o.database, o.load.box, all)
	}
	return o.result
}

// internalErrors: no fault of the machine excuses a 500; what the servers
// logged says why there was one.
func (o *ordeal) internalErrors() {
	o.t.Helper()
	for _, fault := range o.load.acks.faults() {
		o.t.Errorf("an internal error was shown: %s", fault)
		for _, s := range o.sites {
			if b, err := os.ReadFile(s.errs); err == nil {
				o.t.Log(strings.Join(regexp.MustCompile(`(?m)^.*(request failed|status=500).*$`).FindAllString(string(b), 5), "\n"))
			}
		}
	}
}

// again has some people use their link once more: it must count nobody twice.
func (o *ordeal) again(all []*signer) {
	o.t.Helper()
	n := 0
	for _, p := range all {
		if !p.counted || n == 40 {
			continue
		}
		n++
		a, err := o.next().post(o.t.Context(), pathOf(p.link), nil)
		if err != nil || a.status != http.StatusOK {
			o.t.Errorf("a used link: status %d, %v", a.status, err)
		}
	}
}

// and takes in what another ordeal of the same scenario came to.
func (r *result) and(one result) {
	r.faults, r.forms, r.people = r.faults+one.faults, r.forms+one.forms, r.people+one.people
	r.lost, r.doubled, r.letters = r.lost+one.lost, r.doubled+one.doubled, r.letters+one.letters
	r.recovered = append(r.recovered, one.recovered...)
}

// add takes in what a check found.
func (r *result) add(found result) {
	r.people, r.forms = max(r.people, found.people), max(r.forms, found.forms)
	r.lost, r.doubled, r.letters = max(r.lost, found.lost), max(r.doubled, found.doubled), max(r.letters, found.letters)
}

// row is the result as a row of the table, with the day and the commit that it
// was played at.
func (r *result) row(sc scenario, played string) string {
	middle, worst := "", ""
	if len(r.recovered) > 0 {
		sorted := slices.Sorted(slices.Values(r.recovered))
		middle, worst = seconds(sorted[len(sorted)/2]), seconds(sorted[len(sorted)-1])
	}
	what := sc.what
	if r.note != "" {
		what += "; " + r.note
	}
	return fmt.Sprintf("| `%s` | %s | %d | %d | %d | %d | %d | %d | %s | %s | %s |", sc.name, what, r.faults, r.forms, r.people, r.lost, r.doubled, r.letters, middle, worst, played)
}

// revision is the day and the commit of what is played: with a + when the
// sources are not quite that commit's, and the day alone without a history.
func revision(now time.Time) string {
	day := now.UTC().Format(time.DateOnly)
	commit, err := exec.Command("git", "log", "-n", "1", "--format=%h").Output()
	if err != nil {
		return day
	}
	played := day + " " + strings.TrimSpace(string(commit))
	if exec.Command("git", "diff", "--quiet", "HEAD", "--", "*.go", "*.sql", "go.mod").Run() != nil {
		played += "+"
	}
	return played
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

const (
	tableBegin = "<!-- make torture writes from here -->"
	tableEnd   = "<!-- to here -->"
)

var tableRow = regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|.*$")

// report puts a row into the table of a document: those of other scenarios
// stay. The document is locked meanwhile, for runs beside each other.
func report(t *testing.T, file string, sc scenario, row string) {
	t.Helper()
	held, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close() // the lock goes with it
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table: %s", file, tableBegin)
	}
	rows := map[string]string{sc.name: row}
	for _, m := range tableRow.FindAllStringSubmatch(old, -1) {
		rows[m[1]] = cmp.Or(rows[m[1]], m[0])
	}
	var table strings.Builder
	table.WriteString(tableBegin + "\n\n| scenario | what is done | times | forms acknowledged | told 'counted' | lost | counted twice | letters too many | recovery, median | worst | played |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, sc := range scenarios() {
		if row := rows[sc.name]; row != "" {
			table.WriteString(row + "\n")
		}
	}
	if err := os.WriteFile(file, []byte(before+table.String()+"\n"+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkSigners compares what people were told with what the site says now.
func checkSigners(t *testing.T, s *site, box *mailbox, all []*signer, alone bool) (r result) {
	t.Helper()
	late := 0
	for _, p := range all {
		letters := len(box.of(p.email))
		r.forms += p.asked
		if over := letters - p.asked - p.maybe; over > 0 {
			r.letters += over
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
		r.people++
		if a := s.want(t, http.StatusOK, http.MethodGet, pathOf(p.link), nil); !strings.Contains(a.body, "Already counted") {
			r.lost++
			t.Errorf("%s was told 'counted', and is not", p.email)
		}
	}
	t.Logf("%d people, %d counted, %d letters late", len(all), r.people, late)
	if r.people < 20 {
		t.Errorf("only %d people were counted: that proves little", r.people)
	}
	if alone && late > 0 {
		t.Errorf("%d acknowledged forms without a letter", late)
	}
	return r
}

// checkCount asks the database itself, while nobody serves: the count is
// exactly those who were told so, the stages are those of the count, and every
// letter that has not left waits.
func checkCount(t *testing.T, database string, l *load, all []*signer) (r result) {
	t.Helper()
	st := openDatabase(t, database)
	p, err := st.SigningPetition(t.Context(), l.number)
	if err != nil {
		t.Fatal(err)
	}
	told, late := int64(supporters(p)), int64(0)
	for _, x := range all {
		if x.counted {
			told++
		}
		if x.mailLate && len(l.box.of(x.email)) < x.asked {
			late++
		}
	}
	r.lost, r.doubled = int(max(0, told-p.Count)), int(max(0, p.Count-told))
	if p.Count != told {
		t.Errorf("the count is %d, %d people were told 'counted'", p.Count, told)
	}
	checkStages(t, st, p)
	waiting, uncertain, err := st.OutboxSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if waiting+uncertain < late {
		t.Errorf("%d letters wait, and %d people still miss theirs", waiting+uncertain, late)
	}
	return r
}

// checkCut: a letter that never came is one whose connection ended between the
// final dot and its answer, and stands as such; none is lost in another way.
func checkCut(t *testing.T, database string, box *mailbox, all []*signer) {
	t.Helper()
	missing := 0
	for _, x := range all {
		missing += max(0, x.asked-len(box.of(x.email)))
	}
	_, uncertain, err := openDatabase(t, database).OutboxSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d letters never came, %d are of uncertain fate", missing, uncertain)
	if int64(missing) > uncertain {
		t.Errorf("%d letters never came, and %d are of uncertain fate", missing, uncertain)
	}
}

// checkStages: reached is what the count reaches, and nothing else.
func checkStages(t *testing.T, st *store.Store, p store.Signing) {
	t.Helper()
	if p.Kind == "proposal" {
		return
	}
	for _, s := range st.Laws().Of(p.Petition).Stages {
		if _, reached := p.Reached(s.ID); reached != (p.Count >= p.Needed(s)) {
			t.Errorf("stage %s reached: %t, with %d of %d signatures", s.ID, reached, p.Count, p.Needed(s))
		}
	}
}

// missing says what this machine lacks for a scenario, "" for nothing.
func missing(needs string) string {
	switch needs {
	case "":
		return ""
	case "root":
		if os.Getuid() != 0 {
			return "it needs root"
		}
		return ""
	case "files":
		return why(lacksFiles())
	case "postgres":
		_, err := postgresBin()
		return why(err)
	}
	return why(lacks(needs))
}

func why(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

var errMissing = errors.New("is not here")
