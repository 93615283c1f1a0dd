package moderation

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func TestTwentySupportersBringItToTheDesk(t *testing.T) {
	w := newWorld(t, "kz-civic")
	s := w.confirmed()
	w.support(s.Petition.ID, 19)
	w.state(s.Petition.ID, petition.Supporting)
	if q, err := w.Queue(t.Context(), store.Staff{ID: 1}, QueueQuery{Limit: 10}); err != nil || q.Total != 0 {
		t.Errorf("%d in the queue, %v", q.Total, err)
	}
	w.support(s.Petition.ID, 1)
	w.state(s.Petition.ID, petition.Moderation)
	q, err := w.Queue(t.Context(), store.Staff{ID: 1}, QueueQuery{Limit: 10})
	if err != nil || q.Total != 1 || len(q.Items) != 1 || q.Items[0].ID != s.Petition.ID || q.Counts[store.DeskAll] != 1 {
		t.Errorf("queue %+v, %v", q, err)
	}
	p, events, law, err := w.Case(t.Context(), s.Petition.ID)
	if err != nil || p.State != petition.Moderation || law != w.law || len(events) != 3 {
		t.Errorf("case %s with %d events, %v", p.State, len(events), err)
	}
	w.begin(form())
	_, _, _, err = w.Case(t.Context(), s.Petition.ID+1)
	w.want("a draft at the desk", err, store.ErrNotFound)
}

func TestRefusalAppealAndAnswerThroughTheStore(t *testing.T) {
	w := newWorld(t, "kz-civic")
	s := w.queued()
	id := s.Petition.ID
	reject := Verdict{Verdict: petition.Reject, Reason: "unclear", Note: " неясно, о чём речь \r\n", Version: 1}
	if _, err := w.Decide(t.Context(), officer(1), id, reject); err != nil {
		t.Fatal(err)
	}
	w.state(id, petition.Moderation)
	if m, err := w.Mine(t.Context(), s.Mine); err != nil || m.Petition.Proposed != nil || len(m.Events) != 3 {
		t.Errorf("the petitioner sees a proposal nobody decided: %+v, %v", m, err)
	}
	_, err := w.Decide(t.Context(), officer(1), id, reject)
	w.want("the same officer", err, petition.ErrSameOfficer)
	p, err := w.Decide(t.Context(), officer(2), id, reject)
	if err != nil || p.State != petition.Refused || p.Number == 0 || p.Refusal.Note != "неясно, о чём речь" {
		t.Fatalf("%+v, %v", p, err)
	}
	for _, words := range []string{"", " \n", "a\u202eb", "a\x00b", "\xff", strings.Repeat("ә", 4001)} {
		var errs petition.FieldErrors
		if err := w.Appeal(t.Context(), s.Mine, words); !errors.As(err, &errs) || errs[0].Field != "appeal" {
			t.Errorf("an appeal of %d bytes: %v", len(words), err)
		}
	}
	w.want("appeal", w.Appeal(t.Context(), s.Mine, strings.Repeat("ә", 4000)), nil)
	w.want("appeal again", w.Appeal(t.Context(), s.Mine, "words"), petition.ErrState)
	_, err = w.Decide(t.Context(), officer(2), id, Verdict{Verdict: petition.Publish, Version: 1})
	w.want("an officer of the refusal", err, petition.ErrDecidedOwn)
	open, err := w.Decide(t.Context(), officer(3), id, Verdict{Verdict: petition.Publish, Version: 1})
	if err != nil || open.State != petition.Open || open.Number != p.Number {
		t.Fatalf("%s under number %d, %v; it was %d", open.State, open.Number, err, p.Number)
	}
	for outcome, texts := range map[string]petition.Texts{"perhaps": form().Texts, "partly": nil, "refused": {"ru": {Ask: "a\u202eb"}}, "satisfied": {"ru": {Details: strings.Repeat("x", 4001)}}} {
		var errs petition.FieldErrors
		if err := w.Answer(t.Context(), officer(4), id, outcome, texts); !errors.As(err, &errs) {
			t.Errorf("answer %q: %v", outcome, err)
		}
	}
	for _, body := range []string{"", "another"} {
		who := store.Staff{ID: 4, Role: store.Officer, Body: body}
		w.want("an officer of "+body, w.Answer(t.Context(), who, id, "partly", form().Texts), ErrNotYours)
	}
	if w.get(id).Answer != nil {
		t.Fatal("another body answered")
	}
	ours := store.Staff{ID: 4, Role: store.Officer, Body: open.Body}
	w.want("answer", w.Answer(t.Context(), ours, id, "partly", form().Texts), nil)
	w.want("answer again", w.Answer(t.Context(), officer(4), id, "partly", form().Texts), petition.ErrState)
	if a := w.get(id).Answer; a == nil || a.Outcome != "partly" || len(a.Texts) != 2 {
		t.Errorf("answer %+v", a)
	}
}

func TestReturnAndResubmit(t *testing.T) {
	w := newWorld(t, "kz-civic")
	s := w.queued()
	id := s.Petition.ID
	var errs petition.FieldErrors
	_, err := w.Decide(t.Context(), officer(1), id, Verdict{Verdict: petition.Return, Reason: "unclear", Note: "a\x1bb", Version: 1})
	if !errors.As(err, &errs) || errs[0].Field != "note" {
		t.Errorf("a note that hides something: %v", err)
	}
	if _, err := w.Decide(t.Context(), officer(1), id, Verdict{Verdict: petition.Return, Reason: "unclear", Version: 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Resubmit(t.Context(), s.Mine, petition.Texts{"kk": {Title: "x"}}); !errors.As(err, &errs) || errs[0].Field != "ask" {
		t.Errorf("half a text: %v", err)
	}
	w.want("resubmit", w.Resubmit(t.Context(), s.Mine, petition.Texts{"kk": {Title: "Жаңа", Ask: "Жаңа мәтін "}}), nil)
	if p := w.state(id, petition.Moderation); p.TextVersion != 2 || p.Texts["kk"].Ask != "Жаңа мәтін" {
		t.Errorf("version %d: %+v", p.TextVersion, p.Texts)
	}
	_, err = w.Decide(t.Context(), officer(1), id, Verdict{Verdict: petition.Publish, Version: 1})
	w.want("the text changed", err, petition.ErrTextChanged)
	if n := w.number(`SELECT count(*) FROM texts WHERE petition_id = ?`, id); n != 2 {
		t.Errorf("%d versions of the text are kept", n)
	}
	w.want("withdraw", w.WithdrawPetition(t.Context(), s.Mine), nil)
	w.state(id, petition.Withdrawn)
}

func TestTwoDecideAtOnce(t *testing.T) {
	w := newWorld(t, "kz-civic")
	for range 5 {
		s := w.queued()
		verdicts := []Verdict{{Verdict: petition.Publish, Version: 1}, {Verdict: petition.Return, Reason: "unclear", Version: 1}}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, v := range verdicts {
			wg.Go(func() { _, errs[i] = w.Decide(t.Context(), officer(int64(i+1)), s.Petition.ID, v) })
		}
		wg.Wait()
		won := -1
		for i, err := range errs {
			if err == nil {
				won = i
			} else if !errors.Is(err, petition.ErrState) {
				t.Errorf("the loser hears %v", err)
			}
		}
		if won < 0 || errs[1-won] == nil {
			t.Fatalf("decided by both or none: %v", errs)
		}
		w.state(s.Petition.ID, []petition.State{petition.Open, petition.Returned}[won])
	}
}

func TestTheCalendarCatchesUp(t *testing.T) {
	w := newWorld(t, "kz-civic")
	s, lapses := w.queued(), w.confirmed()
	if n, err := w.Tick(t.Context()); n.Sum() != 0 || err != nil {
		t.Errorf("%v acts before anything is due, %v", n, err)
	}
	w.set(time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
	if n, err := w.Tick(t.Context()); n.Sum() != 6 || err != nil {
		t.Errorf("%v acts, %v; want escalated, published, closed, purged and lapsed, purged", n, err)
	}
	p := w.state(s.Petition.ID, petition.Closed)
	if !p.AutoPublished || p.ClosedAt.Format(time.DateTime) != "2027-06-11 19:00:00" || p.PurgedAt.IsZero() {
		t.Errorf("%+v", p)
	}
	w.state(lapses.Petition.ID, petition.Lapsed)
	if n := w.number(`SELECT count(*) FROM petitions WHERE salt IS NOT NULL`); n != 0 {
		t.Errorf("%d petitions keep their keys", n)
	}
	if n, err := w.Tick(t.Context()); n.Sum() != 0 || err != nil {
		t.Errorf("%v acts more, %v", n, err)
	}
	w.set(time.Date(2039, 1, 1, 0, 0, 0, 0, time.UTC))
	if n, err := w.Tick(t.Context()); n.Sum() != 1 || err != nil {
		t.Errorf("%v acts, %v; want the archive", n, err)
	}
	if n := w.number(`SELECT count(*) FROM petitions WHERE next_due IS NOT NULL`); n != 0 {
		t.Errorf("%d petitions are still due", n)
	}
	var kinds []string
	_, events, err := w.store.DeskPetition(t.Context(), s.Petition.ID)
	for _, e := range events {
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); err != nil || got != "started confirmed queued escalated published closed purged archived" {
		t.Errorf("events %s, %v", got, err)
	}
	if n, err := w.Tick(t.Context()); n.Sum() != 0 || err != nil {
		t.Errorf("%v acts more, %v", n, err)
	}
}

// More petitions that cannot be moved than one page holds must neither keep the
// calendar for ever nor hide the one behind them.
func TestTheCalendarPassesOverWhatItCannotMove(t *testing.T) {
	w := newWorld(t, "kz-civic")
	first := w.confirmed()
	w.exec(`UPDATE petitions SET next_due = '2026-11-24T00:00:00.000Z', record = replace(record, '"kz-civic"', '"gone"')`)
	w.copies(first.Petition.ID, 420)
	spoilt := w.confirmed()
	w.exec(`UPDATE petitions SET next_due = '2026-11-24T00:00:00.000Z', record = '{' WHERE id = ?`, spoilt.Petition.ID)
	s := w.queued()
	w.set(time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC))
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() { n, err := w.Tick(t.Context()); done <- result{n.Sum(), err} }()
	select {
	case r := <-done:
		if r.n != 1 || r.err == nil {
			t.Errorf("%d acts, %v; want one, and the record that cannot be read", r.n, r.err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the calendar never comes to an end")
	}
	if p := w.get(s.Petition.ID); !p.Escalated {
		t.Error("the petition behind them waits")
	}
}

// copies makes n more petitions like the one with this id.
func (w *world) copies(id petition.ID, n int) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT name FROM pragma_table_info('petitions') WHERE name NOT IN ('id', 'uid', 'number')`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	cols := strings.Join(names, ", ")
	w.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO petitions (uid, `+cols+`) SELECT randomblob(16), `+cols+` FROM petitions, n WHERE petitions.id = ?`, n, id)
}

func TestTheCalendarStopsWithItsContext(t *testing.T) {
	w := newWorld(t, "kz-civic")
	w.queued()
	w.set(time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
	w.store.Close()
	if n, err := w.Tick(t.Context()); n.Sum() != 0 || err == nil {
		t.Errorf("%v acts on a closed database, %v", n, err)
	}
}

func TestShownCountsFollowInSteps(t *testing.T) {
	w := newWorld(t, "kz-civic")
	s := w.queued()
	if _, err := w.Decide(t.Context(), officer(1), s.Petition.ID, Verdict{Verdict: petition.Publish, Version: 1}); err != nil {
		t.Fatal(err)
	}
	opened := w.clock()
	w.support(s.Petition.ID, 7)
	shown := func(at time.Time, want int64) {
		t.Helper()
		w.set(at)
		if err := w.ShowCounts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := w.get(s.Petition.ID); p.Shown != want || p.Count < want {
			t.Errorf("at %s: shows %d of %d, want %d", at.Format(time.TimeOnly), p.Shown, p.Count, want)
		}
	}
	shown(opened.Add(10*time.Minute-time.Second), 20)
	shown(opened.Add(10*time.Minute), 27)
	w.support(s.Petition.ID, 3)
	shown(opened.Add(time.Hour), 27)
	shown(time.Date(2026, 11, 23, 18, 59, 59, 0, time.UTC), 27)
	shown(time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC), 30) // midnight there
	w.exec(`UPDATE petitions SET count = count + 5, record = '{' WHERE id = ?`, s.Petition.ID)
	other := w.queued()
	if _, err := w.Decide(t.Context(), officer(1), other.Petition.ID, Verdict{Verdict: petition.Publish, Version: 1}); err != nil {
		t.Fatal(err)
	}
	w.support(other.Petition.ID, 7)
	w.set(w.clock().Add(time.Hour))
	if err := w.ShowCounts(t.Context()); err == nil {
		t.Error("a record that cannot be read is no error")
	}
	if p := w.get(other.Petition.ID); p.Shown != 27 {
		t.Errorf("the one behind it shows %d", p.Shown)
	}
}

// Every key a form may be answered with has words in all three languages.
func TestEveryFaultHasWords(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	args := map[string][]any{"too_long": {"max", 80}, "too_many_words": {"max", 250}, "eligible": {"age", 16}, "barred": {"number", "1000001", "date", petition.Date{Year: 2027, Month: 1, Day: 4}}}
	for _, key := range fieldKeys(t) {
		for _, lang := range i18n.Langs() {
			if text := bundle.Printer(lang).T("error.field."+key, args[key]...); strings.Contains(text, "⟦") || strings.Contains(text, "{{") || text == "" {
				t.Errorf("%s: error.field.%s says %q", lang, key, text)
			}
		}
	}
}
