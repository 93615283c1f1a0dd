package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/web"
	"github.com/dauys/dauys/petition"
)

func demoSite(t *testing.T) (Config, string) {
	t.Helper()
	dir := t.TempDir()
	cfg, _, err := demoConfig(nil, "", dir)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, dir
}

// The world is at every stage, and sound, on whatever day the demo is started:
// terms of working days pass over weekends and holidays.
func TestSeedWorld(t *testing.T) {
	for _, day := range []string{"2026-11-23", "2026-12-18", "2027-01-05"} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			seedOn(t, now.Add(9*time.Hour))
		})
		if testing.Short() {
			break
		}
	}
}

func seedOn(t *testing.T, now time.Time) {
	cfg, dir := demoSite(t)
	if err := seedWorld(t.Context(), cfg, filepath.Join(dir, "seed.db"), now); err != nil {
		t.Fatal(err)
	}
	st, err := openStore(t.Context(), "sqlite:"+filepath.Join(dir, "seed.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if faults, err := st.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	checkStages(t, st)
	checkShown(t, st, now)
	open := list(t, st, store.FacetOpen)
	if len(open) == 0 || open[0].Count <= 500 {
		t.Errorf("the first open petition: %+v", open)
	}
	for i, p := range open {
		if i > 0 && p.Count > open[i-1].Count {
			t.Errorf("petition %d has more signatures than the one before", p.Number)
		}
		if p.ClosesAt.Before(now.AddDate(0, 0, 7)) {
			t.Errorf("petition %d closes at %v: the demo would be over", p.Number, p.ClosesAt)
		}
	}
	if waiting, uncertain, err := st.OutboxSize(t.Context()); err != nil || waiting+uncertain > 0 {
		t.Errorf("%d letters of history wait, %d uncertain, %v", waiting, uncertain, err)
	}
}

// checkStages counts the petitions by state; each state and language is there.
func checkStages(t *testing.T, st *store.Store) {
	t.Helper()
	states, langs := map[petition.State]int{}, map[petition.Lang]int{}
	for id := petition.ID(1); ; id++ {
		p, err := st.SigningPetitionByID(t.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		states[p.State]++
		langs[p.Lang]++
		if p.Answer != nil {
			states["answered"]++
		}
		if p.Proposed != nil {
			states["proposed"]++
		}
	}
	if n := states[petition.Draft]; n != 1 {
		t.Errorf("%d drafts", n)
	}
	total := langs["kk"] + langs["ru"] + langs["en"]
	if total != 25 || langs["kk"] < 5 || langs["ru"] < 5 || langs["en"] < 5 {
		t.Errorf("%d petitions: %v", total, langs)
	}
	for _, s := range []petition.State{petition.Supporting, petition.Moderation, petition.Returned, petition.Open, petition.Closed,
		petition.Refused, petition.Appealed, petition.Lapsed, petition.Withdrawn, "answered", "proposed"} {
		if states[s] == 0 {
			t.Errorf("no petition is %s: %v", s, states)
		}
	}
}

func list(t *testing.T, st *store.Store, f store.Facet) []store.Public {
	t.Helper()
	page, err := st.PublicList(t.Context(), store.ListQuery{Facet: f, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

// A start that was killed half-way begins again; one that ended is kept.
func TestMakeWorld(t *testing.T) {
	cfg, dir := demoSite(t)
	e := &env{out: io.Discard, err: io.Discard, now: time.Now}
	for _, name := range []string{"seed.db", "seed.db-wal", "seed.db-shm"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half a world"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.makeWorld(t.Context(), cfg, dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "seed.db*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	st, err := openStore(t.Context(), cfg.Database, false)
	if err != nil {
		t.Fatal(err)
	}
	if open := list(t, st, store.FacetOpen); len(open) == 0 {
		t.Error("nothing is open")
	}
	if err := st.SetMeta(t.Context(), "mark", "kept"); err != nil {
		t.Fatal(err)
	}
	st.Close()
	if err := e.makeWorld(t.Context(), cfg, dir); err != nil {
		t.Fatal(err)
	}
	if st, err = openStore(t.Context(), cfg.Database, false); err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if v, err := st.Meta(t.Context(), "mark"); v != "kept" || err != nil {
		t.Errorf("the world was made anew: %q, %v", v, err)
	}
}

const letterText = "From: Dauys <dauys@localhost.example>\r\nTo: <aigerim@oqyrman.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n" +
	"Subject: =?UTF-8?q?=D2=9A=D0=BE=D0=BB?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"Hello=21\r\n\r\nhttps://petition.example/kk/confirm/A-_b\r\n\r\n--b\r\n" +
	"Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Hello=21</p>\r\n--b--\r\n"

func TestParseLetter(t *testing.T) {
	l, err := parseLetter("u1", []byte(letterText))
	if err != nil {
		t.Fatal(err)
	}
	if l.ID != "u1" || l.To != "aigerim@oqyrman.example" || l.Subject != "Қол" || !strings.HasPrefix(l.Text, "Hello!") ||
		!strings.HasPrefix(l.HTML, "<p>Hello!</p>") || !l.At.Equal(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", l)
	}
	if len(l.Links) != 1 || l.Links[0] != "https://petition.example/kk/confirm/A-_b" {
		t.Errorf("links %q", l.Links)
	}
	for _, bad := range []string{"", "no header", strings.Replace(letterText, "Date: Mon", "Date: Someday", 1),
		strings.Replace(letterText, "multipart/alternative", "/", 1)} {
		if l, err := parseLetter("u", []byte(bad)); err == nil {
			t.Errorf("%.40q is %+v", bad, l)
		}
	}
}

func FuzzParseLetter(f *testing.F) {
	f.Add([]byte(letterText))
	f.Add([]byte("Subject: x\r\n\r\ntext"))
	f.Add([]byte(strings.Replace(letterText, "text/plain", "multipart/mixed; boundary=b", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parseLetter("u", b)
		if err != nil {
			return
		}
		at := 0
		for _, link := range l.Links {
			i := strings.Index(l.Text[at:], link)
			if i < 0 || !strings.HasPrefix(link, "http") {
				t.Fatalf("link %q is not in the text after %d", link, at)
			}
			at += i + len(link)
		}
	})
}

// The mailbox lists what is there, the newest first, and opens nothing else.
func TestDemoMailbox(t *testing.T) {
	dir := t.TempDir()
	d := &demoWorld{dir: filepath.Join(dir, "mail")}
	if l, err := d.letters(t.Context()); len(l) > 0 || err != nil {
		t.Errorf("%v, %v", l, err)
	}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"old.eml", "new.eml", "broken.eml", ".hidden.eml", "note.txt", "sp ace.eml"} {
		text, file := letterText, filepath.Join(d.dir, name)
		if name == "broken.eml" {
			text = "broken"
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(1000+i), 0)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	l, err := d.letters(t.Context())
	if err != nil || len(l) != 2 || l[0].ID != "new" || l[1].ID != "old" {
		t.Errorf("%+v, %v", l, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.eml"), []byte(letterText), 0o600); err != nil {
		t.Fatal(err)
	}
	if x, err := d.letter(t.Context(), "new"); err != nil || x.Subject != "Қол" {
		t.Errorf("%+v, %v", x, err)
	}
	for _, id := range []string{"", "none", "../secret", "..", "new.eml", "a/b", strings.Repeat("a", 101)} {
		if x, err := d.letter(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %+v, %v", id, x, err)
		}
	}
}

func TestDemoClock(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := &demoClock{real: func() time.Time { return at }}
	c.offset.Store(int64(720 * time.Hour))
	if got := c.now(); !got.Equal(at.Add(720 * time.Hour)) {
		t.Errorf("%v", got)
	}
	c.offset.Store(int64(maxOffset))
	d := &demoWorld{clock: c}
	if err := d.advance(t.Context(), time.Hour); !errors.Is(err, web.ErrClockEnd) || c.offset.Load() != int64(maxOffset) {
		t.Errorf("%v, the clock at %v", err, c.now())
	}
}
